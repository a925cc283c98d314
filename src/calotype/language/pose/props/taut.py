"""The taut way of bands and straps from part to part or to an anchor, round what is between; and cuffs.

Must not know pictures. Lengths are metres, unless they are said to be fractions of stature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import dist
from typing import Any

from calotype.language.pose.contact.touch import capsule
from calotype.language.pose.linear import Vector, add, scale, subtract
from calotype.language.pose.props.carried import fist
from calotype.language.pose.props.fitting import TOWARDS
from calotype.language.pose.props.on_props import parts_of
from calotype.language.pose.props.placed import Placed
from calotype.language.pose.props.prop_kinds import ANCHOR
from calotype.language.pose.skeleton import Skeleton

BREADTH = {"band": 0.022, "strap": 0.018}
"""Half of it."""
AWAY = 0.85
"""How far an anchor is from the part that pulls."""
LIMBS = {
    "elbow": ("forearm", (0.0, 0.0, 0.0), 0.024), "upper_arm": ("upper_arm", (0.0, -0.10, 0.0), 0.027),
    "thigh": ("thigh", (0.0, -0.14, 0.0), 0.043), "knee": ("thigh", (0.0, -0.215, 0.0), 0.036),
    "shank": ("shank", (-0.004, -0.10, 0.0), 0.030), "ankle": ("shank", (-0.003, -0.215, 0.0), 0.022),
}
"""Bone, centre in its frame and radius of what a band is wound round: fractions of stature."""
TRUNK = {"pelvis": ("pelvis", (-0.004, 0.02, 0.0), 0.080), "chest": ("thoracic_2", (0.004, 0.02, 0.0), 0.082)}
INSTEP = ((0.050, -0.022, 0.0), 0.026)
"""Where a band goes round a foot, in its frame, and the radius there."""
WORN = {"ankle": ("shank", -0.195, -0.232, 0.022), "wrist": ("forearm", -0.112, -0.142, 0.017)}
"""Bone, from where to where along it, and radius of the limb under a cuff."""
Coil = tuple[Vector, float] | None
"""The axis and the radius of a limb that a band is wound round; None for a mere point."""
RING: Coil = ((0.0, 1.0, 0.0), 0.012)
"""What a band runs through at its anchor, from hand to hand."""


def band(name: str, skeleton: Skeleton, options: Mapping[str, Any]) -> Placed:
    """A band or a strap along its way."""
    first, last = ([end] if end == ANCHOR else list(parts_of(end)) for end in (options["from"], options["to"]))
    ends = [first[0], *last, *first[1:]] if len(first) > 1 else [last[0], *first, *last[1:]] if len(last) > 1 else [
        first[0], last[0]]
    paired = len(ends) == 2 and all(not end.endswith("hand") and end != ANCHOR for end in ends)
    stops: list[tuple[Vector, Coil]] = []
    anchor: dict[str, Vector] = {}
    for number, end in enumerate(ends):
        if end == ANCHOR:
            at = _anchor(skeleton, ends[number - 1] if number else ends[1], options)
            stops.append((at, RING if 0 < number < len(ends) - 1 else None))
            anchor = {"anchor": at}
        else:
            stops.append(_stop(skeleton, end))
    if not paired:
        stops = _round_the_trunk(skeleton, stops)
    return Placed(
        name, scale(add(stops[0][0], stops[-1][0]), 0.5), path=tuple(at for at, _ in stops), radius=BREADTH[name],
        options={"round": tuple(coil for _, coil in stops), **anchor},
    )


def _stop(skeleton: Skeleton, part: str) -> tuple[Vector, Coil]:
    """Where a band ends, or turns: in a fist, or round a limb; round a foot it goes across the sole."""
    side, _, name = part.partition("_")
    size = skeleton.stature
    if name == "hand":
        return fist(skeleton, side), None
    if name == "foot":
        at, radius = INSTEP
        bone = f"{side}_foot"
        return skeleton.point(bone, scale(at, size)), (skeleton.axis(bone, 0), radius * size)
    bone, at, radius = LIMBS[name] if name else TRUNK[part]
    bone = f"{side}_{bone}" if name else bone
    return skeleton.point(bone, scale(at, size)), (skeleton.axis(bone, 1), radius * size)


def _anchor(skeleton: Skeleton, part: str, options: Mapping[str, Any]) -> Vector:
    """Where an anchor is: on the side and at the height that are said, else where the limb points and as high."""
    at, _ = _stop(skeleton, part)
    side = options.get("side") or _points(skeleton, part, at)
    dx, dz = TOWARDS[side]
    height = options["height"] / 100 if "height" in options else max(at[1], 0.02)
    return (at[0] + dx * AWAY, height, at[2] + dz * AWAY)


def _points(skeleton: Skeleton, part: str, at: Vector) -> str:
    """The side of the body to which a limb points from its root; in front where it points to none."""
    side, _, name = part.partition("_")
    arm = name in ("hand", "elbow", "upper_arm")
    root = skeleton.position[f"{side}_{'upper_arm' if arm else 'thigh'}"] if name else skeleton.position["pelvis"]
    x, _, z = subtract(at, root)
    if abs(z) > abs(x) and abs(z) > 0.15:
        return "right" if z > 0 else "left"
    return "behind" if x < -0.10 else "front"


def _round_the_trunk(skeleton: Skeleton, stops: Sequence[tuple[Vector, Coil]]) -> list[tuple[Vector, Coil]]:
    """The way with a turn round the chest or the pelvis wherever it would go through it."""
    whole = [stops[0]]
    for stop in stops[1:]:
        for name in ("chest", "pelvis"):
            bone, at, radius = TRUNK[name]
            centre, axis = skeleton.point(bone, scale(at, skeleton.stature)), skeleton.axis(bone, 1)
            if _crosses(skeleton, name, whole[-1][0], stop[0]):
                whole.append((centre, (axis, radius * skeleton.stature)))
                break
        whole.append(stop)
    return whole


def _crosses(skeleton: Skeleton, name: str, start: Vector, end: Vector) -> bool:
    """Whether a straight way goes through a part of the trunk."""
    low, high, thick, _ = capsule(skeleton, name)
    points = [add(start, scale(subtract(end, start), number / 12)) for number in range(13)]
    centres = [add(low, scale(subtract(high, low), t)) for t in (0.0, 0.5, 1.0)]
    return any(dist(point, centre) < thick - 0.01 for point in points for centre in centres)


def cuff(skeleton: Skeleton, at: str) -> Placed:
    """A weight that an ankle or a wrist wears."""
    side, _, name = at.partition("_")
    bone, start, end, radius = WORN[name]
    size = skeleton.stature
    ends = tuple(skeleton.point(f"{side}_{bone}", (0.0, along * size, 0.0)) for along in (start, end))
    return Placed("weight", scale(add(*ends), 0.5), path=ends, radius=radius * size, options={"worn": True})
