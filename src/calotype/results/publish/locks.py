"""The manifest's first file: schema version, config digest, weight locks. Must not know any line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from calotype.ground.diagnostics import Diagnostic, Problem, error, warning
from calotype.ground.light_dataclass import dataclass, field

SCHEMA = 1
"""No lower number was ever published: such a file is read as version 1, and written again as it."""


@dataclass(frozen=True, slots=True)
class Locks:
    config: str = ""
    weights: Mapping[str, str] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()


def to_bytes(config: str, weights: Mapping[str, str]) -> bytes:
    """One weight a line, sorted, so that branches that add weights merge."""
    row = {"schema": SCHEMA, "config": config, "weights": dict(sorted(weights.items()))}
    return (json.dumps(row, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")


def read(data: bytes | None, file: str) -> Locks:
    """What `to_bytes` wrote. Damage is a warning; a newer schema raises Problem (exit 2)."""
    if data is None:
        return Locks()
    row = _parse(data, file)
    if row is not None:
        return Locks(*_values(row))
    sides = [row for row in (_parse(side, file) for side in _sides(data)) if row is not None]
    hint = "`calotype build` writes it again"
    if len(sides) < 2:
        return Locks(diagnostics=(warning("manifest-damaged", "the manifest is not readable", file=file, hint=hint),))
    number = data[: data.index(b"<<<<<<<")].count(b"\n") + 1
    diagnostic = warning("manifest-merge", "the manifest holds merge markers", file=file, line=number, hint=hint)
    return _merged(sides[0], sides[1], diagnostic)


def _merged(left: dict[str, Any], right: dict[str, Any], diagnostic: Diagnostic) -> Locks:
    """What the two sides agree on, or only one speaks of. A weight they lock differently is unlocked."""
    (left_config, left_weights), (right_config, right_weights) = _values(left), _values(right)
    both = {**right_weights, **left_weights}
    agreed = {name: value for name, value in both.items() if right_weights.get(name, value) == value}
    return Locks(left_config if left_config == right_config else "", agreed, (diagnostic,))


def _parse(data: bytes, file: str) -> dict[str, Any] | None:
    try:
        row = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict):
        return None
    schema = row.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        message = f"the manifest has schema version {schema}; this Calotype knows {SCHEMA}"
        raise Problem(error("manifest-newer", message, file=file, hint="upgrade Calotype"))
    return row


def _values(row: dict[str, Any]) -> tuple[str, dict[str, str]]:
    config, weights = row.get("config"), row.get("weights")
    pairs = weights.items() if isinstance(weights, dict) else ()
    locked = {name: value for name, value in pairs if isinstance(value, str)}
    return config if isinstance(config, str) else "", locked


def _sides(data: bytes) -> tuple[bytes, bytes]:
    """The two files that a merge wrote into one."""
    sides: tuple[list[bytes], list[bytes]] = ([], [])
    into: tuple[int, ...] = (0, 1)
    for line in data.splitlines(keepends=True):
        marker = {b"<<<<<<<": (0,), b"|||||||": (), b"=======": (1,), b">>>>>>>": (0, 1)}.get(line[:7])
        if marker is not None:
            into = marker
            continue
        for side in into:
            sides[side].append(line)
    return b"".join(sides[0]), b"".join(sides[1])
