"""What people decided of pictures, found by the render that a decision binds, in whatever file it stands.

It must not know which decision counts for which target, nor what that changes.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.folders import PICKS
from calotype.ground.light_dataclass import dataclass
from calotype.language.decisions import Decision, read_picks
from calotype.project import sources

_YAML = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision, and where it stands: `number` counts from 0 within the file."""

    decision: Decision
    file: str
    number: int

    def line(self, root: Path) -> int | None:
        """The line at which it begins; None where the file has changed since it was read."""
        try:
            return sources.document(root, self.file).place(("decisions", self.number))[0]
        except Problem:
            return None


class Decisions:
    """The decisions of a project, read when one is first asked for. A file that cannot be read is an error in
    `diagnostics`; no decision is missed in silence."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._entries: list[Entry] | None = None
        self._named: dict[str, list[Entry]] = {}
        self.diagnostics: list[Diagnostic] = []

    def every(self) -> list[Entry]:
        """All decisions, by file and in the order of each file."""
        if self._entries is None:
            self._entries = []
            for file in self._files():
                self._read(file)
        return self._entries

    def naming(self, names: Iterable[str]) -> list[Entry]:
        """The decisions that hold one of `names`, which are render keys, pixel digests or targets, in order."""
        if not self.every():
            return []
        named = {id(entry): entry for name in names for entry in self._named.get(name, ())}
        return sorted(named.values(), key=lambda entry: (entry.file, entry.number))

    def _read(self, file: str) -> None:
        assert self._entries is not None
        try:
            decisions = read_picks(sources.read(self._root, file).text, file)
        except Problem as problem:
            self.diagnostics += problem.diagnostics
            return
        for number, decision in enumerate(decisions):
            entry = Entry(decision, file, number)
            self._entries.append(entry)
            for name in (decision.action, decision.pixels, decision.target):
                self._named.setdefault(name, []).append(entry)

    def _files(self) -> Iterator[str]:
        try:
            yield from picks_files(self._root)
        except Problem as problem:
            self.diagnostics += problem.diagnostics


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
            sources.check_link(root, name)
        if entry.is_dir():
            if entry.name.endswith(_YAML):
                raise Problem(_unreadable(name, "is a folder, where a picks file is expected"))
            yield from picks_files(root, name)
        elif entry.name.endswith(_YAML):
            yield name


def _listing(root: Path, folder: str) -> Collection[os.DirEntry[str]]:
    if (root / folder).is_symlink():
        raise Problem(_unreadable(folder, "is a link: decisions are looked for in folders of the project alone"))
    try:
        return sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except OSError as cause:
        raise Problem(_unreadable(folder, f"cannot be read: {cause.strerror}")) from None


def _unreadable(path: str, message: str) -> Diagnostic:
    return error("unreadable", message, file=path, hint="decisions may stand there: put it right, or remove it")
