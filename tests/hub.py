"""A small server on loopback that speaks the Hugging Face Hub's protocol, for one repository that a test lays out."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

LARGE = (".safetensors", ".bin")


@dataclass
class Hub:
    """`repositories` maps org/name to a folder. `breaks` are files whose next download ends after half of their bytes,
    `broken` those of which it always does."""

    repositories: dict[str, Path]
    commit: str = "a" * 40
    breaks: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    """(method, path, Range) of each request."""
    address: str = ""


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(body=True)

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def log_message(self, *given: object) -> None:
            pass

        def _answer(self, body: bool) -> None:
            path = unquote(self.path.partition("?")[0])
            hub.asked.append((self.command, path, self.headers.get("Range")))
            for name, folder in hub.repositories.items():
                if path.startswith(f"/api/models/{name}/tree/"):
                    return self._json(_tree(folder))
                if path.startswith(f"/api/models/{name}"):
                    return self._json(_info(name, folder, hub.commit))
                if path.startswith(f"/{name}/resolve/"):
                    return self._file(folder / path.split("/", 5)[5], body)
            self._json({"error": "Repository not found"}, 404, "RepoNotFound")

        def _json(self, value: object, status: int = 200, wrong: str = "") -> None:
            data = json.dumps(value).encode()
            self.send_response(status)
            if wrong:
                self.send_header("X-Error-Code", wrong)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(data)

        def _file(self, path: Path, body: bool) -> None:
            data = path.read_bytes()
            first = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").partition("-")[0])
            self.send_response(206 if first else 200)
            self.send_header("X-Repo-Commit", hub.commit)
            self.send_header("ETag", f'"{etag(path)}"')
            self.send_header("Accept-Ranges", "bytes")
            if path.name.endswith(LARGE):
                self.send_header("X-Linked-Etag", f'"{etag(path)}"')
                self.send_header("X-Linked-Size", str(len(data)))
            if first:
                self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
            self.send_header("Content-Length", str(len(data) - first))
            self.end_headers()
            if not body:
                return
            if path.name in hub.breaks | hub.broken:
                hub.breaks.discard(path.name)
                self.wfile.write(data[first:max(first + 1, len(data) // 2)])
                self.close_connection = True
                self.connection.close()
                return
            self.wfile.write(data[first:])

    return Handler


def etag(path: Path) -> str:
    """As the Hub names files: large ones by their SHA-256, small ones as git does."""
    data = path.read_bytes()
    if path.name.endswith(LARGE):
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(f"blob {len(data)}\0".encode() + data).hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _info(name: str, folder: Path, commit: str) -> dict[str, object]:
    siblings = [{"rfilename": path.relative_to(folder).as_posix(), "size": path.stat().st_size} for path in _files(folder)]
    return {"_id": "1", "id": name, "modelId": name, "sha": commit, "siblings": siblings, "tags": [], "private": False,
            "downloads": 0, "likes": 0}


def _tree(folder: Path) -> list[dict[str, object]]:
    return [{"type": "file", "path": path.relative_to(folder).as_posix(), "size": path.stat().st_size, "oid": etag(path)}
            for path in _files(folder)]
