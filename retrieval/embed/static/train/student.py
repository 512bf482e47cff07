"""The static model: a table of token vectors, summed and brought to length 1."""

import itertools
import json
import pathlib
import re

import numpy as np
import scipy.sparse
from tokenizers import Tokenizer


TITLE = 0.6


class Student:
    def __init__(self, tokenizer: Tokenizer, table: np.ndarray):
        self.tokenizer = tokenizer
        self.table = table
        self.table[silent(tokenizer)] = 0

    def bag(self, texts: list[str]) -> scipy.sparse.csr_matrix:
        """How often each token stands in each text."""
        encoded = [e.ids for e in self.tokenizer.encode_batch(texts)]
        ends = np.cumsum([0] + [len(ids) for ids in encoded])
        ids = np.fromiter(itertools.chain.from_iterable(encoded), np.int32, ends[-1])
        bag = scipy.sparse.csr_matrix((np.ones(len(ids), np.float32), ids, ends), shape=(len(texts), len(self.table)))
        bag.sum_duplicates()
        return bag

    def embed(self, texts: list[str], question: bool = False) -> np.ndarray:
        """Unit vectors. A passage's first line is its title, which counts TITLE times what the rest does."""
        if question:
            return units(self.bag(texts) @ self.table)
        titles, bodies = zip(*(t.partition("\n")[::2] for t in texts))
        return units(TITLE * units(self.bag(titles) @ self.table) + units(self.bag(bodies) @ self.table))


def units(sums: np.ndarray) -> np.ndarray:
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)


def quantised(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scales and bytes: a row of the table is about its scale times its bytes."""
    scales = (np.maximum(np.abs(table).max(1), 1e-12) / 127).astype(np.float32)
    return scales, np.rint(table / scales[:, None]).astype(np.int8)


def as_shipped(student: Student) -> Student:
    """The student with the rounding that the binary's table has."""
    scales, rows = quantised(student.table)
    return Student(student.tokenizer, scales[:, None] * rows)


def added(work: pathlib.Path) -> list[tuple[str, str, str]]:
    """The added words: token, language, how it is written."""
    return json.loads((work / "words.json").read_text(encoding="utf-8"))


def load_tokenizer(work: pathlib.Path, teacher: str, words: bool = True) -> Tokenizer:
    """The teacher's tokenizer without its markers ("[SEP]" in a text is plain text), with the added words behind its own."""
    description = json.loads((work / "models" / f"{teacher}-tokenizer.json").read_text(encoding="utf-8"))
    if words:
        vocabulary = description["model"]["vocab"]
        for token, _, _ in added(work):
            vocabulary[token] = len(vocabulary)
    description |= {"added_tokens": [], "post_processor": None, "truncation": None, "padding": None}
    return Tokenizer.from_str(json.dumps(description))


def silent(tokenizer: Tokenizer) -> list[int]:
    """Ids that never count: the markers, the unknown word, and the reserved places."""
    return [i for token, i in tokenizer.get_vocab().items() if re.fullmatch(r"\[(PAD|UNK|CLS|SEP|MASK|unused\d+)\]", token)]
