"""The one target that a person decides on, planned for what it takes to decide. Must not write anything.

Most decisions rest on the target's own spec: that alone is then planned, however many specs there are, and however many
await a person. What it does not tell, and whatever is wrong, is found out by planning all that may have to do with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property, partial
from typing import TypeVar

from calotype.actions.registry import Kinds
from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.ground.folders import MANIFEST_FOLDER, SPECS
from calotype.plan.analysis import Analysis
from calotype.plan.planned import Planned
from calotype.project.changes import may_be_changed, spec_alone
from calotype.project.last_build import compare_decisions
from calotype.project.opening import Session
from calotype.project.overrides import Profile
from calotype.project.specs.lookup import OtherSpecsMatter
from calotype.project.workspace import Workspace
from calotype.queries.status import status_query
from calotype.queries.target_named import target_named

T = TypeVar("T")
Answer = Callable[[Workspace, Planned], T]


def about_one(session: Session, name: str, answer: Answer[T]) -> T:
    """What `answer` makes of the target that is called `name`, or whose asset is. Raises Problem (unknown-target). Hold
    the decision lock."""
    with suppress(OtherSpecsMatter), session.workspace(Profile(), create=False) as workspace:
        return SpecsAlone(workspace).about(name, answer)
    with status_query(session.root, (name,)) as query:
        return answer(query.workspace, target_named(query, name).planned)


class SpecsAlone:
    """An open project in which specs are planned one by one, each for itself, as the files are now. Hold the decision
    lock for as long as it is asked."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace, self._kinds = workspace, Kinds(workspace)
        self._comparison = compare_decisions(str(workspace.root))
        self._is_sound = not _has_errors(workspace.snapshot.diagnostics)

    def about(self, name: str, answer: Answer[T]) -> T:
        """As `about_one`. Raises OtherSpecsMatter where the target's spec alone does not tell enough."""
        planned = self._planned(name)
        try:
            return answer(self._workspace, planned)
        except Problem:
            if self._has_new_lines:  # of candidates that only such a line tells of, nothing is known here
                raise OtherSpecsMatter from None
            raise

    def _planned(self, name: str) -> Planned:
        workspace, comparison, typed = self._workspace, self._comparison, name.removeprefix("./").rstrip("/")
        sure = self._is_sound and not workspace.shared.config.trains_loras
        change_set = spec_alone(
            workspace.root, comparison, workspace.state, workspace.decided, typed, self._gone) if sure else None
        if change_set is None:
            raise OtherSpecsMatter
        workspace.complete = True
        told = len(workspace.snapshot.diagnostics)
        analysis = Analysis(workspace, change_set, kinds=self._kinds)
        workspace.specs.look_into_alone(change_set.files[0], change_set.gone, partial(may_be_changed, comparison))
        targets = [target.planned for target in analysis.targets()]
        named = [planned for planned in targets if typed in (planned.image.target, planned.image.path)]
        if len(named) != 1 or _has_errors(analysis.diagnostics[told:]):
            raise OtherSpecsMatter
        return named[0]

    @cached_property
    def _gone(self) -> tuple[str, ...]:
        state = self._workspace.state
        return tuple(path for path in self._comparison.missing_below(SPECS) if state.key_of(path) is not None)

    @property
    def _has_new_lines(self) -> bool:
        """Whether lines of the manifest may be others than the last build left."""
        return any(path.startswith(f"{MANIFEST_FOLDER}/") for path in self._comparison.changed)


def _has_errors(diagnostics: Sequence[Diagnostic]) -> bool:
    return any(diagnostic.severity == "error" for diagnostic in diagnostics)
