"""What clinicians and beginners write for a term, and the term it means: joints, motions, postures, parts, surfaces.

Hints only: a pose takes one word for each thing. A word that shares no joint with any term gets no guess.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from calotype.ground.diagnostics import did_you_mean
from calotype.language.pose.terms import HAND, JOINTS, SIDES

_JOINT_WORDS: Mapping[str, str] = {
    "neck": "neck cervical c_spine cspine cervical_spine head chin",
    "spine": "spine trunk torso back body waist thoracolumbar spinal",
    "thoracic": "thoracic upper_back mid_back thorax t_spine chest thoracic_spine upper_trunk",
    "lumbar": "lumbar lower_back low_back l_spine pelvic pelvis lumbar_spine lower_trunk lumbopelvic",
    "scapular": "scapular scapula shoulder_blade shoulder_girdle scap scapulothoracic clavicle",
    "shoulder": "shoulder arm upper_arm glenohumeral gh humerus humeral upper_limb upper_extremity shoulders arms",
    "elbow": "elbow humeroulnar elbows",
    "forearm": "forearm radioulnar lower_arm forearms palm",
    "wrist": "wrist hand carpal radiocarpal wrists",
    "finger": "finger fingers grip fist",
    "finger_mcp": "finger_mcp mcp knuckle knuckles metacarpophalangeal mcp_joints",
    "finger_pip": "finger_pip pip proximal_interphalangeal ip_joints",
    "finger_dip": "finger_dip dip distal_interphalangeal fingertip fingertips",
    "index": "index index_finger forefinger first_finger", "middle": "middle middle_finger long_finger",
    "ring": "ring ring_finger", "little": "little little_finger pinky pinkie small_finger fifth_finger",
    "thumb": "thumb pollex",
    "hip": "hip leg thigh femur femoral coxofemoral hips legs lower_limb lower_extremity upper_leg",
    "knee": "knee tibiofemoral shin lower_leg knees shank",
    "ankle": "ankle foot talocrural subtalar feet ankles hindfoot",
    "toe": "toe toes mtp hallux big_toe great_toe forefoot",
}
"""The joints of the terms, and other words for each."""
_MOTION_WORDS: Mapping[str, str] = {
    "flexion": "flexion flex flexed flexing bend bending bent forward_bend forward_flexion forward_bending curl "
               "palmar_flexion anteflexion volar_flexion",
    "extension": "extension extend extended extending ext hyperextension straighten straightening straight "
                 "backward_bend backward_bending retroflexion arch",
    "abduction": "abduction abd abduct abducted out_to_side side_raise lateral_raise abducting",
    "adduction": "adduction add adduct adducted adducting",
    "external_rotation": "external_rotation lateral_rotation outward_rotation exo_rotation exorotation er ext_rot "
                         "ext_rotation external_rot rotation_external rotation_lateral externally_rotated turn_out "
                         "turnout lateral_rot outer_rotation",
    "internal_rotation": "internal_rotation medial_rotation inward_rotation endorotation endo_rotation ir int_rot "
                         "int_rotation internal_rot rotation_internal rotation_medial internally_rotated turn_in "
                         "medial_rot inner_rotation",
    "lateral_flexion": "lateral_flexion side_flexion side_bend side_bending sidebend sidebending lateral_bend "
                       "lateral_bending lateroflexion tilt side_tilt lateral_tilt sideflexion lat_flexion",
    "rotation": "rotation rotate rotated turn turning twist twisting rot torsion",
    "elevation": "elevation elevate elevated raise lift shrug hitch hike up",
    "depression": "depression depress depressed lower down",
    "protraction": "protraction protract protracted forward poke anterior_translation forward_glide",
    "retraction": "retraction retract retracted tuck posterior_translation squeeze set setting",
    "horizontal_abduction": "horizontal_abduction horizontal_extension transverse_abduction transverse_extension",
    "horizontal_adduction": "horizontal_adduction horizontal_flexion transverse_adduction transverse_flexion "
                            "cross_body",
    "pronation": "pronation pronate pronated down palm_down turn_down",
    "supination": "supination supinate supinated up palm_up turn_up",
    "ulnar_deviation": "ulnar_deviation ulnar_flexion ulnar_abduction adduction ulnar",
    "radial_deviation": "radial_deviation radial_flexion radial_abduction abduction radial",
    "dorsiflexion": "dorsiflexion dorsi_flexion dorsal_flexion dorsalflexion dorsal_extension df flexion "
                    "up dorsiflex dorsiflexed",
    "plantarflexion": "plantarflexion plantar_flexion extension pf point pointed plantarflex plantarflexed plantar "
                      "raise heel_raise",
    "inversion": "inversion invert inverted supination",
    "eversion": "eversion evert everted pronation",
}
"""The motions of the terms, and other words for each. One word may mean several: the joint decides."""
_WHOLE: Mapping[str, str] = {
    "pronation": "forearm_pronation", "supination": "forearm_supination", "dorsiflexion": "ankle_dorsiflexion",
    "dorsi_flexion": "ankle_dorsiflexion", "plantarflexion": "ankle_plantarflexion",
    "plantar_flexion": "ankle_plantarflexion", "inversion": "ankle_inversion", "eversion": "ankle_eversion",
    "chin_tuck": "neck_retraction", "forward_head": "neck_protraction", "head_forward": "neck_protraction",
    "chin_poke": "neck_protraction", "head_nod": "neck_flexion", **dict.fromkeys((
        "pelvic_tilt", "pelvis_tilt", "pelvic_tilt_posterior", "pelvic_posterior_tilt", "posterior_tilt",
        "tilt_posterior", "backward_pelvic_tilt", "pelvic_retroversion", "pelvis_retroversion", "pelvic_tuck",
        "posterior_tilt_of_the_pelvis", "posterior_pelvic_rotation", "pelvis_posterior_tilt",
    ), "posterior_pelvic_tilt"),
    **dict.fromkeys((
        "pelvic_tilt_anterior", "pelvic_anterior_tilt", "anterior_tilt", "tilt_anterior", "forward_pelvic_tilt",
        "pelvic_anteversion", "pelvis_anteversion", "anterior_tilt_of_the_pelvis", "anterior_pelvic_rotation",
        "pelvis_anterior_tilt",
    ), "anterior_pelvic_tilt"),
    **dict.fromkeys((
        "knees_to_side", "knees_to", "knees_to_the_side", "knee_rolls", "knee_rolling", "knee_drops", "ltr",
        "trunk_rotation_lower", "pelvic_rotation", "pelvis_rotation", "pelvic_roll", "windscreen_wipers",
    ), "lower_trunk_rotation"),
    "arm_raise": "shoulder_flexion", "arm_elevation": "shoulder_flexion", "shoulder_elevation": "shoulder_flexion",
    "scaption": "shoulder_abduction", "shoulder_shrug": "scapular_elevation", "shrug": "scapular_elevation",
    "shoulder_protraction": "scapular_protraction", "shoulder_retraction": "scapular_retraction",
    "shoulder_depression": "scapular_depression", "leg_raise": "hip_flexion", "straight_leg_raise": "hip_flexion",
    "slr": "hip_flexion", "heel_raise": "ankle_plantarflexion", "calf_raise": "ankle_plantarflexion",
    "toe_raise": "ankle_dorsiflexion", "wrist_dorsiflexion": "wrist_extension",
    "wrist_dorsal_flexion": "wrist_extension", "wrist_palmar_flexion": "wrist_flexion",
    "kyphosis": "thoracic_flexion", "lordosis": "lumbar_extension", "grip": "finger_flexion",
    "finger_spread": "finger_abduction", "finger_spreading": "finger_abduction", "spread": "finger_abduction",
    "hook_fist": "finger_pip_flexion", "hook_grip": "finger_pip_flexion", "table_top": "finger_mcp_flexion",
    "tabletop": "finger_mcp_flexion", "intrinsic_plus": "finger_mcp_flexion", "opposition": "thumb_opposition",
    "pinch": "thumb_opposition", "thumb_palmar_abduction": "thumb_abduction",
    "thumb_radial_abduction": "thumb_extension",
    "thumb_to_little_finger": "thumb_opposition",
    "fist": "finger_flexion", "elbow_pronation": "forearm_pronation", "elbow_supination": "forearm_supination",
    "wrist_pronation": "forearm_pronation", "wrist_supination": "forearm_supination",
    "hand_pronation": "forearm_pronation", "hand_supination": "forearm_supination",
    "arm_pronation": "forearm_pronation", "arm_supination": "forearm_supination",
    "lower_arm_pronation": "forearm_pronation", "lower_arm_supination": "forearm_supination",
}
"""Words that name joint and motion at once, or another joint than they say."""

POSTURES: Mapping[str, str] = {
    "side": "lateral", "profile": "lateral", "front": "anterior", "frontal": "anterior", "back": "posterior",
    "rear": "posterior", "three_quarter": "oblique", "3/4": "oblique", "detail": "close-up", "side_view": "lateral",
    "from_the_side": "lateral", "sagittal": "lateral", "front_view": "anterior", "from_the_front": "anterior",
    "from_front": "anterior", "coronal": "anterior", "back_view": "posterior", "from_behind": "posterior",
    "behind": "posterior", "rear_view": "posterior", "dorsal": "posterior", "ventral": "anterior",
    "diagonal": "oblique", "closeup": "close-up", "zoom": "close-up", "stand": "standing", "upright": "standing",
    "erect": "standing", "sit": "seated", "sitting": "seated", "short_sitting": "seated", "on_chair": "seated",
    "high_sitting": "seated", "lying": "supine", "on_back": "supine", "lying_on_back": "supine",
    "lying_on_the_back": "supine", "back_lying": "supine", "supine_lying": "supine", "face_up": "supine",
    "dorsal_decubitus": "supine", "face_down": "prone", "on_front": "prone", "lying_on_front": "prone",
    "lying_on_the_front": "prone", "front_lying": "prone", "on_stomach": "prone", "lying_on_stomach": "prone",
    "prone_lying": "prone", "ventral_decubitus": "prone", "sidelying": "side_lying", "on_side": "side_lying",
    "lying_on_side": "side_lying", "lateral_decubitus": "side_lying", "lying_on_the_side": "side_lying",
    "all_fours": "quadruped", "on_all_fours": "quadruped", "hands_and_knees": "quadruped",
    "four_point_kneeling": "quadruped", "4_point_kneeling": "quadruped", "4pk": "quadruped",
    "four_point": "quadruped", "tabletop": "quadruped", "prone_kneeling": "quadruped", "kneel": "kneeling",
    "tall_kneeling": "kneeling", "high_kneeling": "kneeling", "on_knees": "kneeling", "half_kneel": "half_kneeling",
    "halfkneeling": "half_kneeling", "kneeling_lunge": "half_kneeling", "long_sit": "long_sitting",
    "longsitting": "long_sitting", "legs_out": "long_sitting", "crook": "crook_lying", "hook_lying": "crook_lying",
    "hooklying": "crook_lying", "crooklying": "crook_lying", "heel_sit": "heel_sitting",
    "childs_pose": "heel_sitting", "low_kneeling": "heel_sitting",
    "sitting_on_heels": "heel_sitting", "seiza": "heel_sitting", "on_one_knee": "half_kneeling",
    "single_leg_kneeling": "half_kneeling", "bent_knee_lying": "crook_lying", "supine_crook": "crook_lying",
    "legs_straight_out": "long_sitting", "pushup": "plank", "pressup": "plank", "straight_arm_plank": "plank",
    "front_plank": "plank", "left_side_lying": "side_lying", "right_side_lying": "side_lying",
    "press_up": "plank", "push_up": "plank", "high_plank": "plank", "hang": "hanging",
    "dead_hang": "hanging",
}
"""Everyday words for views and postures."""
THINGS: Mapping[str, str] = {
    "palm": "hand", "palms": "hands", "left_palm": "left_hand", "right_palm": "right_hand", "wrist": "hand",
    "wrists": "hands", "fist": "hand", "fists": "hands", "fingers": "hands", "left_fingers": "left_hand",
    "right_fingers": "right_hand", "sole": "foot", "soles": "feet", "left_sole": "left_foot",
    "right_sole": "right_foot", "ankles": "feet", "left_ankle": "left_foot", "right_ankle": "right_foot",
    "tiptoes": "toes", "forefoot": "toes", "forefeet": "toes", "left_forefoot": "left_toes",
    "right_forefoot": "right_toes", "ball_of_foot": "toes", "balls_of_feet": "toes", "toe": "toes",
    "left_toe": "left_toes", "right_toe": "right_toes", "buttocks": "seat", "bottom": "seat", "bum": "seat",
    "buttock": "seat", "pelvis": "seat", "hips": "seat", "sacrum": "back", "spine": "back", "shoulders": "back",
    "stomach": "chest", "belly": "chest", "abdomen": "chest", "front": "chest", "face": "head", "forehead": "head",
    "left_lower_leg": "left_shin", "right_lower_leg": "right_shin", "lower_legs": "shins", "left_hip": "left_side",
    "right_hip": "right_side", "ground": "floor", "mat": "floor", "rug": "floor", "seat_of_chair": "chair",
    "desk": "table", "door": "doorway",
    "door_frame": "doorway", "doorframe": "doorway", "box": "step", "stair": "step", "stairs": "step", "block": "step",
    "pull_up_bar": "bar", "pullup_bar": "bar", "pole": "bar", "weights": "weight", "dumbbells": "dumbbell",
    **dict.fromkeys(("kettlebell", "sandbag", "cuff", "ankle_weight", "cuff_weight", "wrist_weight"), "weight"),
    **dict.fromkeys(("couch", "plinth", "mattress", "sofa", "treatment_table", "massage_table"), "bed"),
    **dict.fromkeys(("footstool", "taboret"), "stool"), "armchair": "chair",
    **dict.fromkeys(("backrest", "back_rest", "back_of_chair", "back_of_the_chair"), "chair_back"),
    **dict.fromkeys(("theraband", "thera_band", "resistance_band", "elastic_band", "elastic", "loop", "mini_band",
                     "loop_band", "tubing", "exercise_band"), "band"),
    **dict.fromkeys(("belt", "rope", "sling", "yoga_strap", "stretching_strap"), "strap"),
    **dict.fromkeys(("swiss_ball", "gym_ball", "exercise_ball", "physio_ball", "stability_ball", "fitball",
                     "medicine_ball", "football", "soft_ball"), "ball"),
    **dict.fromkeys(("foam_roller", "foam_roll", "fascia_roller"), "roller"),
    **dict.fromkeys(("rolled_towel", "towel_roll", "cloth"), "towel"),
    **dict.fromkeys(("cushion", "bolster", "wedge"), "pillow"),
    **dict.fromkeys(("cane", "walking_stick", "dowel", "wand", "broomstick", "rod", "crutch"), "stick"),
    "cup": "mug", "leg": "thigh", "quad": "thigh", "shin": "shank", "lower_leg": "shank",
    "calf": "shank", "nothing": "none", "off": "none", "air": "none", "nose": "head", "waist": "pelvis",
    "lower_back": "lumbar", "upper_back": "thorax", "back": "thorax", "left_wrist": "left_hand",
    "right_wrist": "right_hand", "left_shin": "left_foot", "right_shin": "right_foot", "circular": "circle",
    "clockwise": "circle", "cw": "circle", "counterclockwise": "anticlockwise", "counter_clockwise": "anticlockwise",
    "anti_clockwise": "anticlockwise", "ccw": "anticlockwise",
    "round": "circle", "rotate": "circle", "upwards": "up", "upward": "up", "raise": "up", "downwards": "down",
    "downward": "down", "lower": "down", "forwards": "forward", "forth": "forward", "ahead": "forward",
    "backward": "back", "backwards": "back", "behind": "back", "pendulum": "swing", "sway": "swing", "arc": "swing",
    "arrow": "arrows", "shadow": "ghost", "outline": "ghost", "start": "ghost",
}
"""Everyday words for parts of the body, for what they touch, for landmarks and paths of arrows."""


_MORE: Mapping[str, str] = {
    "lower_back": "back", "upper_back": "back", "chin": "head", "tummy": "chest", "feet": "foot", "leg": "thigh",
    "ankle": "foot", "fingertips": "hand", "carpet": "floor", "worktop": "table", "counter": "table",
    "rail": "bar", "banister": "bar", "handrail": "bar",
}
"""Everyday words that are read so where the first tables tell nothing."""
_TIED = ("band", "strap")
_WHOSE = re.compile(r"^(?:own|other|opposite|same|your|the)_")


def meant(word: str, choices: Sequence[str]) -> str | None:
    """The hint for a `word` that is none of `choices`: the term that it means, else what is spelt like it."""
    whole = _name(word)
    side, name = _sided(_WHOSE.sub("", whole))
    tables = (POSTURES, THINGS, _MORE)
    terms = [whole, *(table.get(whole, "") for table in tables), name, *(table.get(name, "") for table in tables),
             name.removesuffix("s")]
    if THINGS.get(name, name) in _TIED and "floor" in choices and not set(terms) & set(choices):
        return "what is tied or taut is written under `props`"
    for term in terms:
        sided = [f"{each}_{term}" for each in ((side,) if side else SIDES) if f"{each}_{term}" in choices]
        if sided and (side or term not in choices):
            return f"did you mean {' or '.join(f'`{part}`' for part in sided)}?"
        if term in choices and not (side and name != whole and any(f"{side}_{each}" in choices for each in terms)):
            return f"did you mean `{term}`?"
    return None if name != whole else did_you_mean(word, choices)


def joint_hint(key: str, value: Any, side: str = "", others: Sequence[str] = ()) -> str | None:
    """The hint for a key that is no joint of a pose, or of its `side`: the term it means, with the side above it.

    `others` are the keys that may stand there beside the joints. None where the key shares no joint with any term.
    """
    named, name = _sided(_name(key))
    terms = list(_terms(name)) or ([] if _joints_in(name) else _near(name))
    if isinstance(value, Mapping) and not side:
        inner = next((found for part in value if (found := list(_terms(f"{name}_{_name(str(part))}")))), [])
        if inner:
            return f"write {inner[0]}: {_number(next(iter(value.values())))}, without a mapping of its own"
    if not terms:
        return _of_joint(name) or _of_motion(name, others, key)
    term = terms[0]
    if named and not side:
        return _above(named, term, value)
    if side and not JOINTS[term].sided:
        return f"write {term}: {_number(value)} beside `{side}`, not under it: it is on the midline"
    return f"did you mean `{term}`?"


def _above(side: str, term: str, value: Any) -> str:
    """A term that is written with its side in its name."""
    if JOINTS[term].sided:
        return f"write {side}: {{{term}: {_number(value)}}}"
    directed = term.replace("_flexion", "_lateral_flexion")
    more = f"; to the side it is {side}: {{{directed}: {_number(value)}}}" if directed in JOINTS else ""
    return f"write {term}: {_number(value)}: it is on the midline{more}"


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else "..."


def _name(word: str) -> str:
    spelt = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", word.strip()).lower()
    return "_".join(word for word in re.split(r"[\s_-]+", re.sub(r"[()'.]", "", spelt)) if word)


def _sided(name: str) -> tuple[str, str]:
    """The side in a name, at its beginning or end, or "", and the rest."""
    words = name.split("_")
    short = {"l": "left", "r": "right", "lt": "left", "rt": "right", **{side: side for side in SIDES}}
    for index in (0, -1):
        if len(words) > 1 and words[index] in short:
            rest = words[1:] if index == 0 else words[:-1]
            return short[words[index]], "_".join(rest)
    return "", name


def _terms(name: str) -> Iterator[str]:
    """The terms that a name without its side means, the likeliest first."""
    if name in JOINTS:
        yield name
    if name in _WHOLE:
        yield _WHOLE[name]
    yield from (term for term in JOINTS if "_" not in name and term.replace("_", "") == name)
    for joint, rest in _splits(name):
        if not rest:
            yield from list(_of(joint))[:1]
        for motion, words in _MOTION_WORDS.items():
            if rest in words.split() and f"{joint}_{motion}" in JOINTS:
                yield f"{joint}_{motion}"


def _splits(name: str) -> Iterator[tuple[str, str]]:
    """(joint, the other words) of a name, for each word in it that means a joint: at its beginning, or its end."""
    for joint, words in _JOINT_WORDS.items():
        for word in sorted(words.split(), key=len, reverse=True):
            if name == word:
                yield joint, ""
            elif name.startswith(f"{word}_"):
                yield joint, name[len(word) + 1 :].removeprefix("joint_")
            elif name.endswith(f"_{word}"):
                yield joint, name[: -len(word) - 1].removesuffix("_of").removesuffix("_of_the")


def _joints_in(name: str) -> list[str]:
    return list(dict.fromkeys(joint for joint, _ in _splits(name)))


def _of(joint: str) -> Iterator[str]:
    return (term for term in JOINTS if term.startswith(f"{joint}_"))


def _near(name: str) -> list[str]:
    """The term that a misspelt name is nearest to by letters, among those of a joint that is spelt nearly so."""
    import difflib

    first = name.split("_")[0]
    joint = difflib.get_close_matches(first, list(_JOINT_WORDS), n=1, cutoff=0.7)
    return difflib.get_close_matches(name, list(_of(joint[0])), n=1, cutoff=0.6) if joint else []


def _of_joint(name: str) -> str | None:
    """The terms of the joint that a name speaks of, whose motion is none: nearest by letters first."""
    import difflib

    joints = _joints_in(name)
    terms = [term for joint in joints for term in _of(joint)]
    if not terms:
        return None
    near = difflib.get_close_matches(name, terms, n=1, cutoff=0.85)
    return f"did you mean `{near[0]}`?" if near else f"the {joints[0]} has {', '.join(terms)}"


_FEW = 4
"""More terms than these in a hint are no help."""


def _of_motion(name: str, others: Sequence[str], key: str) -> str | None:
    """The few terms of a motion that is named without its joint; else the key of `others` that is spelt like it."""
    motion = next((motion for motion, words in _MOTION_WORDS.items() if name in words.split()), "")
    terms = [term for term in JOINTS if motion and term.endswith(f"_{motion}") and JOINTS[term].axis not in HAND]
    if len(terms) == 1:
        return f"did you mean `{terms[0]}`?"
    if 1 < len(terms) <= _FEW:
        return f"name the joint, too: {', '.join(terms)}"
    moves = motion or any(name.endswith(f"_{word}") for words in _MOTION_WORDS.values() for word in words.split())
    return None if moves else did_you_mean(key, list(others))


_DEGREES = r"([-+]?\d+(?:\.\d+)?)\s*(?:°|º|deg\w*)?"
_RANGE = re.compile(rf"{_DEGREES}\s*(?:-|\u2013|\u2014|\.\.\.?|to|bis|until)\s*{_DEGREES}", re.IGNORECASE)
_WITH_UNIT = re.compile(r"([-+]?(?:0|[1-9]\d*)(?:\.\d+)?)\s*(?:°|º|deg\w*|cm|mm)", re.IGNORECASE)
_RADIANS = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*rad(?:ians?)?", re.IGNORECASE)


def value_hint(term: str, value: Any) -> str | None:
    """How to write what stands as a joint's angle: with a unit, as a range, by sides. None where it is no number."""
    if isinstance(value, str):
        number = _WITH_UNIT.fullmatch(value.strip())
        if number:
            return f"write {number[1].removeprefix('+')}, with no quotes and no unit"
        turned = _RADIANS.fullmatch(value.strip())
        if turned:
            return f"write {math.degrees(float(turned[1])):.0f}: angles are degrees, with no quotes and no unit"
        span = _RANGE.fullmatch(value.strip())
        return _movement(term, span[1], span[2]) if span else None
    if isinstance(value, list) and len(value) == 2 and all(isinstance(end, int | float) for end in value):
        return _movement(term, _number(value[0]), _number(value[1]))
    if isinstance(value, Mapping) and value and set(value) <= set(SIDES):
        return ", ".join(f"{side}: {{{term}: {_number(angle)}}}" for side, angle in value.items()).join(("write ", ""))
    return None


def _movement(term: str, low: str, high: str) -> str:
    return f"a pose is one moment: write {term}: {high}; a movement is from: {{{term}: {low}}}, to: {{{term}: {high}}}"
