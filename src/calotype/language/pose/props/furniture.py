"""Where furniture stands: at the parts that touch it, else beside the body. Must not know pictures.

Lengths are metres, unless they are said to be fractions of stature.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calotype.language.pose.contact.surfaces import lowest, spheres
from calotype.language.pose.linear import Vector
from calotype.language.pose.props.placed import Placed
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.terms import SIDES

SEAT = 0.219
"""The height of the seat of someone who sits with knees at right angles: a fraction of stature."""
SEAT_LENGTH, SEAT_BREADTH, KNEES_BEYOND = 0.44, 0.42, 0.24
"""Of a chair; and how far its front edge is before the hips."""
WALL = (0.06, 1.86, 1.0)
"""Thickness, least height and least breadth."""
BEYOND = 0.12
"""By which a wall goes on beyond the body before it."""
CLEAR = 0.10
"""Between the body and what stands by."""


def block(name: str, low: Vector, high: Vector, facing: float = 0.0) -> Placed:
    """What fills the box between two corners, and stands on the floor below it."""
    size = (high[0] - low[0], high[1], high[2] - low[2])
    return Placed(name, ((low[0] + high[0]) / 2, 0.0, (low[2] + high[2]) / 2), facing, size)


def chair(skeleton: Skeleton, parts: Sequence[str]) -> Iterator[Placed]:
    x, _, z = skeleton.position["pelvis"]
    front, top = (x + KNEES_BEYOND, lowest(skeleton, parts)) if parts else _free_seat(skeleton)
    half = SEAT_BREADTH / 2
    yield block("chair", (front - SEAT_LENGTH, 0.0, z - half), (front, top, z + half))


def _free_seat(skeleton: Skeleton) -> tuple[float, float]:
    """Front edge and height of a seat that nothing touches: below who rises from it, else behind the body."""
    top = SEAT * skeleton.stature
    legs = spheres(skeleton, [f"{side}_{part}" for side in SIDES for part in ("shin", "foot")])
    front = min(skeleton.position["pelvis"][0] + KNEES_BEYOND, min(at[0] - radius for at, radius in legs) - 0.02)
    body, rear = spheres(skeleton), front - SEAT_LENGTH
    over = [at[1] - radius for at, radius in body if rear < at[0] + radius and at[0] - radius < front]
    if min(over, default=top) >= 0.75 * top:
        return front, min([*over, top])
    return min(at[0] - radius for at, radius in body) - 0.02, top


def bench(skeleton: Skeleton, parts: Sequence[str]) -> Iterator[Placed]:
    x, _, z = skeleton.position["pelvis"]
    yield block("bench", (x - 0.20, 0.0, z - 0.17), (x + 0.22, lowest(skeleton, parts), z + 0.17))


def table(skeleton: Skeleton, parts: Sequence[str]) -> Iterator[Placed]:
    if not parts:
        top, near, far, left, right = desk(skeleton)
        yield block("table", (near, 0.0, left), (far, top, right))
        return
    touching = spheres(skeleton, parts)
    near = min(at[0] for at, _ in touching) - 0.12
    inner, outer = min(at[2] for at, _ in touching) - 0.14, max(at[2] for at, _ in touching) + 0.14
    if {part.split("_")[0] for part in parts} == {"left"}:
        inner -= 0.30
    elif {part.split("_")[0] for part in parts} == {"right"}:
        outer += 0.30
    yield block("table", (near, 0.0, inner), (_table_edge(skeleton, parts, near), lowest(skeleton, parts), outer))


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


def wall(skeleton: Skeleton, parts: Sequence[str], normal: Vector) -> Iterator[Placed]:
    """A wall on the side of the body that `normal` points away from, CLEAR of it if nothing touches."""
    axis, sense = (0, -normal[0]) if normal[0] else (2, -normal[2])
    face = max(sense * at[axis] + radius for at, radius in spheres(skeleton, parts or None)) + (0 if parts else CLEAR)
    middle = sense * (face + WALL[0] / 2)
    body, along = spheres(skeleton), 2 - axis
    high = max(at[1] + radius for at, radius in body) + BEYOND
    wide = 2 * (max(abs(at[along]) + radius for at, radius in body) + BEYOND)
    at = (middle, 0.0, 0.0) if axis == 0 else (0.0, 0.0, middle)
    yield Placed("wall", at, _facing(normal), (WALL[0], max(WALL[1], high), max(WALL[2], wide)))


def _facing(normal: Vector) -> float:
    """Degrees about the vertical of what looks along a direction: 90 is along -z."""
    if normal[0]:
        return 0.0 if normal[0] > 0 else 180.0
    return 90.0 if normal[2] < 0 else 270.0


def step(skeleton: Skeleton, parts: Sequence[str]) -> Iterator[Placed]:
    xs = [at[0] for at, _ in spheres(skeleton, parts)]
    yield block("step", (min(xs) - 0.04, 0.0, -0.3), (max(xs) + 0.2, lowest(skeleton, parts), 0.3))


def mat(skeleton: Skeleton) -> Placed:
    xs = [at[0] for at, _ in spheres(skeleton)]
    low, high = min(xs) - 0.15, max(xs) + 0.15
    return Placed("mat", ((low + high) / 2, 0.0, 0.0), size=(high - low, 0.012, 0.7))
