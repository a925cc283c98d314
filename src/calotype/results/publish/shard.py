"""One file of the manifest: lines by target, and what merges or crashes left. Must not know what lines mean.

Lines stay as bytes until one is asked for: an edited spec parses its own few lines among fifteen hundred.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from calotype.ground.diagnostics import Diagnostic, warning
from calotype.ground.light_dataclass import dataclass, field
from calotype.results.publish.line import from_bytes, head

_OURS, _BASE, _MIDDLE, _THEIRS = b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>"
_BEGUN = re.compile(rb'\{"target":"([a-z0-9_/-]+)",(?:"path":"([^"\\]+)",)?')
_RECONCILE = "`calotype build` reconciles it from specs and assets"


@dataclass(slots=True)
class Shard:
    """`rows` holds the line of each target; `disputed`, all of a target that the file gives several.

    `damaged` are lines that cannot be believed, by the target that they begin with: they stay in the file until the
    target has a new one. `changed` says that the file is to be written: from the start, where it is not in order.
    """

    file: str
    rows: dict[str, bytes] = field(default_factory=dict)
    disputed: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    damaged: dict[str, bytes] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    changed: bool = False

    def put(self, target: str, data: bytes) -> None:
        doubtful = self.disputed.pop(target, None), self.damaged.pop(target, None)
        if doubtful != (None, None) or self.rows.get(target) != data:
            self.rows[target] = data
            self.changed = True

    def drop(self, target: str) -> None:
        had = self.rows.pop(target, None), self.disputed.pop(target, None), self.damaged.pop(target, None)
        self.changed = self.changed or had != (None, None, None)

    def disbelieve(self, target: str) -> None:
        """The line of `target` proves damaged."""
        self.damaged[target] = self.rows.pop(target)

    def torn(self) -> Iterator[tuple[str, str | None]]:
        """The target of each damaged line, and the path of its asset, where the line still tells it."""
        for target, data in sorted(self.damaged.items()):
            begun = _BEGUN.match(data)
            yield target, begun[2].decode("utf-8", "replace") if begun is not None and begun[2] else None

    def every(self) -> Iterator[bytes]:
        """Every line, disputed ones with all their versions, damaged ones as they are, sorted by target."""
        for target in sorted(self.rows.keys() | self.disputed.keys() | self.damaged.keys()):
            yield from self.disputed.get(target) or (self.rows.get(target) or self.damaged[target],)

    def to_bytes(self) -> bytes:
        return b"".join(data + b"\n" for data in self.every())


def read(data: bytes, file: str, assets: str) -> Shard:
    """The shard written in `data`. What cannot be used is left out, and told as a warning with its place: also a line
    that claims what is not below `assets`, where other files than ours lie."""
    shard = Shard(file)
    lines = data.split(b"\n")
    unended = len(lines) - 1 if lines[-1] else -1
    in_base = False
    for index, raw in enumerate(lines):
        heading = head(raw)
        if heading is not None and not in_base and index != unended and heading[1].startswith(assets):
            _add(shard, heading[0], raw, index + 1)
        elif plain := raw.rstrip(b"\r"):
            in_base = _unusual(shard, plain, index + 1, in_base, assets)
    in_order = len(shard.rows) == len(lines) - 1 and list(shard.rows) == sorted(shard.rows)
    for target in shard.disputed:
        shard.rows.pop(target, None)
    for target in shard.damaged.keys() & (shard.rows.keys() | shard.disputed.keys()):
        del shard.damaged[target]
    shard.changed = bool(data) and not in_order and shard.to_bytes() != data
    return shard


def _unusual(shard: Shard, raw: bytes, number: int, in_base: bool, assets: str) -> bool:
    """A marker, a line of a merge's base or of another hand, or damage. Returns whether a base goes on."""
    marker = raw[:7]
    if marker == _OURS:
        _warn(shard, "manifest-merge", "the manifest holds merge markers", number)
    if marker in (_OURS, _BASE, _MIDDLE, _THEIRS):
        return marker == _BASE
    if in_base:
        return True
    try:
        line = from_bytes(raw)
        if not line.path.startswith(assets):
            raise ValueError(f"its asset does not lie in {assets}")
        _add(shard, line.target, raw, number)
    except ValueError as problem:
        _warn(shard, "manifest-damaged", f"this line of the manifest is ignored: {problem}", number)
        begun = _BEGUN.match(raw)
        if begun is not None:
            shard.damaged.setdefault(begun[1].decode(), raw)
    return False


def _warn(shard: Shard, code: str, message: str, number: int) -> None:
    shard.diagnostics.append(warning(code, message, file=shard.file, line=number, hint=_RECONCILE))


def _add(shard: Shard, target: str, raw: bytes, number: int) -> None:
    first = shard.rows.setdefault(target, raw)
    if first is raw or first == raw:
        return
    if target not in shard.disputed:
        _warn(shard, "manifest-merge", f"the manifest says two things of `{target}`", number)
    versions = (*shard.disputed.get(target, (first,)), raw)
    shard.disputed[target] = tuple(dict.fromkeys(versions))
