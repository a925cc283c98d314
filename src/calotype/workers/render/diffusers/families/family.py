"""What a family of models is to the renderer: how a request of its is made, and how it loads, reads texts and decodes.

The part that makes requests needs no torch; methods that take a pipeline import what they need.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from calotype.workers.protocol import Request

if TYPE_CHECKING:
    from calotype.language.image import Image


class Family(ABC):
    """`classes` are the pipelines that models of the family name in `model_index.json`; `pipelines` those that its
    tasks call; `parts` the classes of a model's parts, each (library, name); `denoiser` the part that LoRAs are for.

    `tokens` of a prompt are read, None: all of them. `defaults` are the values of a preset that hold where
    calotype.yaml does not say others. `multiple`: the sides of a picture are multiples of so many pixels.
    `reads_negative`: it has prompts of what not to show. `published` is the model on the Hub whose parts go with a
    checkpoint in one file, unless the project says otherwise.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    epoch: ClassVar[int] = 1
    classes: ClassVar[tuple[str, ...]]
    pipelines: ClassVar[Mapping[str, str]]
    parts: ClassVar[Mapping[str, tuple[str, str]]]
    denoiser: ClassVar[str]
    tokens: ClassVar[int | None]
    defaults: ClassVar[Mapping[str, Any]] = {}
    multiple: ClassVar[int]
    reads_negative: ClassVar[bool] = True
    published: ClassVar[str]

    def is_guided(self, scale: float) -> bool:
        """Whether a picture is drawn twice at each step, with its prompt and without: `guidance_scale` acts."""
        return scale > 1

    def serves(self, pipeline: str) -> bool:
        """Whether it reads models that are laid out for that class of pipelines."""
        return pipeline in self.classes

    def token_limit(self, image: Image) -> int | None:
        """How many tokens of the image's prompt are read; None: all of them."""
        return self.tokens

    @abstractmethod
    def request(self, image: Image) -> Request:
        """The projection of a resolved image onto what decides its pixels. Raises Problem for what does not act."""

    @abstractmethod
    def load(self, place: Path, dtype: Any, variant: str | None, models: Request, config: Path | None) -> Any:
        """The pipeline of a base model, its parts on the CPU. Raises Refused where it is none of the family."""

    @abstractmethod
    def texts(self, pipe: Any, device: Any) -> Any:
        """What turns texts into arguments of the pipelines."""

    @abstractmethod
    def samples(self, pipe: Any, latents: Any, size: tuple[int, int]) -> Any:
        """What the VAE makes of latents of a picture of that (width, height): (1, 3, height, width), about -1 to 1."""

    def finished(self, pipe: Any, samples: Any) -> Any:
        """The picture of samples that are all numbers."""
        return pipe.image_processor.postprocess(samples, output_type="pil")[0]

    def pipeline(self, kind: str, base: Any) -> str:
        """The class of the pipeline for a task, over the parts of the pipeline `base`."""
        return self.pipelines[kind]

    def arguments(self, base: Any) -> dict[str, Any]:
        """What its pipelines are made with beside their parts."""
        return {}

    def tile(self, vae: Any, tiles: bool) -> None:
        """Whether the VAE works tile by tile, which gives other pixels: a request says it."""
        vae.enable_tiling() if tiles else vae.disable_tiling()
