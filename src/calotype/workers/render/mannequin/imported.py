"""The pose that the keypoints of a picture show, as it is written. Must not know files.

One picture holds the angles in its own plane, and those across it only where a limb looks shorter than it is. What it
does not show is left at the base posture's, to be written by hand; a limb that is hidden behind the other is taken to
be as that one. The base posture is the one whose figure, with these angles, lies nearest to the points.
"""

from __future__ import annotations

from cmath import phase
from collections.abc import Mapping
from math import acos, asin, atan2, cos, degrees, hypot, radians, sin, sqrt
from typing import Any

from calotype.language.keypoints.people import KeypointsError, Point
from calotype.language.pose import resolve
from calotype.language.pose.contact.need import look
from calotype.language.pose.linear import Vector, scale, turn
from calotype.language.pose.stance import rest
from calotype.language.pose.terms import JOINTS, SIDES
from calotype.language.pose.views.camera import camera
from calotype.workers.render.mannequin.keypoints import COCO_18

VIEWS = ("lateral", "anterior", "posterior")
UPRIGHT = {"neck": -2.7, "shoulder": -6.9}
"""Degrees by which the lines from the hips to these lean when the trunk is upright: both lie a little behind."""
FACE = 5.0
"""Degrees by which the line from ear to nose falls when the head is upright."""
STRAIGHT = 15.0
"""Degrees of bend of an elbow below which its plane is chance: no rotation is read from it."""
TRUNK, SHOULDERS = 0.29, 0.22
"""From the neck to the hips, and from shoulder to shoulder, in fractions of stature (`language.pose.skeleton`)."""
LENGTH = {"shoulder": 0.186, "elbow": 0.146, "hip": 0.245, "knee": 0.246}
"""The parts of limbs that begin at these joints, in fractions of stature."""
IN_PLANE = 0.8
"""Of its length: a part of a limb that looks as long lies in the picture. People differ by as much."""
TURNED = 110.0
"""Degrees of gaze from where the trunk faces: no neck bends so far."""
PLAIN = 0.002
"""Of stature: how much better a base must fit for every 90 degrees by which more is to be written on it."""

UNTURNED = 0.06
"""The same for every 90 degrees by which someone who lies has to be turned in the picture: on end, they look like
someone who stands."""

FROM_ABOVE = (("anterior", "supine"), ("posterior", "prone"), ("posterior", "plank"))
"""Views and bases that are seen from above."""

_FREE = {"left_foot": "none", "right_foot": "none"}
_ON_HANDS = {"left_hand": "floor", "right_hand": "floor", "left_toes": "floor", "right_toes": "floor", "chest": "none"}
_BASES: tuple[tuple[str, dict[str, str]], ...] = (
    ("standing", {}), ("standing", {"left_foot": "none"}), ("standing", {"right_foot": "none"}), ("seated", {}),
    ("supine", {}), ("prone", {}), ("quadruped", {}), ("kneeling", {}), ("prone", _ON_HANDS), ("plank", {}),
    ("standing", _FREE),
)
"""Bases and contacts in the order in which they are plausible."""


def pose_from(seen: Mapping[str, Point], view: str, side: str = "right") -> dict[str, Any]:
    """A pose as it is written in YAML, whole degrees, from the keypoints of one body in one of the VIEWS.

    `seen` is in pixels, y down; `side` is the one towards a lateral camera. Raises KeypointsError for another view, or
    without neck and hips.
    """
    if view not in VIEWS:
        raise KeypointsError(f"angles can be read from a lateral, anterior or posterior view, not from `{view}`")
    # picture to body: first coordinate forward (or to the subject's left), second up
    flip = -1.0 if view == "posterior" or (view == "lateral" and side == "left") else 1.0
    points = {name: (flip * x, -y) for name, (x, y) in seen.items()}
    top = "neck" if "neck" in points else "shoulder"
    upper, lower = points.get("neck") or _middle(points, "shoulder"), _middle(points, "hip")
    if upper is None or lower is None:
        raise KeypointsError("shows no neck or no hips: there is no trunk to measure from")
    trunk = _line(lower, upper)
    tilt = degrees(atan2(trunk[0], trunk[1]))
    if view == "lateral":
        _check_side(points, tilt, side)
        angles, shins = _from_side(points, tilt - UPRIGHT[top])
    else:
        _check_sides(points, trunk, view)
        stature = _stature(points, upper, lower)
        share = hypot(upper[0] - lower[0], upper[1] - lower[1]) / (TRUNK * stature)
        angles, shins = _from_front(points, tilt, degrees(acos(share)) if share < IN_PLANE else 0.0, stature)
    return _nearest(_rounded(angles), shins, seen, view, side)


def _check_side(points: Mapping[str, Point], tilt: float, side: str) -> None:
    """Raises KeypointsError for someone who looks the other way than the side says."""
    ears = [points[f"{each}_ear"] for each in SIDES if f"{each}_ear" in points]
    if "nose" in points and ears:
        gaze = _line(ears[0], points["nose"])
        if abs(_wrapped(degrees(atan2(gaze[1], gaze[0])) + tilt, -180.0)) > TURNED:
            other = SIDES[1 - SIDES.index(side)]
            raise KeypointsError(f"shows someone who looks the other way than with the {side} side to the camera",
                                 f"add --side {other}, or mirror the picture back")


def _check_sides(points: Mapping[str, Point], trunk: Point, view: str) -> None:
    """Raises KeypointsError where left and right lie as they do in the opposite view."""
    orders = [
        (left[0] - right[0]) * trunk[1] - (left[1] - right[1]) * trunk[0]
        for part in ("shoulder", "hip")
        if (left := points.get(f"left_{part}")) and (right := points.get(f"right_{part}"))
    ]
    if orders and all(order < 0 for order in orders):
        other = "posterior" if view == "anterior" else "anterior"
        raise KeypointsError(f"has left and right where the {other} view has them",
                             f"add --view {other}, or mirror the picture back")


def _nearest(
    angles: dict[str, Any], shins: Mapping[str, float], seen: Mapping[str, Point], view: str, side: str
) -> dict[str, Any]:
    """The angles on the base that fits best, feet under the shins of those who stand."""
    best, least = angles, float("inf")
    for base, touching in _BASES:
        pose = _standing(angles, shins, touching) if base == "standing" else angles
        own = resolve(base, None, {})
        changed = _turn(pose, own) + (90.0 if touching else 0.0)
        pose = {"base": base, **_needed(pose, own), **({"contacts": touching} if touching else {})}
        away = _distance(pose, seen, view, side) + PLAIN * changed / 90
        if away < least:
            best, least = pose, away
    return _held(best)


def _held(pose: dict[str, Any]) -> dict[str, Any]:
    """With the ankles and toes of the standing feet written where they would else give way under the weight: the
    picture shows how they are."""
    if pose["base"] != "standing" or not look(resolve(pose, None, {})).falls:
        return pose
    touching = pose.get("contacts", {})
    feet = [side for side in SIDES if touching.get(f"{side}_foot") != "none"]
    return {**pose, **{
        side: {"ankle_dorsiflexion": 0, "toe_extension": 0, **pose.get(side, {})} for side in feet}}


def _turn(pose: Mapping[str, Any], base: Mapping[str, Any]) -> float:
    """Degrees by which a pose turns the joints of its base."""
    return sum(
        _turn(value, base.get(key, {})) if isinstance(value, dict) else abs(value - base.get(key, 0.0))
        for key, value in pose.items()
    )


def _standing(angles: dict[str, Any], shins: Mapping[str, float], touching: Mapping[str, str]) -> dict[str, Any]:
    """With ankles that let the soles lie flat under the shins, where a foot is on the floor."""
    pose = dict(angles)
    low, high = JOINTS["ankle_dorsiflexion"].normal
    for side, lean in shins.items():
        if touching.get(f"{side}_foot") != "none" and round(min(max(lean, low), high)):
            pose[side] = {**pose.get(side, {}), "ankle_dorsiflexion": round(min(max(lean, low), high))}
    return pose


def _distance(pose: Mapping[str, Any], seen: Mapping[str, Point], view: str, side: str) -> float:
    """Mean distance of the pose's own keypoints from those seen, as fractions of stature, moved and scaled to fit.

    Someone who lies, seen from above, may point anywhere in the picture: there it is turned to fit, too.
    """
    posture = resolve({**pose, "solve": False}, None, {})
    skeleton = rest(posture)
    front = turn(skeleton.rotation["pelvis"], (1.0, 0.0, 0.0))
    lens = camera(view, side, posture["base"], front, skeleton.position["lumbar_2"])
    pairs = []
    for name, bone, local in COCO_18:
        if name in seen:
            x, y, _ = lens.see(skeleton.point(bone, scale(local, skeleton.stature)))
            pairs.append((complex(x, y), complex(seen[name][0], -seen[name][1])))
    own, other = ([pair[at] for pair in pairs] for at in (0, 1))
    own_middle, other_middle = sum(own) / len(pairs), sum(other) / len(pairs)
    product = sum(((b - other_middle) * (a - own_middle).conjugate() for a, b in pairs), 0j)
    spread = sum(abs(b - other_middle) ** 2 for b in other)
    upright = complex(max(product.real, 1e-9))
    turning = product if (view, posture["base"]) in FROM_ABOVE else upright
    factor = turning.conjugate() / max(spread, 1e-9)
    gaps = [abs((a - own_middle) - factor * (b - other_middle)) for a, b in pairs]
    return sum(gaps) / len(gaps) / skeleton.stature + UNTURNED * abs(degrees(phase(turning))) / 90


def _from_side(points: Mapping[str, Point], lean: float) -> tuple[dict[str, Any], dict[str, float]]:
    """Angles of flexion; and by how many degrees each shin leans forward of upright."""
    pose: dict[str, Any] = {}
    shins: dict[str, float] = {}
    if "nose" in points and (ears := [points[f"{side}_ear"] for side in SIDES if f"{side}_ear" in points]):
        gaze = _line(ears[0], points["nose"])
        pose["neck_flexion"] = _wrapped(-degrees(atan2(gaze[1], gaze[0])) - FACE - lean)
    for side in SIDES:
        angles: dict[str, float] = {}
        for bend, joint, ends in (("shoulder_flexion", "elbow_flexion", ("shoulder", "elbow", "wrist")),
                                  ("hip_flexion", "knee_flexion", ("hip", "knee", "ankle"))):
            upper, lower = _limb(points, side, ends)
            if upper is not None:
                angles[bend] = _wrapped(upper + lean)
            if upper is not None and lower is not None:
                angles[joint] = _wrapped(upper - lower if joint == "knee_flexion" else lower - upper)
                if joint == "knee_flexion":
                    shins[side] = -lower
        pose[side] = angles
    for side, opposite in (SIDES, SIDES[::-1]):
        pose[side] = {**_hidden(points, side, pose[opposite]), **pose[side]}
        if _is_hidden(points, side, "hip") and opposite in shins:
            shins[side] = shins[opposite]
    return pose, shins


def _hidden(points: Mapping[str, Point], side: str, other: Mapping[str, float]) -> dict[str, float]:
    """The angles of the limbs of which nothing is seen but where they begin: those of the other side."""
    taken = {}
    for root, axes in (("shoulder", ("shoulder_flexion", "elbow_flexion")), ("hip", ("hip_flexion", "knee_flexion"))):
        if _is_hidden(points, side, root):
            taken.update({axis: other[axis] for axis in axes if axis in other})
    return taken


def _is_hidden(points: Mapping[str, Point], side: str, root: str) -> bool:
    parts = ("elbow", "wrist") if root == "shoulder" else ("knee", "ankle")
    return not any(f"{side}_{part}" in points for part in parts)


def _from_front(
    points: Mapping[str, Point], tilt: float, lean: float, stature: float
) -> tuple[dict[str, Any], dict[str, float]]:
    """Angles of abduction, and of flexion where a part looks short; and by how many degrees each shin leans forward.

    The trunk leans by `tilt` degrees to the first coordinate, and by `lean` towards the viewer.
    """
    level = _pelvis(points, tilt)
    pose: dict[str, Any] = {"left": {"spine_lateral_flexion": tilt - level}}
    shins: dict[str, float] = {}
    for side in SIDES:
        # the subject's left is to the right of the picture
        out = 1.0 if side == "left" else -1.0
        mirrored = {name: (out * x, y) for name, (x, y) in points.items()}
        angles = pose.setdefault(side, {})
        arm, forearm = (_direction(mirrored, side, ends, out * tilt, stature)
                        for ends in (("shoulder", "elbow"), ("elbow", "wrist")))
        thigh, shin = (_direction(mirrored, side, ends, out * level, stature)
                       for ends in (("hip", "knee"), ("knee", "ankle")))
        if arm:
            angles.update(zip(("shoulder_flexion", "shoulder_abduction"), _raised(arm, lean), strict=True))
        if arm and forearm:
            angles.update(_elbow(arm, forearm))
        if thigh:
            angles.update(zip(("hip_flexion", "hip_abduction"), _raised(thigh, lean), strict=True))
        if thigh and shin:
            # knees bend back, away from the viewer
            shin = (shin[0], shin[1], -shin[2])
            shins[side] = degrees(asin(-shin[2]))
            if thigh[2] or shin[2]:
                angles["knee_flexion"] = _between(thigh, shin)
    return pose, shins


def _direction(
    points: Mapping[str, Point], side: str, ends: tuple[str, str], tilt: float, stature: float
) -> Vector | None:
    """Where a part of a limb points: outward, down along the trunk, and towards the viewer if it looks short."""
    start, end = (points.get(f"{side}_{end}") for end in ends)
    if start is None or end is None:
        return None
    length = hypot(end[0] - start[0], end[1] - start[1])
    share = length / (LENGTH[ends[0]] * stature)
    turned = radians(tilt) + atan2(end[0] - start[0], start[1] - end[1])
    flat = share if share < IN_PLANE else 1.0
    return flat * sin(turned), flat * cos(turned), sqrt(1 - flat * flat)


def _raised(part: Vector, lean: float) -> tuple[float, float]:
    """Flexion and abduction of the part that hangs from a shoulder or a hip, in this order (Grood & Suntay 1983)."""
    outward, down, forward = part
    if not forward and not lean:
        return 0.0, _wrapped(degrees(atan2(outward, down)))
    return _wrapped(degrees(atan2(forward, down)) + lean), degrees(asin(max(-1.0, min(1.0, outward))))


def _elbow(upper: Vector, lower: Vector) -> dict[str, float]:
    """How far it bends, and about which way the forearm points: forward at no rotation, outward at 90 degrees."""
    bend = _between(upper, lower)
    if bend < STRAIGHT:
        return {}
    # towards the body's outside, across the upper arm in the picture
    across = lower[0] * upper[1] - lower[1] * upper[0]
    if upper[2]:
        return {"elbow_flexion": bend}
    return {"elbow_flexion": bend, "shoulder_external_rotation": degrees(atan2(across, lower[2]))}


def _pelvis(points: Mapping[str, Point], tilt: float) -> float:
    """Degrees by which the pelvis leans, where both hips are seen; else it leans as the trunk does, if that lies."""
    if "left_hip" in points and "right_hip" in points:
        across = _line(points["right_hip"], points["left_hip"])
        return degrees(atan2(-across[1], across[0]))
    return tilt if abs(tilt) > 45 else 0.0


def _stature(points: Mapping[str, Point], upper: Point, lower: Point) -> float:
    """The figure's height in the picture: by its trunk, or by its shoulders where the trunk looks the shorter."""
    sizes = [hypot(upper[0] - lower[0], upper[1] - lower[1]) / TRUNK]
    if "left_shoulder" in points and "right_shoulder" in points:
        (a, b), (c, d) = points["left_shoulder"], points["right_shoulder"]
        sizes.append(hypot(a - c, b - d) / SHOULDERS)
    return max(*sizes, 1e-9)


def _limb(points: Mapping[str, Point], side: str, ends: tuple[str, str, str]) -> tuple[float | None, float | None]:
    """Degrees forward from straight down of both parts of a limb, where they are seen.

    From the side both hips (or shoulders) are in one place: one stands for the other.
    """
    other = SIDES[1 - SIDES.index(side)]
    first = points.get(f"{side}_{ends[0]}") or points.get(f"{other}_{ends[0]}")
    second, third = (points.get(f"{side}_{end}") for end in ends[1:])
    angles = []
    for start, end in ((first, second), (second, third)):
        line = _line(start, end) if start and end else None
        angles.append(degrees(atan2(line[0], -line[1])) if line else None)
    return angles[0], angles[1]


def _middle(points: Mapping[str, Point], part: str) -> Point | None:
    """Midway between what is seen of a paired part."""
    seen = [points[f"{side}_{part}"] for side in SIDES if f"{side}_{part}" in points]
    return (sum(x for x, _ in seen) / len(seen), sum(y for _, y in seen) / len(seen)) if seen else None


def _line(start: Point, end: Point) -> Point:
    """The unit direction from one point to another."""
    length = max(hypot(end[0] - start[0], end[1] - start[1]), 1e-9)
    return ((end[0] - start[0]) / length, (end[1] - start[1]) / length)


def _between(a: Vector, b: Vector) -> float:
    """Degrees between two unit directions."""
    return degrees(acos(max(-1.0, min(1.0, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]))))


def _wrapped(angle: float, least: float = -120.0) -> float:
    """In the turn from `least`: no joint goes further back than 120, and an arm overhead may pass the vertical."""
    return (angle - least) % 360.0 + least


def _rounded(pose: dict[str, Any]) -> dict[str, Any]:
    """Whole degrees within the possible range."""
    rounded: dict[str, Any] = {}
    for key, value in pose.items():
        if isinstance(value, dict):
            rounded[key] = _rounded(value)
        else:
            low, high = JOINTS[key].possible
            rounded[key] = round(min(max(value, low), high))
    return rounded


def _needed(pose: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Without the zeros that the base has too."""
    needed: dict[str, Any] = {}
    for key, value in pose.items():
        if isinstance(value, dict):
            if inner := _needed(value, base.get(key, {})):
                needed[key] = inner
        elif value or base.get(key):
            needed[key] = value
    return needed
