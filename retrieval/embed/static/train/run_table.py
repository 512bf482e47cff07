"""Prints the scores of a table as the binary has it: run_table.py WORK DATA MODEL TABLE.npz [SET …]."""

import json
import pathlib
import sys

import numpy as np

import evaluate
from student import Student, as_shipped, load_tokenizer

work, folder, name, file = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4])
student = as_shipped(Student(load_tokenizer(work, name), np.load(file)["table"]))
results = evaluate.scores(student.embed, folder, sys.argv[5:] or None)
file.with_suffix(".json").write_text(json.dumps(results, indent=1))
print(evaluate.table(results))
