"""A person's choice among candidates, written to specs/picks/. Must not publish anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from calotype.engine.rebuild import missing
from calotype.ground.atomic import write_bytes
from calotype.ground.diagnostics import Problem, error
from calotype.ground.folders import picks_file
from calotype.ground.light_dataclass import replace
from calotype.ground.lock import build_lock
from calotype.ground.target_names import spec_key_of
from calotype.language.decisions import Decision, dump_picks, read_picks
from calotype.plan.planned import Planned
from calotype.plan.unread import published_actions
from calotype.project.decisions.index import Entry
from calotype.project.specs import sources
from calotype.project.workspace import Workspace
from calotype.queries.status import StatusQuery, status_query

_SHORTEST = 4
_NAMED = 5
"""How many targets a hint names."""


def pick(root: Path, target: str, candidate: str) -> Decision:
    """Writes the decision for `candidate`, a number from 1 or (the start of) a pixel digest, and returns it.

    It takes the place of the target's older pick, in the file where that stands; what this said of other targets stays.
    Raises Problem where the target is unknown, its candidates are not rendered yet, or no or several ones are meant.
    """
    with build_lock(root), status_query(root, (target,)) as query:
        planned = _planned(query, target)
        target = planned.image.target
        lost = missing(planned.keys, planned.made)
        if lost or not planned.keys:
            raise Problem(error("not-rendered", f"the candidates of `{target}` are not all rendered",
                                hint=f"`calotype build {target}` renders them"))
        action = planned.actions[_index(planned, candidate)]
        decision = Decision(target, action.key, planned.made[action.key].pixels, "pick")
        _write(root, decision, _older(planned, query.workspace))
    return decision


def _planned(query: StatusQuery, name: str) -> Planned:
    """The target that is called `name`, or whose asset is."""
    planned = {candidate.planned.image.target: candidate.planned for candidate in list(query.targets())}
    typed = name.removeprefix("./").rstrip("/")
    for target in planned.values():
        if typed in (target.image.target, target.image.path):
            return target
    names = [*list(planned)[:_NAMED], *(["..."] if len(planned) > _NAMED else [])]
    raise Problem(error("unknown-target", f"`{name}` is not one target", hint=f"name one of {', '.join(names)}"))


def _older(planned: Planned, workspace: Workspace) -> dict[Entry, list[Decision]]:
    """The picks of the target that a new one replaces, those that stand first, each with what it still says of other
    targets."""
    target, line = planned.image.target, planned.line
    published = [candidate.action for candidate in line.candidates] if line is not None else []
    named = workspace.decisions.naming([target, *planned.keys, *published])
    picks = [entry for entry in dict.fromkeys([*named, *planned.human.picks]) if entry.decision.decision == "pick"]
    older = {}
    for entry in sorted(picks, key=lambda entry: entry not in planned.human.picks):
        owners = _owners(entry, planned, workspace)
        if target in owners:
            older[entry] = [replace(entry.decision, target=other) for other in sorted(owners - {target})]
    return older


def _owners(entry: Entry, planned: Planned, workspace: Workspace) -> set[str]:
    """The targets for which a pick counts: of those that ask for its render the one that it names, else all; where
    nobody asks, the published ones that hold it, else those that keep it by its pixels, else the one that it names."""
    target, decision = planned.image.target, entry.decision
    if decision.target == target and decision.action in planned.keys:
        return {target}
    holders = {holder for _, holder in published_actions(workspace, {decision.action})}
    unchanged = {holder for holder in holders if workspace.specs.unchanged_file(spec_key_of(holder))}
    asking = workspace.decisions.asked.get(decision.action, set()) | unchanged
    if decision.target in asking:
        return {decision.target}
    if asking or holders:
        return asking or holders
    if entry in planned.human.picks and decision.target != target:
        return {target, *_picked(workspace, decision.pixels)}
    return {decision.target}


def _picked(workspace: Workspace, pixels: str) -> Iterator[str]:
    """The targets that are published with these pixels, which a human picked, and whose specs still ask for them."""
    for target, path in workspace.manifest.naming([pixels]):
        line = workspace.manifest.line(target, path)
        if line is not None and (line.pixels, line.pick.by) == (pixels, "human") and (
                workspace.specs.unchanged_file(spec_key_of(target))):
            yield target


def _write(root: Path, decision: Decision, older: dict[Entry, list[Decision]]) -> None:
    """Puts `decision` into the place of the `older` ones: first where it is to stand, so that a kill loses none."""
    files = list(dict.fromkeys([*(entry.file for entry in older), picks_file(spec_key_of(decision.target))]))
    home = files[0]
    for file in files if older else [home]:
        replaced = {entry.number: others for entry, others in older.items() if entry.file == file}
        if replaced or file == home:
            _rewrite(root, file, replaced, [decision] if file == home else [])


def _rewrite(root: Path, file: str, replaced: dict[int, list[Decision]], added: Iterable[Decision]) -> None:
    exists = (root / file).is_file()
    before = read_picks(sources.read(root, file).text, file) if exists else ()
    unreplaced = [decision for number, old in enumerate(before) for decision in replaced.get(number, [old])]
    decisions = [*unreplaced, *added]
    if decisions:
        write_bytes(root / file, dump_picks(decisions))
    elif exists:
        (root / file).unlink()


def _index(planned: Planned, candidate: str) -> int:
    keys = planned.keys
    if candidate.isascii() and candidate.isdecimal() and len(candidate) < _SHORTEST:
        if 1 <= int(candidate) <= len(keys):
            return int(candidate) - 1
        hint = f"there are 1 to {len(keys)}" if len(keys) > 1 else "there is only 1"
        raise Problem(error("unknown-candidate", f"there is no candidate {candidate}", hint=hint))
    pixels = [planned.made[key].pixels for key in keys]
    meant = {digest for digest in pixels if digest.startswith(candidate.lower())}
    if len(meant) != 1 or len(candidate) < _SHORTEST:
        what = "no candidate has" if not meant else "several candidates have"
        raise Problem(error("unknown-candidate", f"{what} a pixel digest that starts with `{candidate}`",
                            hint=f"give a number from 1 to {len(keys)}, or more of the digest"))
    return pixels.index(meant.pop())
