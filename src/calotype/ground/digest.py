"""SHA-256 of bytes, of files, of decoded pixels and of canonical JSON. Must not know what is digested."""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from pathlib import Path
from typing import Any

from calotype.ground.files import open_descriptor

_MOST_AT_ONCE = 1024 * 1024


def sha256(data: bytes | bytearray | memoryview) -> str:
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: str | Path) -> str:
    """Raises OSError; IsADirectoryError for what is no file."""
    return sha256_between(path)[1]


def sha256_between(path: str | Path) -> tuple[os.stat_result, str, os.stat_result]:
    """SHA-256 of a file, with its status before and after it was read: alike unless it changed meanwhile.

    Raises as `sha256_file` does. A small file takes one read, and no buffer.
    """
    handle, before = open_descriptor(path)
    try:
        hasher, size, most = hashlib.sha256(), 0, min(before.st_size + 1, _MOST_AT_ONCE)
        while data := os.read(handle, most):
            hasher.update(data)
            size += len(data)
            if size >= before.st_size and len(data) < most:
                break  # a read that is cut short after the last known byte has met the end
        return before, hasher.hexdigest(), os.fstat(handle)
    finally:
        os.close(handle)


def pixel_digest(mode: str, width: int, height: int, samples: bytes) -> str:
    """SHA-256 of `mode`, `width`, `height` and the decoded 8-bit samples, row by row, channels interleaved.

    Re-encoding a file, or changing its metadata, leaves it as it was.
    """
    return hashlib.sha256(f"{mode} {width} {height}\n".encode() + samples).hexdigest()


def canonical_json(value: Any) -> bytes:
    """The one spelling of a JSON value: sorted keys, no spaces, NFC text, UTF-8.

    Raises ValueError for NaN and infinities, TypeError for anything that JSON has no word for.
    """
    text = _encoder.encode(value)
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).encode()


_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
