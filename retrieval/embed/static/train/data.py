"""The evaluation sets and their corpora, as the evaluation and the training read them."""

import json
import pathlib
import re

# Query set -> corpus, for every set that is reported.
SETS = {
    "wixqa": "wixqa", "techqa": "techqa", "stackfaq": "stackfaq", "covidfaq": "covidfaq",
    "mtragun": "mtragun", "dstc10-spoken": "dstc9", "dstc11-faq": "dstc11-faq",
    "dstc11-all": "dstc11-all", "tau2banking": "tau2banking",
}
CHUNK_WORDS = 200


def rows(path: pathlib.Path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def corpus(data: pathlib.Path, name: str):
    return rows(data / "corpora" / f"retrieval-{name}-corpus.jsonl")


def chunks(document) -> list[str]:
    """Title and at most 200 words of the text each; a text without words gives its title."""
    words = document["text"].split()
    starts = range(0, max(1, len(words)), CHUNK_WORDS)
    return [document["title"] + "\n" + " ".join(words[i:i + CHUNK_WORDS]) for i in starts]


def queries(data: pathlib.Path, name: str, turns: int = 0):
    """(question, relevant ids) of a set; turns is how many earlier turns go in front."""
    out = []
    for row in rows(data / "dev" / f"retrieval-{name}-queries.jsonl"):
        if row["relevant"]:
            before = [t["text"] for t in row.get("history") or []][-turns:] if turns else []
            out.append((" ".join([*before, row["query"]]), set(row["relevant"])))
    return out


def variants(name: str) -> list[int]:
    """How many earlier turns the evaluation puts in front of a set's questions."""
    return [0, 2] if name.startswith("dstc") else [0]


SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


def sentences(text: str) -> list[str]:
    """Sentences of 4 to 60 words."""
    return [s.strip() for s in SENTENCE_END.split(text) if 4 <= len(s.split()) <= 60]
