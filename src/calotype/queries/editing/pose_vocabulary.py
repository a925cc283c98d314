"""What a pose may say, as an editor offers it: joints with their ranges, postures, contacts, props. Must not know any
project."""

from __future__ import annotations

from typing import Any

from calotype.ground.light_dataclass import asdict
from calotype.language.lint.bands import CONTROL, IMG2IMG, Band
from calotype.language.pose.check import ARCS, PART_NAMES
from calotype.language.pose.props.prop_kinds import KINDS, SURFACES
from calotype.language.pose.terms import (
    AXES,
    BASES,
    BUILDS,
    HAIRS,
    HEIGHT,
    HEIGHTS,
    LANDMARKS,
    PATHS,
    SEXES,
    SHOWS,
    Axis,
)

GROUPS: dict[str, tuple[str, ...]] = {
    "Neck": ("neck_",), "Trunk and pelvis": ("spine_", "thoracic_", "lumbar_", "anterior_pelvic", "lower_trunk"),
    "Shoulder blade and shoulder": ("scapular_", "shoulder_"), "Elbow and forearm": ("elbow_", "forearm_"),
    "Wrist": ("wrist_",), "Hand": ("finger_", "index_", "middle_", "ring_", "little_", "thumb_"), "Hip": ("hip_",),
    "Knee": ("knee_",), "Ankle and foot": ("ankle_", "toe_"),
}
"""Parts of the body, and how the axes of their joints begin."""
VIEWS = ("lateral", "anterior", "posterior", "oblique", "close-up")
METHODS = ("img2img", "controlnet", "both", "auto")


def vocabulary() -> dict[str, Any]:
    """Every choice there is, as JSON. Of an axis: its two senses, its part of the body, unit and source, and along
    `name` the normal and the possible range."""
    return {
        "groups": [{"name": name, "axes": [_axis(axis) for axis in AXES if axis.name.startswith(begins)]}
                   for name, begins in GROUPS.items()],
        "bases": list(BASES), "parts": list(PART_NAMES), "surfaces": list(SURFACES), "views": list(VIEWS),
        "props": [{"name": kind.name, "meaning": kind.meaning,
                   "options": [asdict(option) for option in kind.options]} for kind in KINDS.values()],
        "arcs": list(ARCS), "landmarks": list(LANDMARKS), "paths": list(PATHS), "shows": list(SHOWS),
        "figure": {"height": HEIGHT, "heights": list(HEIGHTS), "builds": list(BUILDS), "sexes": list(SEXES),
                   "hairs": list(HAIRS)},
        "methods": list(METHODS), "bands": {"reference": _band(IMG2IMG), "control": _band(CONTROL)},
    }


def _axis(axis: Axis) -> dict[str, Any]:
    return {"name": axis.name, "opposite": axis.opposite, "laterality": axis.laterality, "unit": axis.unit,
            "normal": axis.normal, "possible": axis.possible, "source": axis.source}


def _band(band: Band) -> dict[str, Any]:
    return {"low": band.low, "high": band.high, "below": band.below, "above": band.above}
