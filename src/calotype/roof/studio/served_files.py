"""Files as the server gives them: which, as what, and large ones part by part. Must not know the routes."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from fastapi import Response
from starlette.concurrency import run_in_threadpool

from calotype.ground.folders import BUILD

PART = 1 << 20
"""Bytes of a large file that are read at a time. One of up to eight parts is read whole."""
_TOLD = re.compile(rb"calotype\.(?:add|read)\((.*)\);\s*", re.DOTALL)


def is_asked_again(condition: str | None, tag: str) -> bool:
    """Whether an If-None-Match header names `tag`: what the browser holds is what there is."""
    names = (name.strip().removeprefix("W/") for name in (condition or "").split(","))
    return any(name in ("*", tag) for name in names)


def script_of(path: str, data: bytes) -> bytes | None:
    """The script that is given for the file at `path`, which holds `data`: Calotype's own, whatever a template of the
    project says, and what the search reads, which is JSON. None for any other: it could use the token."""
    if path == f"{BUILD}/sheet.js":
        return packaged("sheet.js")
    told = _TOLD.fullmatch(data) if path.startswith(f"{BUILD}/data/") else None
    try:
        return None if told is None else (json.loads(told[1]), data)[1]
    except (ValueError, RecursionError):
        return None


def packaged(name: str) -> bytes:
    """The stylesheet or the script of the sheets."""
    return (files("calotype.results.sheet") / "templates" / name).read_bytes()


def tag_of(data: bytes) -> str:
    """The ETag of what is given whole."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def tag_of_file(status: os.stat_result) -> str:
    """The ETag of what is given part by part."""
    return tag_of(repr((status.st_ino, status.st_size, status.st_mtime_ns)).encode())


class Parts(Response):
    """A file from its open descriptor, which it closes: a reader that is slow costs one part of memory. One that was
    cut short meanwhile ends the connection: the browser takes nothing for the whole."""

    def __init__(self, handle: int, size: int, kind: str, headers: Mapping[str, str]) -> None:
        super().__init__(media_type=kind, headers=headers)
        self._handle, self._size = handle, size
        self.headers["content-length"] = str(size)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            left = self._size if scope["method"] != "HEAD" else 0
            while left and (part := await run_in_threadpool(os.read, self._handle, min(PART, left))):
                left -= len(part)
                await send({"type": "http.response.body", "body": part, "more_body": True})
            if not left:
                await send({"type": "http.response.body", "body": b""})
        finally:
            os.close(self._handle)
