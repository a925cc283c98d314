"""Props as a pose writes them, and as its canonical posture has them: a sorted list of names, some with options.

`[chair]`, `[{chair: {}}]` and `{chair: {}}` are `["chair"]`; `[{wall: {side: left}}]` is `[{"name": "wall", "side":
"left"}]`. Must not know whether what is written is right.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Entry = str | Mapping[str, Any]


def entries(value: Any) -> list[Entry]:
    """The canonical list of the props that a pose writes."""
    return _sorted(_entry(name, options) for name, options in pairs(value))


def pairs(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each prop that a pose writes, with what it says of it."""
    for item in [value] if isinstance(value, Mapping) else value:
        if isinstance(item, Mapping):
            yield from ((name, options or {}) for name, options in item.items())
        else:
            yield item, {}


def of(posture: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Each prop of a canonical posture, with its options."""
    return [
        (entry, {}) if isinstance(entry, str) else
        (str(entry["name"]), {key: item for key, item in entry.items() if key != "name"})
        for entry in posture.get("props", ())
    ]


def exchanged(listed: list[Entry], swap: Callable[[str], str]) -> list[Entry]:
    """The props with left and right exchanged in what is said of them."""
    return _sorted(
        entry if isinstance(entry, str) else {"name": entry["name"], **{
            key: _swapped(item, swap) for key, item in entry.items() if key != "name"}}
        for entry in listed
    )


def _swapped(value: Any, swap: Callable[[str], str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _swapped(item, swap) for key, item in value.items()}
    return swap(value) if isinstance(value, str) else value


def _entry(name: str, options: Mapping[str, Any]) -> Entry:
    return {"name": name, **{key: _plain(options[key]) for key in sorted(options)}} if options else name


def _plain(value: Any) -> Any:
    """Numbers as floats: 15 and 15.0 are the same height."""
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in sorted(value)}
    return round(float(value), 6) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _sorted(listed: Iterator[Entry]) -> list[Entry]:
    return sorted(listed, key=lambda entry: (entry, "") if isinstance(entry, str) else (
        entry["name"], json.dumps(entry, sort_keys=True)))
