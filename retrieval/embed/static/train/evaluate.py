"""Ranks the documents of every set with an embedder and prints hit, MRR and nDCG."""

import math
import pathlib

import numpy as np

import data


def scores(embed, folder: pathlib.Path, names=None) -> dict[str, dict[str, float]]:
    """embed(texts, question) gives unit vectors. The key of a set with n earlier turns ends in +n."""
    out = {}
    corpora = {}
    for name in names or data.SETS:
        source = data.SETS[name]
        if source not in corpora:
            owners, texts = [], []
            for document in data.corpus(folder, source):
                for text in data.chunks(document):
                    owners.append(document["id"])
                    texts.append(text)
            corpora = {source: (owners, embed(texts, False))}
        owners, vectors = corpora[source]
        for turns in data.variants(name):
            asked = data.queries(folder, name, turns)
            found = embed([q for q, _ in asked], True) @ vectors.T
            key = name + (f"+{turns}" if turns else "")
            out[key] = measure(found, owners, [r for _, r in asked])
    return out


def measure(found: np.ndarray, owners: list[str], relevant: list[set[str]]) -> dict[str, float]:
    total = {"hit@1": 0.0, "hit@5": 0.0, "mrr@10": 0.0, "ndcg@10": 0.0}
    for row, gold in zip(found, relevant):
        ranked = []
        for i in np.argsort(-row, kind="stable"):
            if owners[i] not in ranked:
                ranked.append(owners[i])
                if len(ranked) == 10:
                    break
        hits = [rank for rank, document in enumerate(ranked) if document in gold]
        if hits:
            total["hit@1"] += hits[0] == 0
            total["hit@5"] += hits[0] < 5
            total["mrr@10"] += 1 / (hits[0] + 1)
        best = sum(1 / math.log2(i + 2) for i in range(min(10, len(gold))))
        total["ndcg@10"] += sum(1 / math.log2(i + 2) for i in hits) / best
    return {k: v / len(relevant) for k, v in total.items()}


def table(results: dict[str, dict[str, float]]) -> str:
    lines = [f"{'set':16} hit@1  hit@5  mrr@10 ndcg@10"]
    for name, r in results.items():
        lines.append(f"{name:16} {r['hit@1']:.3f}  {r['hit@5']:.3f}  {r['mrr@10']:.3f}  {r['ndcg@10']:.3f}")
    mean = np.mean([r["ndcg@10"] for r in results.values()])
    return "\n".join([*lines, f"{'mean ndcg@10':16} {mean:.4f}"])
