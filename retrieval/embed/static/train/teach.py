"""Embeds the short training texts with the teacher, once: teach.py WORK DATA MODEL."""

import pathlib
import sys

import texts
from teacher import Teacher

WORDS = 40  # longer texts cost the teacher most and tell the student least


def short(pairs) -> list[str]:
    """The distinct texts of pairs that the teacher embeds, in order: English ones."""
    return sorted({t for p in pairs if not p[0].startswith(("foreign", "glossary")) for t in p[2:] if len(t.split()) <= WORDS})


if __name__ == "__main__":
    work, folder, name = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    Teacher(work, name).embed(short(texts.pairs(folder, work / "dl")))
