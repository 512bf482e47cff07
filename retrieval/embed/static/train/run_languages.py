"""Ranks ten answers for ten questions in each of four languages: run_languages.py WORK MODEL TABLE.npz."""

import pathlib
import sys

import numpy as np

from student import Student, as_shipped, load_tokenizer

work, name, file = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
student = as_shipped(Student(load_tokenizer(work, name), np.load(file)["table"]))
lines = pathlib.Path(__file__).with_name("languages.txt").read_text(encoding="utf-8").splitlines()
rows = [tuple(part.strip() for part in line.split(" | ")) for line in lines]
english = student.embed([r[2] for r in rows if r[0] == "en"])
for language in sorted({r[0] for r in rows}):
    asked = student.embed([r[1] for r in rows if r[0] == language])
    own = student.embed([r[2] for r in rows if r[0] == language])
    for what, answers in (("own language", own), ("English answers", english)):
        found = asked @ answers.T
        ranks = (found > np.diag(found)[:, None]).sum(1) + 1
        print(f"{language}, {what}: hit@1 {(ranks == 1).mean():.2f}, MRR {(1 / ranks).mean():.2f}")
