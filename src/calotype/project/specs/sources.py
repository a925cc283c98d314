"""The files that people write, found and read: specs, poses, calotype.yaml. Must not know what an image needs."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.digest import sha256
from calotype.ground.files import read_file
from calotype.ground.fingerprint import WIDTH, fingerprint_of
from calotype.ground.folders import CHARACTERS, PICKS, POSES, SPECS
from calotype.ground.light_dataclass import dataclass
from calotype.ground.paths import composed, inside
from calotype.ground.target_names import FOLDERS
from calotype.language.yaml.document import MAX_BYTES, Document, parse

_YAML = (".yaml", ".yml")
_ALIKE = (".txt", ".json")
"""What a decision may be called by mistake, and is not read by."""
_FOLDERS = frozenset(f"{above}/{kind}" for above in (SPECS, PICKS) for kind in FOLDERS)
"""Where specs and decisions are kept by their kind."""


@dataclass(frozen=True, slots=True)
class Read:
    """A file's text, its SHA-256 and the fingerprint it had just before it was read."""

    file: str
    text: bytes
    sha256: str
    fingerprint: bytes


_typed: ContextVar[tuple[str, bytes] | None] = ContextVar("typed", default=None)


@contextmanager
def typed(file: str, text: bytes) -> Iterator[None]:
    """For a block, and in its thread alone, `file` of whatever project is read as if it held `text`."""
    token = _typed.set((file, text))
    try:
        yield
    finally:
        _typed.reset(token)


def require_specs(root: Path) -> None:
    """Raises Problem where specs/ cannot be looked into: a project without specs has an empty folder, and one whose
    folder is missing is not to lose all that is published."""
    if not (root / SPECS).is_dir():
        message = "is no folder that can be read" if os.path.lexists(root / SPECS) else "there is no such folder"
        raise Problem(error("unreadable", message, file=SPECS,
                            hint="put it back; where there are to be no specs, make an empty folder"))
    if (root / SPECS).is_symlink():
        check_link(root, SPECS)


def spec_files(root: Path) -> list[str]:
    """Every spec, characters first since scenes speak of them; then by path. Poses and picks are not specs."""
    return sorted(yaml_files(root, SPECS, (POSES, PICKS)), key=order)


def order(file: str) -> tuple[bool, str]:
    """What specs are sorted by: characters first, then by path."""
    return not file.startswith(f"{CHARACTERS}/"), file


def yaml_files(root: Path, folder: str, without: Collection[str] = (), what: str = "specs") -> Iterator[str]:
    """The YAML files at and below `folder`, sorted, hidden ones and those in folders `without` left out; none where the
    folder is missing.

    Raises Problem for what hides files: a folder that cannot be listed or is reached by a link, a link to nowhere or
    out of the project, a folder where a file is expected, and the reverse; a name that is read on no system alike
    (`nod.YAML`), and among decisions one that an editor gave (`nod.yaml.txt`). `what` is what may stand there.
    """
    if not os.path.lexists(root / folder):
        return
    for entry in _listing(root, folder, what):
        name = f"{folder}/{entry.name}"
        if entry.name.startswith(".") or name in without:
            continue
        if entry.is_symlink():
            check_link(root, name)
        is_yaml = entry.name.endswith(_YAML)
        if is_folder(entry):
            if is_yaml:
                raise Problem(_unreadable(name, "is a folder, where a file is expected", what))
            yield from yaml_files(root, name, what=what)
        elif is_yaml:
            yield name
        elif (reason := _hides(entry, name)) is not None:
            raise Problem(_unreadable(name, reason, what))
        elif is_unread_name(entry.name, decisions=what != SPECS):
            stem, ending = os.path.splitext(entry.name)
            name_read = f"{stem.removesuffix('.yaml')}{ending.lower() if ending.lower() in _YAML else '.yaml'}"
            raise Problem(error("unread-name", f"is not read: its name ends in `{ending}`", file=name,
                                hint=f"call it `{name_read}`"))


def is_unread_name(name: str, *, decisions: bool) -> bool:
    """Whether a file that is not read may be meant to be: a note (`README.txt`) is not."""
    alike = (*_YAML, *_ALIKE) if decisions else _YAML
    return not name.endswith(_YAML) and name.lower().endswith(alike) and not name.lower().startswith((".", "readme"))


def _hides(entry: os.DirEntry[str], name: str) -> str | None:
    """Why what is neither a folder nor a YAML file may hide some: it stands where a folder of them is expected."""
    if entry.is_symlink() and not os.path.exists(entry.path):
        return "is a link to nowhere"
    if not entry.is_file():
        return "is a pipe or a device"
    return "is a file, where a folder is expected" if name in _FOLDERS else None


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Links followed; one that leads in a circle is none: whoever reads it is told."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def check_link(root: Path, name: str) -> None:
    try:
        inside(root, name)
    except ValueError as cause:
        raise Problem(error("path-outside", str(cause), file=name, hint="copy the file into the project")) from None


def is_text(path: str) -> bool:
    """Whether a path can be written down: on some systems a name is any bytes."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def read(root: Path, file: str) -> Read:
    """The file as it is now. Raises Problem when it is gone, cannot be read, or is larger than a spec may be."""
    if not is_text(file):
        shown = os.fsencode(file).decode("utf-8", "replace")
        raise Problem(error("unreadable", "the name is not UTF-8", file=shown, hint="rename the file, or its folder"))
    typed_now = _typed.get()
    if typed_now is not None and typed_now[0] == file:
        return Read(file, typed_now[1], sha256(typed_now[1]), bytes(WIDTH))
    try:
        text, status = read_file(f"{root}/{file}", MAX_BYTES + 1)
    except OSError as cause:
        raise Problem(error("unreadable", f"cannot be read: {cause.strerror}", file=file)) from None
    return Read(file, text, sha256(text), fingerprint_of(status))


def document(root: Path, file: str) -> Document:
    return parse(read(root, file).text, file)


def picks_files(root: Path) -> Iterator[str]:
    """The picks files, as `yaml_files` finds them; none where specs/picks is missing."""
    return yaml_files(root, PICKS, what="decisions")


def is_picks_file(path: str) -> bool:
    """By its name: a YAML file below specs/picks that is not hidden, nor in a hidden folder."""
    return path.startswith(f"{PICKS}/") and path.endswith(_YAML) and "/." not in path


def _listing(root: Path, folder: str, what: str) -> list[os.DirEntry[str]]:
    if folder != SPECS and (root / folder).is_symlink():
        raise Problem(_unreadable(folder, f"is a link: {what} are looked for in folders of the project alone", what))
    try:
        entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except OSError as cause:
        raise Problem(_unreadable(folder, f"cannot be read: {cause.strerror}", what)) from None
    _require_no_twins(folder, [entry.name for entry in entries])
    return entries


def has_twin(root: Path, path: str) -> bool:
    """Whether one of the names in `path` stands twice in its folder, in two spellings of its accents."""
    place = root
    for name in () if path.isascii() else path.rstrip("/").split("/"):
        try:
            entries = () if name.isascii() else os.listdir(place)
        except OSError:
            return False
        if sum(composed(entry) == composed(name) for entry in entries) > 1:
            return True
        place /= name
    return False


def _require_no_twins(folder: str, names: list[str]) -> None:
    """Raises Problem for two names that differ in the spelling of their accents alone (NFC, NFD), as a copy from a Mac
    beside its original: whatever names one, as a decision or a manifest does, would mean either."""
    spelled: dict[str, str] = {}
    for name in names:
        if spelled.setdefault(composed(name), name) != name:
            message = "stands twice here: two names that differ only in how their accents are spelled (NFC and NFD)"
            raise Problem(error("twin-names", message, file=f"{folder}/{composed(name)}",
                                hint="keep one of them: `ls -b` tells them apart"))


def _unreadable(path: str, message: str, what: str) -> Diagnostic:
    return error("unreadable", message, file=path, hint=f"{what} may stand there: put it right, or remove it")
