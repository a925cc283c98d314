"""Specs as values: what an author decided, checked and frozen. Must not know YAML, nor how an image is
resolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from calotype.ground.light_dataclass import dataclass, field

Kind = Literal["exercise", "character", "scene"]
Pointer = tuple[str | int, ...]
"""Where a value stands in its document: ("images", 0, "seed")."""

SETTINGS = (
    "seed",
    "preset",
    "model",
    "size",
    "renderer",
    "style",
    "drawing",
    "side",
    "pose",
    "characters",
    "loras",
    "controls",
    "reference",
    "negative_prompt",
    "candidates",
    "select",
    "quality_threshold",
)
"""What may stand on an image, else on its spec, else in `defaults` of calotype.yaml."""


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """One image, anchor, variation or shot as its author wrote it. `settings` holds only the keys that
    stand there."""

    id: str
    pointer: Pointer
    view_angle: str | None = None
    body_position: str | None = None
    description: str = ""
    prompt: str = ""
    background: str | None = None
    muscles_shown: tuple[str, ...] = ()
    joints_shown: tuple[str, ...] = ()
    title: str = ""
    alt: str = ""
    caption: str = ""
    anchor: str | None = None
    strength: float | None = None
    count: int = 1
    settings: Mapping[str, Any] = field(default_factory=dict)
    enhanced: str = ""


@dataclass(frozen=True, slots=True)
class TrainingSetSpec:
    """Which images of a character a LoRA is to be trained on: at least `minimum`, at most `maximum`. `select` is who
    chooses them: `human`, or `suggest` besides; `captions` are of `posture`, or `full`."""

    trigger_word: str
    minimum: int = 20
    maximum: int = 30
    include_anchors: bool = True
    select: str = "human"
    captions: str = "posture"


@dataclass(frozen=True, slots=True)
class Spec:
    """One document. `file` is its path in the project, with `/`; `data` is the document itself, validated."""

    kind: Kind
    id: str
    file: str
    title: str
    tags: tuple[str, ...]
    settings: Mapping[str, Any]
    data: Mapping[str, Any]
    images: tuple[ImageSpec, ...] = ()
    anchors: tuple[ImageSpec, ...] = ()
    variations: tuple[ImageSpec, ...] = ()
    shots: tuple[ImageSpec, ...] = ()
    region: str | None = None
    prompt: str = ""
    background: str | None = None
    chain: bool = False
    training_set: TrainingSetSpec | None = None
    markers: tuple[str, ...] = ()
    enhance: Mapping[str, Any] | None = None
