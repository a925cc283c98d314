"""A language model for tests: a real server on this machine that speaks the protocol, and does as it is told."""

from __future__ import annotations

import gzip
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CAMERA = ("Eye-level camera angle, 85 mm lens at f/1.8, shallow depth of field. Natural window light from the left at 45 degrees,"
          " warm 3200K. Rule of thirds, commercial still photograph, smooth glaze texture")
SCORES = {"completeness": 88, "specificity": 92, "professionalism": 85, "cinematography": 85, "brand_alignment": 85,
          "critique": ["more of the room"]}
KEY = "sk-never-to-be-seen-1234"


def written(question: dict[str, Any]) -> str:
    """What a good model writes of a prompt."""
    return f"{question['prompt']}. {CAMERA}."


class Llm:
    """`asked` are the calls, as they came; `faults` are done instead of an answer, one after the other; `write` and
    `judge` answer the two agents, `board` whoever asks for a storyboard."""

    def __init__(self) -> None:
        self.refused: dict[str, str] = {}
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.faults: list[Callable[[Any], None]] = []
        self.write: Callable[[dict[str, Any]], str] = written
        self.judge: Callable[[dict[str, Any]], str] = lambda question: json.dumps(SCORES)
        self.board: Callable[[dict[str, Any]], str] = lambda question: "{}"
        self.models: list[str] = ["writer-1"]
        self.url = ""

    def answer(self, call: dict[str, Any]) -> str:
        question = json.loads(call["messages"][1]["content"])
        if "brief" in question:
            return self.board(question)
        return self.write(question) if "shot" in question else self.judge(question)


@contextmanager
def serving(chain: Path | None = None) -> Iterator[Llm]:
    """A model that answers, over TLS where a `chain` of a key and its certificate is given."""
    llm = Llm()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            llm.asked.append(call)
            llm.keys.append(self.headers.get("Authorization", ""))
            refused = next((said for name, said in llm.refused.items() if name in json.dumps(call)), "")
            if llm.faults:
                llm.faults.pop(0)(self)
            elif refused:
                send(self, json.dumps({"error": {"message": refused}}).encode(), 400)
            else:
                send(self, completion(llm.answer(call)))

        def do_GET(self) -> None:
            llm.keys.append(self.headers.get("Authorization", ""))
            if llm.faults:
                llm.faults.pop(0)(self)
            else:
                send(self, json.dumps({"object": "list", "data": [{"id": name} for name in llm.models]}).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if chain is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
    llm.url = f"http{'s' if chain else ''}://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield llm
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def completion(text: str, finish: str = "stop") -> bytes:
    return json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
        {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}]}).encode()


def send(handler: Any, body: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def hang(handler: Any) -> None:
    time.sleep(3)


def close(handler: Any) -> None:
    """The connection ends without a word."""
    handler.close_connection = True


def cut(handler: Any) -> None:
    """The connection ends amid the answer."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "500")
    handler.end_headers()
    handler.wfile.write(b'{"id": "1", "choices": [')
    handler.close_connection = True


def endless(handler: Any) -> None:
    """An answer without a length, of which more and more comes."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    handler.close_connection = True
    _send_parts(handler, (b" " * 4096 for _ in range(100_000)))


def chunked(handler: Any) -> None:
    """A good answer in chunks, with a megabyte of blanks before it."""
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.close_connection = True
    parts = [*([b" " * 4096] * 256), completion("a mug")]
    _send_parts(handler, (b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""]))


def packed(handler: Any) -> None:
    """A few kilobytes that unpack to megabytes."""
    body = gzip.compress(completion("a mug") + b" " * 5_000_000)
    assert len(body) < 10_000
    send(handler, body, Content_Encoding="gzip")


def dribble(handler: Any) -> None:
    """A byte at a time, of a body that never ends."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    handler.close_connection = True
    _send_parts(handler, (b" " for _ in range(600)), 0.1)


def dribble_head(handler: Any) -> None:
    """A byte at a time, of a head that never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    handler.close_connection = True
    _send_parts(handler, (b"x" for _ in range(600)), 0.1)


def _send_parts(handler: Any, parts: Iterable[bytes], pause: float = 0) -> None:
    """One after the other, until nobody listens any more."""
    with suppress(OSError):
        for part in parts:
            handler.wfile.write(part)
            time.sleep(pause)


OVERLONG: dict[str, Callable[[Any], None]] = {
    "100 kB": lambda handler: send(handler, completion("word " * 25_000)), "endless": endless, "chunked": chunked,
    "packed": packed,
}
"""Answers that are not read to their end."""
DRIBBLES: dict[str, Callable[[Any], None]] = {"body": dribble, "head": dribble_head}
"""Answers that come a byte at a time, each sooner than a client ceases to wait."""
FAULTS: dict[str, Callable[[Any], None]] = {
    "429": lambda handler: send(handler, b'{"error": {"message": "slow down"}}', 429, Retry_After="0"),
    "404": lambda handler: send(handler, b'{"error": {"message": "there is no such model"}}', 404),
    "500": lambda handler: send(handler, b"oops", 500, "text/plain"),
    "html": lambda handler: send(handler, b"<html><body>Welcome to the proxy</body></html>", 200, "text/html"),
    "empty": lambda handler: send(handler, b""),
    "null": lambda handler: send(handler, b"null"),
    "no choices": lambda handler: send(handler, b'{"choices": []}'),
    "odd choices": lambda handler: send(handler, b'{"choices": {"a": 1}}'),
    "truncated": lambda handler: send(handler, b'{"id": "1", "choices": [{"mess'),
    "cut": cut,
    "hang": hang,
    "cut off": lambda handler: send(handler, completion("word " * 10, "length")),
    "elsewhere": lambda handler: send(handler, b"", 302, Location="http://127.0.0.1:9/v1/chat/completions"),
}
