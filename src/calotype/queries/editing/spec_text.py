"""The text of one spec, pose or calotype.yaml, read and written as an editor does. Must not know what it says."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from calotype.ground.atomic import TEMP_PREFIX, TEMP_SUFFIX, point, replace, stage_bytes, sync_directories
from calotype.ground.diagnostics import Problem, error
from calotype.ground.digest import sha256
from calotype.ground.files import read_file
from calotype.ground.folders import MARKER, PICKS, SPECS
from calotype.ground.light_dataclass import dataclass
from calotype.ground.paths import inside
from calotype.language.yaml.document import MAX_BYTES

NONE = ""
"""In the place of a digest: there was no file."""
_NAME = re.compile(r"[^\x00-\x1f\x7f\\:/.][^\x00-\x1f\x7f\\:/]*")
_LONGEST_PATH = 512
_HALF_DONE_AFTER = 60.0
"""Seconds after which a temporary file is one that a kill has left."""


@dataclass(frozen=True, slots=True)
class SpecText:
    """A file as it was read: its path in the project, its text, and the SHA-256 of its bytes."""

    path: str
    text: str
    sha256: str


def read_text(root: Path, path: str) -> SpecText:
    """The file at `path`. Raises Problem for a path that is none of a spec, a pose or calotype.yaml (`spec-path`), for
    one where no file is (`unknown-spec`), for more than a spec may hold, and for what is not UTF-8."""
    place = spec_path(root, path)
    data = _data(place, path)
    if data is None:
        raise Problem(error("unknown-spec", f"there is no file `{path}`", file=path,
                            hint="it was moved or removed, perhaps meanwhile"))
    return SpecText(path, _decoded(data, path), sha256(data))


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to stand at `path`, and the SHA-256 of what was there when it was read, NONE for a new file."""

    path: str
    text: str
    before: str


def write_text(root: Path, path: str, text: str, before: str) -> SpecText:
    """Puts `text` at `path`, whole or not at all, with the rights that the file had.

    `before` is the SHA-256 of what was there when it was read, NONE for a new file. Raises Problem (`stale-file`) where
    something else is there now, and as `read_text` does; then nothing is written.
    """
    return write_texts(root, [Edit(path, text, before)])[0]


def write_texts(root: Path, edits: Sequence[Edit]) -> list[SpecText]:
    """Makes several edits, each as `write_text`, of different files: all or none.

    All are on the disk before the first takes its place, and what stood there is looked at just before that: an edit by
    another in the microseconds between is overwritten. Where the disk refuses one, those before it are taken back. A
    kill between two leaves the first ones made; each file is whole, and the next save removes what is left half done.
    """
    staged = _Staged(several=len(edits) > 1)
    try:
        for edit in edits:
            staged.add(spec_path(root, edit.path), edit)
        for edit in edits:
            refuse_stale(_data(spec_path(root, edit.path), edit.path), edit.path, edit.before)
        staged.put_in_place()
    finally:
        staged.clear()
    return [SpecText(edit.path, edit.text, sha256(edit.text.encode())) for edit in edits]


class _Staged:
    """New texts beside their places, and, of `several`, what stood in those, to be put back."""

    def __init__(self, *, several: bool) -> None:
        self._several = several
        self._new: list[tuple[Path, Path]] = []
        self._old: dict[Path, Path] = {}

    def add(self, place: Path, edit: Edit) -> None:
        data, old = encoded(edit.text, edit.path), _data(place, edit.path)
        refuse_stale(old, edit.path, edit.before)
        real = Path(os.path.realpath(place))
        _tidy(real.parent)
        new = stage_bytes(real.parent, data)
        self._new.append((new, real))
        if old is not None:
            mode = stat.S_IMODE(os.stat(place).st_mode)
            new.chmod(mode)
            if self._several:
                self._old[real] = stage_bytes(real.parent, old, durable=False)
                self._old[real].chmod(mode)

    def put_in_place(self) -> None:
        point("atomic.staged")
        done: list[Path] = []
        try:
            for new, place in self._new:
                replace(new, place)
                done.append(place)
                point("edit-renamed")
        except OSError:
            self._take_back(done)
            raise
        point("atomic.renamed")
        sync_directories({place.parent for place in done})

    def _take_back(self, done: Sequence[Path]) -> None:
        for place in done:
            with suppress(OSError):
                if place in self._old:
                    replace(self._old[place], place)
                else:
                    place.unlink()

    def clear(self) -> None:
        """Removes what was not needed."""
        for path in (*(new for new, _ in self._new), *self._old.values()):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _tidy(folder: Path) -> None:
    """Removes what a save that was killed has left half done: whoever writes one takes no minute over it."""
    with suppress(OSError):
        for name in os.listdir(folder):
            path = folder / name
            if name.startswith(TEMP_PREFIX) and name.endswith(TEMP_SUFFIX) and (
                    time.time() - path.lstat().st_mtime > _HALF_DONE_AFTER):
                path.unlink()


def refuse_stale(data: bytes | None, path: str, before: str) -> None:
    """Raises Problem (`stale-file`) unless `data` is what was read `before`."""
    now = NONE if data is None else sha256(data)
    if now != before:
        what = "was removed" if data is None else "is there already" if before == NONE else "was changed"
        raise Problem(error("stale-file", f"`{path}` {what} meanwhile; nothing was written", file=path,
                            hint="look at what is there now, and save again"))


def spec_path(root: Path, path: str) -> Path:
    """Where the file at `path` is, or would be. Raises Problem for what is no spec, pose or calotype.yaml inside the
    project."""
    parts = path.split("/")
    is_spec = parts[0] == SPECS and len(parts) > 1 and path.endswith((".yaml", ".yml"))
    if path != MARKER and not (is_spec and len(path) <= _LONGEST_PATH and all(map(_NAME.fullmatch, parts))):
        raise Problem(error("spec-path", f"`{path[:80]}` is no spec, pose or calotype.yaml of this project",
                            hint=f"it is `{MARKER}`, or ends in .yaml and lies in `{SPECS}`"))
    if path.startswith(f"{PICKS}/"):
        raise Problem(error("spec-path", f"`{path}` holds decisions, which are not edited as text", file=path,
                            hint="pick, approve, reject, and undo"))
    try:
        return inside(root, path)
    except ValueError as cause:
        raise Problem(error("path-outside", str(cause), file=path, hint="copy the file into the project")) from None


def _data(place: Path, path: str) -> bytes | None:
    """The bytes of the file; None where there is nothing at all."""
    if not os.path.lexists(place):
        return None
    try:
        data, _ = read_file(place, MAX_BYTES + 1)
    except IsADirectoryError:
        raise Problem(error("unreadable", "is no file", file=path)) from None
    except OSError as refusal:
        raise Problem(error("unreadable", f"cannot be read: {refusal.strerror}", file=path)) from None
    _limit(data, path)
    return data


def _decoded(data: bytes, path: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as cause:
        line = data.count(b"\n", 0, cause.start) + 1
        raise Problem(error("yaml-encoding", f"byte {data[cause.start]:#04x} is not UTF-8", file=path, line=line,
                            hint="save the file as UTF-8, by an editor that reads what it is in")) from None


def encoded(text: str, path: str) -> bytes:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise Problem(error("yaml-encoding", "the text holds half a character (a lone surrogate)", file=path)) from None
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise Problem(error("yaml-syntax", "the character U+0000 is not allowed in text", file=path, line=line))
    _limit(data, path)
    return data


def _limit(data: bytes, path: str) -> None:
    if len(data) > MAX_BYTES:
        raise Problem(error("yaml-limit", f"more than {MAX_BYTES:,} bytes, which a file may hold", file=path,
                            hint="split it into several files"))
