"""What a person says of pictures (pick, approve, reject, include, exclude), written to specs/picks/. Must not publish
anything."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal

from calotype.actions.registry import Kinds
from calotype.engine.rebuild import Asset, Need, missing
from calotype.ground.diagnostics import Problem, error
from calotype.ground.light_dataclass import asdict, replace
from calotype.ground.target_names import spec_key_of
from calotype.language.action import IMPORT
from calotype.language.decisions import CURATION, Decision, on_one_line
from calotype.plan.decided.unread import published_actions
from calotype.plan.planned import Planned
from calotype.plan.planner import asks
from calotype.project.answers import WrittenDecision
from calotype.project.decisions.index import Entry
from calotype.project.opening import Session
from calotype.project.workspace import Workspace
from calotype.queries.decisions.about_one import about_one
from calotype.queries.decisions.curate import picture_for_a_set
from calotype.queries.decisions.open_question import sole_decider
from calotype.queries.decisions.picks_files import Change, write_changes
from calotype.queries.target_named import NAMED
from calotype.results.publish.line import renders_of
from calotype.results.publish.proof import IMPORTED

Kind = Literal["pick", "approve", "reject", "include", "exclude"]
NOUNS: dict[Kind, str] = {
    "pick": "pick", "approve": "approval", "reject": "rejection", "include": "inclusion", "exclude": "exclusion"}
REASONS: dict[Kind, str] = {
    "reject": "add --reason, such as --reason 'the chin juts forward': it stands beside the next",
    "exclude": "add --reason, such as --reason 'a hand too many': it stands beside the picture"}
"""The decisions that say why, and what to do where one does not."""
LONGEST_REASON = 1000
_CHOOSING = frozenset(("pick", "approve", "import"))
"""Of these decisions a target has one; an import may be approved besides."""
_SHORTEST = 4


def is_file_argument(candidate: str | Path) -> bool:
    """Whether a file is meant, not a candidate's number or digest: it has a folder or a suffix, or is there."""
    if isinstance(candidate, Path):
        return True
    has_folder = os.sep in candidate or (os.altsep or os.sep) in candidate
    return has_folder or os.path.splitext(candidate)[1] != "" or (
        not _is_number(candidate) and os.path.lexists(candidate))


def decide(session: Session, kind: Kind, target: str, candidate: str | None, reason: str = "") -> WrittenDecision:
    """Writes the decision about `candidate`, a number from 1 or (the start of) a pixel digest, and returns it. Of an
    approval that may be None: it is then of the picture that is published, as an inclusion and an exclusion are.

    A pick or an approval takes the place of the target's older one, in the file where that stands; so does a rejection
    of what was said of the same picture, and an inclusion or exclusion of the one before. What the older one said of
    other targets stays. Raises Problem where the target is unknown, its candidates are not rendered yet, none or
    several are meant, or the one that is meant is rejected, or of a former request.
    """
    require_reason(kind, reason)
    with sole_decider(session.root):
        change = about_one(session, target, lambda workspace, planned: deciding(
            workspace, planned, decision_about(planned, kind, candidate, reason)))
        write_changes(session.root, [change])
    return written(change)


def undo(session: Session, kind: Kind, target: str, candidate: str | None = None) -> tuple[Decision, ...]:
    """Takes the target's decisions of this kind back, or that about `candidate`, and returns them. What they said of
    other targets stays. Raises Problem where there is none, or where several pictures may be meant.
    """
    with sole_decider(session.root):
        change = about_one(session, target, lambda workspace, planned: undoing(workspace, planned, kind, candidate))
        write_changes(session.root, [change])
    return tuple(entry.decision for entry in change.replaced)


def decision_about(planned: Planned, kind: Kind, candidate: str | None, reason: str) -> Decision:
    """What is to be written. Raises Problem where it cannot be said of the target."""
    return (_curation if kind in CURATION else _choice)(planned, kind, candidate, reason.strip())


def write_decision(workspace: Workspace, planned: Planned, decision: Decision) -> WrittenDecision:
    """Writes a decision about `planned` in the place of what it replaces."""
    change = deciding(workspace, planned, decision)
    write_changes(workspace.root, [change])
    return written(change)


def deciding(workspace: Workspace, planned: Planned, decision: Decision) -> Change:
    """The change that puts a decision about `planned` into the place of what it replaces."""
    replaced = _shares(planned, workspace, [
        entry for entry in _about(planned, workspace) if _replaces(decision, entry.decision)])
    return Change(decision.target, decision, replaced)


def undoing(
    workspace: Workspace, planned: Planned, kind: Kind, candidate: str | None = None, *, if_any: bool = False
) -> Change:
    """The change that takes decisions of this kind back; with `if_any` it may be of none."""
    entries = [entry for entry in _about(planned, workspace) if _is_of(kind, entry.decision)]
    shares = _shares(planned, workspace, entries)
    undone = [entry for entry in shares if candidate is None or _means(planned, candidate, entry.decision)]
    if undone or not if_any:
        _require_one(planned.image.target, kind, candidate, list(shares), undone)
    _require_not_approved(planned, undone)
    return Change(planned.image.target, None, {entry: shares[entry] for entry in undone})


def written(change: Change) -> WrittenDecision:
    """The decision of a change, with what it withdraws."""
    decision = change.added
    assert decision is not None
    withdrawn = (entry.decision for entry in change.replaced if _is_withdrawn(entry.decision, decision))
    return WrittenDecision(**asdict(decision), withdrawn=tuple(dict.fromkeys(withdrawn)))


def _is_withdrawn(old: Decision, new: Decision) -> bool:
    """Whether a person should be told: what was to last is said no more."""
    return old.decision in ("approve", "import") and (old.decision, old.pixels) != (new.decision, new.pixels)


def _is_of(kind: Kind, decision: Decision) -> bool:
    """Whether `kind` takes the decision back: a picture is put in by hand with `pick`."""
    return decision.decision == kind or (kind == "pick" and decision.decision == "import")


def _choice(planned: Planned, kind: Kind, candidate: str | None, reason: str) -> Decision:
    """What is said of one of the candidates, or of the picture that was put in by hand."""
    imported = planned.human.imported
    if imported is not None and kind != "pick" and _means_import(planned, imported, candidate):
        return replace(imported, target=planned.image.target, decision=kind, reason=reason)
    _require_candidates(planned, candidate)
    index = _published_index(planned) if candidate is None else _index(planned, candidate)
    action = planned.actions[index]
    decision = Decision(planned.image.target, action.key, planned.made[action.key].pixels, kind, reason)
    if kind != "reject":
        require_not_rejected(planned, decision, f"candidate {index + 1}")
    return decision


def _curation(planned: Planned, kind: Kind, candidate: str | None, reason: str) -> Decision:
    """What is said of the published picture's place in a training set."""
    line = picture_for_a_set(planned)
    place = next((upstream.action for upstream in line.upstream if upstream.kind == IMPORT), line.action)
    return Decision(planned.image.target, place, line.pixels, kind, reason)


def _means_import(planned: Planned, imported: Decision, candidate: str | None) -> bool:
    if candidate is not None:
        return not _is_number(candidate) and len(candidate) >= _SHORTEST and _starts(imported.pixels, candidate)
    if planned.verdict.need not in (Need.UP_TO_DATE, Need.REFRESH):
        raise Problem(error("not-published", f"the picture that was put in for `{planned.image.target}` is not in its"
                            " place", file=planned.image.path,
                            hint="`calotype build` puts it there; then look again"))
    return True


# which candidate


def _require_candidates(planned: Planned, candidate: str | None) -> None:
    target = planned.image.target
    if candidate is not None and _is_former(planned, candidate):
        raise Problem(error(
            "stale-candidate", f"`{candidate}` is a picture of a former request of `{target}`",
            hint=f"`calotype explain {target}` says what has changed since; decide on a candidate of the present one"))
    if planned.untrained:
        message = f"`{target}` has no candidates: {planned.untrained}"
        raise Problem(error("not-rendered", message, file=planned.image.spec))
    if missing(planned.keys, planned.made) or not planned.keys:
        undo = f"first `calotype pick {target} --undo`, then " if planned.human.imported is not None else ""
        raise Problem(error("not-rendered", f"the candidates of `{target}` are not all rendered",
                            hint=f"{undo}`calotype build {target}` renders them"))


def _is_former(planned: Planned, candidate: str) -> bool:
    """Whether a digest means a picture that is published, or lost to one, and is none of the candidates."""
    if planned.line is None or len(candidate) < _SHORTEST:
        return False
    pixels = {planned.line.pixels, *(former.pixels for former in planned.line.candidates)}
    return any(_starts(digest, candidate) for digest in pixels) and not any(
        _starts(made.pixels, candidate) for made in planned.made.values())


def _published_index(planned: Planned) -> int:
    """The candidate that is published, where that is to stay as it is."""
    target, line, choice = planned.image.target, planned.line, planned.verdict.choice
    name_one = f"name the candidate that you mean: calotype approve {target} CANDIDATE"
    if line is None:
        raise Problem(error("not-published", f"nothing is published of `{target}` yet", hint=name_one))
    if line.origin == IMPORTED:
        raise Problem(error("stale-candidate", f"the picture that was put in for `{target}` is of a former request",
                            hint=f"put it in anew: calotype pick {target} {line.path}; or {name_one}"))
    if line.action not in planned.keys or planned.made[line.action].pixels != line.pixels:
        raise Problem(error("stale-candidate", f"what is published of `{target}` is not what its spec asks for now",
                            hint=f"`calotype build {target}` renders that; {name_one}"))
    index = planned.keys.index(line.action)
    if choice is not None and planned.chosen is not None and planned.chosen.key != line.action:
        raise Problem(error("stale-candidate", f"candidate {index + 1} of `{target}` is published, and"
                            f" {choice.index + 1} is to take its place", hint=name_one))
    if planned.asset is not Asset.OK:
        raise Problem(error("stale-candidate", f"what lies in the place of `{target}` is not the picture that the"
                            " manifest tells", file=line.path, hint="`calotype build` puts that back; then look again"))
    return index


def _index(planned: Planned, candidate: str) -> int:
    keys = planned.keys
    if _is_number(candidate):
        if 1 <= int(candidate) <= len(keys):
            return int(candidate) - 1
        hint = f"there are 1 to {len(keys)}" if len(keys) > 1 else "there is only 1"
        raise Problem(error("unknown-candidate", f"there is no candidate {candidate}", hint=hint))
    pixels = [planned.made[key].pixels for key in keys]
    meant = {digest for digest in pixels if _starts(digest, candidate)}
    if len(candidate) < _SHORTEST:
        raise Problem(error("unknown-candidate", f"`{candidate}` is too short for the start of a pixel digest",
                            hint=f"give a number from 1 to {len(keys)}, or at least {_SHORTEST} digits of the digest"))
    if len(meant) != 1:
        what = "no candidate has" if not meant else "several candidates have"
        raise Problem(error("unknown-candidate", f"{what} a pixel digest that starts with `{candidate}`",
                            hint=f"give a number from 1 to {len(keys)}, or more of the digest"))
    return pixels.index(meant.pop())


def _is_number(candidate: str) -> bool:
    return candidate.isascii() and candidate.isdecimal() and len(candidate) < _SHORTEST


def _starts(digest: str, candidate: str) -> bool:
    return digest.startswith(candidate.lower())


def require_not_rejected(planned: Planned, decision: Decision, name: str) -> None:
    """A rejected picture, which is called `name`, is chosen by nobody."""
    rejection = next((each for each in planned.rejections() if each.pixels == decision.pixels), None)
    if rejection is not None:
        why = f": {rejection.reason}" if rejection.reason else ""
        raise Problem(error(
            "rejected-candidate", f"{name} of `{decision.target}` is rejected{why}", hint="take that back first:"
            f" calotype reject {decision.target} {rejection.candidate or decision.pixels[:12]} --undo"))


def require_reason(kind: Kind, reason: str) -> None:
    """Raises Problem where the decision is one that says why, and does not."""
    if kind not in REASONS:
        return
    if not on_one_line(reason):  # what cannot be kept says nothing
        raise Problem(error("missing-reason", f"an {NOUNS[kind]} says why".replace("an r", "a r"), hint=REASONS[kind]))
    if len(reason) > LONGEST_REASON:
        raise Problem(error("long-reason", f"the reason has {len(reason):,} characters",
                            hint=f"{LONGEST_REASON:,} are taken: say it shorter"))


# what was decided before


def _about(planned: Planned, workspace: Workspace) -> list[Entry]:
    """The decisions that may be about the target, those first that count for it."""
    line, human = planned.line, planned.human
    published = [*renders_of(line)] if line is not None else []
    named = workspace.decisions.naming([planned.image.target, *planned.keys, *published])
    standing = (*human.picks, *human.stale, *human.rejections, *human.curation)
    return list(dict.fromkeys([*standing, *named]))


def _replaces(new: Decision, old: Decision) -> bool:
    """Whether `new` takes the place of what was decided before of the same target."""
    if CURATION & {new.decision, old.decision}:
        return {new.decision, old.decision} <= CURATION
    if new.decision == "reject":
        return old.pixels == new.pixels
    if new.decision == "approve" and old.decision == "import" and old.pixels == new.pixels:
        return False
    return old.decision in _CHOOSING


def _shares(planned: Planned, workspace: Workspace, entries: Collection[Entry]) -> dict[Entry, list[Decision]]:
    """Of the `entries` those that are the target's, each with what it says of other targets."""
    target, human = planned.image.target, planned.human
    standing = {*human.picks, *human.stale, *human.rejections, *human.curation}
    shares = {}
    for entry in entries:
        owners = _owners(entry, planned, workspace)
        if target in owners or entry in standing:
            shares[entry] = [replace(entry.decision, target=other) for other in sorted(owners - {target})]
    return shares


def _owners(entry: Entry, planned: Planned, workspace: Workspace) -> set[str]:
    """The targets for which a decision counts: of those that ask for its render the one that it names, else all; where
    nobody asks, the published ones that hold it, else those that keep it by its pixels, else the one that it names."""
    target, decision = planned.image.target, entry.decision
    if decision.target == target and decision.action in planned.keys:
        return {target}
    if decision.target != target and asks(
            workspace, Kinds(workspace), planned.image.spec, decision.target, decision.action):
        return {decision.target}
    workspace.specs.require_all()
    holders = {holder for _, holder in published_actions(workspace, {decision.action})}
    unchanged = {holder for holder in holders if workspace.specs.unchanged_file(spec_key_of(holder))}
    asking = workspace.decisions.asked.get(decision.action, set()) | unchanged
    if decision.target in asking:
        return {decision.target}
    if asking or holders:
        return asking or holders
    if entry in (*planned.human.picks, *planned.human.curation) and decision.target != target:
        return {target, *_picked(workspace, decision.pixels)}
    return {decision.target}


def _picked(workspace: Workspace, pixels: str) -> Iterator[str]:
    """The targets that are published with these pixels, which a human picked, and whose specs still ask for them."""
    for target, path in workspace.manifest.naming([pixels]):
        line = workspace.manifest.line(target, path)
        if line is not None and (line.pixels, line.pick.by) == (pixels, "human") and (
                workspace.specs.unchanged_file(spec_key_of(target))):
            yield target


def _means(planned: Planned, candidate: str, decision: Decision) -> bool:
    """Whether `candidate` is the picture that was decided on, be it asked for still or not."""
    if not _is_number(candidate):
        return len(candidate) >= _SHORTEST and _starts(decision.pixels, candidate)
    if not 1 <= int(candidate) <= len(planned.keys):
        return False
    key = planned.keys[int(candidate) - 1]
    made = planned.made.get(key)
    return decision.action == key if made is None else made.pixels == decision.pixels


def _require_one(
    target: str, kind: Kind, candidate: str | None, every: Collection[Entry], undone: Collection[Entry]
) -> None:
    """Raises Problem unless just one picture's decisions are taken back; what was said of a place in a training set may
    be about several: each was published once."""
    pictures = list(dict.fromkeys(entry.decision.pixels[:12] for entry in every))
    which = f"{', '.join(pictures[:NAMED])}{', ...' if len(pictures) > NAMED else ''}"
    if not undone:
        of = f" of `{candidate}`" if candidate is not None and pictures else ""
        hint = f"those are of {which}" if pictures else f"`calotype explain {target}` says what was decided"
        raise Problem(error("nothing-to-undo", f"there is no {NOUNS[kind]}{of} to take back for `{target}`", hint=hint))
    if kind not in CURATION and len({entry.decision.pixels for entry in undone}) > 1:
        raise Problem(error("unknown-candidate", f"`{target}` has {len(pictures)} {NOUNS[kind]}s",
                            hint=f"say which: calotype {kind} {target} DIGEST --undo, of {which}"))


def _require_not_approved(planned: Planned, undone: Collection[Entry]) -> None:
    """A picture that was put in by hand is not taken away from under its approval."""
    imported = {entry.decision.pixels for entry in undone if entry.decision.decision == "import"}
    approvals = [entry for entry in (*planned.human.picks, *planned.human.stale)
                 if entry.decision.decision == "approve" and entry.decision.pixels in imported]
    if approvals:
        target = planned.image.target
        raise Problem(error("approved", f"the picture that was put in for `{target}` is approved",
                            file=approvals[0].file, hint=f"take that back first: calotype approve {target} --undo"))
