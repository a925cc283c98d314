"""Where a search for contacts begins: arms before what they reach for, bent legs drawn up. Must not know the rest."""

from __future__ import annotations

from collections.abc import Mapping
from math import asin, degrees
from typing import Any

from calotype.language.pose.contact.need import ON_HANDS, State, met, opens
from calotype.language.pose.contact.surfaces import contacts
from calotype.language.pose.contact.touch import Touch
from calotype.language.pose.linear import turn
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.support import to_props
from calotype.language.pose.terms import ARM, AXIS, SIDES

PALM_DOWN = {"forearm_supination": -80.0, "wrist_flexion": -75.0}
REACH: dict[str, dict[str, float]] = {
    "wall": {"shoulder_flexion": 80.0, "elbow_flexion": 15.0, **PALM_DOWN},
    "wall at the side": {"shoulder_abduction": 75.0, "elbow_flexion": 20.0, **PALM_DOWN},
    "floor": {"shoulder_flexion": 75.0, "elbow_flexion": 10.0, **PALM_DOWN},
    "forearm": {"shoulder_flexion": 80.0, "elbow_flexion": 90.0, "forearm_supination": -60.0},
    "head": {"shoulder_abduction": 115.0, "shoulder_external_rotation": 65.0, "elbow_flexion": 130.0},
    "forehead": {"shoulder_flexion": 75.0, "shoulder_external_rotation": -35.0, "elbow_flexion": 120.0,
                 "forearm_supination": -30.0},
    "ear": {"shoulder_flexion": 55.0, "shoulder_abduction": 50.0, "shoulder_external_rotation": 25.0,
            "elbow_flexion": 135.0, "forearm_supination": -20.0},
    "ear across": {"shoulder_abduction": 160.0, "shoulder_external_rotation": 60.0, "elbow_flexion": 115.0},
    "hip": {"shoulder_abduction": 35.0, "shoulder_flexion": -14.0, "shoulder_external_rotation": -53.0,
            "elbow_flexion": 97.0, "forearm_supination": -40.0, "wrist_flexion": -20.0},
    "hand": {"shoulder_flexion": 45.0, "elbow_flexion": 60.0, "shoulder_external_rotation": -30.0},
    "body": {"shoulder_flexion": 35.0, "elbow_flexion": 60.0, "shoulder_external_rotation": -30.0},
    "belly": {"shoulder_flexion": 8.0, "shoulder_abduction": 20.0, "shoulder_external_rotation": -55.0,
              "elbow_flexion": 80.0, "forearm_supination": -50.0},
    "breast": {"shoulder_flexion": 20.0, "shoulder_abduction": 20.0, "shoulder_external_rotation": -60.0,
               "elbow_flexion": 115.0, "forearm_supination": -50.0},
    "thigh": {"shoulder_flexion": 30.0, "elbow_flexion": 40.0},
    "thigh seated": {"shoulder_flexion": 15.0, "shoulder_abduction": 4.0, "shoulder_external_rotation": -14.0,
                     "elbow_flexion": 75.0, "forearm_supination": -75.0, "wrist_flexion": -15.0},
    "knee": {"shoulder_flexion": 40.0, "elbow_flexion": 30.0},
    "shank": {"shoulder_flexion": 50.0, "elbow_flexion": 30.0},
    "far": {"shoulder_flexion": 70.0, "elbow_flexion": 5.0},
    "shoulder": {"shoulder_flexion": 60.0, "shoulder_abduction": -25.0, "shoulder_external_rotation": -45.0,
                 "elbow_flexion": 125.0, "wrist_flexion": 30.0},
    "lap": {"shoulder_flexion": 30.0, "elbow_flexion": 45.0, "shoulder_external_rotation": -15.0,
            "forearm_supination": -70.0},
}
"""Where an arm begins that reaches for something, in the angles that its pose leaves open."""
ON_FOREARMS = {"shoulder_flexion": 75.0, "elbow_flexion": 90.0, "forearm_supination": -80.0}
PROPPED = {
    "shoulder_flexion": 0.0, "shoulder_abduction": 85.0, "shoulder_external_rotation": 0.0, "elbow_flexion": 90.0,
    "forearm_supination": -80.0,
}
TUCKED = {"ankle_dorsiflexion": 5.0, "toe_extension": 60.0}
"""Arms that a trunk rests on, face down and on the side, and feet whose toes carry the legs."""
SHIN_LEANS, SHIN_LEANS_MOST = 0.4, 30.0
"""How far the shin of a bent standing leg leans forward: as part of the knee's bend, and at most, in degrees."""
BENT, UPRIGHT = 30.0, 85.0
"""Degrees of an elbow from which on the upper arm of a press-up goes back, so that the forearm stands over the hand;
and what shoulder and elbow then are together."""
BOWS = 40.0
"""Degrees that the hips of who kneels are bent to begin with, whose forearms come down on to a ball."""
DRAWN_UP, UNDER = 0.45, 0.35
"""Of the angle of a bent knee: how far the hip is bent whose foot lies as low as the back, and below which the foot
would be under the floor."""


def begun(posture: Mapping[str, Any], state: State) -> dict[str, Any]:
    """The posture with the arms that have to reach already before what they reach for, and the bent legs of who lies on
    the back drawn up: a search begins there, and what the author left open comes to lie near it."""
    reaching = {**posture, **{side: dict(posture.get(side, {})) for side in SIDES}}
    written = frozenset(posture.get("written", ()))
    if "root" in posture:
        return reaching
    if posture["base"] in ("supine", "crook_lying"):
        _drawn_up(reaching, written)
    if state.falls and posture["base"] == "standing":
        _under_the_weight(reaching, state, written)
    if to_props.bows(posture, state.touching):
        for side in SIDES:
            if f"{side}.hip_flexion" not in written:
                reaching[side]["hip_flexion"] = BOWS
    for side, turned in to_props.shown(posture).items():
        reaching[side] |= turned
    for touch, gap in zip(state.touching, state.gaps, strict=True):
        side, _, part = touch.part.partition("_")
        onto = to_props.arm(posture, touch) or _leg(posture, touch, gap)
        for axis, angle in onto.items():
            if f"{side}.{axis}" not in written:
                reaching[side][axis] = angle
        if onto or part not in ("hand", "forearm", "elbow", "toes") or (touch.target and met(touch, gap)):
            continue
        reach = _reach(posture, side, touch)
        if reach is REACH["floor"] and f"{side}.shoulder_flexion" in written:
            reach = {**reach, "wrist_flexion": -_steep(state.skeleton, side)}
        for axis, angle in reach.items():
            if f"{side}.{axis}" not in written:
                reaching[side][axis] = angle
    if posture["base"] == "seated" and contacts(posture).get("seat") in ("floor", *to_props.BROAD):
        used = {touch.part for touch in state.touching}
        for side in SIDES:
            if not any(name.startswith((f"{side}.shoulder", f"{side}.elbow")) for name in written) and used.isdisjoint(
                f"{side}_{part}" for part in ARM
            ):
                reaching[side] |= REACH["lap"]  # straight arms would reach through the floor
    return reaching


def _leg(posture: Mapping[str, Any], touch: Touch, gap: float) -> Mapping[str, float]:
    """Where a leg begins that has to come on to something, unless the pose bends it itself."""
    side = touch.part.partition("_")[0]
    written = posture.get("written", ())
    bent = posture.get(side, {}).get("knee_flexion", 0.0) > BENT and f"{side}.knee_flexion" in written
    said = bent or f"{side}.hip_flexion" in written
    idle = touch.part.endswith("knee") and posture["base"] == "standing"
    return {} if (met(touch, gap) and not idle) or said else to_props.leg(posture, touch)


def _drawn_up(reaching: dict[str, Any], written: frozenset[str]) -> None:
    """Bent hips of who lies on the back with bent knees, where the feet would be under the floor."""
    for side in SIDES:
        knee, hip = (reaching[side].get(f"{joint}_flexion", 0.0) for joint in ("knee", "hip"))
        if knee > BENT and hip < UNDER * knee and f"{side}.hip_flexion" not in written:
            reaching[side]["hip_flexion"] = DRAWN_UP * knee


def _steep(skeleton: Skeleton, side: str) -> float:
    """Degrees by which a forearm goes down to its hand: as far the wrist is bent of a palm that lies flat."""
    return degrees(asin(max(-1.0, min(1.0, -turn(skeleton.rotation[f"{side}_forearm"], (0.0, -1.0, 0.0))[1]))))


def _under_the_weight(reaching: dict[str, Any], state: State, written: frozenset[str]) -> None:
    """Shins forward over the feet of who stands on bent knees, heels up over toes, and hips bent as far as the trunk
    needs to be upright, where they are open."""
    for touch in state.touching:
        side, _, part = touch.part.partition("_")
        leg = reaching.get(side, {})
        if part != "foot":
            continue
        hip, knee, ankle = (leg.get(axis, 0.0) for axis in ("hip_flexion", "knee_flexion", "ankle_dorsiflexion"))
        opened = opens(reaching, touch.part)
        if opened == "ankle_dorsiflexion" and knee > 0:
            leg[opened] = ankle = min(SHIN_LEANS * knee, SHIN_LEANS_MOST)
        if f"{side}.hip_flexion" not in written and knee > 0:
            leg["hip_flexion"] = hip = max(0.0, knee - max(ankle, 0.0))
        if opened == "toe_extension":
            leg[opened] = min(max(0.0, knee - hip - ankle), AXIS[opened].normal[1])


def _reach(posture: Mapping[str, Any], side: str, touch: Touch) -> Mapping[str, float]:
    base, elbow = posture["base"], posture.get(side, {}).get("elbow_flexion", 0.0)
    if base in ("prone", *ON_HANDS) and touch.surface == "floor" and touch.part.endswith("hand") and elbow > BENT:
        return {**REACH["floor"], "shoulder_flexion": UPRIGHT - elbow}
    if base == "prone" and touch.surface == "floor" and touch.part.endswith(("forearm", "elbow")):
        return ON_FOREARMS
    if base == "side_lying" and touch.surface == "floor" and touch.part.endswith(("forearm", "elbow")):
        return PROPPED
    if touch.part.endswith("toes"):
        return TUCKED if base in ("prone", "quadruped") else {}
    if touch.target:
        return _to_body(posture, side, touch.target)
    if touch.surface == "wall" and touch.normal is not None:
        return REACH["wall at the side"] if touch.normal[2] else _to_wall(posture, side)
    if touch.surface == "floor" and base == "plank" and touch.part.endswith("forearm"):
        return REACH["forearm"]
    if touch.surface == "floor" and base in ("prone", "kneeling", "half_kneeling", "heel_sitting", "standing"):
        return REACH["floor"]
    return {}


def _to_wall(posture: Mapping[str, Any], side: str) -> Mapping[str, float]:
    """The palm upright on a wall in front, however high the forearm points: 0 degrees is down, 180 up."""
    reach, written, angles = REACH["wall"], posture.get("written", ()), posture.get(side, {})
    raised = sum(
        angles.get(axis, 0.0) if f"{side}.{axis}" in written else reach[axis]
        for axis in ("shoulder_flexion", "elbow_flexion")
    )
    return {**reach, "wrist_flexion": -min(max(180.0 - raised, 0.0), 85.0)}


def _to_body(posture: Mapping[str, Any], side: str, target: str) -> Mapping[str, float]:
    own, _, name = target.partition("_")
    if name == "upper_arm" or (name == "shoulder" and own == side):
        return REACH["shoulder" if own != side else "body"]
    if target == f"{side}_thigh" and posture["base"] == "seated":
        return REACH["thigh seated"]
    if target in ("back_of_head", "neck"):
        return REACH["head"]
    if name == "ear" and own != side:
        return REACH["ear across"]
    if name in ("foot", "ankle") and posture.get(own, {}).get("hip_flexion", 0.0) > BENT:
        return REACH["far"]
    return REACH.get(target.rpartition("_")[2], REACH["body"])
