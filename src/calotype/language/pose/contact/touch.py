"""What a posture says of contacts, as geometry: planes, capsules of the body, and how far each part is off.

Must not know how a gap is closed. Lengths are metres, but for the capsules, which are in fractions of stature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import dist
from typing import Any

from calotype.ground.light_dataclass import dataclass, replace
from calotype.language.pose.contact.surfaces import (
    FLESH,
    contacts,
    spheres,
    tips,
)
from calotype.language.pose.figure import girth
from calotype.language.pose.linear import Vector, add, middle, scale, subtract
from calotype.language.pose.props import on_props, written_props
from calotype.language.pose.props.prop_kinds import BEHIND
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.support.lain_on import FLOOR, Ground
from calotype.language.pose.terms import ARM, SIDES, UPRIGHT

UP: Vector = (0.0, 1.0, 0.0)
LEVEL = ("floor", "chair", "chair_back", "stool", "bench", "bed", "table", "step", "roller", "towel", "pillow")
"""Surfaces that are level; all but the floor are as high as what rests on them, within what they may be."""
BALL = "ball"
HELD = 0.40
"""The diameter of a ball up to which two hands hold it, where they could roll it on the floor."""
BAR = "bar"
"""What two hands hold at one height and one distance; other rods go wherever the hands are."""
FROM_WALL: dict[str, Vector] = {
    "front": (-1.0, 0.0, 0.0), "behind": (1.0, 0.0, 0.0), "left": (0.0, 0.0, 1.0), "right": (0.0, 0.0, -1.0),
}
"""From a wall on a side of the body to the body."""
NEAR, FAR = 0.01, 0.02
"""Metres within which a contact holds, and which nothing may sink into floor or wall."""
FLESH_GIVES, FLESH_YIELDS = 0.03, 0.01
"""Metres by which a part may sink into the body that it touches, and into one that it passes."""
TRUNK = ("head", "chest", "abdomen", "pelvis")
LIMBS = ("hand", "forearm", "thigh", "shank", "foot")
JOINED = (("thigh", "pelvis"), ("thigh", "abdomen"))
"""Limbs that trunk and thigh bend into."""


@dataclass(frozen=True, slots=True)
class Capsule:
    """A part of the body that is touched: a segment in a bone's frame, thick as `start_radius` to `end_radius`."""

    bone: str
    start: Vector
    end: Vector
    start_radius: float
    end_radius: float


def _ball(bone: str, at: Vector, radius: float) -> Capsule:
    return Capsule(bone, at, at, radius, radius)


_LIMBS: dict[str, Capsule] = {
    "shoulder": _ball("upper_arm", (0.0, 0.0, 0.0), 0.036),
    "upper_arm": Capsule("upper_arm", (0.0, -0.01, 0.0), (0.0, -0.186, 0.0), 0.029, 0.024),
    "elbow": _ball("forearm", (0.0, 0.0, 0.0), 0.024),
    "forearm": Capsule("forearm", (0.0, 0.0, 0.0), (0.0, -0.146, 0.0), 0.024, 0.016),
    "hand": Capsule("hand", (0.0, -0.012, 0.0), (0.0, -0.054, 0.0), 0.012, 0.010),
    "hip": _ball("thigh", (-0.005, 0.02, 0.0), 0.055),
    "thigh": Capsule("thigh", (0.0, -0.03, 0.0), (0.0, -0.235, 0.0), 0.049, 0.034),
    "knee": _ball("shank", (0.004, 0.0, 0.0), 0.034),
    "shank": Capsule("shank", (-0.006, -0.02, 0.0), (-0.002, -0.236, 0.0), 0.033, 0.021),
    "ankle": _ball("foot", (-0.002, 0.0, 0.0), 0.022),
    "foot": Capsule("foot", (-0.020, -0.020, 0.0), (0.078, -0.024, 0.0), 0.019, 0.016),
}
_EAR = 0.032
"""How far beside the middle of the head an ear is."""
CAPSULES: dict[str, Capsule] = {
    **{f"{side}_{name}": replace(capsule, bone=f"{side}_{capsule.bone}") for side in SIDES
       for name, capsule in _LIMBS.items()},
    "head": _ball("head", (0.010, 0.052, 0.0), 0.055),
    "forehead": _ball("head", (0.046, 0.076, 0.0), 0.017),
    "back_of_head": _ball("head", (-0.025, 0.055, 0.0), 0.017),
    "neck": _ball("neck_2", (-0.022, 0.015, 0.0), 0.015),
    "left_ear": _ball("head", (0.006, 0.055, -_EAR), 0.015),
    "right_ear": _ball("head", (0.006, 0.055, _EAR), 0.015),
    "chest": Capsule("thoracic_2", (0.012, 0.0, 0.0), (0.012, 0.050, 0.0), 0.058, 0.058),
    "pelvis": Capsule("pelvis", (-0.008, -0.01, -0.04), (-0.008, -0.01, 0.04), 0.052, 0.052),
    "abdomen": Capsule("lumbar_2", (0.002, -0.030, 0.0), (0.002, 0.030, 0.0), 0.056, 0.056),
    "breast": Capsule("thoracic_2", (0.040, 0.020, -0.035), (0.040, 0.020, 0.035), 0.046, 0.046),
    "belly": Capsule("lumbar_2", (0.025, -0.010, -0.035), (0.025, -0.010, 0.035), 0.041, 0.041),
}
IN_FRONT = {"abdomen": "belly", "chest": "breast"}
"""What is touched from in front, by the name of the surface."""
ON_HEAD = ("forehead", "back_of_head", "neck", "left_ear", "right_ear")
"""Places on the head: what touches one touches the head."""
NEARER = ("thigh", "shank")
"""Surfaces that need no side: the nearer one is meant, or the one whose hip is bent by MORE_BENT more."""
MORE_BENT = 40.0


@dataclass(frozen=True, slots=True)
class Touch:
    """A contact as geometry: `part` on `surface`. `normal` points from a plane to the body, and is None elsewhere;
    `target` is the capsule that is touched. `said` is false for a contact that comes with the base posture. `span` is
    how low and how high a level surface may be, `ball` the centre and the radius of a ball."""

    part: str
    surface: str
    said: bool
    normal: Vector | None = None
    target: str = ""
    span: tuple[float, float] | None = None
    ball: tuple[Vector, float] | None = None

    @property
    def plane(self) -> str:
        """The name of the plane, one for all that rests on it."""
        return self.surface if self.normal is not None else ""


def touches(posture: Mapping[str, Any], skeleton: Skeleton) -> list[Touch]:
    """Every contact of a posture that can be off; `skeleton`, as it is placed, decides which way a wall stands and
    which thigh is the nearer. What is held goes where the hand is."""
    touching, written_contacts = contacts(posture), posture.get("contacts", {})
    walled = [part for part, surface in touching.items() if surface == "wall"]
    ball, holder = ball_of(posture, skeleton, touching), on_props.holding_a_ball(posture, touching)
    made = []
    for part, surface in touching.items():
        lies_on = posture["base"] == "side_lying" and part.endswith("_side")
        raised = " under " in surface or (surface == BALL and part not in written_contacts)
        touch = Touch(part, surface, (part in written_contacts or raised) and not lies_on)
        if surface == "wall":
            made.append(replace(touch, normal=wall_normal(posture, skeleton, walled)))
        elif surface == "doorway":
            made.append(replace(touch, normal=FROM_WALL["front"]))
        elif surface == BALL and part == holder:
            continue
        elif surface == BALL:
            made.append(replace(touch, ball=ball))
        elif _level(surface) and not (part == "back" and posture["base"] == "seated"):
            made.append(replace(touch, normal=UP, span=_span(posture, touch)))
        elif surface in NEARER:
            made.append(replace(touch, target=_nearer(posture, skeleton, part, surface)))
        elif surface in CAPSULES:
            made.append(replace(touch, target=IN_FRONT.get(surface, surface)))
        elif surface == BAR:
            made.append(touch)
    return made


def _level(surface: str) -> bool:
    return surface.partition(" under ")[0] in LEVEL


def _span(posture: Mapping[str, Any], touch: Touch) -> tuple[float, float] | None:
    """How high the surface of a contact may be: the seat of who sits is as high as the legs are long."""
    if touch.surface == "floor":
        return (0.0, 0.0)
    name = touch.surface.partition(" ")[0]
    free = "height" not in on_props.options_of(posture, name) and on_props.lies_on(posture) != name
    if touch.part == "seat" and free:
        return None
    return on_props.level(posture, touch.surface)


def ball_of(
    posture: Mapping[str, Any], skeleton: Skeleton, touching: Mapping[str, str]
) -> tuple[Vector, float] | None:
    """The centre and the radius of the ball that parts touch: where it was solved to be, else near them, on the floor
    unless it is held or behind the back."""
    parts = [part for part, surface in touching.items() if surface == BALL]
    if not parts:
        return None
    radius = on_props.diameter(posture) / 2
    if "stands" in posture:
        x, y, z = posture["stands"]
        return (x, y, z), radius
    around = [at for at, _ in spheres(skeleton, parts)]
    x, y, z = middle(around)
    if not floats(posture, parts):
        return (x, on_props.ground(posture) + radius, z), radius
    towards = against(posture, parts)
    if towards is None:
        return (x, y, z), radius
    away = radius + max(thick for _, thick in spheres(skeleton, parts))
    return (x - away * towards[0], y, z - away * towards[2]), radius


def against(posture: Mapping[str, Any], parts: Sequence[str]) -> Vector | None:
    """From the wall that a ball is held against to the body: behind the back, else where the wall is said to be; None
    where the parts hold the ball between them."""
    if any(part in BEHIND for part in parts):
        return FROM_WALL["behind"]
    walled = any(name == "wall" for name, _ in written_props.of(posture))
    if walled and "between" not in on_props.options_of(posture, BALL):
        return FROM_WALL[on_props.options_of(posture, "wall").get("side", "front")]
    return None


def floats(posture: Mapping[str, Any], parts: Sequence[str]) -> bool:
    """Whether a ball is held by the parts that touch it, or between the back and a wall: not on the floor."""
    if "between" in on_props.options_of(posture, BALL):
        return True
    upright = posture["base"] in ("standing", "kneeling", "half_kneeling")
    if upright and any(part in BEHIND for part in parts):
        return True
    hands = all(part.endswith(("hand", "forearm")) for part in parts)
    if hands and posture["base"] in (*UPRIGHT, "hanging") and against(posture, parts):
        return True
    return hands and (posture["base"] in ("standing", "supine", "crook_lying", "hanging") or (
        len(parts) > 1 and on_props.diameter(posture) <= HELD))


def wall_normal(posture: Mapping[str, Any], skeleton: Skeleton, parts: Sequence[str]) -> Vector:
    """From the wall that some parts touch to the body: it stands where the pose says, behind the back, else where the
    parts reach to, and in front if nothing touches it."""
    for name, options in written_props.of(posture):
        if name == "wall" and "side" in options:
            return FROM_WALL[options["side"]]
    if not parts:
        return FROM_WALL["front"]
    if posture["base"] in UPRIGHT and any(part in BEHIND for part in parts):
        return (1.0, 0.0, 0.0)
    reach = subtract(middle([at for at, _ in spheres(skeleton, parts)]), skeleton.position["pelvis"])
    if abs(reach[2]) > abs(reach[0]):
        return (0.0, 0.0, -1.0 if reach[2] > 0 else 1.0)
    return (-1.0 if reach[0] >= 0 else 1.0, 0.0, 0.0)


def _nearer(posture: Mapping[str, Any], skeleton: Skeleton, part: str, surface: str) -> str:
    part_side = part.partition("_")[0]
    bent = {side: posture.get(side, {}).get("hip_flexion", 0.0) for side in SIDES}
    if part.endswith(("foot", "heel", "knee", "toes", "shin")):
        return f"{'left' if part_side == 'right' else 'right'}_{surface}"
    if abs(bent["left"] - bent["right"]) > MORE_BENT:
        return f"{max(SIDES, key=lambda side: bent[side])}_{surface}"
    return min((f"{side}_{surface}" for side in SIDES), key=lambda name: _to_capsule(skeleton, part, name))


def pieces(part: str, propped: bool) -> tuple[str, ...]:
    """The parts that one part consists of, each of which has to touch: a side is shoulder and hip, or the hip alone
    where an arm holds the shoulder up."""
    side, _, name = part.partition("_")
    if name != "side":
        return (part,)
    return (f"{side}_hip",) if propped else (f"{side}_shoulder", f"{side}_hip")


def propped(touching: Mapping[str, str], part: str) -> bool:
    """Whether someone on the side holds the shoulder up on that side's arm."""
    side = part.partition("_")[0]
    return any(touching.get(f"{side}_{limb}") == "floor" for limb in ARM)


def along(skeleton: Skeleton, part: str, normal: Vector) -> float:
    """How far the nearest point of a part is along a plane's normal."""
    x, y, z = normal
    return min(at[0] * x + at[1] * y + at[2] * z - radius for at, radius in spheres(skeleton, [part]))


def gaps(touching: Sequence[Touch], skeleton: Skeleton) -> list[float]:
    """Metres by which each contact is off, negative where a part sinks in. A plane other than the floor stands where
    the first of its parts meets it."""
    by_part = {touch.part: touch.surface for touch in touching}
    distances: list[tuple[Touch, float]] = []
    for touch in touching:
        if touch.normal is not None:
            normal = touch.normal
            distances.append((touch, max(
                along(skeleton, piece, normal) for piece in pieces(touch.part, propped(by_part, touch.part)))))
        elif touch.target:
            distances.append((touch, _to_capsule(skeleton, touch.part, touch.target)))
        elif touch.ball is not None:
            distances.append((touch, _to_ball(skeleton, touch.part, touch.ball)))
        else:
            distances.append((touch, _off_bar(skeleton, touch, touching)))
    datum = {
        plane: within(min(off for touch, off in distances if touch.plane == plane),
                      next((touch.span for touch in touching if touch.plane == plane and touch.span), None))
        for plane in {touch.plane for touch in touching if touch.plane}
    }
    return [off - datum.get(touch.plane, 0.0) for touch, off in distances]


def within(height: float, span: tuple[float, float] | None) -> float:
    """A height, or the nearest that a surface may have."""
    return height if span is None else max(span[0], min(span[1], height))


def _to_ball(skeleton: Skeleton, part: str, ball: tuple[Vector, float]) -> float:
    centre, radius = ball
    return min(dist(at, centre) - thick for at, thick in spheres(skeleton, [part])) - radius


def _off_bar(skeleton: Skeleton, touch: Touch, touching: Sequence[Touch]) -> float:
    holders = [other.part for other in touching if other.surface == BAR and other.part.endswith("hand")]
    if touch.part not in holders:
        return 0.0
    x, y, _ = middle([skeleton.point(part, (0.0, -0.06 * skeleton.stature, 0.0)) for part in holders])
    at = skeleton.point(touch.part, (0.0, -0.06 * skeleton.stature, 0.0))
    return dist((x, y), at[:2])


def _to_capsule(skeleton: Skeleton, part: str, name: str) -> float:
    """Metres between the surfaces of a part and of a capsule."""
    start, end, start_radius, end_radius = capsule(skeleton, name)
    nearest = []
    for at, radius in spheres(skeleton, [part]):
        t = closest(at, start, end)
        axis = add(start, scale(subtract(end, start), t))
        nearest.append(dist(at, axis) - radius - start_radius - (end_radius - start_radius) * t)
    return min(nearest)


def capsule(skeleton: Skeleton, name: str) -> tuple[Vector, Vector, float, float]:
    """A capsule in the world: its ends, and its radii there."""
    shape, size = CAPSULES[name], skeleton.stature
    bone = shape.bone.removeprefix("left_").removeprefix("right_")
    stout = girth(skeleton.build, FLESH.get(bone, ""), skeleton.sex)
    start, end = (skeleton.point(shape.bone, scale(at, size)) for at in (shape.start, shape.end))
    return start, end, shape.start_radius * size * stout, shape.end_radius * size * stout


def closest(point: Vector, start: Vector, end: Vector) -> float:
    """Where on a segment, from 0 to 1, it is nearest to a point."""
    line = subtract(end, start)
    length = line[0] ** 2 + line[1] ** 2 + line[2] ** 2
    if length < 1e-12:
        return 0.0
    to = subtract(point, start)
    return max(0.0, min(1.0, (line[0] * to[0] + line[1] * to[1] + line[2] * to[2]) / length))


def sunk(touching: Sequence[Touch], skeleton: Skeleton, below: Ground = FLOOR) -> float:
    """Metres by which the body passes through floor, bed, wall and ball at most; 0 where it does not."""
    body = [*spheres(skeleton), *tips(skeleton)]
    deepest = below.sunk(skeleton)
    if not below.height:
        deepest = max(deepest, -min(at[1] - radius for at, radius in tips(skeleton)))
    walls = {touch.normal for touch in touching if touch.surface == "wall" and touch.normal is not None}
    for x, y, z in walls:
        face = min(along(skeleton, touch.part, (x, y, z)) for touch in touching if touch.surface == "wall")
        deepest = max(deepest, face - min(at[0] * x + at[1] * y + at[2] * z - radius for at, radius in body))
    ball = next((touch.ball for touch in touching if touch.ball), None)
    if ball is not None:
        deepest = max(deepest, ball[1] - min(dist(at, ball[0]) - radius for at, radius in body))
    return max(0.0, deepest)


def crossed(skeleton: Skeleton, touching: Sequence[Touch] = ()) -> float:
    """Metres by which an arm or a leg passes through head or trunk at most, beyond what flesh yields; what a part
    touches on purpose yields more."""
    trunk = [capsule(skeleton, name) for name in TRUNK]
    on_purpose = {(touch.part, "head" if touch.target in ON_HEAD else touch.target) for touch in touching}
    deepest = 0.0
    for side in SIDES:
        for limb in LIMBS:
            name = f"{side}_{limb}"
            limb_capsule = capsule(skeleton, name)
            for part, other in zip(TRUNK, trunk, strict=True):
                if (limb, part) not in JOINED:
                    yields = FLESH_GIVES if (name, part) in on_purpose else FLESH_YIELDS
                    deepest = max(deepest, -_between(limb_capsule, other) - yields)
    return deepest


Solid = tuple[Vector, Vector, float, float]


def _between(solid: Solid, other: Solid) -> float:
    """Metres between the surfaces of two capsules (Ericson, Real-Time Collision Detection, 5.1.9, by turns)."""
    start, end, first, last = solid
    apart = dist(start, other[0]) - dist(start, end) - dist(other[0], other[1])
    if apart > first + last + other[2] + other[3]:
        return apart
    t = 0.5
    for _ in range(3):
        at = add(start, scale(subtract(end, start), t))
        u = closest(at, other[0], other[1])
        facing = add(other[0], scale(subtract(other[1], other[0]), u))
        t = closest(facing, start, end)
    at = add(start, scale(subtract(end, start), t))
    return dist(at, facing) - first - (last - first) * t - other[2] - (other[3] - other[2]) * u
