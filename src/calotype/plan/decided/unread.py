"""Decisions that nobody reads: of no render that is asked for, or published, and of no target that exists.

It must not know what a decision would change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, warning
from calotype.ground.target_names import spec_key_of
from calotype.project.changes import ChangeSet
from calotype.project.decisions.index import Entry
from calotype.project.workspace import Workspace
from calotype.results.publish.line import renders_of

OF_SET = "/training_set"
"""How the target of a training set ends."""


class UnreadDecisions:
    """The unread decisions, as the specs of `change_set` were planned."""

    def __init__(self, workspace: Workspace, change_set: ChangeSet) -> None:
        self._workspace, self._change_set = workspace, change_set
        self._targets: frozenset[str] | None = None
        self._examined: list[str] = []
        self.entries: tuple[Entry, ...] = ()

    @property
    def warnings(self) -> list[Diagnostic]:
        return [unread_warning(entry, self._workspace.root) for entry in self.entries]

    def find(self, targets: Collection[str]) -> list[Diagnostic]:
        """Looks for them, when the specs ask for `targets`. Returns warnings of those that were not found before."""
        if self._targets is None:
            self._examined = _names_of_examined(self._workspace, self._change_set)
        self._targets, before = frozenset(targets), frozenset(self.entries)
        self.entries = tuple(_unread(self._workspace, self._change_set, self._targets, self._examined))
        return [unread_warning(entry, self._workspace.root) for entry in self.entries if entry not in before]

    def renewed(self) -> list[Diagnostic]:
        """Looks for them once more, when something was published since; nothing where nobody looked before."""
        return [] if self._targets is None else self.find(self._targets)


def _unread(
    workspace: Workspace, change_set: ChangeSet, targets: Collection[str], examined: Collection[str]
) -> list[Entry]:
    """The unread decisions, when the specs of `change_set` were planned and ask for `targets`; `examined` are the names
    by which those that concern these specs are found. What an overridden build asks for says nothing about them, nor
    what a few named specs ask for."""
    if workspace.profile.overrides or change_set.named:
        return []
    decisions = workspace.decisions
    before = [] if change_set.whole else decisions.unread_before()
    changed = decisions.changed() if not change_set.whole else decisions.every()
    exists = partial(_exists, frozenset(targets), workspace)
    lost = [entry for entry in dict.fromkeys([*changed, *before, *decisions.naming(examined)])
            if entry.decision.action not in decisions.asked and not exists(entry.decision.target)]
    keys = {entry.decision.action for entry in lost if entry not in before}
    held = {action for action, target in published_actions(workspace, keys) if exists(target)}
    return [entry for entry in lost if entry.decision.action not in held]


def unread_warning(entry: Entry, root: Path) -> Diagnostic:
    decision = entry.decision
    return warning("unread-decision", f"nobody reads this {decision.decision}: no target asks for its render,"
                   f" and there is no `{decision.target}`", file=entry.file, line=entry.line(root),
                   hint="correct the target's name, or remove the decision")


def _exists(planned: Collection[str], workspace: Workspace, target: str) -> bool:
    file = workspace.specs.unchanged_file(spec_key_of(target))
    if target.endswith(OF_SET):
        spec = workspace.specs.spec(spec_key_of(target))
        return spec is not None and spec.training_set is not None
    return target in planned or (file is not None and target in dict(workspace.state.targets_of(file)))


def _names_of_examined(workspace: Workspace, change_set: ChangeSet) -> list[str]:
    """The targets which the examined specs asked for before, the decided renders that they asked for, and those that
    are published of them: of an approval that is stale by now, only the line tells whose it was. To be asked before
    anything is published anew; nothing where all decisions are looked at in any case."""
    names: list[str] = []
    for file in () if change_set.whole else (*change_set.files, *change_set.gone):
        names += workspace.decisions.asked_before(file)
        for target, path in workspace.state.targets_of(file):
            line = workspace.manifest.line(target, path)
            names += [target, *(renders_of(line) if line is not None else ())]
    return names


def published_actions(workspace: Workspace, keys: Collection[str]) -> Iterator[tuple[str, str]]:
    """(render key, target) for each published line that holds one of `keys`."""
    for target, path in workspace.manifest.naming(keys):
        line = workspace.manifest.line(target, path)
        for action in renders_of(line) if line is not None else ():
            if action in keys:
                yield action, target
