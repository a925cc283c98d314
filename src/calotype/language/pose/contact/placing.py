"""Where a body rests as its angles stand: turned and moved as one, no joint bent. Must not know pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import atan2, copysign, degrees, hypot
from typing import Any

from calotype.language.pose.contact.surfaces import (
    MIDLINE_SURFACE,
    contacts,
    lowest,
    overbent,
    side_down,
    spheres,
)
from calotype.language.pose.linear import IDENTITY, Rotation, about_x, about_y, about_z, back, times, turn
from calotype.language.pose.props import on_props
from calotype.language.pose.skeleton import Skeleton, forward, pelvis
from calotype.language.pose.support.lain_on import TRUNK
from calotype.language.pose.terms import ARM, LEG, ON_KNEES, SIDES

ROOT: dict[str, Rotation] = {
    "standing": IDENTITY,
    "seated": IDENTITY,
    "kneeling": IDENTITY,
    "half_kneeling": IDENTITY,
    "heel_sitting": IDENTITY,
    "long_sitting": IDENTITY,
    "hanging": IDENTITY,
    "supine": about_z(90),
    "crook_lying": about_z(90),
    "prone": about_z(-90),
    "quadruped": about_z(-90),
    "plank": about_z(-90),
}
SHIN_RISE = 2.0
"""Degrees by which a kneeling shin rises towards the ankle, over the instep."""
TIPPED = 0.985
"""The cosine of ten degrees: a body that stands is not turned further to bring its hands down."""
SEATS = ("chair", "bench", "stool", "bed")
LEVEL_THIGH, UPRIGHT, ALIKE = 90.0, 3.0, 5.0
"""Degrees: of the hips of who sits upright; by which they may differ and nobody leans; and from one another."""
FLOAT = 0.12
"""Metres under the feet of a hanging body."""


def place(posture: Mapping[str, Any], tip: bool = True) -> Skeleton:
    """The skeleton of a canonical posture in the world: floor at y = 0, in metres, contacts on their surfaces.

    A posture that has been solved says its `root`. Without `tip` nobody who stands is turned to bring the hands down.
    """
    if "root" in posture:
        *turned, at = posture["root"]
        first, second, third = ((row[0], row[1], row[2]) for row in turned)
        return forward(posture).moved((first, second, third), (0.0, 0.0, 0.0), (at[0], at[1], at[2]))
    touching = contacts(posture)
    skeleton = _turned(forward(posture), times(_root(posture), pelvis(posture)))
    below = on_props.lies_on(posture) or "floor"
    grounded = [part for part, surface in touching.items() if surface == below]
    if posture["base"] == "standing":
        skeleton = _level(skeleton, stands_on(posture, grounded))
    if posture["base"] in ON_KNEES:
        skeleton = _on_shins(skeleton, grounded)
    if posture["base"] == "side_lying":
        skeleton = _on_side(skeleton, side_down(posture))
    if lean := leans(posture):
        skeleton = _turned(skeleton, about_z(-lean))
    upper = [part for part in grounded if part.endswith(ARM) or part in MIDLINE_SURFACE]
    legs = [part for part in grounded if part.endswith(LEG)]
    upright = ("seated", *ON_KNEES) if tip else ("seated", *ON_KNEES, "standing")
    lift = 0.0
    if raised := on_props.sloping(posture, touching):
        upper, legs, lift = raised
    if upper and legs and posture["base"] not in upright:
        skeleton = _bridge(skeleton, upper, legs, lift)
    above = on_props.ground(posture) if "contacts" in posture else 0.0
    drop = FLOAT if posture["base"] == "hanging" else above
    trunk = TRUNK if above and posture["base"] in on_props.FLAT else None
    return skeleton.moved(IDENTITY, (0.0, 0.0, 0.0), (0.0, drop - lowest(skeleton, trunk), 0.0))


def leans(posture: Mapping[str, Any]) -> float:
    """Degrees by which someone seated leans forward: hips that are bent further than thighs on a seat are, over feet
    that are on the floor, bring the trunk forward, not the knees up."""
    touching = contacts(posture)
    if posture["base"] != "seated" or touching.get("seat") not in SEATS or "back" in touching:
        return 0.0
    hips = [posture.get(side, {}).get("hip_flexion", 0.0) for side in SIDES if touching.get(f"{side}_foot") == "floor"]
    if not hips or max(hips) - min(hips) > ALIKE:
        return 0.0
    lean = sum(hips) / len(hips) - LEVEL_THIGH
    return float(copysign(max(0.0, abs(lean) - UPRIGHT), lean))


def tipped(posture: Mapping[str, Any]) -> bool:
    """Whether someone who stands would be laid on the hands: then the feet are not where they are said to be."""
    touching = contacts(posture)
    if posture["base"] != "standing" or not any(
        surface == "floor" and not part.endswith(LEG) for part, surface in touching.items()
    ):
        return False
    grounded = [part for part, surface in touching.items() if surface == "floor"]
    upright = _level(forward(posture), stands_on(posture, grounded))
    laid = place(posture)
    (a, b, _), (c, d, _) = (turn(skeleton.rotation["pelvis"], (0.0, 1.0, 0.0)) for skeleton in (upright, laid))
    return a * c + b * d < TIPPED


def _root(posture: Mapping[str, Any]) -> Rotation:
    if posture["base"] == "side_lying":
        return times(about_x(90 if side_down(posture) == "right" else -90), ROOT["supine"])
    return ROOT[posture["base"]]


def _turned(skeleton: Skeleton, rotation: Rotation) -> Skeleton:
    if rotation is IDENTITY:
        return skeleton
    return skeleton.moved(rotation, skeleton.position["pelvis"], (0.0, 0.0, 0.0))


def stands_on(posture: Mapping[str, Any], grounded: Sequence[str]) -> list[str]:
    """The sides of the feet that can lie flat on the floor under an upright body: not those on their toes, nor under a
    leg whose knee is bent further than hip and ankle make up for. Where none can, those that are said to be down."""
    own = posture.get("contacts", {})
    feet = [side for side in SIDES if f"{side}_foot" in grounded]
    flat = [
        side for side in feet
        if f"{side}_foot" in own or (f"{side}_toes" not in own and not overbent(posture, side))
    ]
    return flat or feet


def _level(skeleton: Skeleton, feet: Sequence[str]) -> Skeleton:
    """Turned about the sideways axis until the toes of the standing `feet` (sides) lie flat: the legs decide how the
    trunk leans."""
    pitches = []
    for side in feet:
        toe = turn(skeleton.rotation[f"{side}_toes"], (1.0, 0.0, 0.0))
        pitches.append(degrees(atan2(toe[1], toe[0])))
    if not pitches:
        return skeleton
    return _turned(skeleton, about_z(-sum(pitches) / len(pitches)))


def _on_shins(skeleton: Skeleton, grounded: list[str]) -> Skeleton:
    """Turned about the sideways axis until the shins of the kneeling legs lie along the floor."""
    pitches = []
    for side in SIDES:
        if f"{side}_knee" in grounded:
            shin = turn(skeleton.rotation[f"{side}_shank"], (0.0, -1.0, 0.0))
            pitches.append(degrees(atan2(shin[1], -shin[0])) - SHIN_RISE)
    if not pitches:
        return skeleton
    return _turned(skeleton, about_z(sum(pitches) / len(pitches)))


def _on_side(skeleton: Skeleton, side: str) -> Skeleton:
    """Tipped until the shoulder and the hip below are on one level."""
    for _ in range(3):
        ends = (spheres(skeleton, [f"{side}_{part}"])[0] for part in ("shoulder", "hip"))
        ((a, b, c), shoulder), ((x, y, z), hip) = ends
        heading = about_y(degrees(atan2(z - c, x - a)))
        slope = degrees(atan2((y - hip) - (b - shoulder), hypot(x - a, z - c)))
        skeleton = _turned(skeleton, times(back(heading), times(about_z(-slope), heading)))
    return skeleton


def _bridge(skeleton: Skeleton, hands: list[str], legs: list[str], lift: float = 0.0) -> Skeleton:
    """Turned about the sideways axis until hands (or back) and legs are on one level, or hands so much higher."""
    for _ in range(6):
        (front, rear) = (
            min(spheres(skeleton, parts), key=lambda one: one[0][1] - one[1]) for parts in (hands, legs)
        )
        rise = (front[0][1] - front[1]) - (rear[0][1] - rear[1]) - lift
        apart = front[0][0] - rear[0][0]
        # head first or feet first, it is the same slope
        slope = atan2(rise, apart) if apart > 0 else atan2(-rise, -apart)
        skeleton = _turned(skeleton, about_z(-degrees(slope)))
    return skeleton
