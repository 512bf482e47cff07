"""Sends every token of the vocabulary through the teacher: vocabulary.py WORK MODEL."""

import pathlib
import sys

import numpy as np

from teacher import Teacher

work, name = pathlib.Path(sys.argv[1]), sys.argv[2]
teacher = Teacher(work, name)
size = teacher.tokenizer.get_vocab_size()
first, last = teacher.tokenizer.token_to_id("[CLS]"), teacher.tokenizer.token_to_id("[SEP]")
ids = np.stack([np.full(size, first), np.arange(size), np.full(size, last)], axis=1)
mask = np.ones((512, 3), np.int64)
vectors = np.concatenate([teacher.ids(ids[i:i + 512], mask[:len(ids[i:i + 512])]) for i in range(0, size, 512)])
np.save(work / f"vocabulary-{name}.npy", vectors)
