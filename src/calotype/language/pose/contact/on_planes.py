"""Parts of the body on planes, all at once: how far each sphere is off, the nearest of each part, and which lie flat.

Must not know bodies: a sphere is the number of its point, and its radius.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.contact.touch import Touch, pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


GIVES, STAYS = 2.0, 8.0
"""After how many of its units something that should lie flat gives way, and after how many where a joint is free to
lay it so."""


@dataclass(frozen=True, slots=True)
class OnPlanes:
    """S spheres in G groups, each of which has to touch its plane: `sphere` (S,) their points, `radius` (S,), `normal`
    (S, 3), `free` (S,) the number of a plane that stands free, else -1; `start` (G,) where groups begin, `group` (S,)
    which each is of, `flat` (S,) whether it should lie flat with the others of its part, `gives` (S,) after how many
    units of tilt it gives way."""

    sphere: Array
    radius: Array
    normal: Array
    free: Array
    start: Array
    group: Array
    flat: Array
    gives: Array


def on_planes(
    touching: Sequence[Touch], propped: frozenset[str], planes: Sequence[str], parts: Mapping[str, list[int]],
    radius: Array, soles: frozenset[str] = frozenset(),
) -> OnPlanes | None:
    """What of some contacts rests on planes; None where nothing does. `soles` are parts that a free joint lays flat."""
    import numpy as np

    rows: list[tuple[int, tuple[float, ...], int, int, bool, float]] = []
    groups = 0
    for touch in touching:
        if touch.normal is None:
            continue
        free = planes.index(touch.plane) if touch.plane in planes else -1
        apart = touch.part.endswith("side")
        tilt = STAYS if touch.part in soles else GIVES
        for piece in pieces(touch.part, touch.part in propped):
            spheres = parts[piece]
            rows += [(number, touch.normal, free, groups, len(spheres) > 1 and not apart, tilt) for number in spheres]
            groups += 1
    if not rows:
        return None
    sphere, normal, free_planes, group, flat, gives = (np.array(column) for column in zip(*rows, strict=True))
    return OnPlanes(
        sphere, radius[sphere], normal, free_planes, np.searchsorted(group, np.arange(groups)), group, flat, gives)


def heights(rests: OnPlanes, at: Array, offsets: Array) -> Array:
    """How far each sphere is off its plane, (S,)."""
    import numpy as np

    off = (at[rests.sphere] * rests.normal).sum(axis=1) - rests.radius
    return np.asarray(off - np.where(rests.free >= 0, np.append(offsets, 0.0)[rests.free], 0.0))


def rises(rests: OnPlanes, moves: Array, planes: int) -> Array:
    """The derivatives (S, n + planes) of `heights`."""
    import numpy as np

    slopes = np.zeros((len(rests.sphere), moves.shape[2] + planes))
    slopes[:, : moves.shape[2]] = (moves[rests.sphere] * rests.normal[:, :, None]).sum(axis=1)
    free = np.flatnonzero(rests.free >= 0)
    slopes[free, moves.shape[2] + rests.free[free]] = -1.0
    return slopes


def nearest(rests: OnPlanes, off: Array, slopes: Array | None, sharp: float) -> tuple[Array, Array | None]:
    """The least of each group, smoothly, so that a step does not turn where another sphere becomes it."""
    import numpy as np

    least = np.minimum.reduceat(off, rests.start)
    weight = np.exp((least[rests.group] - off) / sharp)
    total = np.add.reduceat(weight, rests.start)
    values = least - sharp * np.log(total)
    if slopes is None:
        return values, None
    return values, np.add.reduceat((weight / total[rests.group])[:, None] * slopes, rests.start)
