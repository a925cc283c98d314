"""Where pictures are compared: rows of numbers, one for each face, figure or picture, and how alike two of them are.

Arrays are float64, (count, width). A similarity is -1 to 1; of rows that are equal it is 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from calotype.workers.protocol import Scored

if TYPE_CHECKING:
    import numpy as np

    Rows = np.ndarray[tuple[int, int], np.dtype[np.float64]]

ENOUGH = 3
"""References of which one can be compared with the others, and it means something."""
DIGITS = 3
"""To which similarities are rounded: the last ones depend on the machine."""


class Space(Protocol):
    """How the rows of one method are compared."""

    def normal(self, rows: Any) -> Rows:
        """`rows` as they are compared."""
        ...

    def similarities(self, these: Rows, those: Rows) -> Rows:
        """How alike each of `these` is to each of `those`: (these, those). Both are normal."""
        ...


class Cosines:
    """Embeddings by the cosine of the angle between them; one of zeros, as the mean of opposites is, is like none."""

    def normal(self, rows: Any) -> Rows:
        import numpy as np

        wide = np.asarray(rows, dtype=np.float64)
        length: Rows = np.linalg.norm(wide, axis=1, keepdims=True)
        normal: Rows = wide / np.where(length > 0, length, 1)
        return normal

    def similarities(self, these: Rows, those: Rows) -> Rows:
        return these @ those.T


class Intersections:
    """Histograms by what they have in common, 0 to 1: Swain and Ballard, "Color Indexing", IJCV 7(1), 1991, eq. 1."""

    def normal(self, rows: Any) -> Rows:
        import numpy as np

        shares = np.maximum(np.asarray(rows, dtype=np.float64), np.finfo(float).tiny)
        normal: Rows = shares / shares.sum(axis=1, keepdims=True)
        return normal

    def similarities(self, these: Rows, those: Rows) -> Rows:
        import numpy as np

        common: Rows = np.minimum(these[:, None, :], those[None, :, :]).sum(axis=2)
        return common


def combined(space: Space, references: Rows) -> Rows:
    """All references as one row: the normal mean of normal rows, (1, width)."""
    return space.normal(references.mean(axis=0, keepdims=True))


def similarity(space: Space, rows: Rows, references: Rows, combine: str) -> float:
    """How alike the row is that is most alike: to its nearest reference (`best`), or to all of them as one (`mean`)."""
    against = references if combine == "best" else combined(space, references)
    return float(space.similarities(rows, against).max())


def own(space: Space, references: Rows, combine: str) -> float | None:
    """The lowest similarity of one reference to the others (leave one out); None of fewer than ENOUGH."""
    import numpy as np

    count = len(references)
    if count < ENOUGH:
        return None
    others = (np.delete(references, index, axis=0) for index in range(count))
    return min(similarity(space, references[index : index + 1], rest, combine) for index, rest in enumerate(others))


def scored(index: int, space: Space, rows: Rows, references: Rows, combine: str) -> Scored:
    """What a method says of a picture with these rows; nothing where it has none, or there are no references."""
    parts: dict[str, float] = {}
    least = own(space, references, combine)
    if least is not None:
        parts["own"] = round(least, DIGITS)
    if not len(rows) or not len(references):
        return Scored(index, None, parts)
    value = round(min(max(similarity(space, rows, references, combine), -1.0), 1.0), DIGITS)
    return Scored(index, round(100 * max(value, 0.0), 1), {"similarity": value, **parts})
