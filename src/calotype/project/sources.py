"""The files that people write, found and read: specs, poses, calotype.yaml. Must not know what an image needs."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.digest import sha256
from calotype.ground.files import read_file
from calotype.ground.fingerprint import fingerprint_of
from calotype.ground.folders import CHARACTERS, PICKS, POSES, SPECS
from calotype.ground.light_dataclass import dataclass
from calotype.ground.paths import inside
from calotype.language.yaml.document import MAX_BYTES, Document, parse

_YAML = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Read:
    """A file's text, its SHA-256 and the fingerprint it had just before it was read."""

    file: str
    text: bytes
    sha256: str
    fingerprint: bytes


def spec_files(root: Path) -> list[str]:
    """Every spec, characters first since scenes speak of them; then by path. Poses and picks are not specs."""
    return sorted(yaml_files(root, SPECS, (POSES, PICKS)), key=order)


def order(file: str) -> tuple[bool, str]:
    """What specs are sorted by: characters first, then by path."""
    return not file.startswith(f"{CHARACTERS}/"), file


def yaml_files(root: Path, folder: str, without: Collection[str] = ()) -> Iterator[str]:
    """The YAML files at and below `folder`, hidden ones and those in folders `without` left out. Raises Problem for a
    link out of the project."""
    try:
        entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        name = f"{folder}/{entry.name}"
        if entry.name.startswith(".") or name in without:
            continue
        if entry.is_symlink():
            check_link(root, name)
        if is_folder(entry):
            if not entry.is_symlink():
                yield from yaml_files(root, name)
        elif entry.name.endswith(_YAML):
            yield name


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
    try:
        text, status = read_file(f"{root}/{file}", MAX_BYTES + 1)
    except OSError as cause:
        raise Problem(error("unreadable", f"cannot be read: {cause.strerror}", file=file)) from None
    return Read(file, text, sha256(text), fingerprint_of(status))


def document(root: Path, file: str) -> Document:
    return parse(read(root, file).text, file)


def picks_files(root: Path, folder: str = PICKS) -> Iterator[str]:
    """The picks files at and below `folder`, sorted, hidden ones left out; none where specs/picks is missing.

    Raises Problem for what hides decisions: a folder that cannot be listed or is reached by a link, a picks file that
    is a folder or a link out of the project.
    """
    if not os.path.lexists(root / folder):
        return
    for entry in _listing(root, folder):
        name = f"{folder}/{entry.name}"
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            check_link(root, name)
        if not is_folder(entry):
            if is_picks_file(name):
                yield name
        elif is_picks_file(name):
            raise Problem(_unreadable(name, "is a folder, where a picks file is expected"))
        else:
            yield from picks_files(root, name)


def is_picks_file(path: str) -> bool:
    """By its name: a YAML file below specs/picks that is not hidden, nor in a hidden folder."""
    return path.startswith(f"{PICKS}/") and path.endswith(_YAML) and "/." not in path


def _listing(root: Path, folder: str) -> list[os.DirEntry[str]]:
    if (root / folder).is_symlink():
        raise Problem(_unreadable(folder, "is a link: decisions are looked for in folders of the project alone"))
    try:
        return sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except OSError as cause:
        raise Problem(_unreadable(folder, f"cannot be read: {cause.strerror}")) from None


def _unreadable(path: str, message: str) -> Diagnostic:
    return error("unreadable", message, file=path, hint="decisions may stand there: put it right, or remove it")
