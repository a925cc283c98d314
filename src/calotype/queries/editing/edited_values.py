"""Single values of a spec, written at their places in its text. Must not know what they mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem, error
from calotype.ground.folders import MARKER
from calotype.ground.light_dataclass import dataclass
from calotype.language.yaml.document import Pointer, parse
from calotype.language.yaml.editing.edits import REMOVED, edited
from calotype.queries.editing.spec_text import Edit, SpecText, read_text, refuse_stale, write_texts
from calotype.queries.editing.typed_text import diagnose

Change = tuple[Pointer, Any]
"""A place, and the value there; None for none. The place () is a mapping that is the whole file."""


@dataclass(frozen=True, slots=True)
class FileChanges:
    """What is to change in the file at `path`, and the SHA-256 of what was read."""

    path: str
    before: str
    changes: Sequence[Change]


def write_values(root: Path, path: str, before: str, changes: Sequence[Change]) -> SpecText:
    """Writes the values into the file at `path`, and leaves every other byte of it as it is. `before` is the SHA-256 of
    what was read.

    Raises Problem, and writes nothing, where the file is another one by now (`stale-file`), a place is not there or is
    taken over by others, or the file would have an error then, or cannot be checked since calotype.yaml has one.
    """
    return write_values_of(root, [FileChanges(path, before, changes)])[0]


def write_values_of(root: Path, files: Sequence[FileChanges]) -> list[SpecText]:
    """Writes values into several files, of each as `write_values`: all or none (`write_texts`). Raises Problem also
    where a file is named twice."""
    names = [file.path for file in files]
    if len({*names}) < len(names):
        raise Problem(error("edit-place", "a file is named twice"))
    texts = [(read_text(root, file.path), file) for file in files]
    edits = [Edit(file.path, _changed(root, now, file), file.before) for now, file in texts]
    written = {spec.path: spec for spec in write_texts(
        root, [edit for edit, (now, _) in zip(edits, texts, strict=True) if edit.text != now.text])}
    return [written.get(now.path, now) for now, _ in texts]


def _changed(root: Path, now: SpecText, file: FileChanges) -> str:
    """The text with the values in it, which has no error."""
    path, data = file.path, now.text.encode()
    refuse_stale(data, path, file.before)
    after = edited(data, path, [*_single(parse(data, path).data, file.changes)])
    decisive = (path, MARKER, None)
    errors = [each for each in diagnose(root, path, after) if each.severity == "error" and each.file in decisive]
    if errors:
        raise Problem(errors)
    return after.decode()


def _single(data: Any, changes: Sequence[Change]) -> Iterator[Change]:
    for pointer, value in changes:
        if pointer or not isinstance(value, dict):
            yield pointer, REMOVED if value is None else value
            continue
        yield from (((key,), each) for key, each in value.items())
        yield from (((key,), REMOVED) for key in data if key not in value)
