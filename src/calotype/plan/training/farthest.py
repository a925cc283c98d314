"""Which of many images to take, so that they differ as much as they can: farthest-point sampling over pose, view and
side (Gonzalez, Clustering to minimize the maximum intercluster distance, 1985).

Each image taken is the one whose nearest neighbour among those taken so far is farthest away; of several the one with
the best score, then the first by name. The outcome does not depend on the order in which images are given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

from calotype.ground.digest import canonical_json
from calotype.ground.light_dataclass import dataclass
from calotype.language.image import Image
from calotype.language.pose.distance import Shape, between, shape, turn


@dataclass(frozen=True, slots=True)
class Scored:
    """An image, and the score 0-100 of its published picture, where it has one."""

    image: Image
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """An image that is taken: `nearest` is the image taken before that it is nearest to (None: it is the first),
    `distance` how far that is, as `language.pose.distance` counts."""

    taken: Scored
    nearest: Image | None = None
    distance: float = inf


def farthest(free: Sequence[Scored], taken: Sequence[Image], count: int) -> Iterator[Step]:
    """At most `count` of the `free`, to go with those that are `taken` already."""
    far = _Distances()
    rest = sorted(free, key=lambda scored: scored.image.target)
    nearest: dict[str, tuple[float, Image | None]] = {}
    for scored in rest:
        every = [(far.between(scored.image, image), image) for image in sorted(taken, key=lambda image: image.target)]
        nearest[scored.image.target] = min(every, key=lambda each: each[0], default=(inf, None))
    for _ in range(min(count, len(rest))):
        chosen = max(rest, key=lambda scored: (round(nearest[scored.image.target][0], 6), _rank(scored)))
        rest.remove(chosen)
        distance, neighbour = nearest[chosen.image.target]
        yield Step(chosen, neighbour, distance)
        for scored in rest:
            apart = far.between(scored.image, chosen.image)
            if apart < nearest[scored.image.target][0]:
                nearest[scored.image.target] = apart, chosen.image


def _rank(scored: Scored) -> float:
    return -inf if scored.score is None else scored.score


class _Distances:
    """Distances of images. Variations of one pose share a posture: each pair of postures is compared once."""

    def __init__(self) -> None:
        self._shapes: dict[bytes, Shape] = {}
        self._names: dict[str, bytes] = {}
        self._apart: dict[tuple[bytes, bytes], float] = {}

    def between(self, one: Image, other: Image) -> float:
        first, second = sorted((self._name(one), self._name(other)))
        if (first, second) not in self._apart:
            self._apart[first, second] = between(self._shapes[first], self._shapes[second])
        return self._apart[first, second] + turn(one.view, one.side, other.view, other.side)

    def _name(self, image: Image) -> bytes:
        name = self._names.get(image.target)
        if name is None:
            name = self._names[image.target] = canonical_json(image.posture)
            if name not in self._shapes:
                self._shapes[name] = shape(image.posture)
        return name
