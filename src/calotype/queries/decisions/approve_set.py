"""A person's approval of a character's training set, written to specs/picks/ and bound to what the set teaches."""

from __future__ import annotations

from calotype.ground.diagnostics import Problem, error
from calotype.ground.light_dataclass import asdict
from calotype.language.decisions import Decision
from calotype.plan.decided.unread import OF_SET
from calotype.project.answers import WrittenDecision
from calotype.project.decisions.index import Entry
from calotype.project.opening import Session
from calotype.queries.decisions.decide import Kind, decide, undo
from calotype.queries.decisions.open_question import open_question
from calotype.queries.decisions.picks_files import Change, write_changes
from calotype.queries.status import StatusQuery
from calotype.run.products.making import subject_of
from calotype.run.products.trained_lora import approvals
from calotype.run.products.training_export import TrainingExport


def approve(session: Session, target: str, candidate: str | None) -> WrittenDecision:
    """Approves the training set `target`, as it is exported, so that a LoRA may be trained on it; any other target as
    `decide` does. Raises Problem where the set cannot be used, or is not exported as it is now."""
    name = target.removeprefix("./").rstrip("/")
    if not name.endswith(OF_SET):
        return decide(session, "approve", target, candidate)
    _require_no_candidate(name, candidate)
    with open_question(session.root, (name,)) as query:
        before = _approvals(query, name)
        decision = _approval(query, name)
        write_changes(session.root, [Change(name, decision, dict.fromkeys(before, ()))])
    return WrittenDecision(**asdict(decision))


def take_back(session: Session, kind: Kind, target: str, candidate: str | None) -> tuple[Decision, ...]:
    """Takes back the approval of a training set, or any other decision as `undo` does."""
    name = target.removeprefix("./").rstrip("/")
    if kind != "approve" or not name.endswith(OF_SET):
        return undo(session, kind, target, candidate)
    _require_no_candidate(name, candidate)
    with open_question(session.root, (name,)) as query:
        entries = _approvals(query, name)
        if not entries:
            raise Problem(error("nothing-to-undo", f"there is no approval to take back for `{name}`"))
        write_changes(session.root, [Change(name, None, dict.fromkeys(entries, ()))])
    return tuple(entry.decision for entry in entries)


def _approvals(query: StatusQuery, name: str) -> list[Entry]:
    """Raises Problem where there is no such set."""
    list(query.targets())
    subject_of(query.workspace, name)
    return list(approvals(query.workspace, name))


def _approval(query: StatusQuery, name: str) -> Decision:
    product, subject = TrainingExport(), subject_of(query.workspace, name)
    state = product.look(subject)
    if state.lacking:
        raise Problem(error("unusable-set", f"`{name}` cannot be approved: {state.lacking}", file=subject.spec.file))
    if state.status != "up_to_date":
        why = "is not exported yet" if state.status == "not_built" else f"is not as it was exported: {state.reason}"
        raise Problem(error("stale-set", f"`{name}` {why}", file=subject.spec.file,
                            hint=f"first `{product.command(subject.spec.id)}`, and look at {subject.folder}/"))
    return Decision(name, state.key, state.made_of.exported.digest, "approve")


def _require_no_candidate(name: str, candidate: str | None) -> None:
    if candidate is not None:
        raise Problem(error("unknown-candidate", "a training set has no candidates: it is approved as a whole",
                            hint=f"calotype approve {name}"))
