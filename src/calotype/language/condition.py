"""Control maps as actions: what decides the pixels of one. Must not know how a map is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calotype.language.action import Action, make

EPOCH = 1
"""Moves when the same pose would give another map."""
KINDS = ("openpose", "depth", "canny", "lineart", "segmentation")
"""The types of control that a pose can give."""


def from_pose(
    kind: str, posture: Mapping[str, Any], view: str, side: str, size: tuple[int, int], joints: Sequence[str],
    model: str,
) -> Action:
    """The action that draws the map `kind` of a canonical posture. `joints` count only where a close-up frames them,
    `model` (a ControlNet's name) only for how wide the limbs of an OpenPose figure are."""
    return make("condition", {
        "epoch": EPOCH, "type": kind, "posture": posture, "view": view, "side": side, "size": list(size),
        "joints": list(joints) if view == "close-up" else [],
        "profile": "xinsir" if kind == "openpose" and "xinsir" in model else "openpose",
    })
