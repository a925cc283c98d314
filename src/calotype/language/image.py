"""A resolved image: all that a renderer may read of a target, defaults applied. Must not know which one reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from calotype.language.action import Action


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of an image, as its prompt style wrote them."""

    prompt: str
    negative: str


@dataclass(frozen=True, slots=True)
class Reference:
    """The picture an image starts from. `pixels` is its pixel digest, or `{"$pick": target}`."""

    pixels: str | Mapping[str, str]
    source: str
    strength: float = 0.6
    method: str = "img2img"


@dataclass(frozen=True, slots=True)
class Lora:
    name: str
    path: str
    weight: float
    trigger_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Control:
    """Conditioning of one kind, from `image` (a project path, to be preprocessed) or from `source` (`pose`).

    `pixels` is what a request says of a map from the pose: `{"$made": key}`, the key of the action `condition`.
    """

    type: str
    image: str | None = None
    source: str | None = None
    strength: float = 1.0
    start: float = 0.0
    end: float = 1.0
    pixels: Mapping[str, str] | None = None
    condition: Action | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """One target with every default applied.

    `size` is (width, height) in pixels. `posture` is the canonical posture of `language.pose`: JSON, angles in
    degrees. `preset` holds the values of the preset in force (`steps`, `guidance_scale`, `scheduler`, ...), never its
    name. `words()` renders the prompt on demand; `digest(path)` gives the SHA-256 of a weight or other project file,
    `pixels(path)` the pixel digest of a picture: both memoised, and locked by the manifest where the file is absent.
    """

    target: str
    path: str
    spec: str
    kind: str
    seed: int
    candidates: int
    select: str
    renderer: str
    size: tuple[int, int]
    style: str
    drawing: str
    preset: Mapping[str, Any]
    view: str
    side: str
    position: str
    posture: Mapping[str, Any]
    muscles: tuple[str, ...]
    joints: tuple[str, ...]
    characters: tuple[str, ...]
    loras: tuple[Lora, ...]
    controls: tuple[Control, ...]
    reference: Reference | None
    models: Mapping[str, Any]
    title: str
    alt: str
    caption: str
    tags: tuple[str, ...]
    words: Callable[[], Words]
    digest: Callable[[str], str]
    pixels: Callable[[str], str]
