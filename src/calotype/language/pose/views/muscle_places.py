"""Where muscles lie: ellipses on a part's skin, and straps between bones where a muscle crosses a joint. Must not know
pixels, nor colours.

After Kendall et al., Muscles: Testing and Function (5th ed., 2005) and Drake et al., Gray's Anatomy for Students. A
deep muscle is shown on the skin over it. Nothing heavy is imported here: a request is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

WAIST, HEM, COLLAR = 0.062, -0.1195, -0.470
"""Where the shorts begin and end and the shoe begins: heights in the neutral position, from the hip joints, in
fractions of stature."""


class Patch(NamedTuple):
    """An ellipse on a part: its name, centre round it (0 front, 0.25 lateral, or right on the trunk; 0.5 behind),
    half-width round it, lowest and highest place along it in fractions of stature from the hip joints."""

    part: str
    centre: float
    half: float
    low: float
    high: float


class Strap(NamedTuple):
    """A band of `radius` round a line through `points`, (bone, forward, up, outwards) in the neutral position, in
    fractions of stature. The bones `hip` and `shoulder` are half-way between trunk and limb. `limb` is the part it runs
    on beside the trunk."""

    limb: str
    radius: float
    points: tuple[tuple[str, float, float, float], ...]


Place = tuple[Patch | Strap, ...]


def _both(u: float, half: float, low: float, high: float) -> tuple[Patch, Patch]:
    """The same patch on the right and the left of the trunk."""
    return Patch("trunk", u, half, low, high), Patch("trunk", 1.0 - u, half, low, high)


def _on(part: str, centre: float, half: float, low: float, high: float) -> Patch:
    return Patch(part, centre, half, low, high)


def _trapezius() -> Patch:
    """The bridge from neck to shoulder, whose v starts at -14."""
    return Patch("trunk", 0.5, 9.0, -15.0, -12.9)


def _leg(radius: float, *points: tuple[str, float, float, float]) -> Strap:
    return Strap("leg", radius, points)


def _arm(radius: float, *points: tuple[str, float, float, float]) -> Strap:
    return Strap("arm", radius, points)


_SUPRASPINATUS = _arm(0.013, ("thoracic_3", -0.052, 0.276, 0.040), ("clavicle", -0.036, 0.300, 0.085),
                      ("upper_arm", -0.026, 0.300, 0.110))
_INFRASPINATUS = (
    _arm(0.022, ("thoracic_3", -0.072, 0.222, 0.048), ("thoracic_3", -0.066, 0.246, 0.075),
         ("shoulder", -0.050, 0.264, 0.106)),
)
_TERES_MINOR = _arm(0.013, ("thoracic_3", -0.068, 0.205, 0.072), ("shoulder", -0.052, 0.240, 0.104))
_GLUTEUS_MAXIMUS = (
    _leg(0.036, ("pelvis", -0.066, 0.024, 0.030), ("hip", -0.070, -0.012, 0.058), ("thigh", -0.050, -0.055, 0.078)),
    _leg(0.030, ("pelvis", -0.056, 0.036, 0.050), ("hip", -0.066, -0.004, 0.082), ("thigh", -0.040, -0.055, 0.094)),
    _leg(0.030, ("pelvis", -0.070, -0.008, 0.022), ("hip", -0.068, -0.036, 0.048), ("thigh", -0.052, -0.066, 0.064)),
)
_ILIOPSOAS = _leg(0.024, ("pelvis", 0.046, 0.040, 0.044), ("hip", 0.050, -0.010, 0.048),
                  ("thigh", 0.046, -0.060, 0.046))

PLACES: Mapping[str, Place] = {
    "suboccipital muscles": (_on("trunk", 0.5, 0.17, 0.335, 0.395), _on("head", 0.5, 0.13, 0.345, 0.385)),
    "deep neck flexors": (_on("trunk", 0.0, 0.20, 0.308, 0.375),),
    "longus colli": (_on("trunk", 0.0, 0.20, 0.308, 0.375),),
    "sternocleidomastoid": _both(0.13, 0.07, 0.305, 0.375),
    "scalenes": _both(0.19, 0.07, 0.300, 0.350),
    "levator scapulae": _both(0.36, 0.07, 0.275, 0.365),
    "splenius": _both(0.43, 0.07, 0.300, 0.380),
    "upper trapezius": (*_both(0.38, 0.14, 0.268, 0.372), _trapezius()),
    "middle trapezius": _both(0.43, 0.07, 0.225, 0.285),
    "lower trapezius": _both(0.455, 0.045, 0.130, 0.235),
    "trapezius": (_on("trunk", 0.5, 0.17, 0.150, 0.372), _trapezius()),
    "rhomboids": _both(0.44, 0.05, 0.195, 0.275),
    "rotator cuff": (_SUPRASPINATUS, *_INFRASPINATUS, _TERES_MINOR),
    "supraspinatus": (_SUPRASPINATUS,),
    "infraspinatus": _INFRASPINATUS,
    "teres minor": (_TERES_MINOR,),
    "teres major": (_arm(0.017, ("thoracic_3", -0.066, 0.185, 0.070), ("shoulder", -0.050, 0.215, 0.096),
                         ("upper_arm", -0.034, 0.232, 0.104)),),
    "subscapularis": (_arm(0.016, ("thoracic_3", 0.018, 0.250, 0.076), ("shoulder", 0.010, 0.262, 0.092),
                           ("upper_arm", 0.004, 0.270, 0.104)),),
    "deltoid": (_on("arm", 0.25, 0.36, 0.150, 0.330),),
    "anterior deltoid": (_on("arm", 0.06, 0.14, 0.160, 0.325),),
    "middle deltoid": (_on("arm", 0.25, 0.13, 0.150, 0.330),),
    "posterior deltoid": (_on("arm", 0.44, 0.14, 0.165, 0.325),),
    "pectoralis major": (
        _arm(0.028, ("thoracic_2", 0.052, 0.238, 0.020), ("thoracic_3", 0.040, 0.245, 0.070),
             ("shoulder", 0.016, 0.246, 0.094), ("upper_arm", 0.004, 0.236, 0.106)),
        _arm(0.024, ("thoracic_2", 0.052, 0.212, 0.022), ("thoracic_3", 0.042, 0.222, 0.062),
             ("shoulder", 0.016, 0.236, 0.094)),
    ),
    "pectoralis minor": (_arm(0.018, ("thoracic_2", 0.046, 0.212, 0.055), ("thoracic_3", 0.024, 0.262, 0.076)),),
    "serratus anterior": _both(0.21, 0.05, 0.150, 0.235),
    "latissimus dorsi": (
        _arm(0.030, ("lumbar_2", -0.048, 0.090, 0.030), ("thoracic_1", -0.058, 0.140, 0.056),
             ("thoracic_2", -0.058, 0.190, 0.082), ("shoulder", -0.036, 0.222, 0.098)),
        _arm(0.026, ("thoracic_1", -0.064, 0.150, 0.030), ("thoracic_2", -0.064, 0.182, 0.064),
             ("thoracic_2", -0.054, 0.200, 0.086)),
    ),
    "coracobrachialis": (_on("arm", 0.90, 0.09, 0.170, 0.240),),
    "biceps brachii": (_on("arm", 0.0, 0.24, 0.110, 0.235),),
    "brachialis": (_on("arm", 0.13, 0.12, 0.095, 0.170),),
    "triceps brachii": (_on("arm", 0.5, 0.26, 0.105, 0.245),),
    "brachioradialis": (_on("arm", 0.08, 0.11, -0.005, 0.115),),
    "pronator teres": (_on("arm", 0.90, 0.10, 0.030, 0.095),),
    "supinator": (_on("arm", 0.30, 0.13, 0.035, 0.090),),
    "wrist flexors": (_on("arm", 0.8, 0.22, -0.020, 0.090),),
    "wrist extensors": (_on("arm", 0.3, 0.22, -0.020, 0.090),),
    "thenar muscles": (_on("thumb", 0.5, 9.0, -17.0, -15.945),),
    "rectus abdominis": _both(0.035, 0.050, -0.010, 0.195),
    "obliques": _both(0.17, 0.09, 0.030, 0.160),
    "transversus abdominis": _both(0.15, 0.15, 0.015, 0.135),
    "diaphragm": (_on("trunk", 0.0, 0.24, 0.140, 0.180),),
    "intercostals": _both(0.16, 0.09, 0.140, 0.225),
    "erector spinae": _both(0.455, 0.040, 0.010, 0.290),
    "multifidus": _both(0.475, 0.030, -0.010, 0.140),
    "quadratus lumborum": _both(0.41, 0.05, 0.040, 0.125),
    "pelvic floor": (_on("trunk", 0.0, 0.10, -0.050, -0.012),),
    "gluteus maximus": _GLUTEUS_MAXIMUS,
    "gluteus medius": (_leg(0.026, ("pelvis", -0.022, 0.046, 0.078), ("hip", -0.016, 0.018, 0.098),
                            ("thigh", -0.012, -0.010, 0.102)),),
    "gluteus minimus": (_leg(0.019, ("pelvis", 0.006, 0.036, 0.086), ("hip", 0.004, 0.014, 0.100),
                             ("thigh", 0.000, -0.008, 0.104)),),
    "tensor fasciae latae": (_leg(0.019, ("pelvis", 0.028, 0.040, 0.078), ("hip", 0.030, 0.000, 0.092),
                                  ("thigh", 0.024, -0.048, 0.096)),),
    "iliotibial band": (_on("leg", 0.25, 0.07, -0.255, -0.030),),
    "piriformis": (_leg(0.017, ("pelvis", -0.070, 0.014, 0.020), ("hip", -0.062, 0.008, 0.062),
                        ("thigh", -0.038, 0.004, 0.092)),),
    "hip external rotators": (_leg(0.022, ("pelvis", -0.070, -0.020, 0.032), ("hip", -0.064, -0.020, 0.062),
                                   ("thigh", -0.044, -0.018, 0.090)),),
    "hip flexors": (_ILIOPSOAS, _leg(0.020, ("pelvis", 0.030, 0.030, 0.066), ("hip", 0.044, -0.020, 0.066),
                                     ("thigh", 0.048, -0.070, 0.060))),
    "iliopsoas": (_ILIOPSOAS,),
    "sartorius": (_on("leg", 0.94, 0.06, -0.235, 0.030),),
    "adductors": (_on("leg", 0.78, 0.14, -0.170, 0.010),),
    "gracilis": (_on("leg", 0.75, 0.06, -0.240, -0.010),),
    "pectineus": (_on("leg", 0.88, 0.08, -0.060, 0.012),),
    "quadriceps": (_on("leg", 0.02, 0.24, -0.235, -0.020),),
    "rectus femoris": (_on("leg", 0.02, 0.09, -0.225, -0.010),),
    "vastus lateralis": (_on("leg", 0.16, 0.10, -0.235, -0.040),),
    "vastus medialis": (_on("leg", 0.90, 0.09, -0.240, -0.135),),
    "hamstrings": (_on("leg", 0.5, 0.22, -0.235, -0.035),),
    "biceps femoris": (_on("leg", 0.42, 0.11, -0.245, -0.035),),
    "semitendinosus": (_on("leg", 0.57, 0.09, -0.240, -0.035),),
    "semimembranosus": (_on("leg", 0.61, 0.10, -0.250, -0.060),),
    "triceps surae": (_on("leg", 0.40, 0.14, -0.382, -0.255), _on("leg", 0.60, 0.14, -0.392, -0.255),
                      _on("leg", 0.5, 0.20, -0.452, -0.330)),
    "gastrocnemius": (_on("leg", 0.40, 0.14, -0.382, -0.255), _on("leg", 0.60, 0.14, -0.392, -0.255)),
    "soleus": (_on("leg", 0.34, 0.10, -0.440, -0.320), _on("leg", 0.66, 0.10, -0.440, -0.320),
               _on("leg", 0.5, 0.10, -0.452, -0.375)),
    "Achilles tendon": (_on("leg", 0.5, 0.10, -0.466, -0.400),),
    "popliteus": (_on("leg", 0.5, 0.13, -0.290, -0.235),),
    "tibialis anterior": (_on("leg", 0.06, 0.10, -0.430, -0.270),),
    "tibialis posterior": (_on("leg", 0.6, 0.12, -0.450, -0.300),),
    "peroneals": (_on("leg", 0.27, 0.08, -0.450, -0.270),),
    "toe extensors": (_on("leg", 0.13, 0.08, -0.455, -0.300),),
    "toe flexors": (_on("leg", 0.70, 0.09, -0.455, -0.310),),
    "foot intrinsics": (_on("foot", 0.5, 0.24, -0.020, 0.075),),
}
"""The names are those of the language's table of muscles."""

MOSTLY = -0.09
"""A muscle of the thigh whose middle is higher lies mostly under the shorts."""


def split(name: str) -> tuple[str, str]:
    """The side, or "", and the muscle of a name such as `left deltoid`."""
    side, _, muscle = name.partition(" ")
    return (side, muscle) if side in ("left", "right") else ("", name)


def worn_under(place: Patch | Strap) -> bool:
    """Whether a muscle lies under clothes: then it is tinted on them, else where they leave the skin bare."""
    if isinstance(place, Strap):
        return place.limb == "leg"
    middle = (place.low + place.high) / 2
    return place.part == "foot" or (place.part in ("trunk", "leg") and MOSTLY < middle < WAIST and place.low > -1)
