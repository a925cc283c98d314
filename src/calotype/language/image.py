"""A resolved image: all that a renderer may read of a target, defaults applied. Must not know which one reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass, field
from calotype.language.action import MADE, Action
from calotype.language.enhancing.enhancement import Enhancement
from calotype.language.identity import Identity
from calotype.language.weights import Model


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of an image, as its prompt style wrote them."""

    prompt: str
    negative: str


@dataclass(frozen=True, slots=True)
class Lora:
    name: str
    path: str
    weight: float
    trigger_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Control:
    """Conditioning by the ControlNet `net`, from a map of one kind.

    The map is `ready` (gives its pixel digest), or is made by an action: `condition` gives the action `condition` that
    draws it from the pose or from a picture. Neither is asked before a renderer reads the control. `mode` names the
    kind of map to a net that takes several (a union), and is None for any other. `strength` is 0 to 2; `start` and
    `end` are shares of the steps.
    """

    type: str
    net: Model
    ready: Callable[[], str] | None = None
    condition: Callable[[], Action] | None = None
    strength: float = 1.0
    start: float = 0.0
    end: float = 1.0
    mode: str | None = None

    @property
    def pixels(self) -> str | Mapping[str, str]:
        """What a request says of the map: its pixel digest, or `{"$made": key}` with the key of its action."""
        if self.ready is not None:
            return self.ready()
        assert self.condition is not None
        return {MADE: self.condition().key}


@dataclass(frozen=True, slots=True)
class Reference:
    """The picture an image starts from. `pixels` is its pixel digest, or `{"$pick": target}`.

    `control` is the conditioning that the methods `controlnet` and `both` make of that picture.
    """

    pixels: str | Mapping[str, str]
    source: str
    strength: float = 0.6
    method: str = "img2img"
    control: Control | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """One target with every default applied.

    `size` is (width, height) in pixels. `posture` is the canonical posture of `language.pose`: JSON, angles in
    degrees. `preset` holds the values of the preset in force (`steps`, `guidance_scale`, `scheduler`, ...), never its
    name; `written` those of them that calotype.yaml says itself, and so of `models`. `faces` are the pictures and
    embeddings (.npy) that its characters are known by. `words()` renders the prompt on demand; `digest(path)` gives the
    SHA-256 of a LoRA or other project file, `weights(model)` the digest of a model, `pipeline(model)` the class of
    diffusers' pipelines that it is laid out for (empty: nobody says), `pixels(path)` the pixel
    digest of a picture: all memoised, and locked by the manifest where the bytes are absent.
    `scoring` is the section of calotype.yaml, defaults applied: its `models` say which model each scorer uses; so is
    `hosted`.
    `identities` are those that its characters are held against. `posed`: its spec says how the body is held; of one
    that is told by a prompt alone the posture is that of a person who stands. `enhancement` says how its prompt is to
    be enhanced; its `words` are the plain ones until that is done.
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
    faces: tuple[str, ...]
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
    weights: Callable[[Model], str]
    pixels: Callable[[str], str]
    scoring: Mapping[str, Any] = field(default_factory=dict)
    identities: tuple[Identity, ...] = ()
    posed: bool = True
    enhancement: Enhancement | None = None
    hosted: Mapping[str, Any] = field(default_factory=dict)
    pipeline: Callable[[Model], str] = lambda model: ""

    @property
    def starts_from(self) -> tuple[str, ...]:
        """The target whose pick it starts from, if it starts from one."""
        pixels = self.reference.pixels if self.reference is not None else ""
        return tuple(pixels.values()) if isinstance(pixels, Mapping) else ()

    @property
    def made_maps(self) -> tuple[Control, ...]:
        """Its controls whose maps are made by actions, that of its reference among them."""
        of_reference = (self.reference.control,) if self.reference and self.reference.control else ()
        return tuple(control for control in (*self.controls, *of_reference) if control.condition is not None)
