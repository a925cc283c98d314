"""How a search for what props carry begins: arms before what they hold on to, legs over what they lie or step on.

Must not know how it goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import acos, asin, degrees
from typing import Any

from calotype.language.pose.contact.surfaces import contacts
from calotype.language.pose.contact.touch import BALL, Touch
from calotype.language.pose.props import on_props
from calotype.language.pose.skeleton import bones

PALM_DOWN = {"forearm_supination": -80.0, "wrist_flexion": -60.0}
FORWARD = {"shoulder_flexion": 40.0, "elbow_flexion": 30.0, **PALM_DOWN}
LOW_FORWARD = {"shoulder_flexion": 55.0, "elbow_flexion": 15.0, **PALM_DOWN}
SIDEWAYS = {"shoulder_abduction": 30.0, "elbow_flexion": 45.0, **PALM_DOWN}
IN_DOORWAY = {
    "shoulder_abduction": 88.0, "shoulder_external_rotation": 80.0, "elbow_flexion": 88.0, "forearm_supination": -70.0,
}
ON_JAMB = {"shoulder_abduction": 80.0, "shoulder_external_rotation": 80.0, "elbow_flexion": 40.0, **PALM_DOWN}
UP = {"shoulder_flexion": 90.0, "elbow_flexion": 20.0}
ARMS = ("hand", "forearm", "elbow")
LEG = ("foot", "heel", "toes", "calf", "knee", "shin")
ON_THE_BACK = ("supine", "crook_lying")
STEEPEST = 95.0
"""Degrees that a hip is bent at most to begin with."""


def idle(posture: Mapping[str, Any], touching: Sequence[Touch]) -> bool:
    """Whether an arm of which the pose says nothing hangs where it happens to touch what it is to hold on to."""
    if "root" in posture:
        return False
    written = posture.get("written", ())
    return any(
        bool(arm(posture, touch)) and not any(
            name.startswith((f"{touch.part.partition('_')[0]}.shoulder_", f"{touch.part.partition('_')[0]}.elbow_"))
            for name in written)
        for touch in touching
    )


def arm(posture: Mapping[str, Any], touch: Touch) -> Mapping[str, float]:
    """The angles from which an arm reaches for a prop; none for what it does not reach for so."""
    side, _, part = touch.part.partition("_")
    if part not in ARMS or posture["base"] == "hanging":
        return {}
    if touch.surface == "doorway":
        return IN_DOORWAY if part == "forearm" else ON_JAMB
    if touch.surface == "chair_back":
        place = on_props.options_of(posture, "chair").get("side")
        alone = f"{'left' if side == 'right' else 'right'}_{part}" not in posture.get("contacts", {})
        return SIDEWAYS if place in ("left", "right") or (place is None and alone) else FORWARD
    if touch.surface == "wall" and "side" in on_props.options_of(posture, "wall"):
        sideways = touch.normal is not None and bool(touch.normal[2])
        return {**SIDEWAYS, "shoulder_abduction": 75.0, "elbow_flexion": 20.0} if sideways else {
            **FORWARD, "shoulder_flexion": 80.0}
    if touch.surface == BALL:
        return UP if posture["base"] in ("standing", *ON_THE_BACK) else {**LOW_FORWARD, "shoulder_flexion": 75.0}
    return {}


def leg(posture: Mapping[str, Any], touch: Touch) -> Mapping[str, float]:
    """The angles from which a leg comes to lie on, or to step on to, something higher than the floor."""
    part = touch.part.partition("_")[2]
    top = _top(touch)
    if part not in LEG or top is None or top <= 0.05:
        return {}
    thigh, shank = _lengths(posture)
    if posture["base"] in ON_THE_BACK:
        top -= on_props.ground(posture)
        if part == "calf":
            hip = min(STEEPEST, degrees(asin(min(1.0, top / thigh))))
            return {"hip_flexion": hip, "knee_flexion": hip}
        if part == "knee":
            hip = degrees(asin(min(1.0, max(0.0, top) / thigh)))
            return {"hip_flexion": hip, "knee_flexion": min(90.0, 2 * hip)}
        if part == "heel":
            return {"hip_flexion": degrees(asin(min(1.0, top / (thigh + shank)))), "knee_flexion": 5.0}
        return {"hip_flexion": min(STEEPEST, 30.0 + degrees(asin(min(1.0, top / thigh)))), "knee_flexion": 85.0}
    other = "left" if touch.part.startswith("right") else "right"
    if posture["base"] in ("standing", "half_kneeling") and part in ("foot", "toes", "heel") and (
        touch.surface not in (contacts(posture).get(f"{other}_{end}") for end in ("foot", "toes", "heel"))
    ):
        hip = degrees(acos(max(0.0, 1 - top / (thigh + shank))))
        return {"hip_flexion": 1.12 * hip, "knee_flexion": 1.6 * hip, "ankle_dorsiflexion": min(18.0, 0.48 * hip)}
    return {}


def _top(touch: Touch) -> float | None:
    """How high what carries a part is, before it is known better."""
    if touch.ball is not None:
        return touch.ball[0][1] + touch.ball[1]
    if touch.normal is None or touch.span is None or touch.surface == "wall":
        return None
    low, high = touch.span
    return low if high == low else low if high - low > 0.5 else (low + high) / 2


def _lengths(posture: Mapping[str, Any]) -> tuple[float, float]:
    """Metres from hip to knee and from knee to ankle."""
    from calotype.language.pose.figure import stature

    offsets = {bone.name: bone.offset for bone in bones(stature(posture))}
    return -offsets["left_shank"][1], -offsets["left_foot"][1]
