"""The skeleton: bones, lengths, and forward kinematics from a canonical posture. Must not know floors nor pictures.

Axes are the ISB's (Wu et al. 2002, 2005): x forward, y up, z to the subject's right. Lengths are fractions of stature
from Drillis & Contini (1966), as in Winter, Biomechanics and Motor Control of Human Movement (2009), fig. 4.1; hip
joint centres after Bell et al. (1989). Rotations at hip and shoulder are in the order flexion, abduction, rotation
(Grood & Suntay 1983), so that 90 degrees of flexion with abduction is horizontal abduction.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import acos, asin, atan2, degrees
from typing import Any

from calotype.ground.light_dataclass import dataclass, replace
from calotype.language.pose.figure import build, stature
from calotype.language.pose.linear import (
    IDENTITY,
    Rotation,
    Vector,
    about_x,
    about_y,
    about_z,
    add,
    back,
    scale,
    subtract,
    times,
    turn,
)
from calotype.language.pose.terms import HAND, HEIGHT, PELVIC, SIDES

STATURE = HEIGHT / 100
"""Metres, of a figure whose height is not said."""

SPINE = ("lumbar_1", "lumbar_2", "lumbar_3", "thoracic_1", "thoracic_2", "thoracic_3")

_MIDLINE: dict[str, tuple[str | None, Vector]] = {
    "pelvis": (None, (0.0, 0.0, 0.0)),
    "lumbar_1": ("pelvis", (-0.022, 0.055, 0.0)),
    "lumbar_2": ("lumbar_1", (0.004, 0.034, 0.0)),
    "lumbar_3": ("lumbar_2", (-0.001, 0.034, 0.0)),
    "thoracic_1": ("lumbar_3", (-0.006, 0.036, 0.0)),
    "thoracic_2": ("thoracic_1", (-0.008, 0.046, 0.0)),
    "thoracic_3": ("thoracic_2", (-0.001, 0.046, 0.0)),
    "neck_1": ("thoracic_3", (0.010, 0.052, 0.0)),
    "neck_2": ("neck_1", (0.009, 0.026, 0.0)),
    "head": ("neck_2", (0.007, 0.034, 0.0)),
}
_PAIRED: dict[str, tuple[str, Vector]] = {
    "clavicle": ("thoracic_3", (0.032, 0.040, 0.014)),
    "upper_arm": ("clavicle", (-0.032, -0.012, 0.096)),
    "forearm": ("upper_arm", (0.0, -0.186, 0.0)),
    "wrist": ("forearm", (0.0, -0.146, 0.0)),
    "hand": ("wrist", (0.0, 0.0, 0.0)),
    "fingers": ("hand", (0.0, -0.054, 0.0)),
    "fingertips": ("fingers", (0.0, -0.026, 0.0)),
    "thigh": ("pelvis", (0.0, 0.0, 0.051)),
    "shank": ("thigh", (0.0, -0.245, 0.0)),
    "foot": ("shank", (0.0, -0.246, 0.0)),
    "toes": ("foot", (0.078, -0.028, 0.0)),
}


@dataclass(frozen=True, slots=True)
class Bone:
    """A rigid segment. `offset` is its joint in the parent's frame, in metres, in the neutral position."""

    name: str
    parent: str | None
    offset: Vector
    side: str


@lru_cache(maxsize=64)
def bones(stature: float = STATURE) -> tuple[Bone, ...]:
    """Every bone, parents first."""
    skeleton_bones = [Bone(name, parent, scale(offset, stature), "") for name, (parent, offset) in _MIDLINE.items()]
    for side, sign in (("left", -1.0), ("right", 1.0)):
        for name, (parent, (x, y, z)) in _PAIRED.items():
            above = parent if parent in _MIDLINE else f"{side}_{parent}"
            skeleton_bones.append(Bone(f"{side}_{name}", above, scale((x, y, z * sign), stature), side))
    return tuple(skeleton_bones)


BONES = bones()
NECK_LENGTH = 0.026 + 0.034
"""Of stature."""


RELAXED = 8.0
"""Degrees that each finger joint bends at rest, when the pose says nothing of the fingers."""
SHARE = 0.9
"""Of a flexion of whole fingers, what each of the two joints that are drawn of them takes."""
NO_HANDS: Mapping[str, Mapping[str, float]] = {}


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Where the bones are: joint positions in metres, and rotations from each bone's frame to the world's.

    `stature` is in metres, `build` in standard deviations of girth; `hands` has what is said of fingers and thumbs, by
    side, where anything is.
    """

    position: Mapping[str, Vector]
    rotation: Mapping[str, Rotation]
    stature: float = STATURE
    build: float = 0.0
    hands: Mapping[str, Mapping[str, float]] = NO_HANDS

    def point(self, bone: str, local: Vector) -> Vector:
        """A point given in a bone's frame, in the world."""
        return add(self.position[bone], turn(self.rotation[bone], local))

    def axis(self, bone: str, number: int) -> Vector:
        """The direction of an axis of a bone's frame, in the world."""
        x, y, z = self.rotation[bone]
        return x[number], y[number], z[number]

    def moved(self, rotation: Rotation, about: Vector, by: Vector) -> Skeleton:
        """Turned about a point, then moved, as one rigid body."""
        if rotation is IDENTITY:
            return replace(self, position={name: add(at, by) for name, at in self.position.items()})
        start = add(about, by)
        return replace(
            self,
            position={name: add(start, turn(rotation, subtract(at, about))) for name, at in self.position.items()},
            rotation={name: times(rotation, turned) for name, turned in self.rotation.items()},
        )


def pelvis(posture: Mapping[str, Any]) -> Rotation:
    """How far the pelvis is turned from where an upright one is, by tilt and by rotation of the lower trunk."""
    tilt, twist = (posture.get(axis, 0.0) for axis in PELVIC)
    return axial(tilt, 0.0, twist) if tilt or twist else IDENTITY


def from_pelvis(posture: Mapping[str, Any]) -> Mapping[str, Any]:
    """The posture as angles against the pelvis as it is: under a spine that stays, a pelvis that tilts forward bends
    the hips and arches the lower back, one that turns to a side turns the spine to the other."""
    tilt, twist = (posture.get(axis, 0.0) for axis in PELVIC)
    if not tilt and not twist:
        return posture
    get = posture.get
    legs = {
        side: {**get(side, {}), "hip_flexion": get(side, {}).get("hip_flexion", 0.0) + tilt} for side in SIDES
    }
    return {
        **posture, **legs, "lumbar_flexion": get("lumbar_flexion", 0.0) - tilt,
        "spine_rotation": get("spine_rotation", 0.0) - twist,
    }


def forward(posture: Mapping[str, Any]) -> Skeleton:
    """Forward kinematics of a canonical posture, with the pelvis upright at the origin, facing +x."""
    posture = from_pelvis(posture)
    local = {**_trunk(posture)}
    for side in SIDES:
        local |= _limbs(posture.get(side, {}), side)
    position: dict[str, Vector] = {}
    rotation: dict[str, Rotation] = {}
    height = stature(posture)
    for bone in bones(height):
        turned = local.get(bone.name, IDENTITY)
        if bone.parent is None:
            position[bone.name], rotation[bone.name] = bone.offset, turned
            continue
        above = rotation[bone.parent]
        position[bone.name] = add(position[bone.parent], turn(above, bone.offset))
        if bone.name.endswith("upper_arm"):
            above = rotation["thoracic_3"]  # clinical shoulder angles are of the humerus against the trunk
        rotation[bone.name] = times(above, turned)
    return Skeleton(position, rotation, height, build(posture), _hands(posture))


def _trunk(posture: Mapping[str, Any]) -> dict[str, Rotation]:
    """A third of each region's motion at each of its three joints; protraction as flexion below, extension above."""
    get = posture.get
    local: dict[str, Rotation] = {}
    for region, names in (("lumbar", SPINE[:3]), ("thoracic", SPINE[3:])):
        flexion, bend, twist = (
            get(f"{region}_{motion}", 0.0) + get(f"spine_{motion}", 0.0) / 2
            for motion in ("flexion", "lateral_flexion", "rotation")
        )
        local |= {name: axial(flexion / 3, bend / 3, twist / 3) for name in names}
    length = NECK_LENGTH * stature(posture)
    shift = degrees(asin(max(-0.99, min(0.99, get("neck_protraction", 0.0) / 100 / length))))
    flexion, bend, twist = (
        get(f"neck_{motion}", 0.0) for motion in ("flexion", "lateral_flexion", "rotation")
    )
    for name, part, slide in (("neck_1", 0.35, 1.0), ("neck_2", 0.3, 0.0), ("head", 0.35, -1.0)):
        local[name] = times(axial(flexion * part, bend * part, twist * part), about_z(-shift * slide))
    return local


def axial(flexion: float, bend_right: float, turn_right: float) -> Rotation:
    """The rotation of a joint of the spine: flexion, then bending and turning to the right, in degrees."""
    return times(about_z(-flexion), times(about_x(bend_right), about_y(-turn_right)))


def _limbs(angles: Mapping[str, float], side: str) -> dict[str, Rotation]:
    s = 1.0 if side == "right" else -1.0
    get = angles.get
    humerus = shoulder(angles, s)
    knuckles, middle = knuckles_and_joints(angles)
    return {
        f"{side}_clavicle": girdle(angles, humerus, s),
        f"{side}_upper_arm": humerus,
        f"{side}_forearm": about_z(get("elbow_flexion", 0.0)),
        f"{side}_wrist": about_y(-s * get("forearm_supination", 0.0)),
        f"{side}_hand": times(
            about_x(s * get("wrist_flexion", 0.0)), about_z(-get("wrist_ulnar_deviation", 0.0))
        ),
        f"{side}_fingers": about_x(s * knuckles),
        f"{side}_fingertips": about_x(s * middle),
        f"{side}_thigh": _ball(
            get("hip_flexion", 0.0), get("hip_abduction", 0.0), get("hip_external_rotation", 0.0), s
        ),
        f"{side}_shank": about_z(-get("knee_flexion", 0.0)),
        f"{side}_foot": times(
            about_z(get("ankle_dorsiflexion", 0.0)), about_x(s * get("ankle_inversion", 0.0))
        ),
        f"{side}_toes": about_z(get("toe_extension", 0.0)),
    }


def knuckles_and_joints(angles: Mapping[str, float]) -> tuple[float, float]:
    """Flexion of the knuckles and of the middle joints of all fingers, in degrees."""
    both = RELAXED + angles.get("finger_flexion", 0.0) * SHARE
    return both + angles.get("finger_mcp_flexion", 0.0), both + angles.get("finger_pip_flexion", 0.0)


def _hands(posture: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """What a posture says of the fingers and thumbs of both sides, where it says anything of single ones, of their
    joints or of a thumb; else {}."""
    sides = {side: posture.get(side, {}) for side in SIDES}
    if not any(angles.get(axis) for angles in sides.values() for axis in HAND):
        return {}
    return {side: {axis: float(angles[axis]) for axis in ("finger_flexion", *HAND) if angles.get(axis)}
            for side, angles in sides.items()}


def _ball(flexion: float, abduction: float, external: float, s: float) -> Rotation:
    return times(about_z(flexion), times(about_x(-s * abduction), about_y(-s * external)))


def shoulder(angles: Mapping[str, float], s: float) -> Rotation:
    """The humerus against the trunk; `s` is 1 on the right, -1 on the left."""
    get = angles.get
    return times(
        about_y(-s * get("shoulder_horizontal_abduction", 0.0)),
        _ball(
            get("shoulder_flexion", 0.0), get("shoulder_abduction", 0.0), get("shoulder_external_rotation", 0.0), s
        ),
    )


def girdle(angles: Mapping[str, float], humerus: Rotation, s: float) -> Rotation:
    """The clavicle follows the arm: beyond 30 degrees of elevation it rises (scapulohumeral rhythm, Inman 1944)."""
    down = turn(humerus, (0.0, -1.0, 0.0))
    elevation = degrees(acos(max(-1.0, min(1.0, -down[1]))))
    forwards = degrees(atan2(down[0], 1.0)) if elevation > 30 else 0.0
    lift = angles.get("scapular_elevation", 0.0) + 0.2 * max(0.0, elevation - 30)
    reach = angles.get("scapular_protraction", 0.0) + 0.15 * forwards
    return times(about_y(s * reach), about_x(-s * lift))


def relative(skeleton: Skeleton, bone: str, parent: str) -> Rotation:
    """The rotation of a bone in its parent's frame."""
    return times(back(skeleton.rotation[parent]), skeleton.rotation[bone])
