"""The specs that decisions concern: those that a changed picks file speaks of, and those whose decisions depend on what
another spec asks for. It must not know which decision counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from calotype.ground.target_names import spec_key_of
from calotype.language.decisions import Decision
from calotype.project.decisions.index import Decisions
from calotype.project.specs.lookup import file_of, written_key
from calotype.results.publish.line import renders_of
from calotype.results.publish.manifest import Manifest
from calotype.store.state import State


class DecidedSpecs:
    """Finds spec files by decisions: by the target that one names and, where that may not ask for its render, by the
    published lines that hold the render or its pixels."""

    def __init__(self, root: Path, decisions: Decisions, state: State, manifest: Manifest) -> None:
        self._root, self._decisions, self._state, self._manifest = root, decisions, state, manifest

    def trust_memory(self, picks: Collection[str]) -> bool:
        return self._decisions.trust_memory(picks)

    def concerned(self, changed: Collection[str]) -> set[str]:
        """The spec files to look into besides those that are `changed`."""
        concerned: set[str] = set()
        if self._decisions.remembered:
            named = [target for file in changed for target, _ in self._state.targets_of(file)]
            entries = [*self._decisions.changed(), *self._decisions.naming(named)]
            decisions = {*self._decisions.before(), *(entry.decision for entry in entries)}
            concerned = self._spoken_of(decisions, changed)
        return concerned | self._dependants([*changed, *concerned])

    def _spoken_of(self, decisions: Iterable[Decision], changed: Collection[str]) -> set[str]:
        files: set[str] = set()
        doubtful: set[str] = set()
        for decision in decisions:
            file = file_of(self._state, spec_key_of(decision.target))
            if file is not None:
                files.add(file)
            if file is None or file in changed or not self._publishes(decision, file):
                doubtful |= {decision.action, decision.pixels}
        for _, path in self._manifest.naming(doubtful):
            owner = self._state.owner(path)
            files |= {owner} if owner else set()
        return files

    def _publishes(self, decision: Decision, file: str) -> bool:
        """Whether the target that `decision` names is published from its render: then it counts for no other."""
        path = dict(self._state.targets_of(file)).get(decision.target)
        line = self._manifest.line(decision.target, path) if path is not None else None
        return line is not None and decision.action in renders_of(line)

    def _dependants(self, changed: Iterable[str]) -> set[str]:
        """The specs whose decisions depend on what `changed` specs ask for, and so on."""
        seen, files = set(changed), list(changed)
        while files:
            file = files.pop()
            for spec_key in {self._state.key_of(file), written_key(self._root, file)} - {None}:
                new = {*self._decisions.dependants(str(spec_key))} - seen
                seen |= new
                files += new
        return seen - set(changed)
