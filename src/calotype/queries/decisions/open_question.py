"""A project as people decide on it: nobody else decides meanwhile, but a build may be at work. Must not write anything.

What a build has rendered and published so far is there to be decided on; of what it is still at work on, the refusal
says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.ground.light_dataclass import replace
from calotype.ground.lock import builder_at_work, decision_lock
from calotype.queries.status import StatusQuery, status_query

_UNFINISHED = frozenset(("not-rendered", "not-published", "stale-candidate", "stale-picture"))
"""The codes of refusals that a build at work may make up for."""


@contextmanager
def open_question(root: Path, names: Sequence[str]) -> Iterator[StatusQuery]:
    """A query of the targets `names`, to be decided on in the block. Raises Problem as `sole_decider` does."""
    with sole_decider(root), status_query(root, names) as query:
        yield query


@contextmanager
def sole_decider(root: Path) -> Iterator[None]:
    """Nobody else decides for the length of the block. A Problem that is raised there is told of a build at work, where
    that may change the answer."""
    with decision_lock(root):
        try:
            yield
        except Problem as refusal:
            raise told_of_builds(refusal, root) from None


def told_of_builds(refusal: Problem, root: Path) -> Problem:
    """The refusal, which says of what a build is still at work on that it is."""
    return Problem([_beside_build(each, root) for each in refusal.diagnostics], refusal.exit_code)


def _beside_build(refusal: Diagnostic, root: Path) -> Diagnostic:
    builder = builder_at_work(root) if refusal.code in _UNFINISHED else None
    if builder is None:
        return refusal
    who = f" ({builder})" if builder else ""
    return replace(refusal, hint=f"a build is at work here{who}: decide when it is through with it")
