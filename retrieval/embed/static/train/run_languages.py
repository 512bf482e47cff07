"""Asks a table in several languages: run_languages.py WORK MODEL TABLE.npz [XQUAD].

languages.txt has ten questions and ten answers in each of four. XQUAD is a folder
with xquad.en.json, xquad.de.json and xquad.es.json: 1,190 questions about 240
paragraphs, the same in each language.
"""

import json
import pathlib
import sys

import numpy as np

from student import Student, as_shipped, load_tokenizer


def told(label: str, questions: np.ndarray, answers: np.ndarray, right: np.ndarray):
    found = questions @ answers.T
    ranks = (found > found[np.arange(len(right)), right][:, None]).sum(1) + 1
    print(f"{label}: hit@1 {(ranks == 1).mean():.2f}, MRR {(1 / ranks).mean():.2f}")


def xquad(file: pathlib.Path) -> tuple[list[str], list[str], np.ndarray]:
    """Questions, paragraphs, and which paragraph answers each question."""
    paragraphs = [p for article in json.loads(file.read_text(encoding="utf-8"))["data"] for p in article["paragraphs"]]
    asked = [(qa["question"], i) for i, p in enumerate(paragraphs) for qa in p["qas"]]
    return [q for q, _ in asked], [p["context"] for p in paragraphs], np.array([i for _, i in asked])


if __name__ == "__main__":
    work, name, file = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    student = as_shipped(Student(load_tokenizer(work, name), np.load(file)["table"]))
    lines = pathlib.Path(__file__).with_name("languages.txt").read_text(encoding="utf-8").splitlines()
    rows = [tuple(part.strip() for part in line.split(" | ")) for line in lines]
    english = student.embed([r[2] for r in rows if r[0] == "en"], True)
    for language in sorted({r[0] for r in rows}):
        asked = student.embed([r[1] for r in rows if r[0] == language], True)
        own = student.embed([r[2] for r in rows if r[0] == language], True)
        told(f"{language}, own language", asked, own, np.arange(len(own)))
        told(f"{language}, English answers", asked, english, np.arange(len(own)))
    if len(sys.argv) > 4:
        folder = pathlib.Path(sys.argv[4])
        _, paragraphs, _ = xquad(folder / "xquad.en.json")
        english = student.embed(paragraphs, True)
        for language in ("en", "de", "es"):
            questions, paragraphs, right = xquad(folder / f"xquad.{language}.json")
            asked = student.embed(questions, True)
            told(f"XQuAD {language}, own language", asked, student.embed(paragraphs, True), right)
            told(f"XQuAD {language}, English paragraphs", asked, english, right)
