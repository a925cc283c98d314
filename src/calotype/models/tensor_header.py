"""The header of a safetensors file: its tensors' names, its notes, its length. No weights are read.

Eight bytes say how long the header is (little-endian); it is JSON, and gives each tensor's place in the rest of the
file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem, error
from calotype.ground.images import LFS_POINTER
from calotype.ground.light_dataclass import dataclass
from calotype.ground.troubleshooting import DOWNLOAD, see

_MOST = 100_000_000
"""Bytes that a header may have: the format's own limit."""
_NOTES = "__metadata__"


@dataclass(frozen=True, slots=True)
class TensorHeader:
    """`names` of the tensors, in the file's order, and `notes` that its writer left."""

    names: tuple[str, ...]
    notes: Mapping[str, str]


def read_header(path: Path) -> TensorHeader:
    """The header of the file at `path`. Raises Problem for what is no safetensors file, or not a whole one."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
            length = int.from_bytes(start, "little")
            size = path.stat().st_size
            if len(start) < 8 or length > min(_MOST, size - 8):
                raise _damaged(path, start, size)
            rows = json.loads(file.read(length))
    except OSError as failure:
        raise Problem(error("weights-unreadable", f"`{path.name}` cannot be read: {failure.strerror}")) from failure
    except ValueError as failure:
        raise _damaged(path, start, size) from failure
    return _checked(path, rows, size - 8 - length)


def _checked(path: Path, rows: Any, room: int) -> TensorHeader:
    try:
        notes = rows.pop(_NOTES, None) or {}
        ends = [row["data_offsets"][1] for row in rows.values()]
        needed = max(ends, default=0)
        if needed != room:
            raise _damaged(path, b"", room, f": its tensors take {needed} bytes, and {room} are there")
        return TensorHeader(tuple(rows), {str(name): str(text) for name, text in notes.items()})
    except (AttributeError, TypeError, KeyError, IndexError) as failure:
        raise _damaged(path, b"", room) from failure


def _damaged(path: Path, start: bytes, size: int, detail: str = "") -> Problem:
    if start and LFS_POINTER.startswith(start) and path.read_bytes()[:len(LFS_POINTER)] == LFS_POINTER:
        return Problem(error("lfs-pointer", f"`{path.name}` is a Git LFS pointer, not the weights",
                             hint="run `git lfs pull`"))
    return Problem(error("weights-damaged", f"`{path.name}` is no whole safetensors file{detail}",
                         hint=f"fetch or copy it again; {see(DOWNLOAD)}"))
