"""Writes the table that Go embeds, and the tokenizer's test vectors: export.py WORK MODEL TABLE.npz.

table.bin, little-endian: the letters "CLTABLE1", uint32 number of tokens n,
uint32 dimensions d, n float32 scales, n * d int8 (a row is scale * its bytes),
then the n tokens, each ended by a line feed. Tokens that never count are left out.
"""

import json
import pathlib
import struct
import sys

import numpy as np

from student import Student, load_tokenizer, quantised, silent

CASES = [
    "", "   ", "Where is my order #A-1042?", "Can't find the 'checkout' button!", "REFUND   me\tplease\r\nnow",
    "naïve café Zürich Straße ÆØÅ", "İstanbul IĞDIR ΣΑΣ Ήλιος", "e\u0301clair", "你好，世界 and 日本語テスト 한국어", "\u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22 हिन्दी العربية עברית",
    "emoji 😀👍🏽 ok", "zero\u200bwidth\u00adsoft\ufeffbom", "control\u0000\u0001\u007fchars\ufffd", "nbsp\u00a0and\u2003em\u3000wide", "line\u2028sep\u2029par\u0085nel",
    "x" * 100, "x" * 101, "a" + "é" * 99, "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "[CLS] [SEP] [UNK] [MASK] [PAD] [unused5]", "##ing ## #", "http://example.com/a_b?c=d&e=%20f", "1,234.56€ £5 ¥100 50% ½ ² ①",
    "“quotes” ‘single’ – dash — em … dots ¿qué? ¡sí!", "`~!@#$%^&*()_+-={}[]|\\:;\"'<>,.?/", "ＦＵＬＬｗｉｄｔｈ ﬁ ligature", "\u037e \u1fef \u212b \u2126",
    "豈 丽 㐀 𠀀", "Ünïcödé ñandú ŁÓDŹ đ ı", "C++ C# .NET v1.2.3 e-mail", "\u0300\u0301 alone", "각 \u1100\u1161\u11a8",
]


if __name__ == "__main__":
    work, name, file = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    here = pathlib.Path(__file__).parent.parent
    tokenizer = load_tokenizer(work, name)
    student = Student(tokenizer, np.load(file)["table"])
    never = set(silent(tokenizer))
    kept = [i for i in range(len(student.table)) if i not in never]
    tokens = [tokenizer.id_to_token(i) for i in kept]
    scales, rows = quantised(student.table[kept])
    with open(here / "table.bin", "wb") as out:
        out.write(b"CLTABLE1" + struct.pack("<II", *rows.shape) + scales.astype("<f4").tobytes() + rows.tobytes())
        out.write("".join(t + "\n" for t in tokens).encode())
    with open(here / "testdata" / "tokens.jsonl", "w", encoding="utf-8") as out:
        for text in CASES:
            encoded = tokenizer.encode(text)
            found = [t for t, i in zip(encoded.tokens, encoded.ids) if i not in never]
            out.write(json.dumps({"text": text, "tokens": found}) + "\n")
