"""The one target that a person decides on, planned for what it takes to decide. Must not write anything.

Most decisions rest on the target's own spec: that alone is then planned, however many specs there are, and however many
await a person. What it does not tell, and whatever is wrong, is found out by planning all that may have to do with it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from calotype.ground.diagnostics import Problem
from calotype.ground.folders import MANIFEST_FOLDER
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

if TYPE_CHECKING:
    from calotype.project.last_build import Comparison

T = TypeVar("T")
Answer = Callable[[Workspace, Planned], T]


def about_one(session: Session, name: str, answer: Answer[T]) -> T:
    """What `answer` makes of the target that is called `name`, or whose asset is. Raises Problem (unknown-target). Hold
    the decision lock."""
    with suppress(OtherSpecsMatter), session.workspace(Profile(), create=False) as workspace:
        comparison = compare_decisions(str(session.root))
        planned = _planned_alone(workspace, comparison, name)
        try:
            return answer(workspace, planned)
        except Problem:
            if not _has_new_lines(comparison):  # of candidates that only such a line tells of, nothing is known here
                raise
    with status_query(session.root, (name,)) as query:
        return answer(query.workspace, target_named(query, name).planned)


def _has_new_lines(comparison: Comparison) -> bool:
    """Whether lines of the manifest may be others than the last build left."""
    return any(path.startswith(f"{MANIFEST_FOLDER}/") for path in comparison.changed)


def _planned_alone(workspace: Workspace, comparison: Comparison, name: str) -> Planned:
    """The target as its spec alone tells. Raises OtherSpecsMatter where that is not enough."""
    root, typed = workspace.root, name.removeprefix("./").rstrip("/")
    change_set = None if workspace.shared.config.trains_loras else spec_alone(
        root, comparison, workspace.state, workspace.decided, typed)
    if change_set is None:
        raise OtherSpecsMatter
    workspace.complete = True
    analysis = Analysis(workspace, change_set)
    workspace.specs.look_into_alone(change_set.files[0], change_set.gone, partial(may_be_changed, comparison))
    targets = [found.planned for found in analysis.targets()]
    named = [planned for planned in targets if typed in (planned.image.target, planned.image.path)]
    if len(named) != 1 or any(diagnostic.severity == "error" for diagnostic in analysis.diagnostics):
        raise OtherSpecsMatter
    return named[0]
