"""Where the body rests: the skeleton turned and moved so that contacts lie on surfaces. Must not know pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import atan2, degrees, hypot
from typing import Any

from calotype.language.pose.figure import girth
from calotype.language.pose.linear import IDENTITY, Rotation, Vector, about_x, about_y, about_z, back, times, turn
from calotype.language.pose.skeleton import Skeleton, forward
from calotype.language.pose.terms import SIDES

ROOT: dict[str, Rotation] = {
    "standing": IDENTITY,
    "seated": IDENTITY,
    "kneeling": IDENTITY,
    "hanging": IDENTITY,
    "supine": about_z(90),
    "prone": about_z(-90),
    "quadruped": about_z(-90),
}
BASE_CONTACTS: dict[str, dict[str, str]] = {
    "standing": {"left_foot": "floor", "right_foot": "floor"},
    "seated": {"seat": "chair", "left_foot": "floor", "right_foot": "floor"},
    "supine": {"back": "floor"},
    "prone": {"chest": "floor"},
    "quadruped": {f"{side}_{part}": "floor" for side in SIDES for part in ("hand", "knee")},
    "side_lying": {},
    "kneeling": {"left_knee": "floor", "right_knee": "floor"},
    "hanging": {"left_hand": "bar", "right_hand": "bar"},
}
SHIN_RISE = 2.0
"""Degrees by which a kneeling shin rises towards the ankle, over the instep."""
FLOAT = 0.12
"""Metres under the feet of a hanging body."""

Sphere = tuple[str, Vector, float]
"""Bone, centre in its frame and radius: fractions of stature."""

SHOULDER: Sphere = ("upper_arm", (0.0, 0.0, 0.0), 0.034)
HIP: Sphere = ("thigh", (0.0, 0.0, 0.0), 0.055)
ANKLE: Sphere = ("foot", (0.0, -0.016, 0.0), 0.0195)

PAIRED_SURFACE: dict[str, tuple[Sphere, ...]] = {
    "foot": (
        ("foot", (-0.030, -0.031, 0.0), 0.008),
        ("toes", (0.0, -0.003, 0.0), 0.008),
        ("toes", (0.034, -0.005, 0.0), 0.006),
    ),
    "heel": (("foot", (-0.030, -0.031, 0.0), 0.008),),
    "toes": (("toes", (0.0, -0.003, 0.0), 0.008), ("toes", (0.034, -0.005, 0.0), 0.006)),
    "knee": (("shank", (0.004, 0.0, 0.0), 0.030),),
    "shin": (("shank", (-0.004, -0.12, 0.0), 0.024), ("foot", (0.06, -0.008, 0.0), 0.015)),
    "hand": (("hand", (0.0, -0.006, 0.0), 0.013), ("fingers", (0.0, 0.0, 0.0), 0.009)),
    "forearm": (("forearm", (0.0, -0.06, 0.0), 0.022), ("forearm", (0.0, -0.01, 0.0), 0.023)),
    "elbow": (("forearm", (-0.002, 0.0, 0.0), 0.023),),
    "shoulder": (SHOULDER,),
    "hip": (HIP,),
    "side": (SHOULDER, HIP, ANKLE),
}
MIDLINE_SURFACE: dict[str, tuple[Sphere, ...]] = {
    "back": (("thoracic_2", (-0.005, 0.02, 0.0), 0.035), ("thoracic_3", (-0.002, 0.036, 0.0), 0.027)),
    "seat": (("pelvis", (-0.012, -0.004, 0.0), 0.062),),
    "chest": (("thoracic_2", (0.025, 0.02, 0.0), 0.062), ("pelvis", (0.005, 0.02, 0.0), 0.05)),
    "head": (("head", (0.008, 0.05, 0.0), 0.058),),
}

FLESH = {
    "shank": "knee", "forearm": "forearm", "thigh": "hips", "upper_arm": "upper_arm", "thoracic_2": "chest",
    "thoracic_3": "chest", "pelvis": "hips",
}
"""By which girth the surface of a bone is thicker on a broad figure, and thinner on a slim one."""


def contacts(posture: Mapping[str, Any]) -> dict[str, str]:
    """What each part touches: the base posture's contacts, then the pose's own. `none` is left out."""
    merged = {**BASE_CONTACTS[posture["base"]], **posture.get("contacts", {})}
    return {part: surface for part, surface in merged.items() if surface != "none"}


def rest(posture: Mapping[str, Any]) -> Skeleton:
    """The skeleton of a canonical posture in the world: floor at y = 0, in metres, contacts on their surfaces."""
    touching = contacts(posture)
    skeleton = _turned(forward(posture), _root(posture["base"], touching))
    grounded = [part for part, surface in touching.items() if surface == "floor"]
    if posture["base"] == "standing":
        skeleton = _level(skeleton, grounded)
    if posture["base"] == "kneeling":
        skeleton = _on_shins(skeleton, grounded)
    if posture["base"] == "side_lying":
        skeleton = _on_side(skeleton, "right" if "right_side" in touching else "left")
    upper = [part for part in grounded if part.endswith(("hand", "forearm", "elbow")) or part in MIDLINE_SURFACE]
    legs = [part for part in grounded if part.endswith(("foot", "toes", "knee", "shin", "heel"))]
    if upper and legs and posture["base"] not in ("seated", "kneeling"):
        skeleton = _bridge(skeleton, upper, legs)
    drop = FLOAT if posture["base"] == "hanging" else 0.0
    return skeleton.moved(IDENTITY, (0.0, 0.0, 0.0), (0.0, drop - lowest(skeleton), 0.0))


def lowest(skeleton: Skeleton, parts: Iterable[str] | None = None) -> float:
    """The height of the lowest point of the named parts, or of the whole body."""
    return min(at[1] - radius for at, radius in spheres(skeleton, parts))


def spheres(skeleton: Skeleton, parts: Iterable[str] | None = None) -> list[tuple[Vector, float]]:
    """Centres and radii, in metres, of the surface that rests on things."""
    if parts is None:
        parts = [*MIDLINE_SURFACE, *(f"{side}_{part}" for side in SIDES for part in PAIRED_SURFACE)]
    surface = []
    size = skeleton.stature
    for part in parts:
        side, _, name = part.partition("_")
        for bone, (x, y, z), radius in PAIRED_SURFACE[name] if name else MIDLINE_SURFACE[part]:
            stout = girth(skeleton.build, FLESH.get(bone, ""))
            bone = f"{side}_{bone}" if name else bone
            local = (x * size, y * size, z * size)
            surface.append((skeleton.point(bone, local), radius * size * stout))
    return surface


def _root(base: str, touching: Mapping[str, str]) -> Rotation:
    if base == "side_lying":
        return times(about_x(90) if "right_side" in touching else about_x(-90), ROOT["supine"])
    return ROOT[base]


def _turned(skeleton: Skeleton, rotation: Rotation) -> Skeleton:
    if rotation is IDENTITY:
        return skeleton
    return skeleton.moved(rotation, skeleton.position["pelvis"], (0.0, 0.0, 0.0))


def _level(skeleton: Skeleton, grounded: list[str]) -> Skeleton:
    """Turned about the sideways axis until the standing foot's toes lie flat: the legs decide how the trunk leans."""
    pitches = []
    for side in SIDES:
        if f"{side}_foot" in grounded:
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


def _bridge(skeleton: Skeleton, hands: list[str], legs: list[str]) -> Skeleton:
    """Turned about the sideways axis until hands (or back) and legs are on one level."""
    for _ in range(6):
        (front, rear) = (
            min(spheres(skeleton, parts), key=lambda one: one[0][1] - one[1]) for parts in (hands, legs)
        )
        rise = (front[0][1] - front[1]) - (rear[0][1] - rear[1])
        apart = front[0][0] - rear[0][0]
        # head first or feet first, it is the same slope
        slope = atan2(rise, apart) if apart > 0 else atan2(-rise, -apart)
        skeleton = _turned(skeleton, about_z(-degrees(slope)))
    return skeleton
