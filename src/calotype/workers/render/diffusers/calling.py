"""What every call of a pipeline does: pictures in, noise by seeds, steps told, refusals in words for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from calotype.workers.protocol import Request, Tell, open_input
from calotype.workers.render.diffusers.errors import Cancelled, Refused


def called(pipe: Any, tell: Tell, cancel: Callable[[], bool], **arguments: Any) -> Any:
    """The latents that a call of `pipe` ends with. Raises Refused for what diffusers says it cannot do, and Cancelled
    between two steps."""
    images = len(arguments["generator"])

    def step(pipe: Any, number: int, timestep: Any, values: dict[str, Any]) -> dict[str, Any]:
        if cancel():
            raise Cancelled
        tell("render.step", step=number + 1, steps=pipe.num_timesteps, images=images)
        return values

    try:
        return pipe(**arguments, output_type="latent", return_dict=False, callback_on_step_end=step)[0]
    except (ValueError, ImportError, NotImplementedError) as failure:
        raise Refused(f"the pipeline refuses it: {str(failure).strip().splitlines()[0]}",
                      "see the steps of the preset, the strengths and the maps") from failure


def noise(requests: Sequence[Request]) -> list[Any]:
    """One generator for each image, on the CPU: its noise is its own in any batch and on any device."""
    import torch

    return [torch.Generator("cpu").manual_seed(request["seed"]) for request in requests]


def leaves_a_step(steps: int, strength: float) -> None:
    """Raises Refused where an image that begins with a picture would have no step to take."""
    if int(steps * strength) < 1:
        raise Refused(f"a strength of {strength:g} leaves none of {steps} steps to take",
                      "raise the strength, or take a preset of more steps")


def opened(inputs: Mapping[str, Path], pixels: str) -> Any:
    """The picture of that digest, as pipelines take it."""
    from calotype.ground.images import as_input

    return as_input(open_input(inputs, pixels))


def fitted(picture: Any, size: Sequence[int], scaled: str | None = None) -> Any:
    """A picture in the size of the image: scaled to cover it, its middle kept. `scaled: nearest` mixes no colours,
    which name classes in a map of these."""
    from PIL import Image, ImageOps

    if picture.size == tuple(size):
        return picture
    method = Image.Resampling.NEAREST if scaled == "nearest" else Image.Resampling.LANCZOS
    return ImageOps.fit(picture, (size[0], size[1]), method)
