"""Which images of a character a LoRA of it is to be trained on, and why each. Must not know how they are exported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from calotype.engine.rebuild import Asset, Need
from calotype.ground.diagnostics import Diagnostic, error
from calotype.ground.light_dataclass import dataclass
from calotype.ground.target_names import TargetName, spec_key
from calotype.language.image import Image
from calotype.language.spec import Spec, TrainingSetSpec
from calotype.plan.decided.curation import Curation, curation_of, look_at
from calotype.plan.planned import Planned
from calotype.project.decisions.index import Entry
from calotype.results.publish.line import LIKENESS, Line

if TYPE_CHECKING:
    from calotype.plan.training.farthest import Step

ANCHORS = "/anchors/"
SIDED = ("lateral", "oblique", "close-up")
"""Views that are of one side."""
AWAITS = "awaits a decision"
ALIKE = 0.5
"""Images no farther apart, in degrees, are posed and seen alike."""
_MISSING = {
    "free": "can be included (`calotype include TARGET`)", "fallen-out": "fell out (to be looked at)",
    "open": "to be built or decided", "contradicting": "to be decided", "excluded": "excluded",
}
"""Where more images may come from."""
By = Literal["human", "suggest", "anchor"]


@dataclass(frozen=True, slots=True)
class Pictured:
    """An image of a character and its published `line`; `open` says in words why that does not stand: it is empty for a
    picture that does. `curation` are the decisions about it."""

    image: Image
    line: Line | None
    open: str
    curation: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """An image of the set. `path` is its asset's, relative to the project, `pixels` its pixel digest; `by` says who
    chose it."""

    image: Image
    path: str
    pixels: str
    by: By
    why: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A target of the character that is not in the set. `state` is excluded, contradicting, fallen-out, open (what is
    published does not stand), or free: nobody chose it."""

    target: str
    reason: str
    state: str = "free"


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """The set of the character `characters/<id>`. `lacking` says why it cannot be used; empty where it can."""

    character: str
    trigger_word: str
    minimum: int
    maximum: int
    members: tuple[Member, ...]
    out: tuple[LeftOut, ...]
    lacking: str


def training_set(spec: Spec, targets: Iterable[Planned]) -> TrainingSet | None:
    """The set of a character's `spec`, whose planned `targets` are given, in any order; None where it has none."""
    return set_of_pictures(spec, map(pictured, targets))


def no_training_set(spec: Spec) -> Diagnostic:
    """What is said where the set of a `spec` is asked for that has none."""
    return error("no-training-set", f"`{spec_key(spec.kind, spec.id)}` has no training set", file=spec.file,
                 hint=f"add to it `training_set: {{trigger_word: {spec.id}}}`")


def pictured(planned: Planned) -> Pictured:
    line = planned.kept or planned.line
    return Pictured(planned.image, line, _open(planned, line), planned.human.curation)


def _open(planned: Planned, line: Line | None) -> str:
    """Why what is published does not stand. An approved picture does, while what its spec asks for now waits."""
    need = planned.verdict.need
    stays = planned.kept is not None and not planned.loses and need is not Need.REFUSE
    if need is Need.UP_TO_DATE or stays:
        return ""
    if need is Need.AWAIT or planned.awaits:
        return AWAITS
    if line is not None and planned.asset is Asset.OK and planned.pixels == line.pixels and need is not Need.REFUSE:
        return ""  # a build writes down what has changed beside the picture: who chose it, the name of its spec
    if line is None:
        return "is not published"
    if planned.asset is not Asset.OK:
        return "has no picture in its place" if planned.asset is Asset.MISSING else "was edited in its place"
    return "is stale"


def set_of_pictures(spec: Spec, pictures: Iterable[Pictured]) -> TrainingSet | None:
    """As `training_set`."""
    wish = spec.training_set
    if wish is None:
        return None
    included: list[Member] = []
    anchors: list[Member] = []
    free: dict[str, Pictured] = {}
    out: list[LeftOut] = []
    for picture in sorted(pictures, key=lambda each: (ANCHORS not in each.image.target, each.image.target)):
        curation = curation_of(picture.curation, None if picture.line is None else picture.line.pixels)
        left_out = _left_out(picture, curation)
        if left_out is not None:
            out.append(left_out)
        elif curation.state == "included":
            included.append(_member(picture, "human", "included"))
        elif wish.include_anchors and ANCHORS in picture.image.target:
            anchors.append(_member(picture, "anchor", "an anchor"))
        else:
            free[picture.image.target] = picture
    members = _suggested(included, anchors, free, wish.maximum) if wish.select == "suggest" else [*included, *anchors]
    taken = {member.image.target for member in members}
    left = [target for target in (*(anchor.image.target for anchor in anchors), *free) if target not in taken]
    full = len(members) >= wish.maximum
    out += [LeftOut(target, _unchosen(target, wish, full)) for target in left]
    name = f"characters/{spec.id}"
    return TrainingSet(
        name, wish.trigger_word, wish.minimum, wish.maximum, tuple(members), tuple(out), _lacking(members, out, wish))


def _left_out(picture: Pictured, curation: Curation) -> LeftOut | None:
    """Of a picture that is in no set, whoever chooses."""
    target = picture.image.target
    if picture.line is None:
        return LeftOut(target, _to_do(target, picture.open or "is not published"), "open")
    if curation.state == "excluded":
        return LeftOut(target, f"excluded: {curation.reason}" if curation.reason else "excluded", "excluded")
    if curation.state in ("contradicting", "fallen-out"):
        state = curation.state.replace("-", " ")
        return LeftOut(target, f"{state}: {curation.reason}; {look_at(target)}", curation.state)
    return LeftOut(target, _to_do(target, picture.open), "open") if picture.open else None


def _to_do(target: str, why: str) -> str:
    """Why a picture does not stand, and the command that settles it."""
    return f"{why}: `calotype {'explain' if why == AWAITS else 'build'} {target}`"


def _member(picture: Pictured, by: By, why: str) -> Member:
    assert picture.line is not None
    return Member(picture.image, picture.line.path, picture.line.pixels, by, why)


def _suggested(
    included: Sequence[Member], anchors: Sequence[Member], free: Mapping[str, Pictured], maximum: int
) -> list[Member]:
    """The included ones, then anchors, then as many of the `free` as there is room for."""
    from calotype.plan.training.farthest import Scored, farthest

    members = [*included, *anchors[:max(0, maximum - len(included))]]
    scored = [Scored(picture.image, _score(picture.line)) for picture in free.values()]
    for step in farthest(scored, [member.image for member in members], maximum - len(members)):
        members.append(_member(free[step.taken.image.target], "suggest", _why(step)))
    return members


def _why(step: Step) -> str:
    image, score = step.taken.image, step.taken.score
    seen = f"{image.view} {image.side}" if image.view in SIDED else image.view
    words = f"{str(image.posture['base']).replace('_', ' ')}, {seen}"
    scored = "" if score is None else f"; score {score:.0f}"
    if step.nearest is None:
        return f"{words}: the first{scored}"
    nearest = TargetName(step.nearest.target).last
    if step.distance < ALIKE:
        return f"{words}: posed and seen as {nearest}, the best of what is left{scored}"
    return f"{words}: farthest, {step.distance:.0f} from {nearest}{scored}"


def _score(line: Line | None) -> float | None:
    """What the picked candidate is ordered by; None where no scorer was asked."""
    if line is None or not 0 < line.pick.candidate <= len(line.candidates):
        return None
    scores = [score for name, score in line.candidates[line.pick.candidate - 1].scores.items() if name != LIKENESS]
    return sum(scores) / len(scores) if scores else None


def _unchosen(target: str, wish: TrainingSetSpec, full: bool) -> str:
    if wish.select == "suggest" and full:
        return f"`max` is {wish.maximum}, and others are farther apart; `calotype include {target}` takes it in"
    return f"nobody included it; `calotype include {target}` does"


def _lacking(members: Sequence[Member], out: Iterable[LeftOut], wish: TrainingSetSpec) -> str:
    number = len(members)
    if number > wish.maximum:
        return f"it has {_images(number)}, and `max` is {wish.maximum}: exclude {number - wish.maximum}, or raise `max`"
    if number >= wish.minimum:
        return ""
    counts = Counter(left_out.state for left_out in out)
    advice = [f"{counts[state]} {words}" for state, words in _MISSING.items() if counts[state]]
    sources = ", ".join(advice) or "add variations, or lower `min`"
    return f"it has {_images(number)}, and `min` is {wish.minimum}: {sources}"


def _images(number: int) -> str:
    return f"{number} image{'' if number == 1 else 's'}"
