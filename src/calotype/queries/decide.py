"""A person's choice among candidates, written to specs/picks/. Must not publish anything."""

from __future__ import annotations

from pathlib import Path

from calotype.engine.rebuild import missing
from calotype.ground.atomic import write_bytes
from calotype.ground.diagnostics import Problem, error
from calotype.ground.folders import picks_file
from calotype.ground.lock import build_lock
from calotype.ground.target_names import spec_key_of
from calotype.language.decisions import Decision, dump_picks, load_picks
from calotype.plan.planned import Planned
from calotype.project import sources
from calotype.queries.status import status_query

_SHORTEST = 4


def pick(root: Path, target: str, candidate: str) -> Decision:
    """Writes the decision for `candidate`, a number from 1 or (the start of) a pixel digest, and returns it.

    Raises Problem where the target is unknown, its candidates are not rendered yet, or no or several ones are meant.
    """
    planned = _planned(root, target)
    lost = missing(planned.keys, planned.made)
    if lost or not planned.keys:
        raise Problem(error("not-rendered", f"the candidates of `{target}` are not all rendered",
                            hint=f"`calotype build {target}` renders them"))
    action = planned.actions[_index(planned, candidate)]
    decision = Decision(target, action.key, planned.made[action.key].pixels, "pick")
    file = picks_file(spec_key_of(target))
    with build_lock(root):
        before = load_picks(sources.document(root, file)) if (root / file).is_file() else ()
        kept = [one for one in before if not (one.decision == "pick" and one.action in planned.keys)]
        write_bytes(root / file, dump_picks([*kept, decision]))
    return decision


def _planned(root: Path, target: str) -> Planned:
    with status_query(root, (target,)) as query:
        for found in list(query.targets()):
            if found.planned.image.target == target:
                return found.planned
    raise Problem(error("unknown-target", f"`{target}` is not one target", hint="`calotype list` shows every target"))


def _index(planned: Planned, candidate: str) -> int:
    keys = planned.keys
    if candidate.isdecimal() and len(candidate) < _SHORTEST:
        if 1 <= int(candidate) <= len(keys):
            return int(candidate) - 1
        hint = f"there are 1 to {len(keys)}"
        raise Problem(error("unknown-candidate", f"there is no candidate {candidate}", hint=hint))
    found = {planned.made[key].pixels: index for index, key in reversed(list(enumerate(keys)))
             if planned.made[key].pixels.startswith(candidate.lower())}
    if len(found) != 1 or len(candidate) < _SHORTEST:
        what = "no candidate has" if not found else "several candidates have"
        raise Problem(error("unknown-candidate", f"{what} a pixel digest that starts with `{candidate}`",
                            hint=f"give a number from 1 to {len(keys)}, or more of the digest"))
    return next(iter(found.values()))
