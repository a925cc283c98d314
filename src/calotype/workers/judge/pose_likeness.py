"""How like a posture a figure is, by keypoints of both. Must not know where either comes from.

Where the figure stands and how large it is are no part of a posture, so what is asked for is first moved and scaled
onto what is found: to the same middle, and to the same spread (root mean square distance from it) of the points that
both have. It is never turned. Then OKS tells how well they agree (`workers.render.mannequin.acceptance.oks`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import hypot, sqrt

from calotype.ground.light_dataclass import dataclass
from calotype.language.keypoints.layouts import COCO_18
from calotype.workers.render.mannequin.acceptance import ACCEPTED, oks

Point = tuple[float, float, float]
"""x, y and confidence; (0, 0, 0) is no point."""
Points = Sequence[Point]
"""COCO-18."""

FEWEST = 4
"""Points that both have, below which nothing is told."""
MARGIN = 0.1
"""How much better the exchanged sides must fit: more than a detector errs by."""
NOWHERE: Point = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Likeness:
    """`oks` is 0..1 against the posture, `in_place` the same where it was asked for, without moving it; `exchanged` the
    best that a posture reaches in which left and right are exchanged. `moved` are the points that were asked for, on
    the figure."""

    oks: float
    in_place: float
    exchanged: float
    moved: tuple[Point, ...]

    @property
    def sides_exchanged(self) -> bool:
        """It is the pose, but of the other side."""
        return self.exchanged >= ACCEPTED and self.exchanged > self.oks + MARGIN


def likeness(asked: Points, found: Points, others: Iterable[Points] = ()) -> Likeness | None:
    """None where fewer than FEWEST of the points that are asked for were found. `others` are the postures with left and
    right exchanged, as they would be seen; one more is the mirror image of `asked`, and one has its names exchanged."""
    moved = _moved(asked, found)
    if moved is None:
        return None
    hypotheses = [renamed(asked), mirror_image(asked), *others]
    exchanged = [oks(list(each), list(found)) for each in (_moved(other, found) for other in hypotheses) if each]
    return Likeness(oks(list(moved), list(found)), oks(list(asked), list(found)), max(exchanged, default=0.0), moved)


def renamed(points: Points) -> tuple[Point, ...]:
    """The same places, left being called right: the figure faces the other way."""
    return tuple(points[COCO_18.index(_other(name))] for name in COCO_18)


def mirror_image(points: Points) -> tuple[Point, ...]:
    """What a mirror shows: the other limbs, on the other side. It lies about x = 0."""
    return tuple((-x, y, seen) if seen else NOWHERE for x, y, seen in renamed(points))


def _other(name: str) -> str:
    side, _, part = name.partition("_")
    return {"left": f"right_{part}", "right": f"left_{part}"}.get(side, name)


def _moved(asked: Points, found: Points) -> tuple[Point, ...] | None:
    """`asked` on the place and in the size of `found`."""
    both = [(a, b) for a, b in zip(asked, found, strict=True) if a[2] and b[2]]
    if len(both) < FEWEST:
        return None
    (from_x, from_y, before), (to_x, to_y, after) = (_spread([pair[which] for pair in both]) for which in (0, 1))
    scale = after / before if before else 1.0
    return tuple(((x - from_x) * scale + to_x, (y - from_y) * scale + to_y, seen) if seen else NOWHERE
                 for x, y, seen in asked)


def _spread(points: Points) -> tuple[float, float, float]:
    """The middle, and the root mean square distance from it."""
    x, y = (sum(point[axis] for point in points) / len(points) for axis in (0, 1))
    return x, y, sqrt(sum(hypot(point[0] - x, point[1] - y) ** 2 for point in points) / len(points))
