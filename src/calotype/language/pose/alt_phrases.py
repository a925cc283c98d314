"""The phrases in which a posture is told, in English and in what follows it. Must not know postures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.props import prop_words
from calotype.language.pose.terms import BODY, SIDES


@dataclass(frozen=True, slots=True)
class Locale:
    """The phrases of one language. Placeholders are those of `str.format`.

    `motions` has, for each axis, {"part", "parts", "plus", "minus", "less", "zero", "rest"}: the part of the body, its
    plural; what is said of it along the axis and against it, when it comes nearer to the middle than its base posture
    has it, and when it comes to the middle; and how it is there. "lying" may say how it is there of who is not upright.
    """

    bases: Mapping[str, str]
    views: Mapping[str, str]
    sides: Mapping[str, str]
    motions: Mapping[str, Mapping[str, str]]
    parts: Mapping[str, str]
    surfaces: Mapping[str, str]
    props: Mapping[str, str]
    phrases: Mapping[str, str]

    @classmethod
    def of(cls, words: Mapping[str, Any]) -> Locale:
        """A language from a mapping. Raises KeyError for a group that is missing."""
        return cls(**{name: words[name] for name in cls.__match_args__})


def _motion(part: str, plus: str, minus: str, parts: str = "", rest: str = "in the middle", zero: str = "",
            less: str = "", lying: str = "") -> dict[str, str]:
    zero = zero or "brought back to the middle"
    return {"part": part, "parts": parts or part + "s", "plus": plus, "minus": minus, "less": less or "brought back",
            "zero": zero, "rest": rest, "lying": lying or rest}


_STRAIGHT = {"rest": "straight", "zero": "straightened", "less": "straightened"}
_AHEAD = {"rest": "facing forward", "zero": "facing forward", "less": "turned back"}
_UPRIGHT = {"rest": "upright", "lying": "in line with the body", "zero": "brought upright",
            "less": "brought nearer to upright,"}

ENGLISH = Locale(
    bases={
        "standing": "standing", "seated": "seated", "supine": "lying on the back", "prone": "lying face down",
        "quadruped": "on hands and knees", "side_lying": "lying on the side", "kneeling": "kneeling",
        "hanging": "hanging from a bar", "half_kneeling": "half kneeling",
        "long_sitting": "sitting with the legs out in front",
        "crook_lying": "lying on the back with the knees bent", "heel_sitting": "sitting on the heels",
        "plank": "face down in a plank",
    },
    views={
        "lateral": "seen from the {side} side", "anterior": "seen from the front", "posterior": "seen from behind",
        "oblique": "seen at an angle from the {side} front", "close-up": "in close-up from the {side}",
    },
    sides={"left": "left", "right": "right", "both": "both"},
    motions={
        "neck_flexion": _motion("head", "bowed forward", "tipped back", **_UPRIGHT),
        "neck_lateral_flexion": _motion("head", "tilted to the right", "tilted to the left", **_UPRIGHT),
        "neck_rotation": _motion("head", "turned to the right", "turned to the left", **_AHEAD),
        "neck_protraction": _motion("head", "poked forward", "drawn straight back",
                                    rest="over the shoulders", zero="back over the shoulders"),
        "spine_flexion": _motion("spine", "rounded forward", "arched back", **_STRAIGHT),
        "spine_lateral_flexion": _motion("spine", "bent to the right", "bent to the left", **_STRAIGHT),
        "spine_rotation": _motion("spine", "turned to the right", "turned to the left", **_AHEAD),
        "thoracic_flexion": _motion("upper back", "rounded", "arched", **_STRAIGHT),
        "thoracic_lateral_flexion": _motion("upper back", "bent to the right", "bent to the left", **_STRAIGHT),
        "thoracic_rotation": _motion("upper back", "turned to the right", "turned to the left", **_AHEAD),
        "lumbar_flexion": _motion("lower back", "rounded", "arched", **_STRAIGHT),
        "lumbar_lateral_flexion": _motion("lower back", "bent to the right", "bent to the left", **_STRAIGHT),
        "lumbar_rotation": _motion("lower back", "turned to the right", "turned to the left", **_AHEAD),
        "anterior_pelvic_tilt": _motion("pelvis", "tilted forward", "tilted back", rest="level"),
        "lower_trunk_rotation": _motion("pelvis", "turned to the right", "turned to the left", **_AHEAD),
        "scapular_elevation": _motion("shoulder", "raised", "drawn down", rest="level", zero="level"),
        "scapular_protraction": _motion("shoulder", "rounded forward", "drawn back", rest="level", zero="level"),
        "shoulder_flexion": _motion("arm", "raised forward", "drawn back",
                                    rest="at the side", zero="lowered to the side", less="lowered"),
        "shoulder_abduction": _motion("arm", "raised sideways", "brought across the body",
                                      rest="at the side", zero="drawn in to the side", less="drawn in"),
        "shoulder_external_rotation": _motion("arm", "turned outward", "turned inward",
                                              rest="not turned", zero="turned back to the middle", less="turned back"),
        "shoulder_horizontal_abduction": _motion("arm", "drawn out to the side", "brought across in front",
                                                 rest="straight ahead", zero="straight ahead", less="brought back"),
        "elbow_flexion": _motion("elbow", "bent", "straightened", **_STRAIGHT),
        "forearm_supination": _motion("forearm", "turned outward", "turned inward", zero="turned back to the middle",
                                      less="turned back"),
        "wrist_flexion": _motion("wrist", "bent towards the palm", "bent back", **_STRAIGHT),
        "wrist_ulnar_deviation": _motion("hand", "tilted to the little finger", "tilted to the thumb", **_STRAIGHT),
        "finger_flexion": _motion("hand", "closed", "spread flat", rest="relaxed", zero="relaxed", less="relaxed"),
        "finger_mcp_flexion": _motion("hand", "bent at the knuckles", "bent back at the knuckles", **_STRAIGHT),
        "finger_pip_flexion": _motion("hand", "hooked at the fingers", "stretched at the fingers", **_STRAIGHT),
        "finger_dip_flexion": _motion("hand", "bent at the fingertips", "stretched at the fingertips", **_STRAIGHT),
        "finger_abduction": _motion("hand", "with the fingers spread", "with the fingers pressed together"),
        **{f"{name}_flexion": _motion(f"{name} finger", "bent", "stretched back", **_STRAIGHT)
           for name in ("index", "middle", "ring", "little")},
        "thumb_flexion": _motion("thumb", "bent", "stretched back", **_STRAIGHT),
        "thumb_abduction": _motion("thumb", "moved away from the palm", "pressed to the palm", rest="beside the palm"),
        "thumb_opposition": _motion("thumb", "brought across the palm", "drawn back", rest="beside the palm"),
        "hip_flexion": _motion("hip", "bent", "extended", **_STRAIGHT),
        "hip_abduction": _motion("leg", "moved out to the side", "moved across the body",
                                 rest="in line", zero="brought in line", less="brought in"),
        "hip_external_rotation": _motion("hip", "turned outward", "turned inward",
                                         rest="not turned", zero="turned back to the middle", less="turned back"),
        "knee_flexion": _motion("knee", "bent", "straightened", **_STRAIGHT),
        "ankle_dorsiflexion": _motion("foot", "drawn up towards the shin", "pointed", "feet",
                                      rest="at a right angle", zero="at a right angle to the shin",
                                      less="brought nearer to a right angle,"),
        "ankle_inversion": _motion("sole", "turned inward", "turned outward"),
        "toe_extension": _motion("foot", "raised onto the ball", "curled at the toes", "feet",
                                 rest="flat", zero="lowered flat", less="lowered"),
    },
    parts={
        "hand": "hand", "forearm": "forearm", "elbow": "elbow", "foot": "foot", "heel": "heel", "toes": "toes",
        "knee": "knee", "shin": "shin", "side": "side", "back": "back", "seat": "seat", "chest": "chest",
        "head": "head", "chin": "chin", "pelvis": "pelvis", "lumbar": "lower back", "thorax": "upper back",
        "palm": "palm", "palms": "palms",
        "hands": "hands", "forearms": "forearms", "elbows": "elbows", "feet": "feet", "heels": "heels",
        "knees": "knees", "shins": "shins", "sides": "sides", **prop_words.PARTS,
    },
    surfaces={
        "floor": "on the floor", **prop_words.SURFACES, "thigh": "on the thigh", "shank": "on the shin",
        "head": "on the head", "forehead": "on the forehead", "back_of_head": "on the back of the head",
        "neck": "on the back of the neck", "chest": "on the chest", "abdomen": "on the belly",
        **{f"{side}_{part}": f"on the {side} {'shin' if part == 'shank' else part.replace('_', ' ')}"
           for side in SIDES for part in BODY},
    },
    props=prop_words.PROPS,
    phrases={
        **prop_words.PHRASES,
        "alt": "A person{figure} {base}, {view}: {joints}.", "plain": "A person{figure} {base}, {view}.",
        "tall": " {height:g} centimetres tall", "slim": " of slim build", "broad": " of broad build",
        "long": " with long hair", "none": " without hair",
        "beside": "{base} with {props} at hand", "one_knee": "kneeling on the {side} knee",
        "half_kneeling": "half kneeling on the {side} knee",
        "one": "the {side} {part} {motion}", "two": "both {parts} {motion}", "middle": "the {part} {motion}",
        "degree": "{motion} 1 degree", "degrees": "{motion} {amount:g} degrees",
        "cm": "{motion} {amount:g} centimetres",
        "to_degrees": "{motion} to {amount:g} degrees", "to_cm": "{motion} to {amount:g} centimetres",
        "past_straight": "{motion} past straight", "palm_up": "turned up", "palm_down": "turned down",
        "toes_plus": "bent back",
        "overhead": "overhead, {motion}", "shin_plus": "tilted forward over the foot", "shin_minus": "tilted back",
        "shin_rest": "upright",
        "knees_plus": "lowered to the right", "knees_minus": "lowered to the left", "knees_rest": "in the middle",
        "pelvis_up": "the pelvis raised off the floor",
        "touch": "the {side} {part} {surface}", "touch_both": "both {parts} {surface}",
        "touch_middle": "the {part} {surface}", "lifted": "lifted",
        "moves": "moving from {start} to {end}",
        "from_base": "moving from {base} to {end}",
        "held_up": "face down, the body held off the floor",
        "side_plank": "in a side plank", "floor_sitting": "sitting on the floor",
        "trunk_up": "lying face down, the trunk lifted off the floor",
        "contacts": "Contact: {contacts}.", "joints": "Joints: {joints}.", "and": " and ", "comma": ", ",
        "movement": "Movement: {joints}.",
        "besides": "Shown besides: {items}.", "follows": "an arrow along the movement", "ghost": "the start in grey",
        "circle": "an arrow circling at the {where}",
        "anticlockwise": "an arrow circling anticlockwise at the {where}", "swing": "an arrow swinging at the {where}",
        "up": "an arrow up at the {where}", "down": "an arrow down at the {where}",
        "forward": "an arrow forward at the {where}", "back": "an arrow backward at the {where}",
        "left": "an arrow to the left at the {where}", "right": "an arrow to the right at the {where}",
        "sized": "{arrow}, {size:g} centimetres", "arc": "an arc that marks {joint}",
        "tinted": "{muscles} highlighted", "marked": "{joints} marked",
    },
)
