"""What a solved posture is pulled by: contacts, floor and walls, balance, the body itself. Residuals and derivatives.

Every residual is in units of how far it may be off: a contact 2 mm, a sole that should lie flat 2 cm, and so on. Those
that may give way altogether are bounded (Geman & McClure 1987): r / sqrt(1 + (r / c)^2). Must not know how the sum of
their squares is made least.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.contact.on_planes import GIVES, OnPlanes, heights, nearest, rises
from calotype.language.pose.contact.points import BEFORE, Layout, overlaps
from calotype.language.pose.contact.touch import Touch
from calotype.language.pose.skeleton import STATURE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

CONTACT, SINK, FLAT, PALM, BALANCE, REST = 0.002, 0.004, 0.02, 0.5, 0.012, 0.012
"""Metres that a contact, a part below the floor, a sole off the floor, the centre of mass off the feet and a lying head
may be off, and how far a palm may turn from what it touches."""
GIVES_WAY, DEEP, DEEPER = 0.006, 0.013, 0.001
"""Metres below the floor from where on it is felt, and from where on it is as hard as it can be."""
FOOT_HALF = 0.02
"""Of stature: half the breadth of a foot, over which a body balances."""
SOFT = 0.15
"""Metres that a contact which cannot be met may be off, before it pulls as much as a joint does."""
ALLOWED = 0.015
"""Metres by which two parts may press into one another."""


@dataclass(frozen=True, slots=True)
class Ball:
    """A ball: its radius, its centre, and of each coordinate the number of the free one, -1 where it is fixed. `ties`
    are coordinates that should be those of the parts, with the metres that they may be off."""

    radius: float
    centre: tuple[float, float, float]
    columns: tuple[int, int, int]
    parts: tuple[str, ...]
    ties: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Pull:
    """Everything that pulls at one posture. `rests` and `softly` are those of `touching` and of `soft`, which
    cannot be met, on planes; `planes` are free ones by name, in the order of their columns;
    `flat` are parts that should lie flat; `resting` parts that lie where they can; `support` those that carry a body
    that has to balance; `pairs` of capsules with the overlap that each may have; `ground` is
    how high what carries the body is, and `below` (S,) what carries each point of its surface; `ball` is the ball that
    parts touch. `ease` is how many times further contacts and surfaces may be off than in the end: the way there is
    shorter through what is soft."""

    layout: Layout
    touching: tuple[Touch, ...]
    soft: tuple[Touch, ...]
    rests: OnPlanes | None
    softly: OnPlanes | None
    planes: tuple[str, ...]
    resting: tuple[str, ...]
    support: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    overlap: Array
    ground: float = 0.0
    below: Array | float = 0.0
    ball: Ball | None = None
    ease: float = 1.0

    @property
    def contact(self) -> float:
        return CONTACT * self.ease

    @property
    def sink(self) -> float:
        return SINK * self.ease

    @property
    def deeper(self) -> float:
        return DEEPER * self.ease



def residuals(pull: Pull, at: Array, offsets: Array, moves: Array | None) -> tuple[Array, Array | None]:
    """The residuals (R,) of points `at` (P, 3) and free planes, and, where `moves` (P, 3, n) are given, their
    derivatives (R, n + planes)."""
    import numpy as np

    count = 0 if moves is None else moves.shape[2] + len(pull.planes)
    values, slopes = [np.zeros(0)], [np.zeros((0, count))]
    for block in (_contacts, _on_planes, _soft, _floor, _walls, _on_ball, _bars, _resting, _balance, _palms, _apart):
        for value, slope in block(pull, at, offsets, moves):
            values.append(np.atleast_1d(value))
            if moves is not None:
                rows = np.atleast_2d(slope)
                whole = np.zeros((len(rows), count))
                whole[:, : rows.shape[1]] = rows
                slopes.append(whole)
    return np.concatenate(values), np.concatenate(slopes) if moves is not None else None


Block = Iterator[tuple[Any, Any]]


def bounded(value: Array, slope: Any, limit: Any) -> tuple[Array, Any]:
    """A residual that gives way beyond `limit`, and its derivatives."""
    import numpy as np

    shrink = 1.0 / np.sqrt(1.0 + (value / limit) ** 2)
    return value * shrink, None if slope is None else slope * np.reshape(shrink**3, (-1,) + (1,) * (np.ndim(slope) - 1))


def _contacts(pull: Pull, at: Array, offsets: Array, moves: Array | None) -> Block:
    for touch in pull.touching:
        if touch.target:
            off, slope = _to_capsule(pull, touch, at, moves)
            yield off / pull.contact, None if slope is None else slope / pull.contact


def _on_planes(pull: Pull, at: Array, offsets: Array, moves: Array | None) -> Block:
    rests = pull.rests
    if rests is None:
        return
    off = heights(rests, at, offsets)
    slopes = None if moves is None else rises(rests, moves, len(pull.planes))
    least, least_slopes = nearest(rests, off, slopes, pull.contact)
    yield least / pull.contact, None if least_slopes is None else least_slopes / pull.contact
    if rests.flat.any():
        yield bounded(
            off[rests.flat] / FLAT, None if slopes is None else slopes[rests.flat] / FLAT, rests.gives[rests.flat])


def _nearest(pull: Pull, off: Array, slope: Any) -> tuple[Any, Any]:
    """The least of some distances, smoothly, so that a step does not turn where another becomes it."""
    import numpy as np

    least = off.min()
    weight = np.exp((least - off) / pull.contact)
    total = weight.sum()
    return least - pull.contact * np.log(total), None if slope is None else weight / total @ slope


def _soft(pull: Pull, at: Array, offsets: Array, moves: Array | None) -> Block:
    """Contacts that cannot be met: the part reaches towards them, and no joint is strained for it."""
    import numpy as np

    for touch in pull.soft:
        if touch.target:
            off, slope = _to_capsule(pull, touch, at, moves)
            rows = None if slope is None else slope[None] / SOFT
            yield np.atleast_1d(off / SOFT), rows
    if pull.softly is not None:
        slopes = None if moves is None else rises(pull.softly, moves, len(pull.planes))
        offs, slopes = nearest(pull.softly, heights(pull.softly, at, offsets), slopes, pull.contact)
        yield offs / SOFT, None if slopes is None else slopes / SOFT


def _to_capsule(pull: Pull, touch: Touch, at: Array, moves: Array | None) -> tuple[Any, Any]:
    """How far the nearest sphere of a part is off the capsule it touches."""
    import numpy as np

    index = pull.layout.parts[touch.part]
    first, last = pull.layout.ends[touch.target]
    line = at[last] - at[first]
    length = float(line @ line)
    to = at[index] - at[first]
    t = np.clip(to @ line / length, 0.0, 1.0) if length > 1e-12 else np.zeros(len(index))
    apart = to - t[:, None] * line
    far = np.maximum(np.linalg.norm(apart, axis=1), 1e-9)
    thick = pull.layout.radius[first] + (pull.layout.radius[last] - pull.layout.radius[first]) * t
    off = far - pull.layout.radius[index] - thick
    if moves is None:
        return _nearest(pull, off, None)
    moved = moves[index] - (1 - t)[:, None, None] * moves[first] - t[:, None, None] * moves[last]
    return _nearest(pull, off, ((apart / far[:, None])[:, :, None] * moved).sum(axis=1))


def _hinge(off: Array, slope: Any, unit: float) -> Block:
    """What is below zero only."""
    import numpy as np

    below = np.flatnonzero(off < 0)
    if len(below):
        yield off[below] / unit, None if slope is None else slope[below] / unit


def _floor(pull: Pull, at: Array, offsets: Array, moves: Array | None) -> Block:
    index = pull.layout.surface
    off = at[index, 1] - pull.layout.radius[index] - pull.below
    slope = None if moves is None else moves[index, 1]
    yield from _hinge(off + GIVES_WAY, slope, pull.sink)
    yield from _hinge(off + DEEP, slope, pull.deeper)


def _walls(pull: Pull, at: Array, offsets: Array, moves: Array | None) -> Block:
    import numpy as np

    walls = {touch.plane: touch.normal for touch in (*pull.touching, *pull.soft) if touch.surface == "wall"}
    for plane, normal in walls.items():
        index = pull.layout.surface
        free = pull.planes.index(plane)
        off = at[index] @ np.array(normal) - pull.layout.radius[index] - offsets[free]
        slope = None
        if moves is not None:
            slope = np.zeros((len(index), moves.shape[2] + len(pull.planes)))
            slope[:, : moves.shape[2]] = np.tensordot(moves[index], np.array(normal), ([1], [0]))
            slope[:, moves.shape[2] + free] = -1.0
        yield from _hinge(off, slope, pull.sink)
        yield from _hinge(off + DEEP, slope, pull.deeper)


def _on_ball(pull: Pull, at: Array, offsets: Array, moves: Array | None) -> Block:
    """Parts touch the ball, and nothing of the body is in it."""
    import numpy as np

    ball = pull.ball
    if ball is None:
        return
    for part in ball.parts:
        index = pull.layout.parts[part]
        off, slope = _from_ball(pull, ball, np.array(index), at, offsets, moves)
        least, rows = _nearest(pull, off, slope)
        unit = pull.contact if any(touch.part == part for touch in pull.touching) else SOFT
        yield least / unit, None if rows is None else rows / unit
    yield from _tied(pull, ball, at, offsets, moves)
    off, slope = _from_ball(pull, ball, np.array(pull.layout.surface), at, offsets, moves)
    yield from _hinge(off + GIVES_WAY, slope, pull.sink)
    yield from _hinge(off + DEEP, slope, pull.deeper)


def _tied(pull: Pull, ball: Ball, at: Array, offsets: Array, moves: Array | None) -> Block:
    """The ball stays below, or behind, the parts that are on it."""
    import numpy as np

    index = [number for part in ball.parts for number in pull.layout.parts[part]]
    for axis, unit in ball.ties:
        column = ball.columns[axis]
        if column < 0:
            continue
        off = at[index, axis].mean() - offsets[column]
        slope = None
        if moves is not None:
            slope = np.zeros((1, moves.shape[2] + len(pull.planes)))
            slope[0, : moves.shape[2]] = moves[index, axis].mean(axis=0) / unit
            slope[0, moves.shape[2] + column] = -1 / unit
        yield np.atleast_1d(off / unit), slope


def _from_ball(
    pull: Pull, ball: Ball, index: Array, at: Array, offsets: Array, moves: Array | None
) -> tuple[Array, Any]:
    """How far some points are from the surface of the ball."""
    import numpy as np

    centre = np.array([
        offsets[column] if column >= 0 else fixed for column, fixed in zip(ball.columns, ball.centre, strict=True)])
    apart = at[index] - centre
    far = np.maximum(np.linalg.norm(apart, axis=1), 1e-9)
    off = far - pull.layout.radius[index] - ball.radius
    if moves is None:
        return off, None
    unit = apart / far[:, None]
    slope = np.zeros((len(index), moves.shape[2] + len(pull.planes)))
    slope[:, : moves.shape[2]] = (unit[:, :, None] * moves[index]).sum(axis=1)
    for axis, column in enumerate(ball.columns):
        if column >= 0:
            slope[:, moves.shape[2] + column] = -unit[:, axis]
    return off, slope


def _bars(pull: Pull, at: Array, offsets: Array, moves: Array | None) -> Block:
    """Two hands on one bar are as high and as far before the body as each other."""
    held = [touch.part for touch in pull.touching if touch.surface == "bar" and touch.part.endswith("hand")]
    if len(held) == 2:
        left, right = (pull.layout.palm[part.partition("_")[0]][0] for part in held)
        apart = at[left, :2] - at[right, :2]
        yield apart / pull.contact, None if moves is None else (moves[left, :2] - moves[right, :2]) / pull.contact


def _resting(pull: Pull, at: Array, offsets: Array, moves: Array | None) -> Block:
    import numpy as np

    for part in pull.resting:
        index = np.array(pull.layout.parts[part])
        off = at[index, 1] - pull.layout.radius[index] - pull.ground
        if not part.endswith("shin"):  # a shin lies along its length, anything else on its lowest point
            lowest = int(np.argmin(off))
            index, off = index[[lowest]], off[[lowest]]
        slope = None if moves is None else moves[index, 1] / REST
        yield bounded(off / REST, slope, (20 if part.endswith(("shin", "hip")) else 4) * GIVES)


def _balance(pull: Pull, at: Array, offsets: Array, moves: Array | None) -> Block:
    """The centre of mass over what carries it, forwards and sideways."""
    import numpy as np

    if not pull.support:
        return
    index = [number for part in pull.support for number in pull.layout.parts[part]]
    heavy, mass = pull.layout.heavy, pull.layout.mass / pull.layout.mass.sum()
    centre = mass @ at[heavy]
    moved = None if moves is None else np.tensordot(mass, moves[heavy], 1)
    for axis, beyond in ((0, 0.0), (2, FOOT_HALF * STATURE)):
        low, high = (index[int(pick(at[index, axis]))] for pick in (np.argmin, np.argmax))
        for edge, sense in ((low, 1.0), (high, -1.0)):
            off = sense * (centre[axis] - at[edge, axis]) + beyond
            if off < 0:
                yield off / BALANCE, None if moves is None or moved is None else (
                    sense * (moved[axis] - moves[edge, axis]) / BALANCE)


def _palms(pull: Pull, at: Array, offsets: Array, moves: Array | None) -> Block:
    """A palm faces what the hand touches."""
    import numpy as np

    for touch in pull.touching:
        side, _, name = touch.part.partition("_")
        if name != "hand" or (touch.normal is None and not touch.target):
            continue
        base, before = pull.layout.palm[side]
        if touch.normal is not None:
            faces = (at[before] - at[base]) / BEFORE + np.array(touch.normal)
            slope = None if moves is None else (moves[before] - moves[base]) / BEFORE / PALM
            yield bounded(faces / PALM, slope, GIVES)
        else:
            (near, towards), (far, away) = (
                _from_axis(pull, point, touch.target, at, moves) for point in (before, base))
            nearer = 1.0 - (far - near) / BEFORE
            slope = None if towards is None or away is None else (towards - away)[None] / BEFORE / PALM
            yield bounded(np.atleast_1d(nearer / PALM), slope, GIVES)


def _from_axis(pull: Pull, point: int, target: str, at: Array, moves: Array | None) -> tuple[float, Any]:
    """How far a point is from the axis of a capsule."""
    import numpy as np

    first, last = pull.layout.ends[target]
    line, to = at[last] - at[first], at[point] - at[first]
    t = float(np.clip(to @ line / max(float(line @ line), 1e-12), 0.0, 1.0))
    apart = to - t * line
    far = max(float(np.linalg.norm(apart)), 1e-9)
    if moves is None:
        return far, None
    return far, apart / far @ (moves[point] - (1 - t) * moves[first] - t * moves[last])


def _apart(pull: Pull, at: Array, offsets: Array, moves: Array | None) -> Block:
    """No limb passes through another, or through the trunk, further than it did."""
    import numpy as np

    if not pull.pairs:
        return
    off, s, t, unit = overlaps(pull.layout, at, pull.pairs)
    off = off + pull.overlap
    deep = np.flatnonzero(off < 0)
    if not len(deep):
        return
    if moves is None:
        yield off[deep] / pull.sink, None
        return
    slopes = []
    for number in deep:
        one, other = (pull.layout.ends[name] for name in pull.pairs[number])
        x, y = s[number], t[number]
        moved = (1 - x) * moves[one[0]] + x * moves[one[1]] - (1 - y) * moves[other[0]] - y * moves[other[1]]
        slopes.append(unit[number] @ moved)
    yield off[deep] / pull.sink, np.array(slopes) / pull.sink
