"""Who is posed: height, build and hair, and what follows from them for lengths and girths. Must not know joints.

Segment lengths keep their proportions at every height (Winter 2009, fig. 4.1, is in fractions of stature). Girths go
by build: how far people's circumferences spread, after the coefficients of variation in ANSUR II (Gordon et al., Natick
TR-15/007, 2014), women and men averaged and rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.language.pose.terms import BUILDS, DEFAULT_HAIR, HEIGHT

SPREAD: dict[str, float] = {
    "waist": 0.12, "hips": 0.075, "chest": 0.085, "neck": 0.065, "thigh": 0.095, "knee": 0.07, "calf": 0.08,
    "ankle": 0.06, "upper_arm": 0.10, "forearm": 0.075, "wrist": 0.05,
}
"""One standard deviation of a circumference, as part of its mean. Head, hands and feet are of one breadth."""


def stature(posture: Mapping[str, Any]) -> float:
    """The height of the figure of a canonical posture, in metres."""
    return float(posture.get("figure", {}).get("height", HEIGHT)) / 100


def build(posture: Mapping[str, Any]) -> float:
    """The build of the figure of a canonical posture, in standard deviations of girth from the mean."""
    return BUILDS[posture.get("figure", {}).get("build", "average")]


def hair(posture: Mapping[str, Any]) -> str:
    """The hair of the figure of a canonical posture: one of HAIRS."""
    return str(posture.get("figure", {}).get("hair", DEFAULT_HAIR))


def girth(deviations: float, place: str) -> float:
    """What a build of so many `deviations` makes of the girth at a place: a factor of the mean. 1 off SPREAD."""
    return 1.0 + deviations * SPREAD.get(place, 0.0)
