"""Makes the first table from the teacher's vocabulary vectors: distil.py WORK DATA MODEL.

The vectors are centred and whitened along their principal axes, so that the
few directions that all tokens share do not drown the rest; the first 256 axes
are kept, and each token is weighted by how rare it is in the training texts.
"""

import pathlib
import sys

import numpy as np

import evaluate
import texts
from student import Student, as_shipped, load_tokenizer

DIMENSIONS = 256
RARITY = 3e-4  # a of a / (a + p): tokens more frequent than this lose weight


def frequencies(student: Student, pairs) -> np.ndarray:
    singles = sorted({t for p in pairs for t in p[2:]})
    counts = np.asarray(student.bag(singles).sum(axis=0)).ravel()
    return (counts + 1) / (counts.sum() + len(counts))


def whitened(vectors: np.ndarray) -> np.ndarray:
    """The vectors along their principal axes, most important first, brought to one variance; rows have length 1 on average."""
    axes, _, _ = np.linalg.svd(vectors - vectors.mean(0), full_matrices=False)
    return (axes * np.sqrt(len(vectors) / vectors.shape[1])).astype(np.float32)


def rarity_weights(p: np.ndarray) -> np.ndarray:
    return (RARITY / (RARITY + p)).astype(np.float32)


def distil(vectors: np.ndarray, p: np.ndarray) -> np.ndarray:
    return whitened(vectors)[:, :DIMENSIONS] * rarity_weights(p)[:, None]


if __name__ == "__main__":
    work, folder, name = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    vectors = np.load(work / f"vocabulary-{name}.npy")
    student = Student(load_tokenizer(work, name), np.zeros((len(vectors), 1), np.float32))
    p = frequencies(student, texts.pairs(folder, work / "dl"))
    np.save(work / "frequencies.npy", p)
    student = Student(student.tokenizer, distil(vectors, p))
    np.savez(work / "distilled.npz", table=student.table)
    print(evaluate.table(evaluate.scores(as_shipped(student).embed, folder)))
