"""What the families of flow matching have in common: a transformer, one text encoder, a scheduler of straight lines."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from calotype.workers.protocol import Request
from calotype.workers.render.diffusers.families.family import Family
from calotype.workers.render.diffusers.flow.flow_request import request_of, start_of

if TYPE_CHECKING:
    from calotype.language.image import Image
    from calotype.workers.render.diffusers.flow.flow_texts import FlowTexts


class FlowFamily(Family):
    """A family that works on pictures has their digests in `references` of a request; `edited` gives the arguments for
    them. `shows_pictures`: its text encoder sees them too."""

    shows_pictures: ClassVar[bool] = False
    denoiser = "transformer"
    multiple = 16

    def request(self, image: Image) -> Request:
        return {**request_of(self, image), **start_of(image)}

    def load(self, place: Path, dtype: Any, variant: str | None, models: Request, config: Path | None) -> Any:
        from calotype.workers.render.diffusers import loader

        if config is not None:
            return loader.around_transformer(place, dtype, config, self)
        return loader.whole_pipeline(place, dtype, variant, self)

    def texts(self, pipe: Any, device: Any) -> FlowTexts:
        from calotype.workers.render.diffusers.flow.flow_texts import FlowTexts

        return FlowTexts(partial(self.encoded, pipe, device))

    def check(self, pipe: Any, request: Request) -> None:
        """Raises Refused for what this model of the family cannot do."""
        return

    @abstractmethod
    def encoded(self, pipe: Any, device: Any, text: str, pictures: Sequence[Any]) -> Mapping[str, Any]:
        """What the text encoder makes of one text, told along with those pictures: tensors by name, the first of which
        is (1, tokens, width)."""

    @abstractmethod
    def text_arguments(
        self, prompts: Sequence[Mapping[str, Any]], negatives: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """The arguments of a call for a batch of what `encoded` gave; no `negatives` where nothing is guided."""

    def guidance(self, scale: float) -> dict[str, Any]:
        return {"guidance_scale": scale}

    def task(self, request: Request) -> str:
        """Which of `pipelines` makes it."""
        return "img2img" if "start" in request else "text2img"

    def edited(self, pipe: Any, pictures: Sequence[Any]) -> dict[str, Any]:
        """The arguments of a call that works on `pictures`."""
        raise NotImplementedError

    def unpacked(self, pipe: Any, latents: Any, size: tuple[int, int]) -> Any:
        """Latents as pictures, of what a pipeline gives where it is asked for latents."""
        return latents
