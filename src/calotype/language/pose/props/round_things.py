"""Where what is soft or round lies: balls, rollers, towels and pillows under, between or in front of parts.

Must not know pictures. Lengths are metres, unless they are said to be fractions of stature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import dist
from typing import Any

from calotype.language.pose.contact.surfaces import contacts, lowest, spheres
from calotype.language.pose.contact.touch import TRUNK, ball_of, capsule, closest
from calotype.language.pose.linear import Vector, add, middle, scale, subtract
from calotype.language.pose.props import on_props
from calotype.language.pose.props.carried import ball_in
from calotype.language.pose.props.fitting import CLEAR, edge
from calotype.language.pose.props.placed import Placed
from calotype.language.pose.skeleton import Skeleton

ROLL_OF = ("knee", "calf", "ankle", "heel", "neck", "lumbar", "thigh", "elbow", "upper_arm")
"""Parts that a towel is rolled up under; it is folded under the others."""
ROLLED = 0.05
"""The height from which on a towel is rolled."""
PILLOW, TOWEL = (0.38, 0.56), (0.30, 0.42)
"""Length and breadth of each, when nothing asks for less."""
ACROSS = 0.22
"""Half the length of what is rolled and lies under one part; more under both."""
LUMBAR_ROLL = 0.05
"""The radius of what is behind the back of who sits, unless it is said."""
BACK_REST_BEHIND = 0.17
"""How far the back rest of a chair is behind the hips of who sits on it."""
HOLDS = (0.02, 0.07)
"""The least and the greatest radius of what is held between arm and trunk, or between limbs."""


def ball(posture: Mapping[str, Any], skeleton: Skeleton, options: Mapping[str, Any], moved: Vector) -> Placed:
    """The ball that parts touch, or that stands to the right in front; `moved` is how far the body is from where it was
    solved."""
    touching = contacts(posture)
    if hand := on_props.holding_a_ball(posture, touching):
        return ball_in(skeleton, hand, on_props.diameter(posture) / 2)
    touched = ball_of(posture, skeleton, touching)
    if touched is not None:
        centre, radius = touched
        return Placed("ball", add(centre, moved) if "stands" in posture else centre, radius=radius)
    radius = on_props.diameter(posture) / 2
    x, _ = edge(skeleton, "front", CLEAR + radius)
    return Placed("ball", (x, radius, skeleton.position["pelvis"][2] + 0.30), radius=radius)


def roller(posture: Mapping[str, Any], skeleton: Skeleton, parts: Sequence[str], options: Mapping[str, Any]) -> Placed:
    radius = options.get("diameter", 100 * on_props.ROLLER) / 200
    x, z, half = _below(skeleton, parts)
    at = (x, on_props.ground(posture) + radius, z)
    return _roll("roller", at, max(half, 0.30), radius)


def _below(skeleton: Skeleton, parts: Sequence[str]) -> tuple[float, float, float]:
    """x and z below some parts, and half the length of what lies across under them."""
    points = [at for at, _ in spheres(skeleton, parts)]
    low, high = min(at[2] for at in points), max(at[2] for at in points)
    return sum(at[0] for at in points) / len(points), (low + high) / 2, (high - low) / 2 + ACROSS


def _roll(name: str, at: Vector, half: float, radius: float, along: Vector = (0.0, 0.0, 1.0)) -> Placed:
    ends = (add(at, scale(along, -half)), add(at, scale(along, half)))
    return Placed(name, at, size=(2 * radius, 2 * radius, 2 * half), path=ends, radius=radius)


def soft(
    name: str, posture: Mapping[str, Any], skeleton: Skeleton, parts: Sequence[str], options: Mapping[str, Any]
) -> Placed:
    """A towel or a pillow that parts lie on, or that is under, behind or between them."""
    said = options["height"] / 100 if "height" in options else None
    if "between" in options:
        return _between(name, skeleton, on_props.parts_of(options["between"]), said)
    under = on_props.parts_of(options["under"]) if "under" in options else tuple(parts)
    word = under[0].rpartition("_")[2] if under[0] != "upper_arm" else under[0]
    if not parts and posture["base"] not in on_props.FLAT:
        if word in ("back", "lumbar", "neck", "head", "chest", "abdomen"):
            return _behind(name, skeleton, under, said, contacts(posture).get("seat") == "chair")
        if word in ("elbow", "arm", "forearm") and posture["base"] in ("standing", "seated", "kneeling"):
            return _under_the_arm(name, skeleton, under[0], said)
    top, floor = lowest(skeleton, under), on_props.ground(posture)
    low, high = on_props.thickness(name, options.get("under", ""))
    height = said or (min(high, max(low, top - floor)) if parts else low + 0.02)
    x, z, half = _below(skeleton, under)
    at = (x, top - height / 2, z)
    if name == "towel" and (word in ROLL_OF or "arm" in word) and height >= ROLLED:
        return _roll(name, at, half, height / 2)
    length, breadth = PILLOW if name == "pillow" else TOWEL
    return Placed(name, at, size=(length, height, max(breadth, 2 * half)))


def _between(name: str, skeleton: Skeleton, parts: Sequence[str], said: float | None) -> Placed:
    """Between two limbs: as thick as they are apart, along them."""
    (left, thick), (right, _) = (_inner(skeleton, part) for part in parts)
    at = middle((left, right))
    apart = dist(left, right) - 2 * thick
    radius = said / 2 if said else max(HOLDS[0], min(HOLDS[1], apart / 2))
    side = parts[0].partition("_")[0]
    bone = f"{side}_{'forearm' if parts[0].endswith(('hand', 'forearm', 'elbow')) else 'shank'}"
    along = skeleton.axis(bone, 1)
    return _roll(name, at, 0.16, radius, along)


def _inner(skeleton: Skeleton, part: str) -> tuple[Vector, float]:
    """The middle of a part, and how thick it is."""
    touching = spheres(skeleton, [part])
    return middle([at for at, _ in touching]), touching[0][1]


def _behind(name: str, skeleton: Skeleton, parts: Sequence[str], said: float | None, seated: bool) -> Placed:
    """Behind the trunk of who sits or stands, before the back rest; in front, for chest and belly."""
    (at, radius), *_ = spheres(skeleton, parts)
    rest = skeleton.position["pelvis"][0] - BACK_REST_BEHIND
    room = max(0.025, (at[0] - radius - rest) / 2) if seated else LUMBAR_ROLL
    thick = said / 2 if said else min(LUMBAR_ROLL, room)
    bone = {"head": "head", "neck": "neck_1", "lumbar": "lumbar_2", "abdomen": "lumbar_2"}.get(parts[0], "thoracic_2")
    ahead = skeleton.axis(bone, 0)
    sense = 1.0 if parts[0] in ("chest", "abdomen") else -1.0
    return _roll(name, add(at, scale(ahead, sense * (radius + thick))), 0.20, thick)


def _under_the_arm(name: str, skeleton: Skeleton, part: str, said: float | None) -> Placed:
    """Between the arm and the trunk, along the upper arm."""
    side = part.partition("_")[0]
    start, end, first, last = capsule(skeleton, f"{side}_upper_arm")
    at = add(start, scale(subtract(end, start), 0.78))
    arm = first + (last - first) * 0.78
    gaps = []
    for trunk in TRUNK[1:]:
        low, high, thick, _ = capsule(skeleton, trunk)
        near = add(low, scale(subtract(high, low), closest(at, low, high)))
        gaps.append((dist(at, near) - thick - arm, near))
    apart, near = min(gaps)
    radius = said / 2 if said else max(HOLDS[0], min(HOLDS[1], apart / 2))
    way = scale(subtract(near, at), 1 / max(dist(near, at), 1e-6))
    along = scale(subtract(end, start), 1 / dist(start, end))
    return _roll(name, add(at, scale(way, arm + radius)), 0.11, radius, along)
