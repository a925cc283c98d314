"""What parts of the body touch, where their surfaces are, and its weight: spheres and points on the bones.

Must not know how a body rests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import cos, radians
from typing import Any

from calotype.language.pose.figure import girth
from calotype.language.pose.linear import Vector, scale
from calotype.language.pose.props import on_props
from calotype.language.pose.skeleton import BONES, Skeleton
from calotype.language.pose.terms import ARM, AXIS, LEG, SIDES

OFFSET = {bone.name: bone.offset for bone in BONES}

BASE_CONTACTS: dict[str, dict[str, str]] = {
    "standing": {"left_foot": "floor", "right_foot": "floor"},
    "seated": {"seat": "chair", "left_foot": "floor", "right_foot": "floor"},
    "supine": {"back": "floor"},
    "prone": {"chest": "floor"},
    "quadruped": {f"{side}_{part}": "floor" for side in SIDES for part in ("hand", "knee")},
    "side_lying": {},
    "kneeling": {"left_knee": "floor", "right_knee": "floor"},
    "half_kneeling": {"left_knee": "floor", "right_foot": "floor"},
    "long_sitting": {"seat": "floor", "left_heel": "floor", "right_heel": "floor"},
    "crook_lying": {"back": "floor", "left_foot": "floor", "right_foot": "floor"},
    "heel_sitting": {f"{side}_{part}": "floor" for side in SIDES for part in ("knee", "shin")},
    "plank": {f"{side}_{part}": "floor" for side in SIDES for part in ("hand", "toes")},
    "hanging": {"left_hand": "bar", "right_hand": "bar"},
}

LEG_PARTS = tuple(f"{side}_{part}" for side in SIDES for part in (*LEG, "calf"))
TRUNK_DOWN = {
    "prone": ("chest",), "supine": ("back",), "side_lying": ("left_side", "right_side"),
    "quadruped": ("left_knee", "right_knee"),
}
"""What leaves the floor, of each base, when the arms lift the body; the legs are left to carry the rest of it."""
KNEE_BENT = 45.0
"""Degrees from which on a prone leg lies on its knee, not on its shin."""

LEANS_BACK = 10.0
"""Degrees that a standing body leans back at most."""
STEP = 0.15
"""Metres between two feet or hands that are written apart and may still both be meant to be down."""

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

OTHER_SURFACE: dict[str, tuple[Sphere, ...]] = {
    "calf": (("shank", (-0.012, -0.055, 0.0), 0.031), ("shank", (-0.010, -0.13, 0.0), 0.028)),
    "thigh": (("thigh", (-0.004, -0.13, 0.0), 0.042),),
    "ankle": (("shank", (-0.006, -0.222, 0.0), 0.021),),
    "upper_arm": (("upper_arm", (0.0, -0.10, 0.0), 0.026),),
    "neck": (("neck_1", (-0.004, 0.012, 0.0), 0.030),),
    "lumbar": (("lumbar_2", (-0.010, 0.0, 0.0), 0.050),),
    "abdomen": (("pelvis", (0.012, 0.040, 0.0), 0.052),),
}
"""What rests on things by name alone: it is no part of the surface that rests anywhere."""

FLESH = {
    "shank": "knee", "forearm": "forearm", "thigh": "hips", "upper_arm": "upper_arm", "thoracic_2": "chest",
    "thoracic_3": "chest", "pelvis": "hips",
}
"""By which girth the surface of a bone is thicker on a broad figure, and thinner on a slim one."""

MASSES: tuple[tuple[str, Vector, float], ...] = (
    ("head", (0.008, 0.05, 0.0), 0.081), ("thoracic_2", (0.01, 0.0, 0.0), 0.216), ("lumbar_2", (0.0, 0.0, 0.0), 0.139),
    ("pelvis", (0.0, 0.0, 0.0), 0.142),
    *((f"{side}_{bone}", (0.0, down, 0.0), mass) for side in SIDES for bone, down, mass in (
        ("upper_arm", -0.081, 0.028), ("forearm", -0.063, 0.016), ("hand", -0.03, 0.006), ("thigh", -0.106, 0.1),
        ("shank", -0.107, 0.0465), ("foot", -0.02, 0.0145),
    )),
)
"""Segments, their centres of mass and their shares of it (Winter 2009, table 4.1)."""


def base_contacts(posture: Mapping[str, Any]) -> dict[str, str]:
    """What each part touches by the base posture alone, on the side that is down."""
    touching = BASE_CONTACTS[posture["base"]]
    if posture.get("down") != "right":
        return touching
    other = {"left": "right", "right": "left"}
    split = ((part.partition("_"), surface) for part, surface in touching.items())
    return {f"{other[side]}_{name}": surface for (side, _, name), surface in split}


def side_down(posture: Mapping[str, Any]) -> str:
    """The side that a posture on `side_lying` has below: the one its contacts name, lifted off the floor or not. "" on
    any other base."""
    named = posture.get("contacts", {})
    if posture["base"] != "side_lying":
        return ""
    return "right" if "right_side" in named and "left_side" not in named else "left"


def contacts(posture: Mapping[str, Any]) -> dict[str, str]:
    """What each part touches: the base posture's contacts, then the pose's own, then the legs under a lifted trunk.
    `none` is left out."""
    written = posture.get("contacts", {})
    merged = {**base_contacts(posture), **written}
    behind = on_toes(posture)
    if behind:
        merged = {f"{behind}_toes": "floor", **merged, f"{behind}_foot": "none"}
    if written:
        merged = {**_legs_left(posture, merged), **merged}
        bed = on_props.lies_on(posture)
        if bed or "chair" in written.values():
            merged = {part: _meant(posture, part, surface, bed) for part, surface in merged.items()}
        for part, surface in written.items():
            if surface in on_props.KNELT_ON and part.endswith(("_knee", "_shin")):
                foot = f"{part.partition('_')[0]}_foot"
                merged[foot] = written.get(foot, "none")  # a leg that kneels on something has left the floor
    if "props" in posture:
        merged |= {part: surface for part, surface in on_props.raised(posture) if part not in written}
    return {part: surface for part, surface in merged.items() if surface != "none"}


def _meant(posture: Mapping[str, Any], part: str, surface: str, bed: str) -> str:
    """What a contact means: who lies on a bed has all of it there that the base has on the floor, and a hand of who
    stands is on the back of a chair."""
    by_the_pose = part in posture["contacts"] and not (posture["base"] == "side_lying" and part.endswith("_side"))
    if surface == "floor" and bed and not by_the_pose:
        return bed
    if surface == "chair" and posture["base"] == "standing" and part.endswith(ARM):
        return "chair_back"
    return surface


def overbent(posture: Mapping[str, Any], side: str) -> bool:
    """Whether nobody could stand on a leg with the sole flat without falling back, as far as any ankle bends."""
    leg = posture.get(side, {})
    hip, knee, ankle = (float(leg.get(axis, 0.0)) for axis in ("hip_flexion", "knee_flexion", "ankle_dorsiflexion"))
    return hip - knee + max(ankle, AXIS["ankle_dorsiflexion"].normal[1]) < -LEANS_BACK


def on_toes(posture: Mapping[str, Any]) -> str:
    """The side of the leg behind in a lunge: its sole cannot lie flat, and under an upright trunk its foot is about as
    low as the other one, by angles that the pose says. "" in any other posture."""
    if posture["base"] != "standing" or not posture.get("written"):
        return ""
    written, own_contacts = posture["written"], posture.get("contacts", {})
    for side, other in (SIDES, SIDES[::-1]):
        bend_written = {f"{side}.{axis}" for axis in ("hip_flexion", "knee_flexion")} <= set(written)
        feet = own_contacts.keys() & {f"{side}_foot", f"{side}_toes", f"{other}_foot", f"{other}_toes"}
        if bend_written and not feet and overbent(posture, side) and not overbent(posture, other) and (
            abs(_reaches(posture, side) - _reaches(posture, other)) < STEP
        ):
            return side
    return ""


def _reaches(posture: Mapping[str, Any], side: str) -> float:
    """Metres from hip down to ankle of a leg under an upright trunk."""
    leg = posture.get(side, {})
    thigh, shank = leg.get("hip_flexion", 0.0), leg.get("hip_flexion", 0.0) - leg.get("knee_flexion", 0.0)
    lengths = (-OFFSET[f"{side}_{bone}"][1] for bone in ("shank", "foot"))
    return sum(length * cos(radians(angle)) for length, angle in zip(lengths, (thigh, shank), strict=True))


def _legs_left(posture: Mapping[str, Any], touching: Mapping[str, str]) -> dict[str, str]:
    """What lies on the floor of a body whose trunk is lifted on its arms, where no leg is said to touch anything."""
    base, arms = posture["base"], {f"{side}_{part}" for side in SIDES for part in ARM}
    down = {part for part, surface in touching.items() if surface != "none"}
    if base not in TRUNK_DOWN or not down & arms or down & {*TRUNK_DOWN[base], *LEG_PARTS} or not (
        set(TRUNK_DOWN[base]) & set(touching)
    ):
        return {}
    if base == "side_lying":
        return {f"{side_down(posture)}_foot": "floor"}
    return {f"{side}_{_last(posture, side)}": "floor" for side in SIDES}


def _last(posture: Mapping[str, Any], side: str) -> str:
    """The part of a leg that carries its end of a body whose trunk is lifted."""
    if posture["base"] != "prone":
        return {"supine": "heel", "quadruped": "toes"}[posture["base"]]
    return "knee" if posture.get(side, {}).get("knee_flexion", 0.0) > KNEE_BENT else "shin"


def lowest(skeleton: Skeleton, parts: Iterable[str] | None = None) -> float:
    """The height of the lowest point of the named parts, or of the whole body."""
    return min(at[1] - radius for at, radius in spheres(skeleton, parts))


TIP: Sphere = ("fingertips", (0.0, -0.03, 0.0), 0.006)
"""The end of a hand: it rests on nothing, and passes through nothing."""


def tips(skeleton: Skeleton) -> list[tuple[Vector, float]]:
    """Centres and radii, in metres, of the ends of both hands."""
    size, (bone, local, radius) = skeleton.stature, TIP
    return [(skeleton.point(f"{side}_{bone}", scale(local, size)), radius * size) for side in SIDES]


def spheres(skeleton: Skeleton, parts: Iterable[str] | None = None) -> list[tuple[Vector, float]]:
    """Centres and radii, in metres, of the surface that rests on things."""
    if parts is None:
        parts = [*MIDLINE_SURFACE, *(f"{side}_{part}" for side in SIDES for part in PAIRED_SURFACE)]
    surface = []
    size = skeleton.stature
    for part in parts:
        side, _, _ = part.partition("_")
        for bone, (x, y, z), radius in part_spheres(part):
            stout = girth(skeleton.build, FLESH.get(bone, ""), skeleton.sex)
            bone = f"{side}_{bone}" if side in SIDES else bone
            local = (x * size, y * size, z * size)
            surface.append((skeleton.point(bone, local), radius * size * stout))
    return surface


def part_spheres(part: str) -> tuple[Sphere, ...]:
    """The spheres of a part, whose bones are without their side."""
    side, _, name = part.partition("_")
    if side not in SIDES:
        return MIDLINE_SURFACE.get(part) or OTHER_SURFACE[part]
    return PAIRED_SURFACE.get(name) or OTHER_SURFACE[name]
