"""Who is posed: height, build, sex and hair, and what follows from them for lengths and girths. Must not know joints.

Segment lengths keep their proportions at every height (Winter 2009, fig. 4.1, is in fractions of stature). Girths go
by build: how far people's circumferences spread, after the coefficients of variation in ANSUR II (Gordon et al., Natick
TR-15/007, 2014), women and men averaged and rounded. Sex goes by the means of the same survey.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.language.pose.terms import BUILDS, DEFAULT_HAIR, HEIGHT, SEXES

SPREAD: dict[str, float] = {
    "waist": 0.12, "hips": 0.075, "chest": 0.085, "neck": 0.065, "thigh": 0.095, "knee": 0.07, "calf": 0.08,
    "ankle": 0.06, "upper_arm": 0.10, "forearm": 0.075, "wrist": 0.05,
}
"""One standard deviation of a circumference, as part of its mean. Head, hands and feet are of one breadth."""
DIFFERENCE: dict[str, float] = {
    "shoulders": -0.03, "hips": 0.04, "waist": -0.01, "chest": -0.02, "neck": -0.06, "thigh": 0.03, "knee": 0.01,
    "calf": 0.01, "ankle": 0.01, "upper_arm": -0.04, "forearm": -0.04, "wrist": -0.03,
}
"""By how much a woman's measure is more than the mean of women's and men's at one stature, as part of it; a man's is as
much less. From ANSUR II's means over mean statures of 1628 and 1756 mm, rounded: biacromial breadth 365 and 416 mm, hip
breadth 345 and 344, and circumferences; of the knee, that of the calf."""


def stature(posture: Mapping[str, Any]) -> float:
    """The height of the figure of a canonical posture, in metres."""
    return float(posture.get("figure", {}).get("height", HEIGHT)) / 100


def build(posture: Mapping[str, Any]) -> float:
    """The build of the figure of a canonical posture, in standard deviations of girth from the mean."""
    return BUILDS[posture.get("figure", {}).get("build", "average")]


def sex(posture: Mapping[str, Any]) -> str:
    """The sex of the figure of a canonical posture: one of SEXES."""
    return str(posture.get("figure", {}).get("sex", "neutral"))


def hair(posture: Mapping[str, Any]) -> str:
    """The hair of the figure of a canonical posture: one of HAIRS."""
    return str(posture.get("figure", {}).get("hair", DEFAULT_HAIR))


def top_worn(posture: Mapping[str, Any]) -> bool:
    """Whether the figure of a canonical posture wears a sports top beside shorts and trainers."""
    return sex(posture) == "female"


def girth(deviations: float, place: str, sex: str = "neutral") -> float:
    """What a build of so many `deviations`, and a sex, make of the girth at a place: a factor of the mean. 1 off
    SPREAD."""
    return (1.0 + deviations * SPREAD.get(place, 0.0)) * breadth(place, sex)


def breadth(place: str, sex: str) -> float:
    """What a sex makes of a measure of the body: a factor of the mean at the same stature. 1 off DIFFERENCE."""
    return 1.0 + SEXES[sex] * DIFFERENCE.get(place, 0.0)
