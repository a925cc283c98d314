"""One decision about several targets (approve, include, exclude), written for all of them or for none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem, error, raise_errors
from calotype.ground.light_dataclass import dataclass
from calotype.language.decisions import Decision
from calotype.plan.decided.unread import OF_SET
from calotype.plan.planned import Planned
from calotype.project.answers import WrittenDecision
from calotype.project.patterns import is_glob, means_itself, spelled
from calotype.queries.decisions.decide import NOUNS, Kind, deciding, decision_about, require_reason, undoing, written
from calotype.queries.decisions.open_question import open_question
from calotype.queries.decisions.picks_files import Change, write_changes
from calotype.queries.status import StatusQuery


@dataclass(frozen=True, slots=True)
class _Meant:
    """A target that is meant; `named` by its name or its asset's, not by a glob alone."""

    planned: Planned
    named: bool


def decide_several(
    root: Path, kind: Kind, patterns: Sequence[str], reason: str = "", candidate: str | None = None
) -> tuple[WrittenDecision, ...]:
    """Writes the decision about the published picture of each target that `patterns` (names and globs) mean, and
    returns them, each target once.

    Raises Problem with every refusal, and writes nothing, where a pattern means no image, or one is refused, or a
    `candidate` is named, which is of one target.
    """
    _refuse_candidate(candidate)
    require_reason(kind, reason)
    names = tuple(dict.fromkeys(map(spelled, patterns)))
    if not names:
        return ()
    with open_question(root, names) as query:
        changes = _examined(query, names, lambda meant: deciding(
            query.workspace, meant.planned, decision_about(meant.planned, kind, None, reason)))
        write_changes(root, changes)
    return tuple(map(written, changes))


def undo_several(
    root: Path, kind: Kind, patterns: Sequence[str], candidate: str | None = None
) -> tuple[Decision, ...]:
    """Takes the decisions of this kind back, and returns them. A glob means the targets that have one. Raises Problem
    with every refusal, and writes nothing, where there is none to take back, or a `candidate` is named."""
    _refuse_candidate(candidate)
    names = tuple(dict.fromkeys(map(spelled, patterns)))
    if not names:
        return ()
    with open_question(root, names) as query:
        examined = _examined(query, names, lambda meant: undoing(
            query.workspace, meant.planned, kind, if_any=not meant.named))
        changes = [change for change in examined if change.replaced]
        if not changes:
            raise Problem(error("nothing-to-undo", f"none of these targets has an {NOUNS[kind]} to take back",
                                hint="`calotype list` shows what was decided"))
        write_changes(root, changes)
    return tuple(dict.fromkeys(entry.decision for change in changes for entry in change.replaced))


def _refuse_candidate(candidate: str | None) -> None:
    if candidate is not None:
        raise Problem(error("unused-candidate", f"`{candidate}` can be a candidate of one target only",
                            hint="name one target; of several the published pictures are meant"))


def _examined(
    query: StatusQuery, names: Sequence[str], change_of: Callable[[_Meant], Change]
) -> list[Change]:
    """The change of each target that `names` mean. Raises Problem with all that is refused."""
    refusals: list[Diagnostic] = []
    changes = []
    for meant in _meant(query, names, refusals):
        try:
            changes.append(change_of(meant))
        except Problem as problem:
            refusals += problem.diagnostics
    raise_errors(refusals)
    return changes


def _meant(query: StatusQuery, names: Sequence[str], refusals: list[Diagnostic]) -> list[_Meant]:
    """The images that `names` mean, in the order of these; what means none is added to the `refusals`."""
    images = _images(query, refusals)
    meant: dict[str, _Meant] = {}
    for name in names:
        matching = [planned for planned in images if means_itself(name, planned.image.target, planned.image.path)]
        for planned in matching:
            is_named = not is_glob(name) or (planned.image.target in meant and meant[planned.image.target].named)
            meant[planned.image.target] = _Meant(planned, is_named)
        if not matching and name not in query.unmet:
            refusals.append(_no_image(name, images))
    return list(meant.values())


def _images(query: StatusQuery, refusals: list[Diagnostic]) -> list[Planned]:
    """Every image that may be meant. What nothing is called is added to the `refusals`."""
    images: list[Planned] = []
    try:
        for target in query.targets():
            images.append(target.planned)
    except Problem as problem:
        if any(diagnostic.code != "unknown-target" for diagnostic in problem.diagnostics):
            raise
        refusals += problem.diagnostics
    return images


def _no_image(name: str, images: Sequence[Planned]) -> Diagnostic:
    """An error about what names no image, but those below it, or what is made of images."""
    if is_glob(name):
        return error("unknown-target", f"`{name}` means no image", hint="`calotype list` shows every target")
    hint = "name images, as `calotype list` shows them"
    if name.endswith(OF_SET):
        hint = f"a training set is decided on by itself: calotype approve {name}"
    elif any(planned.image.target.startswith(f"{name}/") for planned in images):
        hint = f"'{name}/*' means all below it"
    return error("unknown-target", f"`{name}` is not one image", hint=hint)
