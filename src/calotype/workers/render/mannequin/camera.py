"""The camera: a true perspective, placed by view and side. Must not know what it looks at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from calotype.language.pose.linear import Rotation, Vector, about_x, about_y, subtract, times, turn

DISTANCE = 7.0
"""Metres from the middle of the body: far enough that nothing looks swollen."""

YAW = {"anterior": 0.0, "oblique": 38.0, "lateral": 90.0, "posterior": 180.0, "close-up": 108.0}
PITCH = {"anterior": 6.0, "oblique": 14.0, "lateral": 5.0, "posterior": 6.0, "close-up": 8.0}


@dataclass(frozen=True, slots=True)
class Camera:
    """Turns the world so that x is to the right in the picture, y up, z towards the viewer; then projects."""

    rotation: Rotation
    target: Vector

    def see(self, point: Vector) -> Vector:
        """(x, y, depth): x and y in metres at the target's distance, depth growing away from the viewer."""
        x, y, z = turn(self.rotation, subtract(point, self.target))
        k = DISTANCE / (DISTANCE - z)
        return (x * k, y * k, -z)


def camera(view: str, side: str, base: str, target: Vector, yaw: float = 0.0, pitch: float = 0.0) -> Camera:
    """The camera of a view. `side` is the subject's, towards which lateral, oblique and close-up views turn."""
    sign = -1.0 if side == "left" else 1.0
    # the viewer of an upright body stands on +x for anterior, on +z for the right lateral
    turn_by = sign * YAW[view] + yaw
    tilt = PITCH[view] + pitch
    if base in ("supine", "side_lying", "prone"):
        turn_by, tilt = _lying(view, sign, base, yaw, pitch)
    return Camera(times(about_x(tilt), about_y(-90.0 + turn_by)), target)


def _lying(view: str, sign: float, base: str, yaw: float, pitch: float) -> tuple[float, float]:
    """Of a lying body, anterior is seen from above (supine) and lateral from the side at floor level."""
    if view == "lateral":
        return sign * 90.0 + yaw, PITCH["lateral"] + pitch
    if view in ("anterior", "posterior"):
        return sign * 90.0 + yaw, 70.0 + pitch
    towards_feet = 55.0 if base == "supine" else 125.0
    return sign * towards_feet + yaw, 28.0 + pitch


def bounds(points: Iterable[tuple[float, float]]) -> tuple[float, float, float, float]:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
