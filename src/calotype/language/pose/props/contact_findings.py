"""Findings in the contacts that a pose writes: words, and what excludes itself. Must not know how they are met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from calotype.language.pose.pose_finding import Finding
from calotype.language.pose.terms import FOOT, PLURALS, SIDES

Pointer = tuple[str | int, ...]
LIMBS = (
    ("hand", "forearm", "elbow", "upper_arm", "shoulder"), ("foot", "heel", "toes", "ankle", "shin", "shank", "calf",
                                                            "knee", "thigh", "hip"),
)
REACHABLE = (("knee", "hip"), ("foot", "thigh"), ("heel", "thigh"), ("hand", "shoulder"))
"""Parts of one limb that may meet where it is bent sharply: the part, and what it reaches."""
OWN = {
    **dict.fromkeys(("back", "seat", "chest"), ("chest", "abdomen")),
    "head": ("head", "forehead", "back_of_head", "left_ear", "right_ear", "neck"),
}
"""Parts of the midline, and the body's own surfaces that they cannot come to."""
FACES = ("back", "chest")
HELD = ("bar", "barbell", "dumbbell", "weight", "pulldown", "cable", "stick", "mug")
LEVEL = ("floor", "bed", "bench", "table")


def excluded(contacts: Mapping[Any, Any], at: Pointer) -> Iterator[Finding]:
    """Contacts that no body can have: a part on its own limb or trunk, a weight in a knee, back and front down at
    once."""
    for part, surface in contacts.items():
        if not isinstance(part, str) or not isinstance(surface, str):
            continue
        side, _, name = surface.partition("_")
        for own in _sides(part):
            if side == own.partition("_")[0] and side in SIDES and _one_limb(own.partition("_")[2], name):
                other = SIDES[1 - SIDES.index(side)]
                yield Finding(
                    (*at, part), "error", "pose-conflict", f"`{own}` cannot touch `{surface}`: it is the same limb",
                    f"did you mean `{other}_{name}`?",
                )
        if surface in OWN.get(part, ()):
            yield Finding(
                (*at, part), "error", "pose-conflict", f"`{part}` cannot touch `{surface}` of its own body",
                f"hands: {surface}",
            )
        if surface in HELD and not part.endswith(("hand", "hands")):
            yield Finding(
                (*at, part), "error", "pose-conflict", f"only a hand holds a {surface}",
                f"{{weight: {{at: {part.partition('_')[0]}_ankle}}}} under `props` is a cuff" if surface == "weight"
                and part.endswith(FOOT) and "_" in part else f"hands: {surface}",
            )
    yield from _both_faces(contacts, at)


def _both_faces(contacts: Mapping[Any, Any], at: Pointer) -> Iterator[Finding]:
    if all(contacts.get(face) in LEVEL for face in FACES):
        message = "nobody lies on back and front at once"
    elif all(contacts.get(face) == "wall" for face in FACES):
        message = "one wall is not behind and in front at once"
    else:
        return
    yield Finding((*at, FACES[1]), "error", "pose-conflict", message, f"{FACES[0]}: none")


def _sides(part: str) -> Sequence[str]:
    name = PLURALS.get(part, part if part == "toes" else "")
    return [f"{side}_{name}" for side in SIDES] if name else [part]


def _one_limb(part: str, name: str) -> bool:
    return (part, name) not in REACHABLE and any(part in limb and name in limb for limb in LIMBS)
