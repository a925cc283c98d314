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
from calotype.language.pose.terms import ARM, FOOT, LEG, ON_KNEES

PALM_DOWN = {"forearm_supination": -80.0, "wrist_flexion": -60.0}
PALM_UP = {"forearm_supination": 75.0}
FORWARD = {"shoulder_flexion": 40.0, "elbow_flexion": 30.0, **PALM_DOWN}
LOW_FORWARD = {"shoulder_flexion": 55.0, "elbow_flexion": 15.0, **PALM_DOWN}
SIDEWAYS = {"shoulder_abduction": 30.0, "elbow_flexion": 45.0, **PALM_DOWN}
IN_DOORWAY = {
    "shoulder_abduction": 88.0, "shoulder_external_rotation": 80.0, "elbow_flexion": 88.0, "forearm_supination": -70.0,
}
ON_JAMB = {"shoulder_abduction": 80.0, "shoulder_external_rotation": 80.0, "elbow_flexion": 40.0, **PALM_DOWN}
FOREARM_AHEAD = {"shoulder_flexion": 85.0, "elbow_flexion": 88.0, "forearm_supination": -40.0}
AT_TABLE = {"shoulder_flexion": 42.0, "elbow_flexion": 55.0, **PALM_DOWN}
BEHIND = {"hip_flexion": -8.0, "knee_flexion": 75.0, "ankle_dorsiflexion": -30.0}
"""A leg whose toes are on something behind the body."""
DIP = {"shoulder_flexion": -40.0, "elbow_flexion": 25.0, "forearm_supination": -80.0, "wrist_flexion": -70.0}
UP = {"shoulder_flexion": 90.0, "elbow_flexion": 20.0}
ON_THE_BACK = ("supine", "crook_lying")
BROAD = ("bed", "table")
"""Seats that arms which hang would reach through."""
STEEPEST = 95.0
"""Degrees that a hip is bent at most to begin with."""


def idle(posture: Mapping[str, Any], touching: Sequence[Touch]) -> bool:
    """Whether an arm of which the pose says nothing hangs where it happens to touch what it is to hold on to, or hangs
    through the seat."""
    if "root" in posture:
        return False
    written = posture.get("written", ())
    if posture["base"] == "seated" and contacts(posture).get("seat") in BROAD:
        return True
    if shown(posture):
        return True
    return any(
        touch.surface in on_props.KNELT_ON and touch.part.endswith("knee") and posture["base"] == "standing"
        and f"{touch.part.partition('_')[0]}.knee_flexion" not in written
        for touch in touching
    ) or any(
        bool(arm(posture, touch)) and not any(
            name.startswith(f"{touch.part.partition('_')[0]}.shoulder_") for name in written)
        for touch in touching
    )


def shown(posture: Mapping[str, Any]) -> Mapping[str, Mapping[str, float]]:
    """By side, how a hand that holds a small ball is turned, where the pose leaves it open: the palm up."""
    hand = on_props.holding_a_ball(posture, contacts(posture))
    side = hand.partition("_")[0]
    said = f"{side}.forearm_supination" in posture.get("written", ())
    return {} if not hand or said else {side: PALM_UP}


def arm(posture: Mapping[str, Any], touch: Touch) -> Mapping[str, float]:
    """The angles from which an arm reaches for a prop; none for what it does not reach for so."""
    side, _, part = touch.part.partition("_")
    if part not in ARM or posture["base"] == "hanging":
        return {}
    if touch.surface == "doorway":
        return IN_DOORWAY if part == "forearm" else ON_JAMB
    if touch.surface == "chair_back":
        place = on_props.options_of(posture, "chair").get("side")
        alone = f"{'left' if side == 'right' else 'right'}_{part}" not in posture.get("contacts", {})
        return SIDEWAYS if place in ("left", "right") or (place is None and alone) else FORWARD
    if touch.surface == "wall" and "side" in on_props.options_of(posture, "wall"):
        sideways = touch.normal is not None and bool(touch.normal[2])
        if part != "hand":
            return IN_DOORWAY if sideways else FOREARM_AHEAD
        return {**SIDEWAYS, "shoulder_abduction": 75.0, "elbow_flexion": 20.0} if sideways else {
            **FORWARD, "shoulder_flexion": 80.0}
    if touch.surface == "roller" and posture["base"] in ON_KNEES:
        return {**LOW_FORWARD, "shoulder_flexion": 75.0}
    if touch.surface in ("chair", "stool", "bed"):
        return _on_seat(posture, part)
    if touch.surface == "table" and posture["base"] in ("seated", "standing"):
        return AT_TABLE if part == "hand" else {**AT_TABLE, "elbow_flexion": 75.0, "wrist_flexion": 0.0}
    if touch.surface == BALL:
        return UP if posture["base"] in ("standing", *ON_THE_BACK) else {**LOW_FORWARD, "shoulder_flexion": 75.0}
    return {}


def _on_seat(posture: Mapping[str, Any], part: str) -> Mapping[str, float]:
    """An arm that props on a seat: behind the body of who has left it, else before it."""
    if posture["base"] == "seated":
        return DIP
    raised = 110.0 if posture["base"] in ON_KNEES else 70.0
    return {**LOW_FORWARD, "shoulder_flexion": raised, "elbow_flexion": 15.0 if part == "hand" else 90.0}


def bows(posture: Mapping[str, Any], touching: Sequence[Touch]) -> bool:
    """Whether someone on the knees bends forward, so that the forearms come down on to a ball before them."""
    return posture["base"] == "kneeling" and any(
        touch.part.endswith(("forearm", "elbow")) and touch.surface == BALL for touch in touching)


def leg(posture: Mapping[str, Any], touch: Touch) -> Mapping[str, float]:
    """The angles from which a leg comes to lie on, or to step on to, something higher than the floor."""
    part = touch.part.partition("_")[2]
    top = _top(posture, touch)
    if part not in (*LEG, "calf") or top is None or top <= 0.05:
        return {}
    if part == "knee" and posture["base"] == "standing":
        return {"knee_flexion": 90.0, "ankle_dorsiflexion": -40.0}
    thigh, shank = _lengths(posture)
    if posture["base"] in ON_THE_BACK:
        top -= on_props.ground(posture)
        if part == "calf":
            hip = min(STEEPEST, degrees(asin(min(1.0, top / thigh))))
            return {"hip_flexion": hip, "knee_flexion": hip}
        if part == "knee":
            hip = degrees(asin(min(1.0, max(0.0, top) / thigh)))
            return {"hip_flexion": hip, "knee_flexion": min(90.0, 2 * hip)}
        if part == "heel" and posture.get("contacts", {}).get("seat") == "none":
            return {}  # a bridge: hips and knees stay straight
        if part == "heel":
            return {"hip_flexion": degrees(asin(min(1.0, top / (thigh + shank)))), "knee_flexion": 5.0}
        return {"hip_flexion": min(STEEPEST, 30.0 + degrees(asin(min(1.0, top / thigh)))), "knee_flexion": 85.0}
    if posture["base"] == "seated" and part in FOOT:
        lifted = degrees(asin(min(1.0, top / thigh)))
        return {"hip_flexion": 90.0 + lifted, "knee_flexion": 90.0 + lifted}
    other = "left" if touch.part.startswith("right") else "right"
    if part == "toes" and posture["base"] == "standing" and touch.surface in on_props.KNELT_ON:
        return BEHIND
    if posture["base"] in ("standing", "half_kneeling") and part in FOOT and (
        touch.surface not in (contacts(posture).get(f"{other}_{end}") for end in FOOT)
    ):
        hip = degrees(acos(max(0.0, 1 - top / (thigh + shank))))
        return {"hip_flexion": 1.12 * hip, "knee_flexion": 1.6 * hip, "ankle_dorsiflexion": min(18.0, 0.48 * hip)}
    return {}


def _top(posture: Mapping[str, Any], touch: Touch) -> float | None:
    """How high what carries a part is, before it is known better."""
    if touch.ball is None and (touch.normal is None or touch.surface in ("wall", "doorway")):
        return None
    return on_props.top(posture, touch.surface)


def _lengths(posture: Mapping[str, Any]) -> tuple[float, float]:
    """Metres from hip to knee and from knee to ankle."""
    from calotype.language.pose.figure import stature

    offsets = {bone.name: bone.offset for bone in bones(stature(posture))}
    return -offsets["left_shank"][1], -offsets["left_foot"][1]
