"""YAML text in which some values are changed, and every other byte is as it was. Must not know what a value means.

What differs between the data before and after is found first, down to single values; each is then put at its place in
the text. The result is read again: what would say anything else than what was asked for is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any

from calotype.ground.diagnostics import Problem, error
from calotype.language.yaml.document import Pointer, parse
from calotype.language.yaml.editing.emitting import Unplaced
from calotype.language.yaml.editing.patching import put, removed

REMOVED: Any = object()
"""In the place of a value: there is to be none."""
_BOM = "\ufeff"


def edited(text: bytes, file: str, changes: Sequence[tuple[Pointer, Any]]) -> bytes:
    """`text` with the value at each pointer changed, or REMOVED. Mappings on the way that are not there are made.

    Comments, order, quoting and line ends of all else stay. Raises Problem for text that `parse` refuses, for a pointer
    into what is no mapping or list (`edit-place`), and where another place of the file takes the value over, by an
    alias or a merge (`edit-shared`).
    """
    before = parse(text, file).data
    after = deepcopy(dict(before))
    for pointer, value in changes:
        _set(after, pointer, value, file)
    body = text.decode()
    mark = _BOM if body.startswith(_BOM) else ""
    body = body.removeprefix(_BOM)
    try:
        for pointer, value in _differences(before, after, ()):
            body = removed(body, pointer) if value is REMOVED else put(body, pointer, value)
    except Unplaced:
        raise Problem(_shared(file)) from None
    result = (mark + body).encode()
    try:
        same = parse(result, file).data == after
    except Problem:
        same = False
    if not same:
        raise Problem(_shared(file))
    return result


def _shared(file: str) -> Any:
    return error("edit-shared", "cannot be changed here alone: another place of the file takes it over, or it does so",
                 file=file, hint="anchors (`&`), aliases (`*`) and merges (`<<`) are edited as text")


def _set(data: Any, pointer: Pointer, value: Any, file: str) -> None:
    """Puts `value` at `pointer` of `data`, which is changed."""
    if not pointer:
        raise Problem(error("edit-place", "the whole of a file is edited as text", file=file))
    for part, following in pairwise(pointer):
        if isinstance(data, dict) and isinstance(part, str) and isinstance(following, str):
            data = data.setdefault(part, {})
        else:
            data = _child(data, part, file)
    last = pointer[-1]
    if isinstance(data, dict) and isinstance(last, str):
        if value is REMOVED:
            data.pop(last, None)
        else:
            data[last] = deepcopy(value)
    elif value is REMOVED:
        raise Problem(error("edit-place", f"`{last}` is no key of a mapping, and cannot be taken out", file=file))
    else:
        _child(data, last, file)
        data[last] = deepcopy(value)


def _child(data: Any, part: str | int, file: str) -> Any:
    if isinstance(data, dict) and part in data:
        return data[part]
    if isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data):
        return data[part]
    raise Problem(error("edit-place", f"there is no `{part}` at this place", file=file))


def _differences(before: Any, after: Any, at: Pointer) -> Iterator[tuple[Pointer, Any]]:
    """The single changes that lead from one value to the other; of a mapping some key is there all the while."""
    if isinstance(before, Mapping) and isinstance(after, Mapping) and before and after:
        for key in (key for key in before if key in after):
            yield from _differences(before[key], after[key], (*at, key))
        yield from (((*at, key), after[key]) for key in after if key not in before)
        yield from (((*at, key), REMOVED) for key in before if key not in after)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _differences(old, new, (*at, index))
    elif before != after or type(before) is not type(after):
        yield at, after
