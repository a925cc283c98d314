"""Which muscles a view may show: those on a side of the body that faces the camera. Must not know pixels.

A part's cross-section is an ellipse, so its skin looks along the ellipse's normal. What another part hides is only
known of the far limbs of a lateral view; all else that faces the camera counts as seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import atan2, cos, hypot, pi, sin
from typing import Any

from calotype.language.pose.linear import Vector, scale, turn
from calotype.language.pose.skeleton import Skeleton, forward
from calotype.language.pose.stance import rest
from calotype.language.pose.terms import SIDES
from calotype.language.pose.views.camera import camera
from calotype.language.pose.views.muscle_places import PLACES, Patch, Strap, split

FACING = 0.05
"""The cosine of how steeply skin may be seen and still show its tint."""
ALONG = 0.75
"""The cosine from which on a part is seen along its bone: then skin on any side of it may show."""
FLAT = {"trunk": (0.062, 0.092), "head": (0.06, 0.05)}
"""Half the depth and breadth of a part's cross-section, in fractions of stature; limbs are round."""
BONES: dict[str, tuple[tuple[float, str], ...]] = {
    "trunk": ((0.30, "neck_1"), (0.12, "thoracic_2"), (0.05, "lumbar_2"), (-1.0, "pelvis"), (-99.0, "thoracic_3")),
    "head": ((-99.0, "head"),), "leg": ((-0.245, "thigh"), (-99.0, "shank")), "foot": ((-99.0, "foot"),),
    "arm": ((0.125, "upper_arm"), (-99.0, "forearm")), "thumb": ((-99.0, "hand"),),
}
"""The bone under each part's skin, from the height on that stands beside it."""
ROUND_IT = 0.5
"""Radians to each side that a strap lies round its part."""
ALIKE = 15.0
"""Degrees: two limbs that differ less lie behind one another from the side."""
EVERY_WAY: tuple[Vector, ...] = ((1.0, 0.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, -1.0))
UPRIGHT = ("standing", "hanging")
RAISED, BENT = 60.0, 30.0
"""Degrees: an arm that is lifted so far draws its muscles along; a leg that is bent so far is no straight one."""
LIMBS = {"leg": ("hip_", "knee_", "ankle_"), "arm": ("shoulder_", "elbow_")}
_NEUTRAL = forward({"base": "standing"})


def in_view(names: Iterable[str], posture: Mapping[str, Any], view: str, side: str) -> Iterator[str]:
    """Those of the muscles, named as a drawing tints them, that the view may show. A close-up may show any."""
    names = list(names)
    if view == "close-up" or not names:
        yield from names
        return
    skeleton = rest(posture)
    front = turn(skeleton.rotation["pelvis"], (1.0, 0.0, 0.0))
    viewer = camera(view, side, posture["base"], front, (0.0, 0.0, 0.0)).rotation[2]
    for name in names:
        only, muscle = split(name)
        sides = (only,) if only else SIDES
        if any(
            _lifted(posture, place, which)
            or (_faces(skeleton, place, which, bool(only), viewer) and not _behind(posture, place, which, view, side))
            for place in PLACES[muscle] for which in sides
        ):
            yield name


def _faces(skeleton: Skeleton, place: Patch | Strap, side: str, alone: bool, viewer: Vector) -> bool:
    for bone, normal in _normals(place, side, alone):
        rotation = skeleton.rotation[bone]
        axis = (1.0, 0.0, 0.0) if bone.endswith("foot") else (0.0, 1.0, 0.0)
        if _dot(turn(rotation, normal), viewer) > FACING or abs(_dot(turn(rotation, axis), viewer)) > ALONG:
            return True
    return False


def _lifted(posture: Mapping[str, Any], place: Patch | Strap, side: str) -> bool:
    """Whether a muscle between trunk and arm is drawn out by an arm that is lifted: then it may show anywhere."""
    arm = posture.get(side, {})
    lifted = max(abs(arm.get(f"shoulder_{way}", 0.0)) for way in ("flexion", "abduction"))
    return isinstance(place, Strap) and place.limb == "arm" and lifted > RAISED


def _normals(place: Patch | Strap, side: str, alone: bool) -> Iterator[tuple[str, Vector]]:
    """Some directions in which the skin over a muscle looks, each in the frame of a bone. `alone` it is on one side."""
    sense = -1.0 if side == "left" else 1.0
    if isinstance(place, Strap):
        on_trunk = [point for point in place.points if place.limb == "arm" and point[0] in _NEUTRAL.position]
        for point in on_trunk or place.points:
            yield from _of_strap(point, sense, side)
        return
    middle = (place.low + place.high) / 2
    bone = next(bone for low, bone in BONES[place.part] if middle > low)
    if place.low < -1:  # between two parts: seen from all sides
        yield from ((f"{side}_{bone}" if place.part == "thumb" else bone, way) for way in EVERY_WAY)
        return
    depth, breadth = FLAT.get(place.part, (1.0, 1.0))
    for share in (-0.7, 0.0, 0.7):
        turned = place.centre + share * min(place.half, 0.5)
        if alone and place.part in FLAT and (turned % 1 < 0.5) != (side == "right"):
            continue
        ahead, aside = cos(2 * pi * turned) / depth, sin(2 * pi * turned) / breadth
        if place.part == "foot":
            yield f"{side}_{bone}", (0.0, ahead, sense * aside)
        else:
            yield (bone, _unit(ahead, aside)) if place.part in FLAT else (f"{side}_{bone}", _unit(ahead, sense * aside))


def _of_strap(point: tuple[str, float, float, float], sense: float, side: str) -> Iterator[tuple[str, Vector]]:
    """The directions of skin about a point of a strap, that lies forward and outwards in the neutral position."""
    bone, ahead, _, outwards = point
    name = {"hip": "thigh", "shoulder": "upper_arm"}.get(bone, bone)
    depth, breadth, x, z = *FLAT["trunk"], 0.0, 0.0
    if name not in _NEUTRAL.position:
        name = f"{side}_{name}"
        x, _, z = scale(_NEUTRAL.position[name], 1 / _NEUTRAL.stature)
        depth = breadth = 1.0
    bearing = atan2((sense * outwards - z) / breadth**2, (ahead - x) / depth**2)
    for aside in (-ROUND_IT, 0.0, ROUND_IT):
        yield name, (cos(bearing + aside), 0.0, sin(bearing + aside))


def _unit(x: float, z: float) -> Vector:
    length = max(hypot(x, z), 1e-9)
    return (x / length, 0.0, z / length)


def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _behind(posture: Mapping[str, Any], place: Patch | Strap, which: str, view: str, side: str) -> bool:
    """Whether a muscle of a limb lies behind the same limb of the near side, seen from the side."""
    part = place.limb if isinstance(place, Strap) else place.part
    if view != "lateral" or which == side or part not in LIMBS or posture["base"] not in UPRIGHT:
        return False
    near, far = (posture.get(each, {}) for each in (side, which))
    axes = [axis for axis in {*near, *far} if axis.startswith(LIMBS[part])]
    if max(abs(leg.get("hip_flexion", 0.0)) for leg in (near, far)) > BENT and part == "leg":
        return False
    return all(abs(near.get(axis, 0.0) - far.get(axis, 0.0)) < ALIKE for axis in axes)
