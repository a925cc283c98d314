"""Published assets taken back into the caches, as if rendered. Must not know why the caches are empty."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from calotype.ground.diagnostics import Problem
from calotype.ground.digest import sha256
from calotype.ground.files import read_file
from calotype.ground.images import MAX_BYTES
from calotype.language.action import import_action, render_action
from calotype.results.publish.disk import refusals
from calotype.results.publish.line import JUDGES, Line, is_usable
from calotype.results.publish.proof import RENDERED

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Entry = tuple[str, str, bytes, Mapping[str, Any], Mapping[str, Any]]
"""A row of the action cache: key, kind, components, outputs, facts."""

FACTS = {"adopted": True}

_BATCH = 256
_KEY = re.compile(r"[0-9a-f]{64}")
_MODES = {0: "L", 2: "RGB", 4: "LA", 6: "RGBA"}
_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


class Blobs(Protocol):
    """The CAS, as far as adoption goes."""

    def put(self, data: bytes) -> str: ...

    def sync(self) -> None: ...


class Results(Protocol):
    """The action cache, as far as adoption goes: what it holds already stays."""

    def put_many(self, rows: Sequence[Entry]) -> Any: ...


def entries(line: Line, mode: str) -> list[Entry]:
    """What the action cache held when `line` was written, as far as the line tells.

    The picked render, of pixels in `mode`; of candidates that lost and of maps only their pixel digests, since their
    bytes are gone; and what judges said of all candidates. A picture that was put in by hand is told under the key of
    its pixels. A request that does not give the line's key tells nothing.
    """
    known_results: list[Entry] = []
    picture = render_action(line.request) if line.origin == RENDERED else import_action(line.pixels)
    if picture.key == line.action:
        width, height = line.size
        outputs = {"blob": line.sha256, "pixels": line.pixels, "mode": mode, "width": width, "height": height}
        known_results.append((picture.key, picture.kind, picture.components, outputs, FACTS))
        known_results += _lost(line) if line.origin == RENDERED else ()
    return [*known_results, *_texts(line), *_maps(line), *_scores(line)]


def _lost(line: Line) -> Iterator[Entry]:
    """The candidates that lost and whose request can be told: it differs from the picked one by its seed alone."""
    for candidate in line.candidates:
        if candidate.action != line.action:
            render = render_action({**line.request, "seed": candidate.seed})
            if render.key == candidate.action:
                yield render.key, render.kind, render.components, {"pixels": candidate.pixels}, FACTS


def _texts(line: Line) -> Iterator[Entry]:
    """Enhanced prompts: how each came about is told by no line."""
    for upstream in line.upstream:
        if upstream.kind == "enhance" and _KEY.fullmatch(upstream.action) and is_usable(upstream):
            yield upstream.action, upstream.kind, b"", {"output": upstream.output}, FACTS


def _maps(line: Line) -> Iterator[Entry]:
    """A line does not tell the components of a map, so it is adopted without a trace."""
    for upstream in line.upstream:
        if upstream.kind == "condition" and _KEY.fullmatch(upstream.action):
            yield upstream.action, upstream.kind, b"", {"pixels": upstream.output}, FACTS


def adopt(lines: Iterable[Line], root: Path, blobs: Blobs, results: Results) -> list[Line]:
    """Puts back the published bytes of `lines` and what the lines tell; returns those whose bytes were there.

    An asset that is gone, or not the one that its line names, is passed over. Blobs are durable before the
    results that name them. Raises Problem (exit 1) for a file that cannot be read.
    """
    adopted: list[Line] = []
    rows: list[Entry] = []
    for line in lines:
        data = _read(root, line)
        if data is None:
            continue
        blobs.put(data)
        adopted.append(line)
        rows += entries(line, png_mode(data))
        if len(rows) >= _BATCH:
            blobs.sync()
            results.put_many(rows)
            rows = []
    blobs.sync()
    results.put_many(rows)
    return adopted


def taken(path: Path, pixels: str, blob: str | None, write: Callable[[Picture], bytes]) -> bytes | None:
    """The file of a render, taken from a picture at `path`: in its own bytes, if these are `blob`, else written again
    with its provenance by `write`. None unless it shows `pixels`. Raises OSError."""
    from calotype.ground.images import digest_of, eight_bit, open_image

    data = _bytes_at(path)
    try:
        picture = open_image(data) if data is not None else None
    except Problem:
        return None
    if data is None or picture is None or digest_of(picture) != pixels:
        return None
    return data if sha256(data) == blob else write(eight_bit(picture))


def png_mode(data: bytes) -> str:
    """The mode of 8-bit PNG bytes (L, LA, RGB, RGBA), by its header alone; empty for any other file."""
    return _MODES.get(data[25], "") if data.startswith(_PNG) and data[24:25] == b"\x08" else ""


def _read(root: Path, line: Line) -> bytes | None:
    with refusals("read", line.path):
        data = _bytes_at(root / line.path)
    return data if data is not None and sha256(data) == line.sha256 else None


def _bytes_at(path: Path) -> bytes | None:
    """What the file at `path` holds; None where there is none, or one that is larger than a picture may be."""
    try:
        data, _ = read_file(path, MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    return data if len(data) <= MAX_BYTES else None


def _scores(line: Line) -> Iterator[Entry]:
    """What judges gave counts under the key that today's judge would be asked by. A line does not tell its components:
    it is adopted without a trace."""
    for upstream in line.upstream:
        if upstream.kind in JUDGES and _KEY.fullmatch(upstream.action) and is_usable(upstream):
            yield upstream.action, upstream.kind, b"", {"output": upstream.output}, FACTS
