"""Fine-tunes the distilled table on pairs: finetune.py WORK DATA MODEL [STEPS [WITHOUT …]].

Vector of a token: exp(s) * (u W + d), with u its whitened teacher vector (384
numbers, fixed), W one projection for all tokens, d and s its own. W carries
over to tokens that no training text holds. Two losses on batches of pairs, both
over cosines within the batch: tell the partner from the other texts, and rank
all of them as the teacher does.
"""

import pathlib
import sys
import time

import numpy as np

import evaluate
import teach
import texts
from distil import DIMENSIONS, fitted, whitened, rarity_weights
from student import Student, as_shipped, load_tokenizer
from teacher import Teacher

BATCH = 384
RATE_TOKEN, RATE_WEIGHT, RATE_MAP = 2e-3, 5e-3, 3e-4
SHARP = 0.05  # temperature of the student's cosines
TEACHER_SHARP = 0.02  # of the teacher's, which lie closer together
LIKE_TEACHER = 1.0  # weight of the second loss
SIZE = 0.4  # a source of so many pairs is drawn in proportion to their number to this power
DROPPED = 0.15  # share of a batch's tokens that are left out, so that no text hangs on one word
KEEP = 0.4  # share of the distilled table that is added at the end
SEED = 7


class Adam:
    """Adam that touches only the rows it is given."""

    def __init__(self, parameter: np.ndarray, rate: float):
        self.parameter, self.rate = parameter, rate
        self.first, self.second = np.zeros_like(parameter), np.zeros_like(parameter)
        self.step = 0

    def update(self, rows, gradient: np.ndarray, pace: float):
        self.step += 1
        first = self.first[rows] * 0.9 + gradient * 0.1
        second = self.second[rows] * 0.999 + gradient * gradient * 0.001
        self.first[rows], self.second[rows] = first, second
        scale = np.sqrt(1 - 0.999 ** self.step) / (1 - 0.9 ** self.step)
        self.parameter[rows] -= self.rate * pace * scale * first / (np.sqrt(second) + 1e-8)


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def through_norm(z, norm, gradient):
    return (gradient - z * (gradient * z).sum(1, keepdims=True)) / norm


def train(work, folder, name, steps, without=(), log=print):
    vectors = np.load(work / f"vocabulary-{name}.npy")
    u = whitened(vectors, fitted(work, vectors))
    pairs = [p for p in texts.pairs(folder, work / "dl") if p[1].split("/")[0] not in without]
    tokenizer = load_tokenizer(work, name)
    student = Student(tokenizer, np.zeros((len(u), 1), np.float32))

    singles = sorted({t for p in pairs for t in p[2:]})
    index = {t: i for i, t in enumerate(singles)}
    bag = student.bag(singles)
    weight = np.log(rarity_weights(np.load(work / "frequencies.npy")))[:, None].astype(np.float32)
    w = np.eye(u.shape[1], DIMENSIONS, dtype=np.float32)
    d = np.zeros((len(u), DIMENSIONS), np.float32)

    teacher = Teacher(work, name)
    short = teach.short(pairs)
    taught = np.zeros((len(singles), 384), np.float16)
    taught[[index[t] for t in short]] = teacher.embed(short)
    del teacher

    a_of = np.array([index[p[2]] for p in pairs])
    b_of = np.array([index[p[3]] for p in pairs])
    names = {g: i for i, g in enumerate(sorted({p[1] for p in pairs}))}
    group = np.array([names[p[1]] for p in pairs])
    source = [p[0] + p[1].split("/")[0] if p[0] in ("title", "sentence") else p[0] for p in pairs]
    members = {s: np.flatnonzero(np.array(source) == s) for s in sorted(set(source))}
    members = {s: m for s, m in members.items() if len(m) >= 20}
    chance = np.array([len(m) ** SIZE for m in members.values()])
    lists = list(members.values())
    draw = np.random.default_rng(SEED)
    adam_d, adam_s, adam_w = Adam(d, RATE_TOKEN), Adam(weight, RATE_WEIGHT), Adam(w, RATE_MAP)
    started, losses = time.time(), []
    for step in range(steps):
        pace = min(1.0, (step + 1) / 100) * (1 - step / steps)
        if draw.random() < 0.5:  # one source alone: the hard negatives
            pool = lists[draw.choice(len(lists), p=chance / chance.sum())]
            chosen = draw.choice(pool, min(BATCH, len(pool)), replace=False)
        else:
            counts = draw.multinomial(BATCH, chance / chance.sum())
            chosen = np.concatenate([draw.choice(m, min(n, len(m)), replace=False) for m, n in zip(lists, counts)])
        a, b = a_of[chosen], b_of[chosen]
        n = len(chosen)
        x = bag[np.concatenate([a, b])]
        x.data = x.data * (draw.random(len(x.data)) >= DROPPED)
        rows, local = np.unique(x.indices, return_inverse=True)
        x = type(x)((x.data, local.astype(np.int32), x.indptr), shape=(2 * n, len(rows)))
        plain = u[rows] @ w + d[rows]
        scale = np.exp(weight[rows])
        table = plain * scale
        sums = x @ table
        norm = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
        z = sums / norm
        za, zb = z[:n], z[n:]
        gz = np.zeros_like(z)

        same = group[chosen][:, None] == group[chosen][None, :]
        target = np.eye(n, dtype=np.float32)
        blocked = np.where(same & ~np.eye(n, dtype=bool), -1e4, 0).astype(np.float32)
        cos = za @ zb.T / SHARP + blocked
        p, q = softmax(cos), softmax(cos.T)
        g = ((p - target) + (q - target).T) / (2 * SHARP * n)
        loss = -np.log(np.diag(p) + 1e-9).mean()
        gz[:n] += g @ zb
        gz[n:] += g.T @ za

        ta, tb = taught[a].astype(np.float32), taught[b].astype(np.float32)
        for left, right, i, j in ((ta, tb, slice(0, n), slice(n, 2 * n)), (ta, ta, slice(0, n), slice(0, n)),
                                  (tb, tb, slice(n, 2 * n), slice(n, 2 * n))):
            rows_known = np.flatnonzero(np.abs(left[:, 0]) + np.abs(left[:, 1]) > 0)
            cols_known = np.flatnonzero(np.abs(right[:, 0]) + np.abs(right[:, 1]) > 0)
            if len(rows_known) < 20 or len(cols_known) < 20:
                continue
            i, j = np.arange(2 * n)[i][rows_known], np.arange(2 * n)[j][cols_known]
            ts = left[rows_known] @ right[cols_known].T / TEACHER_SHARP
            ss = z[i] @ z[j].T / SHARP
            if left is right:
                np.fill_diagonal(ts, -1e4)
                np.fill_diagonal(ss, -1e4)
            g = (softmax(ss) - softmax(ts)) / (SHARP * n) * (LIKE_TEACHER / 2)
            np.add.at(gz, i, g @ z[j])
            np.add.at(gz, j, g.T @ z[i])

        gt = x.T @ through_norm(z, norm, gz)
        gp = gt * scale
        adam_w.update(slice(None), u[rows].T @ gp, pace)
        adam_d.update(rows, gp, pace)
        adam_s.update(rows, (gt * table).sum(1, keepdims=True), pace)
        losses.append(loss)
        if step % 250 == 249:
            log(f"step {step + 1}: loss {np.mean(losses[-250:]):.3f}, {time.time() - started:.0f} s", flush=True)
    return Student(tokenizer, blend((u @ w + d) * np.exp(weight), np.load(work / "distilled.npz")["table"]))


def blend(tuned: np.ndarray, distilled: np.ndarray) -> np.ndarray:
    """What fine-tuning unlearned of names and rare words comes back with part of the first table."""
    length = np.linalg.norm(tuned, axis=1).mean() / np.linalg.norm(distilled, axis=1).mean()
    return (tuned + KEEP * length * distilled).astype(np.float32)


if __name__ == "__main__":
    work, folder, name = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    steps = int(sys.argv[4]) if len(sys.argv) > 4 else 3000
    without = sys.argv[5:]
    student = train(work, folder, name, steps, without)
    np.savez(work / ("finetuned" + "".join("-" + w for w in without) + ".npz"), table=student.table)
    print(evaluate.table(evaluate.scores(as_shipped(student).embed, folder)))
