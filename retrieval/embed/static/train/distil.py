"""Makes the first table from the teacher's vocabulary vectors: distil.py WORK DATA MODEL.

The vectors are centred and whitened along their principal axes, so that the
few directions that all tokens share do not drown the rest; the first 256 axes
are kept, and each token is weighted by how rare it is in the training texts.
"""

import pathlib
import sys

import numpy as np
import wordfreq

import evaluate
import texts
from student import Student, added, as_shipped, load_tokenizer

DIMENSIONS = 256
RARITY = 3e-4  # a of a / (a + p): tokens more frequent than this lose weight


def frequencies(student: Student, pairs, added_words) -> np.ndarray:
    singles = sorted({t for p in pairs for t in p[2:]})
    counts = np.asarray(student.bag(singles).sum(axis=0)).ravel()
    counted = (counts + 1) / (counts.sum() + len(counts))
    # The training texts tell little of other languages: there a list by
    # frequency tells, but for words that English knows too ("hat").
    listed = np.zeros(len(counted))
    for token, i in student.tokenizer.get_vocab().items():
        if wordfreq.zipf_frequency(token, "en") < 4:
            listed[i] = max(wordfreq.word_frequency(token, language) for language in ("de", "fr", "es"))
    for token, language, text in added_words:
        i = student.tokenizer.token_to_id(token)
        listed[i] = max(listed[i], wordfreq.word_frequency(text, language) * (token[:2] != "##"))
    return np.maximum(counted, listed / 2)


def whitened(vectors: np.ndarray, fitted: int) -> np.ndarray:
    """The vectors along the principal axes of the first so many, most important first, brought to one variance.

    Rows have length 1 on average. The others are means, which lie nearer to the
    centre: they get that length one by one.
    """
    centred = vectors - vectors[:fitted].mean(0)
    _, spread, axes = np.linalg.svd(centred[:fitted], full_matrices=False)
    out = centred @ axes.T / spread * np.sqrt(fitted / vectors.shape[1])
    out[fitted:] /= np.linalg.norm(out[fitted:], axis=1, keepdims=True)
    out[fitted:] *= np.linalg.norm(out[:fitted], axis=1).mean()
    return out.astype(np.float32)


def rarity_weights(p: np.ndarray) -> np.ndarray:
    return (RARITY / (RARITY + p)).astype(np.float32)


def fitted(work: pathlib.Path, vectors: np.ndarray) -> int:
    """How many tokens went through the teacher themselves: all but the words of other languages, which stand last."""
    return len(vectors) - sum(language != "en" for _, language, _ in added(work))


def distil(u: np.ndarray, p: np.ndarray) -> np.ndarray:
    return u[:, :DIMENSIONS] * rarity_weights(p)[:, None]


if __name__ == "__main__":
    work, folder, name = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    vectors = np.load(work / f"vocabulary-{name}.npy")
    student = Student(load_tokenizer(work, name), np.zeros((len(vectors), 1), np.float32))
    p = frequencies(student, texts.pairs(folder, work / "dl"), added(work))
    np.save(work / "frequencies.npy", p)
    student = Student(student.tokenizer, distil(whitened(vectors, fitted(work, vectors)), p))
    np.savez(work / "distilled.npz", table=student.table)
    print(evaluate.table(evaluate.scores(as_shipped(student).embed, folder)))
