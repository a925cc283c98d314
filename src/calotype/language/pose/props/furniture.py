"""Where furniture stands: at the parts that touch it, clear of the body, else beside it. Must not know pictures.

Lengths are metres, unless they are said to be fractions of stature.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from calotype.language.pose.contact.surfaces import contacts, lowest, spheres
from calotype.language.pose.linear import Vector
from calotype.language.pose.props import fitting, on_props
from calotype.language.pose.props.placed import Placed
from calotype.language.pose.props.prop_kinds import BACK_REST
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.terms import FOOT, SIDES

SIZES = {
    "chair": (0.44, 0.42), "stool": (0.36, 0.36), "bench": (0.42, 0.34), "table": (0.50, 0.80), "bed": (0.90, 2.0),
    "step": (0.32, 0.60),
}
"""Length and breadth of what stands by itself or is touched by hands and feet."""
LYING = {"bench": (1.25, 0.40), "bed": (2.05, 0.90), "table": (1.95, 0.70)}
"""Length and breadth of what someone lies on."""
KNEES_BEYOND = 0.24
"""How far the front edge of a seat is before the hips."""
FURTHER_FORWARD, SEAT_GIVES = (0.0, 0.05, 0.10, 0.14, 0.18), 0.02
"""How much nearer to the edge someone sits whose thighs slope down from a high seat; what a seat gives."""
WALL = (0.06, 1.86, 1.0)
"""Thickness, least height and least breadth."""
BEYOND = 0.12
"""By which a wall goes on beyond the body before it."""
DOOR = (0.12, 2.05, 0.86)
"""Thickness, height and width of the opening."""
INWARD = 0.06
"""How far within its edge something is touched."""
ROUND_THE_CHAIR = 0.29
"""How far beside the middle a table over the lap of who sits ends at least."""
HANGS = 0.05
"""How high above a step a foot may be that hangs beside it; a higher one is lifted over it."""
STEPS = ((0.0, 0.0), (0.03, 0.0), (0.0, -0.15), (0.03, -0.15), (0.035, -0.19))
"""How much further than usual the near and the far edge of a step may be, to be clear of the body."""
SHIN_ON = 0.10
"""How much of a shin is on what its knee kneels on."""
TURNS = {"front": 180.0, "behind": 0.0, "left": 0.0, "right": 0.0}
"""Which way a chair looks on each side of the body."""


def block(name: str, low: Vector, high: Vector) -> Placed:
    """What fills the box between two corners, and stands on the floor below it."""
    size = (high[0] - low[0], high[1], high[2] - low[2])
    return Placed(name, ((low[0] + high[0]) / 2, 0.0, (low[2] + high[2]) / 2), 0.0, size)


def furniture(
    name: str, posture: Mapping[str, Any], skeleton: Skeleton, parts: Sequence[str], options: Mapping[str, Any]
) -> Placed:
    """A chair, a stool, a bench, a bed, a table or a step that some parts touch, or none."""
    height = options["height"] / 100 if "height" in options else None
    if name == on_props.lies_on(posture) and parts:
        return _lain_on(name, posture, skeleton)
    if parts == ["seat"] or "seat" in parts:
        return _seat(name, skeleton, height or lowest(skeleton, ["seat"]), height is not None)
    if not parts:
        return _beside(name, skeleton, options, height)
    top = lowest(skeleton, parts) if height is None else height
    if name == "table":
        return _table(skeleton, parts, top, on_props.over_the_lap(posture))
    if name == "step":
        return _step(skeleton, parts, top, contacts(posture))
    return fitting.clearest(_under(name, skeleton, parts, top, posture["base"] == "seated"), skeleton)


def _seat(name: str, skeleton: Skeleton, top: float, given: bool) -> Placed:
    x, _, z = skeleton.position["pelvis"]
    if name == "bench":
        return block(name, (x - 0.20, 0.0, z - 0.17), (x + 0.22, top, z + 0.17))
    length, breadth = SIZES[name]
    if name == "stool":
        return Placed(name, (x + 0.02, 0.0, z), 0.0, (length, top, breadth))
    half, sloping = breadth / 2, given or name in LYING
    return fitting.clearest((
        block(name, (front - length, 0.0, z - half), (front, top, z + half))
        for front in (x + KNEES_BEYOND - back for back in (FURTHER_FORWARD if sloping else FURTHER_FORWARD[:1]))
    ), skeleton, SEAT_GIVES)


def _under(
    name: str, skeleton: Skeleton, parts: Sequence[str], top: float, from_seat: bool
) -> Iterator[Placed]:
    """The places of what is below some parts: with its edge just beyond them on the body's side, and further on or
    out. Who has left a seat (`from_seat`) props on what is behind."""
    points = [at for at, _ in spheres(skeleton, parts)]
    length, breadth = SIZES[name]
    x, z = (sum(point[axis] for point in points) / len(points) for axis in (0, 2))
    low, high = (pick(point[0] for point in points) for pick in (min, max))
    left, right = (pick(point[2] for point in points) for pick in (min, max))
    pelvis = skeleton.position["pelvis"]
    kneels = any(part.endswith(("knee", "shin")) for part in parts)
    ahead = kneels or (x >= pelvis[0] and not from_seat)
    outward = right + INWARD - breadth / 2 if z < pelvis[2] else left - INWARD + breadth / 2
    sense = -1.0 if z < pelvis[2] else 1.0
    for across in (z, outward, outward + sense * 0.05, outward + sense * 0.09):
        for shift in (0.0, 0.04, 0.08, -0.03, 0.12, 0.16):
            if ahead:
                middle = low - INWARD - kneels * SHIN_ON + shift + length / 2
                yield Placed(name, (middle, 0.0, across), 180.0, (length, top, breadth))
            else:
                yield Placed(name, (high + INWARD - shift - length / 2, 0.0, across), 0.0, (length, top, breadth))


def chair_back(skeleton: Skeleton, parts: Sequence[str], options: Mapping[str, Any]) -> Placed:
    """A chair whose back rest is under the hands: it turns its back to who holds on to it."""
    top = options["height"] / 100 if "height" in options else lowest(skeleton, parts) - BACK_REST
    return fitting.clearest(_held_by_its_back(skeleton, parts, top, options.get("side")), skeleton)


def _held_by_its_back(skeleton: Skeleton, parts: Sequence[str], top: float, side: str | None) -> Iterator[Placed]:
    length, breadth = SIZES["chair"]
    points = [at for at, _ in spheres(skeleton, parts)]
    x, z = (sum(point[axis] for point in points) / len(points) for axis in (0, 2))
    pelvis = skeleton.position["pelvis"]
    away, lateral = length / 2 - 0.015, 1.0 if z > pelvis[2] else -1.0
    shifts = (0.0,) if len({part.partition("_")[0] for part in parts}) > 1 else (0.0, 0.05, 0.10, 0.15, 0.19)
    places = {
        "front": [(x + away, z + lateral * shift, 0.0) for shift in shifts],
        "behind": [(x - away, z + lateral * shift, 180.0) for shift in shifts],
        "left": [(x + shift, z - away, 90.0) for shift in (0.0, 0.1, -0.1)],
        "right": [(x + shift, z + away, 270.0) for shift in (0.0, 0.1, -0.1)],
    }
    beside = "right" if lateral > 0 else "left"
    first = "front" if x >= pelvis[0] - 0.05 else "behind"
    for way in [side] if side else [first, beside]:
        yield from (Placed("chair", (px, 0.0, pz), turn, (length, top, breadth)) for px, pz, turn in places[way])


def _table(skeleton: Skeleton, parts: Sequence[str], top: float, over_lap: bool) -> Placed:
    """A table under arms; over the thighs of who sits its legs stand beside the chair."""
    touching = spheres(skeleton, parts)
    near = min(at[0] for at, _ in touching) - 0.12
    inner, outer = min(at[2] for at, _ in touching) - 0.14, max(at[2] for at, _ in touching) + 0.14
    if {part.split("_")[0] for part in parts} == {"left"}:
        inner -= 0.30
    elif {part.split("_")[0] for part in parts} == {"right"}:
        outer += 0.30
    if over_lap:
        inner, outer = min(inner, -ROUND_THE_CHAIR), max(outer, ROUND_THE_CHAIR)
    far = _table_edge(skeleton, parts, near)
    return fitting.clearest((
        block("table", (near + shift, 0.0, inner), (far if far < near + 0.50 else far + shift, top, outer))
        for shift in (0.0, 0.04, 0.08, 0.11)
    ), skeleton)


def _step(skeleton: Skeleton, parts: Sequence[str], top: float, touching: Mapping[str, str]) -> Placed:
    """A step under feet; under one alone, where the other hangs beside it."""
    points = [at for at, _ in spheres(skeleton, parts)]
    low, high = min(at[0] for at in points) - 0.04, max(at[0] for at in points) + 0.2
    inner = min(abs(at[2]) for at in points) - 0.055
    one_side = (inner, inner + 0.45) if min(at[2] for at in points) > 0 else (-inner - 0.45, -inner)
    places = [(rear, front, -0.3, 0.3) for rear, front in STEPS]
    on = {part.partition("_")[0] for part in parts}
    if len(on) == 1:
        aside = [(rear, front, *one_side) for rear, front in STEPS]
        free = [side for side in SIDES if side not in on and not any(part.startswith(f"{side}_") and part.endswith(
            FOOT) for part in touching)]
        hangs = any(lowest(skeleton, [f"{side}_foot"]) < top + HANGS for side in free)
        places = [*aside, *places] if hangs else [*places, *aside]
    return fitting.clearest((
        block("step", (low + rear, 0.0, left), (high + front, top, right)) for rear, front, left, right in places
    ), skeleton)


def _table_edge(skeleton: Skeleton, parts: Sequence[str], near: float) -> float:
    """The far edge of a table: before the wrist, where a forearm lies on it and the hand does not."""
    wrists = [skeleton.position[f"{side}_hand"][0] for side in SIDES
              if f"{side}_forearm" in parts and f"{side}_hand" not in parts]
    return min([near + 0.50, *(x - 0.02 for x in wrists if x > near + 0.20)])


def desk(skeleton: Skeleton) -> tuple[float, float, float, float, float]:
    """A table for someone seated at it, just above the thighs, before the chest: its top, near and far edge, left and
    right end."""
    thigh = max(skeleton.position[f"{side}_shank"][1] for side in SIDES)
    x = skeleton.position["pelvis"][0]
    return thigh + 0.15, x + 0.30, x + 0.95, -0.45, 0.45


def _beside(name: str, skeleton: Skeleton, options: Mapping[str, Any], height: float | None) -> Placed:
    """What nothing touches: a chair behind who stands and below who rises, a table before who sits; else CLEAR of the
    body on the side that is said, and in front if none is."""
    side = options.get("side")
    if name == "chair" and side in (None, "behind"):
        front, top = _free_seat(skeleton)
        x, half = front - SIZES["chair"][0] / 2, SIZES["chair"][1] / 2
        z = skeleton.position["pelvis"][2]
        return block(name, (x - SIZES["chair"][0] / 2, 0.0, z - half), (front, height or top, z + half))
    if name == "table":
        top, near, far, left, right = desk(skeleton)
        return block(name, (near, 0.0, left), (far, height or top, right))
    length, breadth = SIZES[name]
    top = height or (on_props.SEAT * skeleton.stature if name == "chair" else on_props.USUAL[name])
    away = fitting.CLEAR + (length if side in (None, "front", "behind") else breadth) / 2
    x, z = fitting.edge(skeleton, side or "front", away)
    return Placed(name, (x, 0.0, z), TURNS[side or "front"], (length, top, breadth))


def _free_seat(skeleton: Skeleton) -> tuple[float, float]:
    """Front edge and height of a seat that nothing touches: below who rises from it, else behind the body."""
    top = on_props.SEAT * skeleton.stature
    legs = spheres(skeleton, [f"{side}_{part}" for side in SIDES for part in ("shin", "foot")])
    front = min(skeleton.position["pelvis"][0] + KNEES_BEYOND, min(at[0] - radius for at, radius in legs) - 0.02)
    whole, rear = spheres(skeleton), front - SIZES["chair"][0]
    over = [at[1] - radius for at, radius in whole if rear < at[0] + radius and at[0] - radius < front]
    if min(over, default=top) >= 0.75 * top:
        return front, min([*over, top])
    return min(at[0] - radius for at, radius in whole) - 0.02, top


def _lain_on(name: str, posture: Mapping[str, Any], skeleton: Skeleton) -> Placed:
    """What the body lies on: its edge is before the limbs that hang over it."""
    from calotype.language.pose.support.lain_on import EVERY, ground_of

    ground = ground_of(posture, skeleton)
    length, breadth = LYING[name]
    carried = spheres(skeleton, [part for part in EVERY if part not in ground.beyond and not part.endswith("_side")])
    low, high = min(at[0] - r for at, r in carried), max(at[0] + r for at, r in carried)
    z = skeleton.position["pelvis"][2]
    rear, front, left, right = (low + high - length) / 2, (low + high + length) / 2, z - breadth / 2, z + breadth / 2
    for limb in sorted(ground.hanging):
        over = spheres(skeleton, [part for part in ground.beyond if part.startswith(limb.partition("_")[0])
                                  and (part in _ends(limb))])
        other = f"{'left' if limb.startswith('right') else 'right'}_{limb.partition('_')[2]}"
        if limb.endswith("leg") and (other in ground.hanging or _drawn_up(skeleton, other, ground.height)):
            front, rear = _before(skeleton, over, front, rear)
        elif limb.startswith("left"):
            left = max(left, max(at[2] + r for at, r in over) + 0.01)
        else:
            right = min(right, min(at[2] - r for at, r in over) - 0.01)
    return block(name, (rear, 0.0, left), (front, ground.height, right))


def _drawn_up(skeleton: Skeleton, limb: str, height: float) -> bool:
    """Whether a leg is off what the body lies on, but for a sole."""
    side = limb.partition("_")[0]
    return lowest(skeleton, [f"{side}_shin"]) > height + fitting.CLEAR


def _ends(limb: str) -> tuple[str, ...]:
    side, _, name = limb.partition("_")
    parts = ("foot", "heel", "toes", "shin") if name == "leg" else ("hand", "forearm")
    return tuple(f"{side}_{part}" for part in parts)


def _before(skeleton: Skeleton, over: Sequence[tuple[Vector, float]], front: float, rear: float) -> tuple[float, float]:
    """The ends of what is lain on, where both legs hang over the one that the legs point to."""
    pelvis = skeleton.position["pelvis"][0]
    if sum(at[0] for at, _ in over) / len(over) > pelvis:
        edge_at = min(at[0] - radius for at, radius in over) - 0.01
        return min(front, edge_at), min(front, edge_at) - (front - rear)
    edge_at = max(at[0] + radius for at, radius in over) + 0.01
    return max(rear, edge_at) + (front - rear), max(rear, edge_at)


def wall(
    skeleton: Skeleton, parts: Sequence[str], normal: Vector, ball: Placed | None = None, others: Sequence[Placed] = ()
) -> Placed:
    """A wall on the side of the body that `normal` points away from: behind the ball on that side; if nothing touches
    it, CLEAR of the body and of the `others` that stand there."""
    axis, sense = (0, -normal[0]) if normal[0] else (2, -normal[2])
    if ball is not None:
        face = sense * ball.at[axis] + ball.radius
    else:
        reach = max(sense * at[axis] + radius for at, radius in spheres(skeleton, parts or None))
        beyond = [fitting.reach(prop, axis, sense) for prop in others if prop.name not in ("wall", "doorway")]
        face = reach if parts else max([reach, *beyond]) + fitting.CLEAR
    middle = sense * (face + WALL[0] / 2)
    body, along = spheres(skeleton), 2 - axis
    high = max(at[1] + radius for at, radius in body) + BEYOND
    wide = 2 * (max(abs(at[along]) + radius for at, radius in body) + BEYOND)
    at = (middle, 0.0, 0.0) if axis == 0 else (0.0, 0.0, middle)
    return Placed("wall", at, _facing(normal), (WALL[0], max(WALL[1], high), max(WALL[2], wide)))


def _facing(normal: Vector) -> float:
    """Degrees about the vertical of what looks along a direction: 90 is along -z."""
    if normal[0]:
        return 0.0 if normal[0] > 0 else 180.0
    return 90.0 if normal[2] < 0 else 270.0


def doorway(skeleton: Skeleton, parts: Sequence[str]) -> Placed:
    """A doorway round the body, its jambs before the arms that are on them."""
    x, _, z = skeleton.position["pelvis"]
    if not parts:
        return Placed("doorway", (x, 0.0, z), 180.0, DOOR)
    touching = spheres(skeleton, parts)
    face = max(at[0] + radius for at, radius in touching)
    half = max(min(abs(at[2] - z) for at, _ in touching) - 0.02, 0.20 * skeleton.stature)
    return Placed("doorway", (face + DOOR[0] / 2, 0.0, z), 180.0, (DOOR[0], DOOR[1], 2 * half))


def mat(skeleton: Skeleton) -> Placed:
    xs = [at[0] for at, _ in spheres(skeleton)]
    low, high = min(xs) - 0.15, max(xs) + 0.15
    return Placed("mat", ((low + high) / 2, 0.0, 0.0), size=(high - low, 0.012, 0.7))
