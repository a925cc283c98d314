"""The body's form as numbers: cross-sections along each part, in fractions of stature. Must not know how it is drawn.

Widths and depths follow the breadths of Drillis & Contini (1966) and the segment circumferences of NASA RP-1024 (1978),
averaged over women and men. Coordinates are those of the neutral position, from the midpoint of the hip joints.
"""

from __future__ import annotations

from calotype.ground.light_dataclass import dataclass

Section = tuple[float, float, float, float, float, float]
"""Along the axis; centre forward, centre sideways; half-width; depth before and behind the centre."""


@dataclass(frozen=True, slots=True)
class Loft:
    """A skin over sections. `bones` are (bone, where its joint is along the axis, half-length of the blend).

    `axis` is "y" (downwards parts and the trunk) or "x" (the foot). `square` bends circles to squares (2 = circle).
    `part` names it for colours, maps and muscles.
    """

    part: str
    bones: tuple[tuple[str, float, float], ...]
    sections: tuple[Section, ...]
    axis: str = "y"
    square: float = 2.0
    sides: int = 24
    step: float = 0.008


TRUNK = Loft(
    "trunk",
    (
        ("pelvis", -1.0, 0.0),
        ("lumbar_1", 0.055, 0.022),
        ("lumbar_2", 0.089, 0.017),
        ("lumbar_3", 0.123, 0.017),
        ("thoracic_1", 0.159, 0.02),
        ("thoracic_2", 0.205, 0.023),
        ("thoracic_3", 0.251, 0.023),
        ("neck_1", 0.303, 0.016),
        ("neck_2", 0.329, 0.013),
        ("head", 0.363, 0.014),
    ),
    (
        (-0.0525, -0.004, 0.0, 0.0005, 0.0005, 0.0005),
        (-0.052, -0.004, 0.0, 0.012, 0.020, 0.020),
        (-0.046, -0.004, 0.0, 0.040, 0.034, 0.038),
        (-0.030, -0.006, 0.0, 0.074, 0.046, 0.056),
        (-0.008, -0.008, 0.0, 0.092, 0.053, 0.066),
        (0.015, -0.010, 0.0, 0.095, 0.056, 0.066),
        (0.040, -0.010, 0.0, 0.090, 0.058, 0.056),
        (0.065, -0.008, 0.0, 0.081, 0.058, 0.045),
        (0.090, -0.006, 0.0, 0.075, 0.056, 0.041),
        (0.120, -0.007, 0.0, 0.075, 0.057, 0.042),
        (0.155, -0.010, 0.0, 0.081, 0.061, 0.048),
        (0.190, -0.014, 0.0, 0.089, 0.067, 0.054),
        (0.220, -0.018, 0.0, 0.095, 0.072, 0.055),
        (0.245, -0.020, 0.0, 0.100, 0.067, 0.052),
        (0.265, -0.022, 0.0, 0.101, 0.055, 0.046),
        (0.282, -0.022, 0.0, 0.089, 0.045, 0.041),
        (0.295, -0.019, 0.0, 0.066, 0.039, 0.038),
        (0.307, -0.015, 0.0, 0.043, 0.035, 0.034),
        (0.320, -0.010, 0.0, 0.034, 0.032, 0.031),
        (0.340, -0.004, 0.0, 0.031, 0.030, 0.030),
        (0.362, 0.000, 0.0, 0.031, 0.029, 0.031),
        (0.385, 0.000, 0.0, 0.030, 0.024, 0.032),
    ),
    square=2.35,
    sides=32,
)

HEAD = Loft(
    "head",
    (("head", -1.0, 0.0),),
    (
        (0.3375, 0.045, 0.0, 0.0003, 0.0003, 0.0003),
        (0.3385, 0.043, 0.0, 0.011, 0.010, 0.016),
        (0.3420, 0.038, 0.0, 0.0175, 0.0175, 0.028),
        (0.3490, 0.031, 0.0, 0.0235, 0.0250, 0.044),
        (0.3600, 0.022, 0.0, 0.0300, 0.0325, 0.056),
        (0.3720, 0.015, 0.0, 0.0345, 0.0390, 0.060),
        (0.3850, 0.010, 0.0, 0.0385, 0.0450, 0.060),
        (0.4000, 0.006, 0.0, 0.0420, 0.0490, 0.060),
        (0.4150, 0.004, 0.0, 0.0440, 0.0525, 0.061),
        (0.4300, 0.002, 0.0, 0.0445, 0.0520, 0.060),
        (0.4450, 0.000, 0.0, 0.0415, 0.0480, 0.055),
        (0.4570, -0.001, 0.0, 0.0345, 0.0395, 0.045),
        (0.4650, -0.001, 0.0, 0.0245, 0.0275, 0.031),
        (0.4695, -0.001, 0.0, 0.0125, 0.0135, 0.015),
        (0.4708, -0.001, 0.0, 0.0010, 0.0010, 0.001),
    ),
    square=2.05,
    sides=36,
    step=0.005,
)

LEG = Loft(
    "leg",
    (("pelvis", -1.0, 0.0), ("thigh", 0.0, 0.045), ("shank", -0.245, 0.035), ("foot", -0.491, 0.012)),
    (
        (0.048, 0.000, 0.046, 0.006, 0.006, 0.010),
        (0.042, -0.002, 0.047, 0.026, 0.026, 0.036),
        (0.025, -0.006, 0.048, 0.041, 0.040, 0.056),
        (0.000, -0.008, 0.050, 0.047, 0.048, 0.064),
        (-0.030, -0.006, 0.052, 0.051, 0.054, 0.062),
        (-0.060, -0.003, 0.053, 0.053, 0.057, 0.057),
        (-0.1180, 0.000, 0.053, 0.0515, 0.0555, 0.0525),
        (-0.1200, 0.000, 0.053, 0.0490, 0.0525, 0.0495),
        (-0.1205, 0.000, 0.051, 0.0440, 0.0490, 0.0450),
        (-0.140, 0.001, 0.051, 0.042, 0.047, 0.042),
        (-0.180, 0.001, 0.051, 0.037, 0.041, 0.037),
        (-0.215, 0.001, 0.051, 0.0325, 0.0355, 0.033),
        (-0.240, 0.001, 0.051, 0.031, 0.0345, 0.030),
        (-0.262, 0.000, 0.051, 0.030, 0.032, 0.029),
        (-0.290, -0.003, 0.051, 0.031, 0.028, 0.033),
        (-0.320, -0.006, 0.051, 0.032, 0.026, 0.036),
        (-0.350, -0.006, 0.051, 0.030, 0.025, 0.034),
        (-0.390, -0.004, 0.051, 0.0245, 0.022, 0.027),
        (-0.430, -0.002, 0.051, 0.0190, 0.019, 0.020),
        (-0.465, -0.001, 0.051, 0.0170, 0.0175, 0.0175),
        (-0.490, 0.000, 0.051, 0.0185, 0.019, 0.019),
        (-0.505, 0.000, 0.051, 0.0150, 0.015, 0.016),
    ),
)

# along x; the second and third numbers are centre height and centre sideways; then half-width, height above and below
FOOT = Loft(
    "foot",
    (("foot", -1.0, 0.0), ("toes", 0.078, 0.012)),
    (
        (-0.0420, -0.511, 0.051, 0.001, 0.001, 0.001),
        (-0.0405, -0.511, 0.051, 0.010, 0.009, 0.013),
        (-0.0340, -0.511, 0.051, 0.0165, 0.018, 0.0188),
        (-0.0180, -0.510, 0.051, 0.0200, 0.026, 0.0200),
        (0.0000, -0.509, 0.051, 0.0205, 0.027, 0.0210),
        (0.0200, -0.509, 0.052, 0.0205, 0.023, 0.0210),
        (0.0400, -0.511, 0.053, 0.0225, 0.0170, 0.0188),
        (0.0600, -0.514, 0.053, 0.0255, 0.0130, 0.0160),
        (0.0780, -0.517, 0.053, 0.0275, 0.0105, 0.0128),
        (0.0950, -0.519, 0.052, 0.0260, 0.0090, 0.0108),
        (0.1060, -0.520, 0.050, 0.0200, 0.0075, 0.0095),
        (0.1110, -0.521, 0.049, 0.0110, 0.0050, 0.0070),
        (0.1120, -0.521, 0.049, 0.0010, 0.0010, 0.0010),
    ),
    axis="x",
    square=2.5,
    sides=28,
    step=0.004,
)

SHOULDER_Y, SHOULDER_X, SHOULDER_Z = 0.279, -0.024, 0.110

ARM = Loft(
    "arm",
    (("upper_arm", 1.0, 0.0), ("forearm", SHOULDER_Y - 0.186, 0.025), ("wrist", SHOULDER_Y - 0.27, 0.06)),
    tuple(
        (SHOULDER_Y + y, SHOULDER_X + x, SHOULDER_Z + z, w, f, b)
        for y, x, z, w, f, b in (
            (0.0250, 0.000, -0.012, 0.002, 0.002, 0.002),
            (0.0240, 0.000, -0.011, 0.012, 0.013, 0.013),
            (0.0185, 0.000, -0.008, 0.0215, 0.024, 0.024),
            (0.0060, 0.000, -0.003, 0.0285, 0.031, 0.031),
            (-0.0150, 0.000, 0.000, 0.0300, 0.0315, 0.031),
            (-0.0450, 0.001, 0.000, 0.0275, 0.0295, 0.029),
            (-0.0800, 0.001, 0.000, 0.0245, 0.0285, 0.0275),
            (-0.1150, 0.001, 0.000, 0.0230, 0.0270, 0.0255),
            (-0.1500, 0.000, 0.000, 0.0215, 0.0225, 0.0215),
            (-0.1800, 0.000, 0.000, 0.0215, 0.0195, 0.0205),
            (-0.2000, 0.000, 0.000, 0.0225, 0.0210, 0.0205),
            (-0.2250, 0.000, 0.000, 0.0225, 0.0220, 0.0205),
            (-0.2550, 0.000, 0.000, 0.0195, 0.0205, 0.0185),
            (-0.2900, 0.000, 0.000, 0.0150, 0.0175, 0.0160),
            (-0.3200, 0.000, 0.000, 0.0118, 0.0158, 0.0150),
            (-0.3340, 0.000, 0.000, 0.0112, 0.0155, 0.0150),
            (-0.3420, 0.000, 0.000, 0.0100, 0.0130, 0.0130),
        )
    ),
    sides=20,
)

WRIST_Y = SHOULDER_Y - 0.332

KNUCKLE = -0.054
_PALM = (
    (0.0150, 0.000, 0.0000, 0.0090, 0.0120, 0.0120),
    (0.0000, 0.000, 0.0000, 0.0108, 0.0150, 0.0145),
    (-0.0150, 0.001, -0.0005, 0.0118, 0.0185, 0.0185),
    (-0.0320, 0.001, -0.0005, 0.0110, 0.0218, 0.0215),
    (-0.0480, 0.001, 0.0000, 0.0096, 0.0240, 0.0228),
    (-0.0570, 0.001, 0.0000, 0.0086, 0.0230, 0.0215),
    (-0.0620, 0.001, 0.0000, 0.0060, 0.0200, 0.0180),
    (-0.0635, 0.001, 0.0000, 0.0010, 0.0050, 0.0050),
)

HAND = Loft(
    "hand",
    (("wrist", 1.0, 0.0), ("hand", WRIST_Y, 0.012), ("fingers", WRIST_Y + KNUCKLE, 0.010)),
    tuple((WRIST_Y + y, SHOULDER_X + x, SHOULDER_Z + z, w, f, b) for y, x, z, w, f, b in _PALM),
    square=2.6,
    sides=16,
    step=0.006,
)


def _finger(name: str, x: float, length: float, radius: float) -> Loft:
    """One finger: `x` towards the thumb from the middle of the hand, `length` beyond the knuckles."""
    profile = ((0.012, 0.8), (0.0, 1.0), (-0.4, 0.98), (-0.75, 0.92), (-0.90, 0.78), (-0.98, 0.45), (-1.0, 0.05))
    sections = []
    for along, thick in profile:
        y = WRIST_Y + KNUCKLE + (along * length if along <= 0 else along)
        r = radius * thick
        sections.append((y, SHOULDER_X + x, SHOULDER_Z, r, r, r))
    knuckle = WRIST_Y + KNUCKLE
    bones = (("hand", 1.0, 0.0), ("fingers", knuckle, 0.008), ("fingertips", knuckle - 0.026, 0.007))
    return Loft(name, bones, tuple(sections), sides=10, step=0.005)


FINGERS = (
    _finger("index", 0.0185, 0.0500, 0.0064),
    _finger("middle", 0.0065, 0.0550, 0.0066),
    _finger("ring", -0.0055, 0.0510, 0.0063),
    _finger("little", -0.0165, 0.0410, 0.0056),
)


@dataclass(frozen=True, slots=True)
class Spindle:
    """A soft bridge between two bones, as a muscle is: ends in each bone's neutral coordinates, radii along it."""

    part: str
    start: tuple[str, float, float, float]
    end: tuple[str, float, float, float]
    radii: tuple[float, ...]
    flat: float = 1.0


SPINDLES: tuple[Spindle, ...] = (
    Spindle("chest", ("thoracic_3", 0.012, 0.242, 0.048), ("upper_arm", -0.018, 0.244, 0.104),
            (0.020, 0.033, 0.033, 0.030, 0.024), 0.75),
    Spindle("back", ("thoracic_1", -0.040, 0.170, 0.058), ("upper_arm", -0.030, 0.245, 0.106),
            (0.010, 0.024, 0.031, 0.030, 0.025), 0.7),
    Spindle("trapezius", ("neck_1", -0.018, 0.325, 0.014), ("clavicle", -0.024, 0.284, 0.100),
            (0.012, 0.019, 0.021, 0.022, 0.020), 0.9),
    Spindle("thumb", ("hand", SHOULDER_X + 0.012, WRIST_Y - 0.012, SHOULDER_Z - 0.004),
            ("hand", SHOULDER_X + 0.034, WRIST_Y - 0.062, SHOULDER_Z - 0.012),
            (0.0085, 0.0110, 0.0095, 0.0085, 0.0078), 1.0),
)

GIRTHS: dict[str, tuple[tuple[float, str], ...]] = {
    "trunk": ((0.0, "hips"), (0.09, "waist"), (0.22, "chest"), (0.33, "neck")),
    "leg": ((-0.47, "ankle"), (-0.33, "calf"), (-0.245, "knee"), (-0.06, "thigh")),
    "arm": ((WRIST_Y, "wrist"), (SHOULDER_Y - 0.225, "forearm"), (SHOULDER_Y - 0.09, "upper_arm")),
}
"""Where along a part which girth is measured; between these they pass into each other."""
FULLER: dict[tuple[str, str], tuple[tuple[float, float], ...]] = {
    ("trunk", "female"): ((0.135, 0.0), (0.155, 0.003), (0.175, 0.009), (0.195, 0.014), (0.210, 0.013), (0.230, 0.006),
                          (0.250, 0.0)),
}
"""How far a part reaches further forward, along it: the chest of a woman in a sports top."""
BRIDGED = {"chest": "chest", "back": "chest", "trapezius": "neck"}
"""The girth that a spindle goes by."""

NOSE = Spindle("nose", ("head", 0.050, 0.412, 0.0), ("head", 0.0585, 0.388, 0.0), (0.003, 0.005, 0.0075, 0.008), 1.0)
HAIR = Spindle("hair", ("head", -0.040, 0.425, 0.0), ("thoracic_3", -0.062, 0.280, 0.0),
               (0.030, 0.044, 0.043, 0.038, 0.022), 0.5)
"""What of long hair falls down the back of the neck."""
EAR = Spindle("ear", ("head", -0.006, 0.405, 0.044), ("head", -0.002, 0.385, 0.042), (0.007, 0.010, 0.009, 0.006), 0.45)
