"""One call of a pipeline of flow matching: requests of one shape to latents to pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.workers.protocol import Request
from calotype.workers.render.diffusers import decode
from calotype.workers.render.diffusers.calling import called, fitted, leaves_a_step, noise, opened
from calotype.workers.render.diffusers.schedulers import FLOW, own_or_named

if TYPE_CHECKING:
    from calotype.workers.render.diffusers.flow.flow_family import FlowFamily
    from calotype.workers.render.diffusers.flow.flow_texts import FlowTexts
    from calotype.workers.render.diffusers.session import Base, Session


class FlowCall:
    """Makes the pictures of `requests`, which share one shape. What they need is loaded."""

    def __init__(
        self, family: FlowFamily, session: Session, requests: Sequence[Request], inputs: Mapping[str, Path],
        cancel: Callable[[], bool],
    ) -> None:
        self._family, self._session, self._requests = family, session, list(requests)
        self._inputs, self._cancel, self._first = inputs, cancel, requests[0]
        self._size = (int(self._first["size"][0]), int(self._first["size"][1]))

    def pictures(self) -> tuple[list[Any], list[bool]]:
        import torch

        base = self._session.prepare(self._first, self._inputs)
        self._family.check(base.pipe, self._first)
        pipe = self._session.pipe(self._family.task(self._first))
        with torch.inference_mode():
            latents = self._latents(base, pipe)
            return decode.decode(
                pipe, latents, lambda latent: self._family.samples(pipe, latent, self._size), self._family.finished)

    def tokens(self) -> list[int]:
        import torch

        base = self._session.prepare(self._first, self._inputs)
        with torch.inference_mode():
            return [max(int(next(iter(text.values())).shape[1]) for text in texts) for texts in self._texts(base)]

    def _texts(self, base: Base) -> list[list[Mapping[str, Any]]]:
        """Of each request its prompt, and what it must not show where it is guided."""
        read: FlowTexts = base.prompts
        guided, encoded = self._family.is_guided(self._first["guidance_scale"]), []
        for request in self._requests:
            names = tuple(request.get("references", ())) if self._family.shows_pictures else ()
            pictures = [opened(self._inputs, pixels) for pixels in names]
            texts = [request["prompt"], request.get("negative", "")] if guided else [request["prompt"]]
            encoded.append([read.encoded(text, names, pictures) for text in texts])
        return encoded

    def _latents(self, base: Base, pipe: Any) -> Any:
        first, seeds = self._first, [request["seed"] for request in self._requests]
        pipe.scheduler = own_or_named(base.pipe.scheduler, first["scheduler"], seeds, FLOW)
        texts = self._texts(base)
        arguments = {
            **self._family.text_arguments([each[0] for each in texts], [text for each in texts for text in each[1:]]),
            **self._family.guidance(first["guidance_scale"]), **self._start(), **self._references(pipe),
            "num_inference_steps": first["steps"], "width": self._size[0], "height": self._size[1],
        }
        latents = called(pipe, self._session.settings.tell, self._cancel, generator=noise(self._requests), **arguments)
        return self._family.unpacked(pipe, latents, self._size)

    def _start(self) -> dict[str, Any]:
        if "start" not in self._first:
            return {}
        strength = self._first["start"]["strength"]
        leaves_a_step(self._first["steps"], strength)
        pictures = [fitted(opened(self._inputs, each["start"]["pixels"]), self._size) for each in self._requests]
        return {"image": pictures, "strength": strength}

    def _references(self, pipe: Any) -> dict[str, Any]:
        """Pictures are edited one by one."""
        if "references" not in self._first:
            return {}
        return self._family.edited(pipe, [opened(self._inputs, pixels) for pixels in self._first["references"]])
