"""Actions: their components, their keys, and what changed between two of them. Must not know who runs an action.

One walk serves both ends: the canonical JSON of the components is what is hashed into the key and what is kept as
the trace, so an explanation reads just what the key was made of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.digest import canonical_json, sha256
from calotype.ground.light_dataclass import dataclass

_DIGEST = re.compile(rb"\b[0-9a-f]{64}\b")
IMPORT = "import"
"""The kind of the action that stands for a picture put in by hand, and of its note upstream in the manifest."""
PICK = "$pick"
"""`{"$pick": target}` stands in a request for the pixel digest of a target that is not picked yet."""
MADE = "$made"
"""`{"$made": action key}` stands in a request for the pixel digest of a control map."""


@dataclass(frozen=True, slots=True)
class Action:
    """A unit of work: its kind, its key, and the canonical components the key is the SHA-256 of."""

    kind: str
    key: str
    components: bytes

    @property
    def digests(self) -> set[str]:
        """All that its components name by digest: pictures, weights."""
        return {digest.decode() for digest in _DIGEST.findall(self.components)}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One component that differs. `field` is a dotted path; None stands for a component that is not there."""

    field: str
    old: Any
    new: Any


def make(kind: str, components: Mapping[str, Any]) -> Action:
    """The action of `kind` with these components (JSON values; inputs by digest, never by name or path)."""
    written = canonical_json({"action": kind, **components})
    return Action(kind, sha256(written), written)


def render_action(request: Mapping[str, Any]) -> Action:
    return make("render", {"request": request})


def import_action(pixels: str) -> Action:
    """The action that stands for a picture that was put in by hand, by its pixel digest. Nothing performs it."""
    return make(IMPORT, {"pixels": pixels})


def request_of(components: bytes) -> dict[str, Any]:
    """The request inside a render action's components."""
    request = json.loads(components)["request"]
    assert isinstance(request, dict)
    return request


def upstreams(value: Any, holder: str = PICK) -> Iterator[str]:
    """The targets whose picks a request holds a place for (`{"$pick": target}`), in the order it names them.

    With `holder` MADE, the keys of the control maps it holds a place for.
    """
    if isinstance(value, Mapping):
        if set(value) == {holder}:
            yield value[holder]
        else:
            yield from upstreams(list(value.values()), holder)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from upstreams(part, holder)


def settled(value: Any, known: Mapping[str, str | None]) -> Any:
    """`value` with the pixel digest in the place of each `{"$pick": target}` and `{"$made": key}`.

    Raises KeyError for one that is not among the `known`.
    """
    if isinstance(value, Mapping):
        for holder in (PICK, MADE):
            if set(value) == {holder}:
                return known[value[holder]]
        return {name: settled(part, known) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [settled(part, known) for part in value]
    return value


def picks_of(action: Action) -> list[str]:
    """The targets whose picks the components of `action` hold a place for."""
    return list(upstreams(json.loads(action.components))) if f'"{PICK}"'.encode() in action.components else []


def with_picks(action: Action, known: Mapping[str, str | None]) -> Action | None:
    """`action` with the pixel digests in the places of its picks; None while one of them is not known."""
    targets = picks_of(action)
    if not targets:
        return action
    if any(known.get(target) is None for target in targets):
        return None
    components = settled(json.loads(action.components), known)
    return make(components.pop("action"), components)


def changes(old: Any, new: Any) -> list[FieldChange]:
    """What differs between two requests, in the order of their field names."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    return [
        FieldChange(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf by its dotted path. A list of plain values is one leaf: people read it as one."""
    if isinstance(value, Mapping) and value:
        for name, part in value.items():
            yield from _leaves(part, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple) and any(isinstance(part, Mapping | list | tuple) for part in value):
        for index, part in enumerate(value):
            yield from _leaves(part, f"{path}[{index}]")
    else:
        yield path, list(value) if isinstance(value, tuple) else value
