"""Least squares within bounds: Levenberg-Marquardt, its steps clipped to the bounds and to a trust radius.

After Marquardt (1963), with the active set of Kanzow, Yamashita & Fukushima (2004). Must not know what is sought.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

Place = TypeVar("Place")
TRUST = 2.0
"""The longest step of any unknown, in units of how far it is expected to go."""
TRIES, WORSE, BETTER = 7, 20.0, 0.2
"""Searches along one slope, and what the damping is multiplied by after a step that failed and one that did not."""
ROWS = 48
STILL, FLAT = 0.02, 5e-3
"""A step, and a share of the cost, that are worth no other."""


def descend(
    start: Place,
    measure: Callable[[Place, bool], tuple[Array, Array | None]],
    step: Callable[[Place, Array], Place],
    room: Callable[[Place], tuple[Array, Array]],
    most: int,
) -> Place:
    """The place, reached from `start`, where the squares of what `measure` gives are least. `measure` gives residuals
    and, if asked, derivatives; `step` goes a number of units; `room` tells how far each unknown may go down and up."""
    import numpy as np

    here, damping = start, 1e-2
    values, slopes = measure(here, True)
    cost = float(values @ values)
    for _ in range(most):
        assert slopes is not None
        square, pull = squared(slopes), slopes.T @ values
        low, high = room(here)
        for attempt in range(TRIES):
            move = _bounded_step(square, pull, damping, low, high, TRUST / 2 ** max(0, attempt - 2))
            there = step(here, move)
            new_values, _ = measure(there, False)
            new_cost = float(new_values @ new_values)
            if new_cost < cost:
                break
            damping *= WORSE
        else:
            break
        still = float(np.abs(move).max()) < STILL or cost - new_cost < FLAT * new_cost
        here, cost, damping = there, new_cost, max(damping * BETTER, 1e-3)
        if still:
            break
        values, slopes = measure(here, True)
    return here


def squared(slopes: Array) -> Array:
    """The normal matrix, a few rows at a time: a product this small is not worth a second thread, and BLAS would start
    one."""
    import numpy as np

    pieces = [slopes[start : start + ROWS] for start in range(0, len(slopes), ROWS)]
    return np.asarray(sum((piece.T @ piece for piece in pieces), np.zeros((slopes.shape[1],) * 2)))


def _bounded_step(square: Array, pull: Array, damping: float, low: Array, high: Array, trust: float) -> Array:
    """The damped step, none longer than `trust`.

    Unknowns that stand at a bound and would leave it stay, and the others are sought again.
    """
    import numpy as np

    count = len(pull)
    free = ~(((low >= 0) & (pull > 0)) | ((high <= 0) & (pull < 0)))
    move = np.zeros(count)
    for _ in range(3):
        index = np.flatnonzero(free)
        if not len(index):
            break
        part = square[np.ix_(index, index)] + damping * np.eye(len(index))
        move[:] = 0.0
        move[index] = -np.linalg.solve(part, pull[index])
        leaving = free & (((move < low - 1e-9) & (low >= -1e-9)) | ((move > high + 1e-9) & (high <= 1e-9)))
        if not leaving.any():
            break
        free &= ~leaving
    longest = float(np.abs(move).max())
    if longest > trust:
        move *= trust / longest
    return np.asarray(np.clip(move, low, high))
