"""How points of the body move with each free joint: forward kinematics with its derivatives. Must not know contacts.

Angles are degrees, lengths metres; derivatives are per degree, and per metre for the root's place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import radians
from typing import TYPE_CHECKING, Any

from calotype.ground.light_dataclass import dataclass, replace
from calotype.language.pose.contact.surfaces import OFFSET
from calotype.language.pose.linear import (
    Rotation,
    Vector,
    about_x,
    about_y,
    about_z,
    scale,
    subtract,
    times,
    turn,
)
from calotype.language.pose.skeleton import BONES, STATURE, Skeleton, forward, from_pelvis, girdle, shoulder
from calotype.language.pose.terms import SIDES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

Turn = tuple[str, float, tuple[tuple[str, float], ...]]
"""One rotation of a joint: about which axis, in which sense, and by how much of which angles."""

ABOUT = {"x": about_x, "y": about_y, "z": about_z}
UNIT: dict[str, Vector] = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
GIRDLE = ("scapular_elevation", "shoulder_flexion", "shoulder_abduction")
"""The free axes that carry the clavicle, and with it the shoulder."""
_STEP = 1e-5
"""Degrees by which the clavicle's motion is differenced."""


def _axial(region: str, part: float, spine: float = 0.0) -> tuple[Turn, ...]:
    def amount(motion: str) -> tuple[tuple[str, float], ...]:
        whole = ((f"spine_{motion}", spine),) if spine else ()
        return ((f"{region}_{motion}", part), *whole)

    return (("z", -1.0, amount("flexion")), ("x", 1.0, amount("lateral_flexion")), ("y", -1.0, amount("rotation")))


TRUNK: dict[str, tuple[Turn, ...]] = {
    **{f"{region}_{number}": _axial(region, 1 / 3, 1 / 6) for region in ("lumbar", "thoracic") for number in (1, 2, 3)},
    "neck_1": _axial("neck", 0.35), "neck_2": _axial("neck", 0.3), "head": _axial("neck", 0.35),
}


def _limb(s: float) -> dict[str, tuple[Turn, ...]]:
    def turned(axis: str, sense: float, name: str) -> Turn:
        return (axis, sense, ((name, 1.0),))

    return {
        "upper_arm": (
            turned("y", -s, "shoulder_horizontal_abduction"), turned("z", 1.0, "shoulder_flexion"),
            turned("x", -s, "shoulder_abduction"), turned("y", -s, "shoulder_external_rotation"),
        ),
        "forearm": (turned("z", 1.0, "elbow_flexion"),),
        "wrist": (turned("y", -s, "forearm_supination"),),
        "hand": (turned("x", s, "wrist_flexion"), turned("z", -1.0, "wrist_ulnar_deviation")),
        "thigh": (
            turned("z", 1.0, "hip_flexion"), turned("x", -s, "hip_abduction"), turned("y", -s, "hip_external_rotation"),
        ),
        "shank": (turned("z", -1.0, "knee_flexion"),),
        "foot": (turned("z", 1.0, "ankle_dorsiflexion"), turned("x", s, "ankle_inversion")),
        "toes": (turned("z", 1.0, "toe_extension"),),
    }


JOINTS: tuple[tuple[str, str, str, tuple[Turn, ...]], ...] = (
    *((bone, "", "", turns) for bone, turns in TRUNK.items()),
    *((f"{side}_{bone}", side, "thoracic_3" if bone == "upper_arm" else "", turns)
      for side, s in (("left", -1.0), ("right", 1.0)) for bone, turns in _limb(s).items()),
)
"""(bone, side of its angles, the bone that its angles are told against where that is not its parent, rotations)."""

INDEX = {bone.name: number for number, bone in enumerate(BONES)}
PARENT = {bone.name: bone.parent or "" for bone in BONES}


@lru_cache(maxsize=1)
def descendants() -> Array:
    """(bones, bones): whether the second hangs on the first, or is it."""
    import numpy as np

    below = np.eye(len(BONES), dtype=bool)
    for bone in BONES:
        if bone.parent is not None:
            below[:, INDEX[bone.name]] |= below[:, INDEX[bone.parent]]
    return below


@dataclass(frozen=True, slots=True)
class Points:
    """Places on the body: (P,) their bones, (P, 3) where in the bones' frames, in metres."""

    bone: Array
    local: Array


@dataclass(frozen=True, slots=True)
class Root:
    """Where the pelvis is, and how it is turned."""

    turned: Array
    at: Array


@dataclass(frozen=True, slots=True)
class Stance:
    """A body in its world: positions (bones, 3) and rotations (bones, 3, 3), and the same with the pelvis upright."""

    posture: Mapping[str, Any]
    upright: Skeleton
    root: Root
    position: Array
    rotation: Array


def stand(posture: Mapping[str, Any], root: Root) -> Stance:
    import numpy as np

    upright = forward(posture)
    position = np.array([upright.position[bone.name] for bone in BONES]) @ root.turned.T + root.at
    rotation = root.turned @ np.array([upright.rotation[bone.name] for bone in BONES])
    return Stance(posture, upright, root, position, rotation)


def places(stance: Stance, points: Points) -> Array:
    """The points in the world, (P, 3)."""
    import numpy as np

    turned = stance.rotation[points.bone] @ points.local[:, :, None]
    return np.asarray(stance.position[points.bone] + turned[:, :, 0])


def jacobian(stance: Stance, points: Points, at: Array, axes: Sequence[tuple[str, str]]) -> Array:
    """(P, 3, 6 + angles): how points at `at` move with the root's turning about x, y, z through the pelvis, its place,
    and each (side, axis)."""
    import numpy as np

    column = {axis: number for number, axis in enumerate(axes)}
    stance = replace(stance, posture=from_pelvis(stance.posture))
    turns, bones, columns = _axes(stance, column)
    whole = np.zeros((6 + len(axes), 3, len(at)))
    across = at.T
    whole[:3] = _cross(np.eye(3) * radians(1.0)) @ (across - stance.position[0][:, None])
    whole[3:6] = np.eye(3)[:, :, None]
    if turns:
        cross = _cross(np.array(turns) @ stance.root.turned.T * radians(1.0))
        moved = cross @ across - cross @ stance.position[bones][:, :, None]
        moved *= descendants()[bones][:, points.bone][:, None, :]
        order = np.argsort(columns, kind="stable")
        moving, first = np.unique(np.array(columns)[order], return_index=True)
        whole[6 + moving] = np.add.reduceat(moved[order], first)
    for (side, axis), shift in _shifts(stance, column).items():
        carried = descendants()[INDEX[f"{side}_upper_arm"]][points.bone]
        whole[6 + column[side, axis]] += (stance.root.turned @ np.array(shift))[:, None] * carried
    return np.asarray(whole.transpose(2, 1, 0))


def _cross(axes: Array) -> Array:
    """The matrices (K, 3, 3) that take a vector to its cross product after each of the axes (K, 3)."""
    import numpy as np

    matrix = np.zeros((len(axes), 3, 3))
    x, y, z = axes.T
    matrix[:, 0, 1], matrix[:, 0, 2], matrix[:, 1, 2] = -z, y, -x
    matrix[:, 1, 0], matrix[:, 2, 0], matrix[:, 2, 1] = z, -y, x
    return matrix


def _axes(
    stance: Stance, column: Mapping[tuple[str, str], int]
) -> tuple[list[Vector], list[int], list[int]]:
    """Of each rotation that a free angle drives: its axis with the pelvis upright, times the part of the angle that it
    takes; its bone; the angle's column."""
    turns: list[Vector] = []
    bones: list[int] = []
    columns: list[int] = []
    for bone, side, against, parts in JOINTS:
        if not any((side, name) in column for _, _, amounts in parts for name, _ in amounts):
            continue
        angles = stance.posture.get(side, {}) if side else stance.posture
        before: Rotation = stance.upright.rotation[against or PARENT[bone]]
        for number, (letter, sense, amounts) in enumerate(parts):
            for name, share in amounts:
                if (side, name) in column:
                    turns.append(scale(turn(before, UNIT[letter]), sense * share))
                    bones.append(INDEX[bone])
                    columns.append(column[side, name])
            amount = sum(share * angles.get(name, 0.0) for name, share in amounts)
            if amount and number < len(parts) - 1:
                before = times(before, ABOUT[letter](sense * amount))
    return turns, bones, columns


def _shifts(stance: Stance, column: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], Vector]:
    """How the clavicle carries the shoulder, in metres a degree, with the pelvis upright."""
    shifts = {}
    chest, position = stance.upright.rotation["thoracic_3"], stance.upright.position
    for side, s in zip(SIDES, (-1.0, 1.0), strict=True):
        offset = scale(OFFSET[f"{side}_upper_arm"], stance.upright.stature / STATURE)
        now = subtract(position[f"{side}_upper_arm"], position[f"{side}_clavicle"])
        angles = stance.posture.get(side, {})
        for axis in GIRDLE:
            if (side, axis) in column:
                moved = {**angles, axis: angles.get(axis, 0.0) + _STEP}
                then = turn(times(chest, girdle(moved, shoulder(moved, s), s)), offset)
                shifts[side, axis] = scale(subtract(then, now), 1 / _STEP)
    return shifts
