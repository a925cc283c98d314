"""Whom pictures show: plain values for every caller."""

from __future__ import annotations

from calotype.ground.light_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class IdentityMatch:
    """One picture, `image`, against a character. `similarity` is -1 to 1, 1 the same picture; None, as `is_match` is
    then, where nothing in the picture tells: it shows no face, or no figure before a plain background."""

    image: str
    is_match: bool | None
    similarity: float | None
    threshold: float
    method: str


@dataclass(frozen=True, slots=True)
class IdentityReport:
    """Pictures against `character`, in the order in which they were named. `own` is the lowest similarity of one of its
    references to the others, None of fewer than three: with `calibrated` it is the threshold."""

    character: str
    method: str
    combine: str
    threshold: float
    calibrated: bool
    own: float | None
    images: tuple[IdentityMatch, ...]

    @property
    def kept(self) -> tuple[str, ...]:
        """The pictures that show the character."""
        return tuple(match.image for match in self.images if match.is_match)
