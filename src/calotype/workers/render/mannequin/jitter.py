"""What a seed changes: a few degrees of pose and of camera. Must not know how either is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.stance import settled

POSE_DEGREES, YAW_DEGREES, PITCH_DEGREES = 1.5, 4.0, 1.5
JITTERED = ("neck_flexion", "thoracic_flexion", "lumbar_flexion")
JITTERED_PAIRED = ("shoulder_abduction", "shoulder_flexion", "elbow_flexion", "hip_abduction")


@dataclass(frozen=True, slots=True)
class Jitter:
    """`yaw` and `pitch` turn the camera, in degrees; `ink` is a faint change of ink, so that no two seeds agree."""

    posture: Mapping[str, Any]
    yaw: float
    pitch: float
    ink: tuple[int, int, int]


def jitter(posture: Mapping[str, Any], seed: int | None) -> Jitter:
    """The posture and camera of one candidate; every phase of a movement is moved alike. No seed changes nothing."""
    if seed is None:
        return Jitter(posture, 0.0, 0.0, (0, 0, 0))
    noise = _uniform(seed)
    moved = _moved(posture, noise)
    for phase in ("from", "to"):
        if phase in posture:
            moved[phase] = _moved(posture[phase], noise)
    ink = (seed & 7, seed >> 3 & 7, seed >> 6 & 7)
    return Jitter(moved, YAW_DEGREES * noise[30], PITCH_DEGREES * noise[31], ink)


def _moved(posture: Mapping[str, Any], noise: list[float]) -> dict[str, Any]:
    """What had to be solved is moved from where it came to rest, and solved from there: candidates stay alike."""
    amounts = iter(noise)
    moved = dict(settled(posture))
    if "solver" in posture:
        moved["solver"] = posture["solver"]
    for axis in JITTERED:
        moved[axis] = moved.get(axis, 0.0) + POSE_DEGREES * next(amounts)
    for side in ("left", "right"):
        angles = dict(moved.get(side, {}))
        for axis in JITTERED_PAIRED:
            angles[axis] = angles.get(axis, 0.0) + POSE_DEGREES * next(amounts)
        moved[side] = angles
    return moved


def _uniform(seed: int) -> list[float]:
    """32 numbers in -1..1 from the seed alone, the same on every machine."""
    digest = hashlib.sha512(b"calotype mannequin %d" % seed).digest()
    return [int.from_bytes(digest[i : i + 2]) / 32767.5 - 1 for i in range(0, 64, 2)]
