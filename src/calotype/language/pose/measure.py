"""Joint angles read back from a skeleton, as a goniometer would. Must not know the pose that it was made from."""

from __future__ import annotations

from math import asin, atan2, degrees, radians, sin
from typing import Any

from calotype.language.pose.linear import Rotation, back, times
from calotype.language.pose.skeleton import NECK_LENGTH, RELAXED, SPINE, Skeleton, axial, relative
from calotype.language.pose.terms import SIDES


def measure(skeleton: Skeleton) -> dict[str, Any]:
    """The angles of a skeleton along their axes: midline ones at the top, the others under `left` and `right`.

    In degrees, and centimetres for protraction. Of the two triples of angles that one rotation of a hip or shoulder
    has, the smaller is given; horizontal abduction is told as flexion and abduction, the whole spine by its regions.
    """
    angles: dict[str, Any] = _spine(skeleton) | _neck(skeleton)
    for side in SIDES:
        angles[side] = _limbs(skeleton, side)
    return angles


def euler(rotation: Rotation) -> tuple[float, float, float]:
    """Angles about z, then x, then y, in degrees: flexion, sideways bend, twist. The smaller of the two solutions."""
    (_, r01, _), (_, r11, _), (r20, r21, r22) = rotation
    z, x, y = degrees(atan2(-r01, r11)), degrees(asin(max(-1.0, min(1.0, r21)))), degrees(atan2(-r20, r22))
    other = (_half_turn(z), (180.0 if x >= 0 else -180.0) - x, _half_turn(y))
    return min((z, x, y), other, key=lambda angles: sum(abs(angle) for angle in angles))


def _half_turn(angle: float) -> float:
    return angle - 180.0 if angle > 0 else angle + 180.0


def _spine(skeleton: Skeleton) -> dict[str, float]:
    regions: dict[str, float] = {}
    for region, bone, parent in (("lumbar", SPINE[1], SPINE[0]), ("thoracic", SPINE[4], SPINE[3])):
        flexion, bend, twist = euler(relative(skeleton, bone, parent))
        regions |= {
            f"{region}_flexion": -3 * flexion, f"{region}_lateral_flexion": 3 * bend, f"{region}_rotation": -3 * twist,
        }
    return regions


def _neck(skeleton: Skeleton) -> dict[str, float]:
    flexion, bend, twist = euler(relative(skeleton, "neck_2", "neck_1"))
    whole = {"neck_flexion": -flexion / 0.3, "neck_lateral_flexion": bend / 0.3, "neck_rotation": -twist / 0.3}
    lower = axial(*(0.35 * angle for angle in whole.values()))
    slide, _, _ = euler(times(back(lower), relative(skeleton, "neck_1", "thoracic_3")))
    return whole | {"neck_protraction": 100 * NECK_LENGTH * skeleton.stature * sin(radians(-slide))}


def _limbs(skeleton: Skeleton, side: str) -> dict[str, float]:
    s = 1.0 if side == "right" else -1.0

    def between(bone: str, parent: str) -> tuple[float, float, float]:
        above = parent if parent in skeleton.rotation else f"{side}_{parent}"
        return euler(relative(skeleton, f"{side}_{bone}", above))

    shoulder, hip = between("upper_arm", "thoracic_3"), between("thigh", "pelvis")
    ankle, wrist = between("foot", "shank"), _wrist(skeleton, side)
    return {
        "shoulder_flexion": shoulder[0],
        "shoulder_abduction": -s * shoulder[1],
        "shoulder_external_rotation": -s * shoulder[2],
        "elbow_flexion": between("forearm", "upper_arm")[0],
        "forearm_supination": -s * between("wrist", "forearm")[2],
        "wrist_flexion": s * wrist[0],
        "wrist_ulnar_deviation": -wrist[1],
        "finger_flexion": (s * between("fingers", "hand")[1] - RELAXED) / 0.9,
        "hip_flexion": hip[0],
        "hip_abduction": -s * hip[1],
        "hip_external_rotation": -s * hip[2],
        "knee_flexion": -between("shank", "thigh")[0],
        "ankle_dorsiflexion": ankle[0],
        "ankle_inversion": s * ankle[1],
        "toe_extension": between("toes", "foot")[0],
    }


def _wrist(skeleton: Skeleton, side: str) -> tuple[float, float]:
    """Degrees about x, then z: the wrist flexes before it deviates."""
    (r00, r01, _), (_, _, r12), (_, _, r22) = relative(skeleton, f"{side}_hand", f"{side}_wrist")
    return degrees(atan2(-r12, r22)), degrees(atan2(-r01, r00))
