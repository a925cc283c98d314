"""The vocabulary of poses: a physiotherapist's terms, sides and ranges. Must not know geometry, nor drawings.

Angles are degrees from the neutral-zero position of the AAOS: the anatomical position, but for the forearm,
whose zero is midway between pronation and supination (thumb forward). Signs follow the ISB.

Sources of the ranges:
- AAOS: American Academy of Orthopaedic Surgeons, Joint Motion: Method of Measuring and Recording (1965);
  Greene & Heckman, The Clinical Measurement of Joint Motion (1994).
- White & Panjabi, Clinical Biomechanics of the Spine, 2nd ed. (1990), for the parts of the spine.
- Kapandji, The Physiology of the Joints, 6th ed. (2007), for the scapula and the opposition of the thumb.
- Hanten et al., Phys Ther 71 (1991) 118, for head protraction and retraction (centimetres).
- Passive or loaded range where exercises use it: hip flexion 140 and external rotation 60 (Kapandji), wrist
  extension 90, ankle dorsiflexion 35 (Bennell et al., Aust J Physiother 44 (1998) 175).
- Levine & Whittle, J Orthop Sports Phys Ther 24 (1996) 130, for pelvic tilt: 11 degrees forward and 9 back in the mean.
- ISB: Wu et al., J Biomech 35 (2002) 543 and 38 (2005) 981, for axes and signs.
"""

from __future__ import annotations

from typing import Literal

from calotype.ground.light_dataclass import dataclass

Laterality = Literal["paired", "axial", "directed"]
"""paired: one joint on each side. axial: on the midline. directed: on the midline, to a side that must be named."""

AAOS, PANJABI, KAPANDJI, HANTEN = "AAOS", "White & Panjabi 1990", "Kapandji 2007", "Hanten 1991"
LEVINE = "Levine & Whittle 1996"


@dataclass(frozen=True, slots=True)
class Axis:
    """One degree of freedom. `opposite` names its negative sense; ranges are (lowest, highest) along `name`.

    Beyond `normal` is worth a warning, beyond `possible` an error. `unit` is `deg` or `cm`.
    """

    name: str
    opposite: str | None
    laterality: Laterality
    normal: tuple[float, float]
    possible: tuple[float, float]
    source: str
    unit: str = "deg"


@dataclass(frozen=True, slots=True)
class Joint:
    """A term that may stand in a pose: `sign` times its value is the one along `axis`. Ranges are in its own sense."""

    name: str
    axis: str
    sign: int
    laterality: Laterality
    unit: str
    normal: tuple[float, float]
    possible: tuple[float, float]
    source: str

    @property
    def sided(self) -> bool:
        return self.laterality != "axial"


AXES: tuple[Axis, ...] = (
    Axis("neck_flexion", "neck_extension", "axial", (-60, 50), (-85, 80), AAOS),
    Axis("neck_lateral_flexion", None, "directed", (-45, 45), (-60, 60), AAOS),
    Axis("neck_rotation", None, "directed", (-80, 80), (-100, 100), AAOS),
    Axis("neck_protraction", "neck_retraction", "axial", (-5, 6), (-8, 10), HANTEN, "cm"),
    Axis("spine_flexion", "spine_extension", "axial", (-45, 90), (-90, 120), AAOS),
    Axis("spine_lateral_flexion", None, "directed", (-35, 35), (-60, 60), AAOS),
    Axis("spine_rotation", None, "directed", (-45, 45), (-70, 70), AAOS),
    Axis("thoracic_flexion", "thoracic_extension", "axial", (-25, 45), (-45, 65), PANJABI),
    Axis("thoracic_lateral_flexion", None, "directed", (-25, 25), (-45, 45), PANJABI),
    Axis("thoracic_rotation", None, "directed", (-35, 35), (-55, 55), PANJABI),
    Axis("lumbar_flexion", "lumbar_extension", "axial", (-35, 60), (-60, 80), PANJABI),
    Axis("lumbar_lateral_flexion", None, "directed", (-25, 25), (-40, 40), PANJABI),
    Axis("lumbar_rotation", None, "directed", (-10, 10), (-20, 20), PANJABI),
    Axis("anterior_pelvic_tilt", "posterior_pelvic_tilt", "axial", (-20, 20), (-35, 35), LEVINE),
    Axis("lower_trunk_rotation", None, "directed", (-45, 45), (-70, 70), AAOS),
    Axis("scapular_elevation", "scapular_depression", "paired", (-10, 40), (-15, 50), KAPANDJI),
    Axis("scapular_protraction", "scapular_retraction", "paired", (-25, 30), (-35, 45), KAPANDJI),
    Axis("shoulder_flexion", "shoulder_extension", "paired", (-60, 180), (-90, 200), AAOS),
    Axis("shoulder_abduction", "shoulder_adduction", "paired", (-50, 180), (-75, 200), AAOS),
    Axis("shoulder_external_rotation", "shoulder_internal_rotation", "paired", (-70, 90), (-110, 130), AAOS),
    Axis(
        "shoulder_horizontal_abduction",
        "shoulder_horizontal_adduction",
        "paired",
        (-135, 45),
        (-150, 80),
        AAOS,
    ),
    Axis("elbow_flexion", "elbow_extension", "paired", (-10, 150), (-20, 165), AAOS),
    Axis("forearm_supination", "forearm_pronation", "paired", (-80, 80), (-110, 110), AAOS),
    Axis("wrist_flexion", "wrist_extension", "paired", (-90, 80), (-100, 110), AAOS),
    Axis("wrist_ulnar_deviation", "wrist_radial_deviation", "paired", (-20, 30), (-35, 50), AAOS),
    Axis("finger_flexion", "finger_extension", "paired", (-30, 100), (-60, 120), AAOS),
    Axis("finger_mcp_flexion", "finger_mcp_extension", "paired", (-45, 90), (-60, 110), AAOS),
    Axis("finger_pip_flexion", "finger_pip_extension", "paired", (-10, 110), (-25, 125), AAOS),
    Axis("finger_dip_flexion", "finger_dip_extension", "paired", (-10, 90), (-30, 100), AAOS),
    Axis("finger_abduction", "finger_adduction", "paired", (-5, 25), (-10, 40), AAOS),
    Axis("index_flexion", "index_extension", "paired", (-100, 100), (-120, 120), AAOS),
    Axis("middle_flexion", "middle_extension", "paired", (-100, 100), (-120, 120), AAOS),
    Axis("ring_flexion", "ring_extension", "paired", (-100, 100), (-120, 120), AAOS),
    Axis("little_flexion", "little_extension", "paired", (-100, 100), (-120, 120), AAOS),
    Axis("thumb_flexion", "thumb_extension", "paired", (-20, 80), (-40, 100), AAOS),
    Axis("thumb_abduction", "thumb_adduction", "paired", (-10, 70), (-20, 85), AAOS),
    Axis("thumb_opposition", None, "paired", (0, 60), (-10, 75), KAPANDJI),
    Axis("hip_flexion", "hip_extension", "paired", (-30, 140), (-50, 160), AAOS),
    Axis("hip_abduction", "hip_adduction", "paired", (-30, 50), (-50, 100), AAOS),
    Axis("hip_external_rotation", "hip_internal_rotation", "paired", (-45, 60), (-70, 100), AAOS),
    Axis("knee_flexion", "knee_extension", "paired", (-10, 145), (-20, 165), AAOS),
    Axis("ankle_dorsiflexion", "ankle_plantarflexion", "paired", (-50, 35), (-80, 50), AAOS),
    Axis("ankle_inversion", "ankle_eversion", "paired", (-15, 35), (-35, 60), AAOS),
    Axis("toe_extension", "toe_flexion", "paired", (-45, 70), (-70, 110), AAOS),
)


def _joint(axis: Axis, sign: int) -> Joint:
    def span(low_high: tuple[float, float]) -> tuple[float, float]:
        low, high = low_high
        return (low, high) if sign > 0 else (-high, -low)

    name = axis.name if sign > 0 else axis.opposite
    assert name is not None
    return Joint(
        name, axis.name, sign, axis.laterality, axis.unit, span(axis.normal), span(axis.possible), axis.source
    )


JOINTS: dict[str, Joint] = {
    joint.name: joint
    for axis in AXES
    for joint in ([_joint(axis, 1)] + ([_joint(axis, -1)] if axis.opposite else []))
}
"""Every term that may stand in a pose, by name."""

PELVIC = ("anterior_pelvic_tilt", "lower_trunk_rotation")
"""Axes that move the pelvis under the spine: trunk and thighs stay as they are."""

HAND = tuple(axis.name for axis in AXES if axis.name.startswith((
    "finger_mcp", "finger_pip", "finger_dip", "finger_abduction", "index_", "middle_", "ring_", "little_", "thumb_",
)))
"""Axes of single fingers, of their joints, and of the thumb: they come on top of `finger_flexion`."""

AXIS: dict[str, Axis] = {axis.name: axis for axis in AXES}

BASES: dict[str, dict[str, float]] = {
    "standing": {"shoulder_abduction": 7, "elbow_flexion": 4},
    "seated": {"hip_flexion": 90, "knee_flexion": 90},
    "supine": {"neck_retraction": 2.5, "hip_extension": 4},
    "prone": {"ankle_plantarflexion": 50},
    "quadruped": {
        "hip_flexion": 81,
        "knee_flexion": 92,
        "ankle_plantarflexion": 55,
        "shoulder_flexion": 80,
        "elbow_flexion": 4,
        "forearm_pronation": 80,
        "wrist_extension": 88,
        "finger_extension": 8,
        "neck_extension": 8,
    },
    "side_lying": {"hip_flexion": 25, "knee_flexion": 40, "hip_adduction": 4},
    "kneeling": {"knee_flexion": 92, "ankle_plantarflexion": 55},
    "half_kneeling": {},
    "long_sitting": {
        "hip_flexion": 88, "ankle_plantarflexion": 10,
        "shoulder_flexion": 26, "elbow_flexion": 42, "shoulder_internal_rotation": 18, "forearm_pronation": 68,
    },
    "crook_lying": {
        "neck_retraction": 2.5, "hip_flexion": 44, "knee_flexion": 100, "ankle_plantarflexion": 34,
        "shoulder_abduction": 12, "forearm_pronation": 70,
    },
    "heel_sitting": {
        "hip_flexion": 62, "knee_flexion": 150, "ankle_plantarflexion": 55,
        "shoulder_flexion": 18, "elbow_flexion": 34, "shoulder_internal_rotation": 16, "shoulder_adduction": 3,
        "forearm_pronation": 75,
    },
    "plank": {
        "shoulder_flexion": 72, "forearm_pronation": 80, "wrist_extension": 88, "finger_extension": 8,
        "toe_extension": 70, "neck_extension": 8,
    },
    "hanging": {"shoulder_flexion": 175, "forearm_pronation": 80, "finger_flexion": 90},
}
"""The base postures, as angles on both sides. Where the body rests in each is the renderer's geometry."""
ONE_SIDED: dict[str, dict[str, dict[str, float]]] = {
    "side_lying": {"left": {"shoulder_flexion": 70, "elbow_flexion": 40}},
    "half_kneeling": {
        "left": {"knee_flexion": 92, "ankle_plantarflexion": 55}, "right": {"hip_flexion": 91, "knee_flexion": 91},
    },
}
"""What each side does besides, in the bases whose sides differ, with the left one down. Who lies on the side draws the
arm below out to the front."""
DOWN = {"side_lying": "side", "half_kneeling": "knee"}
"""The part that is on the floor on one side of these: said of the right side alone, it turns the base over."""

UPRIGHT = ("standing", "seated", "kneeling", "half_kneeling", "heel_sitting", "long_sitting", "hanging")
ON_KNEES = ("kneeling", "half_kneeling", "heel_sitting")
"""Bases whose trunk is upright, and those of them whose shins are on the floor."""

SIDES = ("left", "right")

HEIGHT = 172.0
"""Centimetres, unless a pose says otherwise: between the mean adult woman and man (NCD-RisC 2016, high-income
countries)."""
HEIGHTS = (140.0, 210.0)
BUILDS = {"slim": -1.28, "average": 0.0, "broad": 1.28}
"""The 10th, 50th and 90th percentile of girth, in standard deviations."""
DEFAULT_HAIR, HAIRS = "short", ("none", "short", "long")
"""The hair of a figure in line drawings, unless a pose says otherwise; and what it may be."""

PARTS = ("hand", "forearm", "elbow", "foot", "heel", "toes", "knee", "shin", "calf", "side")
"""Parts of the body on each side that may touch something. `hands: floor` is `left_hand: floor, right_hand: floor`."""

PLURALS = {
    "hands": "hand",
    "forearms": "forearm",
    "elbows": "elbow",
    "feet": "foot",
    "heels": "heel",
    "knees": "knee",
    "shins": "shin",
    "calves": "calf",
}
MIDLINE_PARTS = ("back", "seat", "chest", "head")
ARM = ("hand", "forearm", "elbow")
FOOT = ("foot", "heel", "toes")
LEG = (*FOOT, "knee", "shin")
"""Parts of an arm that lean, prop and hold; of a foot, and of a leg, that carry."""
BODY = ("hand", "forearm", "elbow", "upper_arm", "shoulder", "hip", "thigh", "knee", "shank", "ankle", "foot", "ear")
"""Parts of one's own body, on each side, that others may touch."""
MIDLINE_BODY = ("head", "forehead", "back_of_head", "neck", "chest", "abdomen")
"""The same, on the midline."""

LANDMARKS = (
    "head",
    "chin",
    "chest",
    "pelvis",
    "left_hand",
    "right_hand",
    "left_elbow",
    "right_elbow",
    "left_knee",
    "right_knee",
    "left_foot",
    "right_foot",
    "left_heel",
    "right_heel",
    "lumbar",
    "thorax",
)
PATHS = ("circle", "anticlockwise", "swing", "up", "down", "forward", "back", "left", "right")
"""How an arrow goes; a `circle` is level, clockwise for who looks down on it."""
SHOWS = ("arrows", "ghost")
"""What a movement (`from`, `to`) shows beside the figure: an arrow along the path, the figure at `from` in grey."""

KEYS = (
    "base",
    "figure",
    "left",
    "right",
    "mirror",
    "mirror_of",
    "from",
    "to",
    "fraction",
    "show",
    "contacts",
    "props",
    "arrows",
    "arcs",
    "solve",
)
"""What may stand in a pose beside the joints.

    base: a base posture, or the id of a pose in specs/poses/ (default: the image's body_position)
    figure: {height: 186, build: broad}      centimetres, HEIGHTS; BUILDS
    left, right: {joint: number}             the subject's own sides
    mirror: bool                             swaps left and right everywhere
    mirror_of: pose id                       that pose, with left and right swapped
    from, to: a pose or pose id; fraction: 0..1 (default 1): the figure is that far from `from` to `to`
    show: [arrows, ghost]                    for from/to; default [arrows]
    contacts: {left_hand: table, feet: none} parts (PARTS, PLURALS, MIDLINE_PARTS) -> props.prop_kinds.SURFACES
    solve: bool                              whether open joints move until contacts hold (true)
    props: [mug, {wall: {side: left}}]       props.prop_kinds.KINDS, with their options
    arrows: [{of: right_hand, path: circle, size: 20}]   LANDMARKS, PATHS; size in cm
    arcs: [left_knee_flexion, neck_flexion]  angles to mark
"""
