"""fal's queue as a test needs it: a process of its own, over TLS with its own CA, that misbehaves when it is told to.

It speaks what fal_client speaks: submit, status, result, and pictures to be fetched. `Fal.fail(stage, ...)` gives what
befalls the next calls of a stage, in order; what is not told goes well. It counts every POST that it takes.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import io
import ipaddress
import json
import os
import ssl
import struct
import subprocess
import sys
import time
import urllib.request
import zlib
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

KEY = "key-id:s3cret-of-the-tests"
NOT_TAKEN = ("429", "401", "422", "404", "500-untaken", "redirect")
"""What befalls a submit that the service takes nothing of."""


class Desk:
    """What the server remembers."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.calls: dict[str, int] = defaultdict(int)
        self.faults: dict[str, deque[str]] = defaultdict(deque)
        self.headers: list[dict[str, str]] = []
        self.uploads: list[dict[str, str]] = []
        self.lock = Lock()

    def fault(self, stage: str) -> str:
        with self.lock:
            self.calls[stage] += 1
            queue = self.faults[stage]
            return queue.popleft() if queue else "ok"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    desk: Desk
    host: str

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/_faults":
            for stage, faults in json.loads(body).items():
                self.desk.faults[stage] = deque(faults)
            return self.answer({})
        if self.path.startswith("/storage/auth/token"):
            return self.answer({"token": "t", "token_type": "Bearer", "base_url": f"https://{self.host}",
                                "expires_at": "2099-01-01T00:00:00+00:00"})
        if self.path == "/files/upload":
            if not self.misbehave(self.desk.fault("upload")):
                address = f"https://{self.host}/uploads/{hashlib.sha256(body).hexdigest()}"
                self.desk.uploads.append({"url": address, "key": self.headers.get("Authorization", "")})
                self.answer({"access_url": address})
            return None
        if self.path == "/_reset":
            self.desk.__init__()  # type: ignore[misc]
            return self.answer({})
        fault = self.desk.fault("submit")
        with self.desk.lock:
            self.desk.headers.append(dict(self.headers.items()))
            id = f"request-{len(self.desk.posts)}"
            if fault not in NOT_TAKEN and not fault.startswith(("429 ", "refused ")):
                self.desk.posts.append({"id": id, "path": self.path.lstrip("/"), "arguments": json.loads(body)})
        if not self.misbehave(fault):
            url = f"https://{self.host}/{'/'.join(self.path.split('/')[1:3])}/requests/{id}"
            answer = {"request_id": id, "response_url": url, "status_url": f"{url}/status", "cancel_url": f"{url}/cancel"}
            if fault == "other-urls":
                answer |= dict.fromkeys(("response_url", "status_url", "cancel_url"), "https://evil.example/steal")
            if fault == "no-id":
                del answer["request_id"]
            self.answer(answer | ({"request_id": "../../steal"} if fault == "odd-id" else {}))

    def do_GET(self) -> None:
        if self.path == "/_desk":
            return self.answer({"posts": self.desk.posts, "calls": self.desk.calls, "headers": self.desk.headers,
                                "uploads": self.desk.uploads})
        path = self.path.partition("?")[0]
        stage = "picture" if path.startswith("/files/") else "status" if path.endswith("/status") else "result"
        if stage == "picture" and "authorization" in {name.lower() for name in self.headers}:
            return self.answer({"detail": "the key was sent to where pictures lie"}, 400)
        post = self.post_of(path)
        fault = self.desk.fault(stage)
        if post is None:
            return self.answer({"detail": "no such request"}, 404)
        if self.misbehave(fault):
            return None
        return getattr(self, f"do_{stage}")(post, fault)

    def post_of(self, path: str) -> dict[str, Any] | None:
        name = path.removesuffix("/status").removesuffix(".png").rpartition("/")[2]
        return next((post for post in self.desk.posts if post["id"] == name), None)

    def do_status(self, post: dict[str, Any], fault: str) -> None:
        if fault in ("queued", "working"):
            return self.answer({"status": "IN_QUEUE", "queue_position": 3} if fault == "queued" else
                               {"status": "IN_PROGRESS", "logs": None}, 202)
        self.answer({"status": "COMPLETED", "logs": None, "metrics": {},
                     **({"error": "the runner broke"} if fault == "error" else {})})

    def do_result(self, post: dict[str, Any], fault: str) -> None:
        url = f"https://{self.host}/files/{post['id']}.png"
        if "images_data_url" in post["arguments"]:
            return self.answer({"diffusers_lora_file": {"url": url}} if fault != "none" else {"config_file": {"url": url}})
        row: dict[str, Any] = {"url": url, "content_type": "image/png"}
        answer: dict[str, Any] = {"images": [row], "seed": post["arguments"].get("seed"), "has_nsfw_concepts": [False]}
        if fault == "nsfw":
            answer["has_nsfw_concepts"] = [True]
        elif fault == "none":
            answer["images"] = []
        elif fault == "two":
            answer["images"] = [row, row]
        elif fault == "list":
            return self.answer([row])
        elif fault.startswith("url "):
            row["url"] = fault[4:]
        elif fault == "data":
            row["url"] = f"data:image/png;base64,{base64.b64encode(picture(post)).decode()}"
        elif fault == "single":
            answer = {"image": row}
        self.answer(answer)

    def do_picture(self, post: dict[str, Any], fault: str) -> None:
        data = lora(4 if fault == "rank" else 16) if "images_data_url" in post["arguments"] else picture(
            post, black=fault == "black")
        if fault == "half":
            data = data[:len(data) // 2]
        if fault in HOSTILE:
            data = HOSTILE[fault]()
        if fault == "text":
            data = b"sorry, not now"
        self.send(data, "image/png", length=len(data) + 500 if fault == "cut" else None)

    def misbehave(self, fault: str) -> bool:
        """What may befall any call. Whether it was that."""
        if fault == "slow":
            time.sleep(0.15)
            return False
        if fault == "lost":
            self.connection.shutdown(2)
            self.close_connection = True
        elif fault == "hang":
            time.sleep(1.5)
            self.close_connection = True
        elif fault == "drip":
            self.send(b"{" * 9, "application/json", length=10**6, pause=0.2)
        elif fault.startswith("429 "):
            self.send(b'{"detail": "slow down"}', "application/json", {"Retry-After": fault[4:]}, code=429)
        elif fault.startswith("json "):
            self.send(fault[5:].encode(), "application/json")
        elif fault.startswith("refused "):
            self.send(json.dumps({"detail": fault[8:]}).encode(), "application/json", code=422)
        elif fault == "html":
            self.send(b"<html><body>Bad gateway</body></html>", "text/html")
        elif fault == "empty":
            self.send(b"", "application/json")
        elif fault == "truncated":
            self.send(b'{"request_id": "requ', "application/json")
        elif fault == "packed":
            self.send(b"\x1f\x8b", "application/json", {"Content-Encoding": "gzip"})
        elif fault == "huge":
            self.send(b"", "application/json", length=10**10)
        elif fault == "redirect":
            self.send(b"", "text/plain", {"Location": "https://evil.example/elsewhere"}, code=307)
        elif fault == "429":
            self.send(b'{"detail": "slow down"}', "application/json", {"Retry-After": "0"}, code=429)
        elif fault[:3].isdecimal():
            self.send(json.dumps({"detail": f"broken, {self.headers.get('Authorization', '')}"}).encode(),
                      "application/json", code=int(fault[:3]))
        else:
            return False
        return True

    def answer(self, value: Any, code: int = 200) -> None:
        self.send(json.dumps(value).encode(), "application/json", code=code)

    def send(
        self, data: bytes, kind: str, headers: dict[str, str] | None = None, *, code: int = 200, length: int | None = None,
        pause: float = 0,
    ) -> None:
        self.send_response(code)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data) if length is None else length),
                            "Connection": "close", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        for part in (bytes([byte]) for byte in data) if pause else (data,):
            self.wfile.write(part)
            time.sleep(pause)
        self.close_connection = True


def picture(post: dict[str, Any], black: bool = False) -> bytes:
    """A PNG that only this request gives, in the size that it asks for."""
    from PIL import Image

    arguments = post["arguments"]
    size = arguments.get("image_size", {"width": 32, "height": 32})
    size = (size["width"], size["height"])
    if "image_url" in arguments:
        size = Image.open(io.BytesIO(base64.b64decode(arguments["image_url"].partition(",")[2]))).size
    colour = tuple(40 + byte % 200 for byte in json.dumps(arguments, sort_keys=True).encode()[-3:])
    image = Image.new("RGB", size, (0, 0, 0) if black else colour)
    if not black:
        image.putpixel((0, 0), tuple((int(arguments.get("seed", 0)) >> shift) % 256 for shift in (0, 8, 16)))
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def _drawn(size: tuple[int, int], kind: str, **options: Any) -> bytes:
    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", size, (90, 40, 20)).save(data, kind, **options)
    return data.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG of so many pixels, by its header."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + _chunk(b"IEND", b"")


@cache
def _packed(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "tiny": lambda: _drawn((1, 1), "PNG"), "narrow": lambda: _drawn((400, 2), "PNG"), "gif": lambda: _drawn((32, 32), "GIF"),
    "tiff": lambda: _drawn((32, 32), "TIFF"), "giant": lambda: _png(50_000, 50_000, _chunk(b"IDAT", _packed(1000))),
    "no-pixels": lambda: _png(0, 0), "bomb": lambda: _png(8192, 8193, _chunk(b"IDAT", _packed(200 << 20))),
    "text-bomb": lambda: _png(32, 32, _chunk(b"zTXt", b"Comment\0\0" + _packed(200 << 20)), _chunk(b"IDAT", _packed(32 * 97))),
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "eps": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 32 32\n(/etc/passwd) (r) file\n",
}
"""Pictures that are none, or would fill the memory of who decodes them."""


def lora(rank: int) -> bytes:
    """A LoRA of two layers, as diffusers writes one for FLUX."""
    rows: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for layer in range(2):
        for part, shape in (("lora_A", [rank, 8]), ("lora_B", [8, rank])):
            size = shape[0] * shape[1] * 4
            rows[f"transformer.blocks.{layer}.attn.to_q.{part}.weight"] = {
                "dtype": "F32", "shape": shape, "data_offsets": [end, end + size]}
            end += size
    header = json.dumps(rows).encode()
    return len(header).to_bytes(8, "little") + header + bytes(range(256)) * (end // 256)


class Fal:
    """The server, as a test sees it."""

    def __init__(self, host: str, authority: Path) -> None:
        self.host, self.authority = host, authority
        self._context = ssl.create_default_context(cafile=str(authority))

    def _ask(self, path: str, value: Any = None) -> Any:
        data = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(f"https://{self.host}{path}", data=data)
        with urllib.request.urlopen(request, context=self._context, timeout=10) as answer:
            return json.load(answer)

    def fail(self, stage: str, *faults: str) -> None:
        self._ask("/_faults", {stage: faults})

    def reset(self) -> None:
        """It has taken nothing, and behaves."""
        self._ask("/_reset", {})

    @property
    def posts(self) -> list[dict[str, Any]]:
        """What the service has taken: each is paid for."""
        return self._ask("/_desk")["posts"]

    @property
    def calls(self) -> dict[str, int]:
        """How often each stage was called."""
        return self._ask("/_desk")["calls"]

    @property
    def uploads(self) -> list[dict[str, str]]:
        """What was put where the service can read it."""
        return self._ask("/_desk")["uploads"]

    @property
    def headers(self) -> list[dict[str, str]]:
        return self._ask("/_desk")["headers"]


@contextmanager
def serving(folder: Path) -> Iterator[Fal]:
    """A server with a fresh ledger, as long as the block lasts."""
    authority, chain = certificates(folder)
    process = subprocess.Popen([sys.executable, __file__, str(chain)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Fal(process.stdout.readline().strip(), authority)
    finally:
        process.kill()
        process.communicate()


def certificates(folder: Path) -> tuple[Path, Path]:
    """A CA's certificate; and a key with a certificate of 127.0.0.1 that it signed."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.datetime.now(datetime.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]

    def certificate(subject: str, key: Any, *extensions: tuple[Any, bool]) -> x509.Certificate:
        made = (x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name("the tests' CA"))
                .public_key(key.public_key()).serial_number(x509.random_serial_number())
                .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=2)))
        for extension, critical in extensions:
            made = made.add_extension(extension, critical)
        return made.sign(keys[0], hashes.SHA256())

    issuer = certificate("the tests' CA", keys[0], (x509.BasicConstraints(ca=True, path_length=None), True))
    own = certificate("127.0.0.1", keys[1], (x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False))
    pem = serialization.Encoding.PEM
    authority, chain = folder / "ca.pem", folder / "chain.pem"
    authority.write_bytes(issuer.public_bytes(pem))
    chain.write_bytes(keys[1].private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) + own.public_bytes(pem))
    return authority, chain


def main(chain: str) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    Handler.desk, Handler.host = Desk(), f"127.0.0.1:{server.server_address[1]}"
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    print(Handler.host, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    os.environ.pop("SSL_CERT_FILE", None)
    main(sys.argv[1])
