"""Single values of a spec, written at their places in its text. Must not know what they mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem
from calotype.ground.folders import MARKER
from calotype.language.yaml.document import Pointer, parse
from calotype.language.yaml.editing.edits import REMOVED, edited
from calotype.queries.editing.spec_text import SpecText, read_text, refuse_stale, write_text
from calotype.queries.editing.typed_text import diagnose

Change = tuple[Pointer, Any]
"""A place, and the value there; None for none. The place () is a mapping that is the whole file."""


def write_values(root: Path, path: str, before: str, changes: Sequence[Change]) -> SpecText:
    """Writes the values into the file at `path`, and leaves every other byte of it as it is. `before` is the SHA-256 of
    what was read.

    Raises Problem, and writes nothing, where the file is another one by now (`stale-file`), a place is not there or is
    taken over by others, or the file would have an error then, or cannot be checked since calotype.yaml has one.
    """
    now = read_text(root, path)
    data = now.text.encode()
    refuse_stale(data, path, before)
    after = edited(data, path, [*_single(parse(data, path).data, changes)])
    decisive = (path, MARKER, None)
    errors = [each for each in diagnose(root, path, after) if each.severity == "error" and each.file in decisive]
    if errors:
        raise Problem(errors)
    return now if after == data else write_text(root, path, after.decode(), before)


def _single(data: Any, changes: Sequence[Change]) -> Iterator[Change]:
    for pointer, value in changes:
        if pointer or not isinstance(value, dict):
            yield pointer, REMOVED if value is None else value
            continue
        yield from (((key,), each) for key, each in value.items())
        yield from (((key,), REMOVED) for key in data if key not in value)
