"""Serves a teacher as OpenAI's /v1/embeddings does: serve_teacher.py WORK DATA MODEL [PORT].

So that `careloop eval retrieval --embedder` measures teacher and table by the
same command. The teacher wants words of its own in front of questions, and a
request does not say what is one: what stands in DATA's questions and their
history is. It listens on this machine alone; one request is answered at a time.
"""

import http.server
import json
import pathlib
import sys

import data
from teacher import Teacher

MAX_BODY = 16 << 20


def words(text: str) -> str:
    return " ".join(text.split())


def questions(folder: pathlib.Path) -> set[str]:
    found = set()
    for file in folder.glob("dev/retrieval-*-queries.jsonl"):
        for row in data.rows(file):
            found.update(words(text) for text in [row["query"], *(t["text"] for t in row.get("history") or [])])
    return found


class Handler(http.server.BaseHTTPRequestHandler):
    teacher: Teacher
    questions: set[str]
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/v1/embeddings" or not 0 < length <= MAX_BODY:
            return self.answer(404, {"error": {"message": "This server answers POST /v1/embeddings."}})
        try:
            body = json.loads(self.rfile.read(length))
            texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
            if not texts or not all(isinstance(t, str) for t in texts):
                raise ValueError("input is no list of texts")
        except (ValueError, KeyError, TypeError) as e:
            return self.answer(400, {"error": {"message": f"The request cannot be read: {e}."}})
        asked = [self.teacher.prefix + t if words(t) in self.questions else t for t in texts]
        vectors = self.teacher.embed(asked)
        self.answer(200, {
            "object": "list", "model": self.teacher.name,
            "data": [{"object": "embedding", "index": i, "embedding": v.tolist()} for i, v in enumerate(vectors)],
        })

    def answer(self, status: int, body):
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    Handler.teacher = Teacher(pathlib.Path(sys.argv[1]), sys.argv[3])
    Handler.questions = questions(pathlib.Path(sys.argv[2]))
    port = int(sys.argv[4]) if len(sys.argv) > 4 else 8082
    server = http.server.HTTPServer(("127.0.0.1", port), Handler)
    print(f"{sys.argv[3]} answers at http://127.0.0.1:{port}/v1", file=sys.stderr)
    server.serve_forever()
