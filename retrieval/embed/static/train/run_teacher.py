"""Prints the scores of a teacher: run_teacher.py WORK DATA MODEL [SET …]."""

import json
import pathlib
import sys

import evaluate
from teacher import Teacher

work, folder, name = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
teacher = Teacher(work, name)
results = evaluate.scores(teacher.embed, folder, sys.argv[4:] or None)
(work / f"scores-{name}.json").write_text(json.dumps(results, indent=1))
print(evaluate.table(results))
