"""What props say of contacts: what lies under a part, how high a surface is, what a body lies on. Numbers alone.

Heights are metres. Must not know skeletons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.language.pose.figure import stature
from calotype.language.pose.props import written_props
from calotype.language.pose.props.prop_kinds import BACK_REST, PAIRS
from calotype.language.pose.terms import ARM, FOOT, SIDES

LIES = {
    "supine": ("back",), "crook_lying": ("back",), "prone": ("chest",), "side_lying": ("left_side", "right_side"),
    "long_sitting": ("seat",), "heel_sitting": ("left_knee", "right_knee"), "kneeling": ("left_knee", "right_knee"),
    "quadruped": ("left_knee", "right_knee"), "half_kneeling": ("left_knee", "right_knee"),
}
"""The parts of each base that lie or kneel on what the body is on."""
LAIN_ON = {"bed": 0.50, "bench": 0.45, "table": 0.75}
"""What a body may lie on, and how high it is, unless it is said."""
KNELT_ON = ("chair", "stool", "bench", "bed", "table")
"""What stands higher than the floor, and a knee may be on."""
FLAT = ("supine", "crook_lying", "prone", "side_lying")
LOW = (*FLAT, "long_sitting", "quadruped", "plank", "kneeling", "half_kneeling", "heel_sitting")
LEGS = ("knee", "calf", "thigh", "ankle", "heel", "foot")
SEAT = 0.219
"""The height of the seat of someone who sits with knees at right angles: a fraction of stature."""
HEIGHT_SPANS = {
    "chair": (0.30, 0.60), "chair_back": (0.70, 1.10), "stool": (0.25, 0.80), "bench": (0.25, 0.60),
    "bed": (0.35, 0.75), "table": (0.40, 1.20), "step": (0.02, 1.0), "towel": (0.02, 0.16), "pillow": (0.06, 0.20),
}
"""How low and how high what is not said to be of a height may be."""
USUAL = {"chair": 0.42, "stool": 0.45, "bench": 0.42, "bed": 0.50, "table": 0.73, "step": 0.15}
"""How high what is not said to be of a height usually is."""
LAYERS: dict[str, tuple[tuple[tuple[str, ...], float, float], ...]] = {
    "pillow": ((("head", "neck"), 0.04, 0.16), (("lumbar", "back", "seat"), 0.04, 0.12), (LEGS, 0.10, 0.26)),
    "towel": (
        (("head", "lumbar", "back", "seat"), 0.02, 0.08), (("neck", "ankle", "heel"), 0.05, 0.12), (LEGS, 0.05, 0.16)),
}
"""How low and how high a pillow or a towel may be under some parts."""
OVER_THE_LAP = 0.64
"""How low a table is at least that goes over the thighs of who sits, where the arms may go where it is."""
ROLLER, BALL, SMALL_BALL = 0.15, 0.55, 0.22
"""Diameters that are not said: of a roller, of a ball, of one that parts hold between them."""
IN_A_HAND = 0.10
"""The diameter of a ball up to which one hand holds it."""
LEANS_ON_HANDS = ("quadruped", "plank", "prone")


def options_of(posture: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What a posture says of its first prop of a name."""
    return next((options for other, options in written_props.of(posture) if other == name), {})


def raised(posture: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each part that lies on a towel, a pillow, a roller or a ball, and the name of that surface."""
    for name, options in written_props.of(posture):
        if name == "ball" and "between" in options:
            yield from ((part, name) for part in parts_of(options["between"]))
        under = options.get("under")
        if under and rests(posture, under):
            yield from ((part, name if name == "ball" else f"{name} under {under}") for part in parts_of(under))


def rests(posture: Mapping[str, Any], under: str) -> bool:
    """Whether a part comes to lie on what is put under it: of who lies, each; else what is near the floor."""
    name = parts_of(under)[0].rpartition("_")[2]
    base = posture["base"]
    low = ("knee", "calf", "thigh", "ankle", "hip", *(ARM if base in ("quadruped", "plank") else ()))
    return base in FLAT or name in FOOT or (base in LOW and name in low)


def parts_of(word: str) -> tuple[str, ...]:
    """The single parts that a word names: both of a plural."""
    return tuple(f"{side}_{PAIRS[word]}" for side in SIDES) if word in PAIRS else (word,)


def lies_on(posture: Mapping[str, Any]) -> str:
    """The bed, bench or table that a body lies or kneels on, as its contacts say; else ""."""
    own = posture.get("contacts", {})
    return next((own[part] for part in LIES.get(posture["base"], ()) if own.get(part) in LAIN_ON), "")


def ground(posture: Mapping[str, Any]) -> float:
    """How high the body lies: the top of what it lies on."""
    name = lies_on(posture)
    return _said(posture, name, "height", LAIN_ON[name]) if name else 0.0


def sloping(posture: Mapping[str, Any], touching: Mapping[str, str]) -> tuple[list[str], list[str], float] | None:
    """The hands and the legs that carry a body between two heights, and how much higher the hands are: a plank with the
    hands on a bench, a bridge with the heels on a ball. None for a body that rests on one level."""
    base, written = posture["base"], posture.get("written", ())
    arms = [part for part in touching if part.endswith(ARM)]
    legs = [part for part in touching if part.endswith((*FOOT, "calf"))]
    if (not arms and base == "plank") or not legs:
        return None
    tops = {part: top(posture, touching[part]) for part in (*arms, *legs)}
    if base == "plank":
        lift = max(tops[part] for part in arms) - max(tops[part] for part in legs)
        return (arms, legs, lift) if lift else None
    bent = posture.get("contacts", {}).get("seat") == "none" or any(
        f"{part.partition('_')[0]}.hip_flexion" in written for part in legs)
    back = [part for part in ("back",) if touching.get(part) == "floor"]
    lift = -max(tops.values())
    return (back, legs, lift) if base in ("supine", "crook_lying") and bent and back and lift else None


def top(posture: Mapping[str, Any], surface: str) -> float:
    """How high a surface is to begin with."""
    if surface == "ball":
        return ground(posture) + diameter(posture)
    if surface.partition(" ")[0] not in (*HEIGHT_SPANS, "roller"):
        return 0.0
    low, high = level(posture, surface) or (0.0, 0.0)
    return low if high == low else min(high, max(low, USUAL.get(surface, low)))


def level(posture: Mapping[str, Any], surface: str) -> tuple[float, float] | None:
    """How low and how high a level surface may be; None where it is as high as what is on it."""
    name, _, under = surface.partition(" under ")
    if name == lies_on(posture):
        return (ground(posture),) * 2
    if name in ("towel", "pillow", "roller"):
        return _thickness(posture, name, under)
    if name == "chair_back":
        seat = options_of(posture, "chair").get("height")
        return HEIGHT_SPANS[name] if seat is None else (seat / 100 + BACK_REST,) * 2
    height = options_of(posture, name).get("height")
    if height is not None:
        return (height / 100,) * 2
    low, high = HEIGHT_SPANS[name]
    grown = stature(posture) / 1.72
    if name == "table" and "solver" in posture and over_the_lap(posture):
        low = OVER_THE_LAP
    return (low * grown, high * grown)


def over_the_lap(posture: Mapping[str, Any]) -> bool:
    """Whether the table of who sits goes over the thighs: the arms may go where it is."""
    arms_written = any("shoulder_" in axis for axis in posture.get("written", ()))
    return posture["base"] == "seated" and not arms_written


def _thickness(posture: Mapping[str, Any], name: str, under: str) -> tuple[float, float]:
    options = next((options for other, options in written_props.of(posture)
                    if other == name and options.get("under", "") == under), {})
    below = ground(posture)
    if name == "roller":
        return (below + options.get("diameter", 100 * ROLLER) / 100,) * 2
    if "height" in options:
        return (below + options["height"] / 100,) * 2
    low, high = thickness(name, under)
    return below + low, below + high


def thickness(name: str, under: str) -> tuple[float, float]:
    """How low and how high a towel or a pillow may be under a part."""
    part = parts_of(under)[0]
    part = part.partition("_")[2] if part.startswith(("left_", "right_")) else part
    return next(((low, high) for parts, low, high in LAYERS[name] if part in parts), HEIGHT_SPANS[name])


def diameter(posture: Mapping[str, Any]) -> float:
    """Of the ball."""
    between = "between" in options_of(posture, "ball")
    return _said(posture, "ball", "diameter", SMALL_BALL if between else BALL)


def holding_a_ball(posture: Mapping[str, Any], touching: Mapping[str, str]) -> str:
    """The hand that holds a small ball alone, with no wall to press it to; else ""."""
    parts = [part for part, surface in touching.items() if surface == "ball"]
    if len(parts) != 1 or not parts[0].endswith("_hand") or posture["base"] in LEANS_ON_HANDS:
        return ""
    walled = any(name == "wall" for name, _ in written_props.of(posture))
    between = "between" in options_of(posture, "ball")
    return "" if walled or between or diameter(posture) > IN_A_HAND else parts[0]


def _said(posture: Mapping[str, Any], name: str, option: str, default: float) -> float:
    """Metres that a posture says of a prop, else the default."""
    said = options_of(posture, name).get(option)
    return default if said is None else float(said) / 100
