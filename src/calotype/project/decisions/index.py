"""What people decided of pictures, found by the render that a decision binds, in whatever file it stands.

It must not know which decision counts for which target, nor what that changes.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.ground.light_dataclass import dataclass
from calotype.ground.target_names import spec_key_of
from calotype.language.decisions import Decision, read_picks
from calotype.project.decisions.record import DecisionMemory
from calotype.project.specs import sources
from calotype.store.page_memory import Update
from calotype.store.state import State


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision, and where it stands: `number` counts from 0 within the file."""

    decision: Decision
    file: str
    number: int

    @property
    def names(self) -> tuple[str, str, str]:
        """What it can be found by."""
        return self.decision.action, self.decision.pixels, self.decision.target

    def line(self, root: Path) -> int | None:
        """The line at which it begins; None where the file has changed since it was read."""
        try:
            return sources.document(root, self.file).place(("decisions", self.number))[0]
        except Problem:
            return None


class Decisions:
    """The decisions of a project, each file read when one of its decisions is first asked for.

    A file that cannot be read is an error in `diagnostics`; no decision is missed in silence. `asked` are the targets
    that were found to ask for a decided render, or to keep it, by its key; `consulted` the specs whose requests were
    compared with those of other specs, by file.
    """

    def __init__(self, root: Path, state: State) -> None:
        self._root, self._state = root, state
        self._memory = DecisionMemory(state.pages)
        self._changed: frozenset[str] | None = None
        self._files: dict[str, tuple[Entry, ...]] = {}
        self._named: dict[str, list[Entry]] = {}
        self._searched: set[str] = set()
        self._everything = self._nothing_before = False
        self.diagnostics: list[Diagnostic] = []
        self.asked: dict[str, set[str]] = {}
        self.consulted: dict[str, set[str]] = {}

    @property
    def remembered(self) -> bool:
        """Whether the memory of the last build speaks for the files that are not changed since."""
        return self._changed is not None and self._state.damaged is None

    def trust_memory(self, changed: Collection[str]) -> bool:
        """Reads only the files `changed` since the last build, and takes the others as that build left them. False
        where it left no memory of them."""
        if self._memory.whole:
            self._changed, self._nothing_before = frozenset(changed), self._memory.empty
            for file in sorted(self._changed):
                if os.path.lexists(self._root / file):
                    self._read(file)
        return self.remembered

    def every(self) -> list[Entry]:
        """All decisions, by file and in the order of each file, read anew."""
        if not self._everything:
            self._everything = True
            try:
                for file in sources.picks_files(self._root):
                    self._read(file)
            except Problem as problem:
                files = {diagnostic.file for diagnostic in self.diagnostics}
                self.diagnostics += [diagnostic for diagnostic in problem.diagnostics if diagnostic.file not in files]
        return [entry for file in sorted(self._files) for entry in self._files[file]]

    def naming(self, names: Iterable[str]) -> list[Entry]:
        """The decisions that hold one of `names`, which are render keys, pixel digests or targets, in order."""
        sought = list(names)
        if self.remembered and not (self._everything or self._nothing_before):
            for name in sought:
                self._recall(name)
        if not self.remembered:
            self.every()
        if not self._named:
            return []
        entries = {entry for name in sought for entry in self._named.get(name, ())}
        return sorted(entries, key=lambda entry: (entry.file, entry.number))

    def planned(self, file: str) -> tuple[Entry, ...]:
        """What a file held when a build or a query looked at decisions for the first time, whatever it holds now."""
        if self.remembered and file not in (self._changed or ()):
            self._recall_file(file)
        return self._files.get(file, ())

    def changed(self) -> list[Entry]:
        """The decisions of files that changed since the last build; all, where nothing is known of that."""
        if not self.remembered:
            return self.every()
        return [entry for file in sorted(self._changed or ()) for entry in self._files.get(file, ())]

    def before(self) -> list[Decision]:
        """What the last build found in the files that have changed since."""
        return [decision for file in self._changed or () for decision in self._memory.decisions(file)]

    def unread_before(self) -> list[Entry]:
        """The decisions in unchanged files that the last build found to be read by nobody."""
        if not self.remembered:
            return []
        unread = []
        for file, numbers in self._memory.unread().items():
            if file not in (self._changed or ()):
                self._recall_file(file)
                unread += [entry for entry in self._files[file] if entry.number in numbers]
        return unread

    def asked_before(self, file: str) -> list[str]:
        """The decided renders that a spec file asked for at the last build, by their keys."""
        key = self._state.key_of(file)
        return self._memory.asked(key) if key is not None else []

    def dependants(self, spec_key: str) -> list[str]:
        """The spec files whose decisions depend on what the spec `exercises/chin_tuck` asks for."""
        return self._memory.dependants(spec_key)

    def update(self, looked_into: Collection[str], unread: Iterable[Entry]) -> Update:
        """What is to be remembered of the decisions as they were found, when the specs `looked_into` were planned."""
        if not self.remembered:
            self.every()
        files = {file: self._files.get(file, ()) for file in (self._changed if self.remembered else self._files) or ()}
        consulted = {file: self.consulted.get(file, set()) for file in looked_into}
        unread_numbers: dict[str, list[int]] = {}
        for entry in unread:
            unread_numbers.setdefault(entry.file, []).append(entry.number)
        asked: dict[str, set[str]] = {key: set() for key in map(self._state.key_of, looked_into) if key is not None}
        for action, targets in self.asked.items():
            for target in targets:
                asked.setdefault(spec_key_of(target), set()).add(action)
        decisions = {file: [entry.decision for entry in entries] for file, entries in files.items()}
        return self._memory.update(decisions, consulted, asked, unread_numbers, whole=not self.remembered)

    def _read(self, file: str) -> None:
        if file in self._files:
            return
        try:
            if os.path.islink(self._root / file):
                sources.check_link(self._root, file)
            decisions = read_picks(sources.read(self._root, file).text, file)
        except Problem as problem:
            self.diagnostics += problem.diagnostics
            decisions = ()
        self._take(file, decisions)

    def _recall(self, name: str) -> None:
        if name not in self._searched:
            self._searched.add(name)
            for file in self._memory.files_naming(name):
                if file not in (self._changed or ()):
                    self._recall_file(file)

    def _recall_file(self, file: str) -> None:
        if file not in self._files:
            self._take(file, self._memory.decisions(file))

    def _take(self, file: str, decisions: Iterable[Decision]) -> None:
        self._files[file] = tuple(Entry(decision, file, number) for number, decision in enumerate(decisions))
        for entry in self._files[file]:
            for name in entry.names:
                self._named.setdefault(name, []).append(entry)
