"""The targets of a project that a human decided: what there was to choose from, and what was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from calotype.ground.light_dataclass import dataclass
from calotype.language.image import Image
from calotype.plan.analysis import Found
from calotype.plan.planned import Planned
from calotype.project.judge_report import LeftOut
from calotype.store.results import Made

CONTRADICTION = "the decisions about it contradict each other"
FORMER = "decided of a picture that it asks for no more"
IMPORTED = "a picture was put in by hand"
UNRENDERED = "the picture that was chosen is not rendered yet"
ALONE = "there was nothing to choose from"


@dataclass(frozen=True, slots=True)
class HumanChoice:
    """A decided target: its distinct `pictures` in seed order, as far as they are rendered, and the index of the one
    that was `chosen`, by a pick or by approving what stood there."""

    image: Image
    by: Literal["pick", "approve"]
    pictures: tuple[Made, ...]
    chosen: int


def human_choices(targets: Iterable[Found]) -> Iterator[HumanChoice | LeftOut]:
    """Each target that a human decided, in order; those that nobody decided are passed over."""
    for found in targets:
        planned = found.planned
        if planned.human.picks or planned.human.stale:
            reason = _unusable(planned)
            yield LeftOut(planned.image.target, reason) if reason else _choice(planned)


def _unusable(planned: Planned) -> str:
    human = planned.human
    if human.conflict:
        return CONTRADICTION
    if human.imported is not None:
        return IMPORTED
    if human.index is None or human.index >= len(planned.keys):
        return FORMER
    if planned.keys[human.index] not in planned.made:
        return UNRENDERED
    return ALONE if len(_pictures(planned)) < 2 else ""


def _choice(planned: Planned) -> HumanChoice:
    index = planned.human.index
    assert index is not None, "a usable choice has a candidate"
    pictures = _pictures(planned)
    chosen = planned.made[planned.keys[index]].pixels
    picked = any(entry.decision.decision == "pick" for entry in planned.human.picks)
    by: Literal["pick", "approve"] = "pick" if picked else "approve"
    return HumanChoice(planned.image, by, tuple(pictures.values()), list(pictures).index(chosen))


def _pictures(planned: Planned) -> dict[str, Made]:
    """The candidates by their pixels, each once."""
    pictures: dict[str, Made] = {}
    for key in planned.keys:
        if key in planned.made:
            made = planned.made[key]
            before = pictures.get(made.pixels)
            pictures[made.pixels] = made if before is None or not before.at_hand else before
    return pictures
