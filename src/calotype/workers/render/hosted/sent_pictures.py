"""The pictures that a request names, as they are sent: PNG in a data URI."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.workers.protocol import InputGone, Inputs, Request, open_input
from calotype.workers.render.hosted.hosted_request import arguments_of, pictures_in

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels


Upload = Callable[[str, Path], str]
"""The address of a file, by the digest of its bytes, once it is where the service can read it."""


def arguments_with(request: Request, inputs: Inputs, upload: Upload) -> dict[str, Any]:
    """What the service is sent for a request. Raises InputGone for a picture or a LoRA that is not there."""
    pictures = [_uri(_sized(request, open_input(inputs, pixels))) for pixels in pictures_in(request)]
    arguments = arguments_of(request, pictures)
    if "loras" in request:
        arguments["loras"] = [{"path": upload(lora["weights"], _file(inputs, lora["weights"])), "scale": lora["weight"]}
                              for lora in request["loras"]]
    return arguments


def _file(inputs: Inputs, digest: str) -> Path:
    if digest not in inputs:
        raise InputGone(digest, f"the weights {digest[:10]} are not at hand")
    return inputs[digest]


def _sized(request: Request, picture: Pixels) -> Pixels:
    """In sRGB, and in the size of the image where that is what tells the service the size: scaled to cover it, its
    middle kept."""
    from calotype.ground.images import as_input, fitted

    plain, size = as_input(picture), request.get("scaled")
    return plain if size is None else fitted(plain, (size[0], size[1]))


def _uri(picture: Pixels) -> str:
    data = io.BytesIO()
    picture.save(data, "PNG")
    return f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode('ascii')}"
