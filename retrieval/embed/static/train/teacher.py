"""Sentence embeddings of the teacher, one thread, cached on disk by text."""

import hashlib
import pathlib
import sys
import time

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

# How each model makes one vector of its token vectors, and what it expects in
# front of a question.
MODELS = {
    "bge-small-en-v1.5": ("cls", "Represent this sentence for searching relevant passages: "),
    "bge-small-en-v1.5-q": ("cls", "Represent this sentence for searching relevant passages: "),
    "all-minilm-l6-v2": ("mean", ""),
}


class Teacher:
    def __init__(self, work: pathlib.Path, name: str):
        self.name = name
        self.pooling, self.prefix = MODELS[name]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(work / "models" / f"{name}.onnx"), options)
        self.tokenizer = Tokenizer.from_file(str(work / "models" / f"{name}-tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(512)
        # The cache survives an interruption: keys and vectors are appended as
        # they come, one process at a time.
        self.keys_file = work / f"cache-{name}.keys"
        self.vectors_file = work / f"cache-{name}.vectors"
        self.known: dict[bytes, np.ndarray] = {}
        if self.keys_file.exists():
            keys = self.keys_file.read_bytes()
            vectors = np.fromfile(self.vectors_file, np.float16).reshape(-1, 384)
            self.known = {keys[16 * i:16 * i + 16]: v for i, v in enumerate(vectors)}

    def ids(self, ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Unit vectors of token ids (with [CLS] and [SEP]), padded to one length."""
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        wanted = {i.name: given[i.name] for i in self.session.get_inputs()}
        hidden = self.session.run(None, wanted)[0]
        if self.pooling == "cls":
            out = hidden[:, 0]
        else:
            m = mask[:, :, None].astype(np.float32)
            out = (hidden * m).sum(1) / m.sum(1)
        return out / np.linalg.norm(out, axis=1, keepdims=True)

    def embed(self, texts: list[str], question: bool = False) -> np.ndarray:
        """Unit vectors of texts, in order."""
        if question:
            texts = [self.prefix + t for t in texts]
        keys = [hashlib.sha256(t.encode("utf-8", "replace")).digest()[:16] for t in texts]
        missing = list({k: t for k, t in zip(keys, texts) if k not in self.known}.items())
        if missing:
            self.compute(missing)
        return np.stack([self.known[k] for k in keys]).astype(np.float32)

    def compute(self, missing: list[tuple[bytes, str]]):
        encoded = self.tokenizer.encode_batch([t for _, t in missing])
        order = sorted(range(len(missing)), key=lambda i: len(encoded[i].ids))
        start, told, at = time.time(), time.time(), 0
        while at < len(order):
            # Batches of about 2,048 tokens keep memory and padding small.
            longest = len(encoded[order[min(at + 63, len(order) - 1)]].ids)
            size = max(1, min(64, 2048 // longest))
            part = order[at:at + size]
            width = max(len(encoded[i].ids) for i in part)
            ids = np.zeros((len(part), width), np.int64)
            mask = np.zeros((len(part), width), np.int64)
            for row, i in enumerate(part):
                n = len(encoded[i].ids)
                ids[row, :n], mask[row, :n] = encoded[i].ids, 1
            self.remember([missing[i][0] for i in part], self.ids(ids, mask))
            at += size
            if time.time() - told > 30:
                told = time.time()
                print(f"  {self.name}: {at}/{len(order)} texts, {told - start:.0f} s", file=sys.stderr)

    def remember(self, keys: list[bytes], vectors: np.ndarray):
        vectors = vectors.astype(np.float16)
        self.known.update(zip(keys, vectors))
        with open(self.vectors_file, "ab") as file:
            file.write(vectors.tobytes())
        with open(self.keys_file, "ab") as file:
            file.write(b"".join(keys))
