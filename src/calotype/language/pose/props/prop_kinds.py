"""The props that a pose may name: their options, and how each is used. Schema, checks and documents are made from it.

Sizes are centimetres. Must not know where a prop stands.
"""

from __future__ import annotations

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.terms import BODY, MIDLINE_BODY, SIDES

WALL_SIDES = ("front", "behind", "left", "right")


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
    """A prop. `touched` says whether a contact may name it, `beside` whether it may stand where nothing touches it,
    `several` whether a pose may have more than one of it."""

    name: str
    meaning: str
    options: tuple[Option, ...] = ()
    touched: bool = True
    beside: bool = True
    several: bool = False

    def option(self, name: str) -> Option | None:
        return next((option for option in self.options if option.name == name), None)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("chair", "a seat with a back rest"),
        Kind("bench", "what one sits on", beside=False),
        Kind("table", "what stands before the body"),
        Kind("wall", "a wall", (Option("side", "where it is from the body", WALL_SIDES),)),
        Kind("step", "a step that is as high as what is on it", beside=False),
        Kind("bar", "a bar that two hands hold", beside=False),
        Kind("barbell", "a bar with weights", beside=False),
        Kind("dumbbell", "a weight in a hand", beside=False),
        Kind("pulldown", "the bar of a pulldown machine", beside=False),
        Kind("cable", "the handle of a cable machine", beside=False),
        Kind("mug", "a mug, in a hand or on the table"),
        Kind("mat", "a mat on the floor", touched=False),
    )
}
"""Every prop, by its name."""

PROPS = tuple(KINDS)
"""What `props` may name."""
SURFACES = (
    "floor",
    *(name for name, kind in KINDS.items() if kind.touched),
    "thigh",
    "shank",
    *(f"{side}_{part}" for side in SIDES for part in BODY),
    *MIDLINE_BODY,
    "none",
)
"""What a part may touch or hold. `none` takes away a contact of the base posture."""
