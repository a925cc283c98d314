"""The props that a pose may name: their options, and how each is used. Schema, checks and documents are made from it.

Sizes are centimetres. Must not know where a prop stands.
"""

from __future__ import annotations

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.terms import BODY, MIDLINE_BODY, SIDES

BACK_REST = 0.47
"""Metres by which the back of a chair is above its seat."""
JAMB = 0.10
"""Metres that the frame of a door is broad."""
BEHIND = ("back", "seat", "head")
"""Parts that touch a wall behind an upright body."""
WALL_SIDES = ("front", "behind", "left", "right")
PAIRED = ("knee", "thigh", "calf", "ankle", "heel", "foot", "hand", "forearm", "elbow", "upper_arm")
PAIRS = {
    "knees": "knee", "thighs": "thigh", "calves": "calf", "ankles": "ankle", "heels": "heel", "feet": "foot",
    "hands": "hand", "forearms": "forearm", "elbows": "elbow",
}
"""The parts of both sides that something lies under, between or round."""
UNDER = (
    "head", "neck", "back", "lumbar", "seat", "abdomen", "chest",
    *(f"{side}_{part}" for side in SIDES for part in (*PAIRED, "shoulder", "hip")), *PAIRS,
)
"""What a towel, a pillow, a roller or a ball may lie under."""
BETWEEN = ("knees", "thighs", "ankles", "feet", "hands", "forearms", "elbows")
ANCHOR = "anchor"
"""The end of a band that is fixed to something: a door, a post."""
ENDS = (
    *(f"{side}_{part}" for side in SIDES
      for part in ("hand", "elbow", "upper_arm", "thigh", "knee", "shank", "ankle", "foot")),
    "hands", "feet", "pelvis", "chest",
)
"""What a band may run from and to, beside an anchor."""
WORN = tuple(f"{side}_{part}" for side in SIDES for part in ("ankle", "wrist"))


@dataclass(frozen=True, slots=True)
class Option:
    """What may be said of a prop: one of some `words`, or a number of centimetres within a `span`."""

    name: str
    meaning: str
    words: tuple[str, ...] = ()
    span: tuple[float, float] | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A prop. `surfaces` are the words by which a contact names it; `beside` says whether it may stand where nothing
    touches it, `several` whether a pose may have more than one of it."""

    name: str
    meaning: str
    options: tuple[Option, ...] = ()
    surfaces: tuple[str, ...] = ()
    beside: bool = True
    several: bool = False

    def option(self, name: str) -> Option | None:
        return next((option for option in self.options if option.name == name), None)


def _side(where: str = "where it is from the body") -> Option:
    return Option("side", where, WALL_SIDES)


def _height(low: float, high: float, meaning: str = "how high it is; else as high as what is on it") -> Option:
    return Option("height", meaning, span=(low, high))


def _ends(what: str) -> tuple[Option, ...]:
    return (
        Option("from", "where it begins", (*ENDS, ANCHOR), required=True),
        Option("to", f"where it ends: {what}", (*ENDS, ANCHOR), required=True),
        _side("where its anchor is from the body; else where the limb points"),
        _height(0, 250, "how high its anchor is; else as high as the limb"),
    )


UNDER_OPTION = Option("under", "the part that lies on it", UNDER)
BETWEEN_OPTION = Option("between", "the parts that hold it between them", BETWEEN)


def _kind(name: str, meaning: str, *options: Option, **more: bool) -> Kind:
    return Kind(name, meaning, options, (name,), **more)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("chair", "a chair with a back rest", (_side(), _height(25, 60)), ("chair", "chair_back"), several=True),
        _kind("stool", "a stool", _side(), _height(20, 80)),
        _kind("bench", "a bench that one sits or lies on", _height(20, 100)),
        _kind("bed", "a bed, or a plinth, that one sits or lies on", _height(25, 100)),
        _kind("table", "a table", _height(40, 130)),
        _kind("step", "a step", _height(2, 60)),
        _kind("wall", "a wall", _side(), several=True),
        _kind("doorway", "a doorway, the body between its jambs"),
        _kind("bar", "a bar that hands hold", beside=False),
        _kind("stick", "a stick that two hands hold, or that one leans on", beside=False),
        _kind("barbell", "a bar with weights", beside=False),
        _kind("dumbbell", "a dumbbell", beside=False),
        _kind("weight", "a weight in the hand, or a cuff", Option("at", "the ankle or wrist that wears it", WORN),
              beside=False, several=True),
        _kind("pulldown", "the bar of a pulldown machine", beside=False),
        _kind("cable", "the handle of a cable machine", beside=False),
        Kind("band", "an elastic band", _ends("the other part, or an anchor"), several=True),
        Kind("strap", "a strap that does not give", _ends("the other part, or an anchor"), several=True),
        _kind("ball", "a ball", Option("diameter", "how thick it is", span=(5, 120)), UNDER_OPTION, BETWEEN_OPTION),
        _kind("roller", "a foam roller", Option("diameter", "how thick it is", span=(4, 30)), UNDER_OPTION,
              beside=False, several=True),
        _kind("towel", "a folded or rolled towel", UNDER_OPTION, BETWEEN_OPTION, _height(1, 25), beside=False,
              several=True),
        _kind("pillow", "a pillow", UNDER_OPTION, BETWEEN_OPTION, _height(3, 30), beside=False, several=True),
        _kind("mug", "a mug, in a hand or on the table"),
        Kind("mat", "a mat on the floor"),
    )
}
"""Every prop, by its name."""

PROPS = tuple(KINDS)
"""What `props` may name."""
OF_SURFACE = {surface: kind.name for kind in KINDS.values() for surface in kind.surfaces}
"""The prop that a surface of contacts is of."""
SURFACES = (
    "floor",
    *OF_SURFACE,
    "thigh",
    "shank",
    *(f"{side}_{part}" for side in SIDES for part in BODY),
    *MIDLINE_BODY,
    "none",
)
"""What a part may touch or hold. `none` takes away a contact of the base posture."""
