"""Chooses the whole words that the teacher's vocabulary lacks: words.py WORK DATA MODEL.

Writes words.json: [token, language, how it is written]. English words come from
the training texts and from a list by frequency, German, French and Spanish ones
from the glossary and such lists; frequent German words stand as second parts of
compounds ("##kosten") too.
"""

import collections
import json
import pathlib
import re
import sys
import unicodedata

import wordfreq

import texts
from student import load_tokenizer

MOST = {"en": 4500, "de": 8000, "fr": 5500, "es": 5500}
PARTS = 1800  # German words that also stand inside compounds
WORD = re.compile(r"[^\W\d_]+")
# The glossary's columns.
LANGUAGES = ["en", "de", "fr", "es"]


def plain(word: str) -> str:
    """A word as the tokenizer has it: in small letters, without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if unicodedata.category(c) != "Mn")


def fits(token: str) -> bool:
    return 3 <= len(token) <= 30 and bool(WORD.fullmatch(token)) and all(ord(c) < 0x250 for c in token)


def of_texts(folder: pathlib.Path, packages: pathlib.Path) -> list[str]:
    """Words of the English training texts that stand in several documents, most frequent first."""
    count, groups = collections.Counter(), collections.defaultdict(set)
    for kind, group, *both in texts.pairs(folder, packages):
        if kind not in ("foreign", "wordnet"):
            for word in WORD.findall(plain(" ".join(both))):
                count[word] += 1
                groups[word].add(group)
    return [w for w, _ in count.most_common() if len(groups[w]) >= 5]


if __name__ == "__main__":
    work, folder, name = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    taken = set(load_tokenizer(work, name, words=False).get_vocab())
    glossary = [line.split(" | ") for line in pathlib.Path(__file__).with_name("glossary.txt").read_text(encoding="utf-8").splitlines()]
    out = []
    for column, language in enumerate(LANGUAGES):
        source = [w for row in glossary for w in WORD.findall(row[column])]
        source += of_texts(folder, work / "dl") if language == "en" else []
        source += wordfreq.top_n_list(language, 60_000)
        left, parts = MOST[language], PARTS if language == "de" else 0
        for word in source:
            token = plain(word)
            if parts and len(token) > 4 and fits(token) and "##" + token not in taken:
                taken.add("##" + token)
                out.append(("##" + token, language, word))
                parts -= 1
            if left and fits(token) and token not in taken:
                taken.add(token)
                out.append((token, language, word))
                left -= 1
    (work / "words.json").write_text(json.dumps(out, ensure_ascii=False), encoding="utf-8")
    print(collections.Counter(language for _, language, _ in out))
