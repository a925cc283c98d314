"""Control maps as actions: what decides the pixels of one. Must not know how a map is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calotype.language.action import Action, make

EPOCH = 2
"""Moves when the same pose would give another map."""
KINDS = ("openpose", "depth", "canny", "lineart", "scribble", "segmentation")
"""The types of control that a pose can give."""
PREPROCESSORS: Mapping[str, Mapping[str, Any]] = {
    "openpose": {"name": "openpose", "hands": True, "face": True, "model": "lllyasviel/Annotators"},
    "depth": {"name": "midas", "model": "Intel/dpt-large"},
    "canny": {"name": "canny", "low": 100, "high": 200},
}
"""How a map of each kind is made of a picture, where calotype.yaml does not say."""

MODELS: Mapping[str, str] = {
    "vitpose": "usyd-community/vitpose-base-simple", "depth_anything": "depth-anything/Depth-Anything-V2-Small-hf",
    "hed": "lllyasviel/Annotators"}
"""Of detectors that make no map of any kind unless calotype.yaml names them: the model that each takes where it names
none."""


def profile_of(kind: str, model: str) -> str:
    """How wide the limbs of a figure are that is drawn for the ControlNet `model`."""
    return "xinsir" if kind == "openpose" and "xinsir" in model else "openpose"


def from_pose(
    kind: str, posture: Mapping[str, Any], view: str, side: str, size: tuple[int, int], joints: Sequence[str],
    model: str, hidden: bool = False,
) -> Action:
    """The action that draws the map `kind` of a canonical posture. `joints` count only where a close-up frames them,
    `model` (a ControlNet's name) only for how wide the limbs of an OpenPose figure are, `hidden` only where it is
    asked: whether the figure has the joints that the body hides."""
    return make("condition", {
        **({"hidden": True} if hidden else {}),
        "epoch": EPOCH, "type": kind, "posture": posture, "view": view, "side": side, "size": list(size),
        "joints": list(joints) if view == "close-up" else [],
        "profile": profile_of(kind, model),
    })


def from_picture(
    kind: str, pixels: str | Mapping[str, str], size: tuple[int, int], preprocessor: Mapping[str, Any]
) -> Action:
    """The action that makes the map `kind` of a picture: `pixels` is its pixel digest, or `{"$pick": target}` while
    that is not known; `preprocessor` the detector's name and settings, weights by digest,
    and the epoch of one that is a plug-in."""
    return make("condition", {
        "epoch": EPOCH, "type": kind, "pixels": pixels, "size": list(size), "preprocessor": preprocessor,
    })
