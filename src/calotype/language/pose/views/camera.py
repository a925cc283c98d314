"""The camera: a true perspective, placed by view and side. Must not know what it looks at."""

from __future__ import annotations

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.linear import Rotation, Vector, about_x, about_y, subtract, times, turn

DISTANCE = 7.0
"""Metres from the middle of the body: far enough that nothing looks swollen."""

YAW = {"anterior": 0.0, "oblique": 38.0, "lateral": 90.0, "posterior": 180.0}
PITCH = {"anterior": 6.0, "oblique": 14.0, "lateral": 5.0, "posterior": 6.0, "close-up": 8.0}

ON_THE_BACK, FACE_DOWN = ("supine", "crook_lying"), ("prone", "plank")
"""Bases that are seen from above for `anterior` and `posterior`."""


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


def camera(
    view: str, side: str, base: str, front: Vector, target: Vector, yaw: float = 0.0, pitch: float = 0.0,
    close: float = 60.0,
) -> Camera:
    """The camera of a view. `side` is the subject's, towards which lateral, oblique and close-up views turn.

    `front` is where the pelvis faces in the world: it tells on which side someone lies. `close` is from how many
    degrees beside the front a close-up looks.
    """
    sign = -1.0 if side == "left" else 1.0
    if base == "side_lying":
        turn_by, tilt = _on_the_side(view, 1.0 if front[2] > 0 else -1.0)
    elif base in (*ON_THE_BACK, *FACE_DOWN):
        turn_by, tilt = _lying(view, sign, base)
    else:
        turn_by, tilt = sign * (close if view == "close-up" else YAW[view]), PITCH[view]
    # the viewer of an upright body stands on +x for anterior, on +z for the right lateral
    return Camera(times(about_x(tilt + pitch), about_y(-90.0 + turn_by + yaw)), target)


def _lying(view: str, sign: float, base: str) -> tuple[float, float]:
    """On the back or face down: anterior and posterior from above, lateral from the side at floor level."""
    if view == "lateral":
        return sign * 90.0, PITCH["lateral"]
    if view in ("anterior", "posterior"):
        return sign * 90.0, 70.0
    towards_feet = 55.0 if base in ON_THE_BACK else 125.0
    return sign * towards_feet, 28.0


def _on_the_side(view: str, towards: float) -> tuple[float, float]:
    """On one side, facing +z or -z: anterior from where the face looks, lateral from above, on the side that is up."""
    if view in ("anterior", "posterior"):
        return (towards if view == "anterior" else -towards) * 90.0, 8.0
    return (towards * 90.0, 72.0) if view == "lateral" else (towards * 60.0, 28.0)
