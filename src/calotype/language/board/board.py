"""A storyboard made of a brief: markers that hold for every shot, and the beats of a small story.

A board is a function of the brief and the number of shots alone: the same text gives the same board anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.board.brief import Brief, lexicon, read_brief
from calotype.language.board.shot_poses import pose_of

SECONDS_A_SHOT, MOST_SHOTS = 4, 8
MARKERS = ("character", "wardrobe", "place", "palette", "brand")
"""What stays the same from shot to shot, in the order in which a prompt says it."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One shot: `prompt` is what happens and how near it is seen; `pose` holds the body as `language.pose` reads it, or
    is empty where no body is seen."""

    id: str
    title: str
    prompt: str
    view_angle: str
    pose: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Board:
    """`markers` by their names, as MARKERS orders them."""

    markers: Mapping[str, str]
    beats: tuple[Beat, ...]


def shots_of(seconds: float) -> int:
    """How many shots a film of that length has: one for each four seconds, rounded half up, 1 to 8."""
    return max(1, min(MOST_SHOTS, int(seconds / SECONDS_A_SHOT + 0.5)))


def board_of(text: str, shots: int) -> Board:
    """The board of the brief `text`, with 1 to 8 `shots`."""
    brief = read_brief(text)
    return Board(_markers(brief), tuple(_beat(name, brief) for name in lexicon()["arcs"][str(shots)]))


def _markers(brief: Brief) -> dict[str, str]:
    look = ", ".join([*brief.tones, brief.subject["brand"]])
    return {
        "character": brief.person.character, "wardrobe": brief.person.wardrobe, "place": brief.place,
        "palette": f"palette of {brief.palette}",
        "brand": f"{brief.brand} brand look: {look}" if brief.brand else f"brand look: {look}",
    }


def _beat(name: str, brief: Brief) -> Beat:
    words, family = lexicon(), lexicon()["families"][brief.subject["family"]]
    beat, person = words["beats"][name], brief.person
    said = family["acts"][name].format(
        object=brief.thing, who=person.who, them=person.them, their=person.their, themself=person.themself)
    said = said.replace("one hand", f"the {brief.hand} hand", 1) if brief.hand else said
    if name == "use" and brief.doing:
        said = f"{person.who} {brief.doing}"
    framing = family.get("framings", {}).get(name, beat["framing"])
    return Beat(name, beat["title"], f"{framing}, {said}", beat["view_angle"],
                pose_of(family["posture"], name, brief.subject.get("prop", ""), brief.hand))
