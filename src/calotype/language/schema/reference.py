"""What is wrong with a document, by jsonschema, the reference implementation.

It takes 60 ms to import and 20 us for each value, so it is asked only where a document was refused, and about no more
of a huge one than bounds allow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

MAX_VALUES = 10_000
"""How many values of a document are looked at."""
LONG = 100
"""The most items of a list of words in any schema: no list of up to so many is cut."""


def errors(schema: Mapping[str, Any], data: Any) -> Iterator[ValidationError]:
    """The errors of `data`, each as it is found; of a huge document, those at its beginning."""
    yield from _VALIDATOR(schema).iter_errors(_beginning(data, [MAX_VALUES]))


def errors_at(schema: Mapping[str, Any], data: Any, way: Sequence[str | int]) -> Iterator[ValidationError]:
    """The errors of that part of `data` which the pointer `way` leads through."""
    narrowed, skipped = _narrowed(data, list(way))
    for error in _VALIDATOR(schema).iter_errors(narrowed):
        for depth, index in skipped.items():
            if depth < len(error.path):
                error.path[depth] = index
        yield error


def _beginning(value: Any, left: list[int]) -> Any:
    """`value` with its long lists and mappings cut once `left` values have been seen; no item is cut in its
    middle."""
    left[0] -= 1
    if isinstance(value, dict):
        return {key: _beginning(item, left) for key, item in islice(value.items(), LONG * 10)}
    if isinstance(value, list):
        return [_beginning(item, left) for item in value if left[0] > 0 or len(value) <= LONG]
    return value


def _narrowed(data: Any, way: list[Any]) -> tuple[Any, dict[int, int]]:
    """`data` with little beside what `way` leads through; of a long list that item alone.

    Beside it, by depth in `way`: the index that the item had.
    """
    skipped: dict[int, int] = {}
    left = [MAX_VALUES]

    def narrow(value: Any, depth: int) -> Any:
        if depth == len(way):
            return value
        step = way[depth]
        inner = narrow(value[step], depth + 1)
        if isinstance(value, dict):
            beside = [(key, _beginning(item, left)) for key, item in islice(value.items(), LONG) if key != step]
            return dict([*beside, (step, inner)])
        if len(value) <= LONG:
            return [*value[:step], inner, *value[step + 1:]]
        skipped[depth] = step
        return [inner]

    return narrow(data, 0), skipped


def _pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[ValidationError]:
    """As JSON Schema means it: `$` is the end of the text, where Python's stands before a last newline as well."""
    if isinstance(value, str) and not _compiled(pattern).search(value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("$", r"\Z"))


_VALIDATOR = extend(Draft202012Validator, {"pattern": _pattern})
