"""Decisions that wait at the same time, each about a spec of its own: looked for once, and written at once.

What one of them says of a target changes nothing for a target of another spec, as long as both can be told by their
specs alone. All others are taken by themselves, one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from calotype.ground.diagnostics import Problem
from calotype.ground.target_names import spec_key_of
from calotype.language.decisions import Decision
from calotype.plan.decided.unread import OF_SET
from calotype.plan.planned import Planned
from calotype.project.answers import AskedDecision
from calotype.project.opening import Session
from calotype.project.overrides import Profile
from calotype.project.specs.lookup import OtherSpecsMatter
from calotype.project.workspace import Workspace
from calotype.queries.decisions.about_one import SpecsAlone
from calotype.queries.decisions.approve_set import approve, take_back
from calotype.queries.decisions.decide import decide, deciding, decision_about, require_reason, undoing, written
from calotype.queries.decisions.open_question import sole_decider, told_of_builds
from calotype.queries.decisions.picks_files import Change, write_changes

Answer = Sequence[Decision] | Exception
"""What was decided, or taken back, or what was raised."""


def decide_together(session: Session, asked: Sequence[AskedDecision]) -> list[Answer]:
    """The answer to each decision, as if it were taken by itself in this order."""
    answers = _at_once(session, asked) if len(asked) > 1 else {}
    return [answers[number] if number in answers else _alone(session, each) for number, each in enumerate(asked)]


def _at_once(session: Session, asked: Sequence[AskedDecision]) -> dict[int, Answer]:
    """The answers to those that can be taken together, by their places; only refusals where nothing could be written.
    """
    answers: dict[int, Answer] = {}
    changes: dict[int, Change] = {}
    with (suppress(Problem, OSError), sole_decider(session.root),
          session.workspace(Profile(), create=False) as workspace):
        specs = SpecsAlone(workspace)
        for number in _first_of_each_spec(asked):
            with suppress(OtherSpecsMatter):
                try:
                    changes[number] = specs.about(asked[number].target, partial(_change, asked[number]))
                except Problem as refusal:
                    answers[number] = told_of_builds(refusal, session.root)
        write_changes(session.root, list(changes.values()))
        answers |= {number: _answer(change) for number, change in changes.items()}
    return answers


def _first_of_each_spec(asked: Sequence[AskedDecision]) -> list[int]:
    """The places of those that no other of the same spec comes before."""
    specs: dict[str, int] = {}
    for number, each in enumerate(asked):
        specs.setdefault(spec_key_of(each.target.removeprefix("./")), number)
    return [number for number in specs.values() if not asked[number].target.endswith(OF_SET)]


def _change(asked: AskedDecision, workspace: Workspace, planned: Planned) -> Change:
    if asked.undo:
        return undoing(workspace, planned, asked.decision, asked.candidate)
    require_reason(asked.decision, asked.reason)
    decision = decision_about(planned, asked.decision, asked.candidate, asked.reason)
    return deciding(workspace, planned, decision)


def _answer(change: Change) -> Sequence[Decision]:
    if change.added is None:
        return tuple(entry.decision for entry in change.replaced)
    return (written(change),)


def _alone(session: Session, asked: AskedDecision) -> Answer:
    try:
        if asked.undo:
            return take_back(session, asked.decision, asked.target, asked.candidate)
        if asked.decision == "approve":
            return (approve(session, asked.target, asked.candidate),)
        return (decide(session, asked.decision, asked.target, asked.candidate, asked.reason),)
    except Exception as refusal:  # a bug too is told to who asked for this one
        return refusal
