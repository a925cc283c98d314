"""Named affine calibrations of raw scores to 0-100. Must not know how a raw score is made.

A calibration is never edited: another one gets another name, which stands in the request.
"""

from __future__ import annotations

from collections.abc import Mapping

from calotype.ground.light_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Calibration:
    """The raw values that are 0 and 100; what lies beyond is cut off."""

    zero: float
    hundred: float

    def score(self, raw: float) -> float:
        """0 to 100, rounded to three decimals, in which batches of any size agree."""
        share = (raw - self.zero) / (self.hundred - self.zero)
        return round(100 * min(max(share, 0.0), 1.0), 3)


CALIBRATIONS: Mapping[str, Calibration] = {
    "pick-1": Calibration(15.0, 25.0),
    "clip-1": Calibration(0.0, 1.0),
    "vqa-1": Calibration(0.0, 1.0),
    "aesthetic-1": Calibration(1.0, 10.0),
}
"""Where each comes from stands in the docstring of its scorer."""
