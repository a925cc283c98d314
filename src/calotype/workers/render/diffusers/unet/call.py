"""One call of a pipeline: requests of one shape to latents to pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.digest import sha256
from calotype.ground.files import read_file
from calotype.models.embedding_file import LARGEST, embeddings_in
from calotype.workers.protocol import InputGone
from calotype.workers.render.diffusers import decode
from calotype.workers.render.diffusers.calling import called, fitted, leaves_a_step, noise, opened
from calotype.workers.render.diffusers.errors import Refused
from calotype.workers.render.diffusers.schedulers import own_or_named
from calotype.workers.render.diffusers.unet.guidance import rescaled

if TYPE_CHECKING:
    from calotype.workers.render.diffusers.families.sdxl import Sdxl
    from calotype.workers.render.diffusers.session import Base, Refiner, Session

Request = Mapping[str, Any]


class Call:
    """Makes the pictures of `requests`, which share one shape. What they need is loaded."""

    def __init__(
        self, family: Sdxl, session: Session, requests: Sequence[Request], inputs: Mapping[str, Path],
        cancel: Callable[[], bool],
    ) -> None:
        self._family, self._session, self._requests = family, session, list(requests)
        self._inputs, self._cancel, self._first = inputs, cancel, requests[0]

    def pictures(self) -> tuple[list[Any], list[bool]]:
        """The pictures, and of each whether it was decoded in float32. Raises Refused or Cancelled.

        First everything is loaded; then it is drawn in inference mode, which spares what PyTorch keeps for gradients
        (some 5 % of a small model's time).
        """
        import torch

        base = self._session.prepare(self._first, self._inputs)
        kind, nets = self._kind()
        pipe = self._session.pipe(kind, nets)
        refiner = self._session.refine_with(self._first["models"]) if "refiner_start" in self._first else None
        if refiner is not None:
            _check_share(self._first, kind, refiner.scheduler)
        with torch.inference_mode():
            latents = self._latents(base, pipe, kind, nets)
            if refiner is not None:
                latents = self._refined(latents, kind, base, refiner)
            family, size = self._family, self._first["size"]
            return decode.decode(
                pipe, latents, lambda latent: family.samples(pipe, latent, size), family.finished)

    def _latents(self, base: Base, pipe: Any, kind: str, nets: tuple[str, ...]) -> Any:
        """What the base model makes of the requests: (images, 4, height / 8, width / 8)."""
        guided = kind not in self._family.rescales and self._first["guidance_scale"] > 1
        return self._called(
            pipe, base.pipe.scheduler, self._first.get("guidance_rescale", 0.0) if guided else 0.0,
            **self._texts(base), **self._shape(kind), **self._start(), **self._maps(pipe, kind, nets), **self._faces())

    def _called(self, pipe: Any, own: Any, rescale: float, **arguments: Any) -> Any:
        """One call of a pipeline with a fresh scheduler, the one that is asked for or its `own`."""
        seeds = [request["seed"] for request in self._requests]
        pipe.scheduler = own_or_named(own, self._first["scheduler"], seeds)
        with rescaled(pipe, rescale):
            return called(
                pipe, self._session.settings.tell, self._cancel, generator=noise(self._requests), **arguments)

    def _kind(self) -> tuple[str, tuple[str, ...]]:
        nets = tuple(control["weights"] for control in self._first.get("controls", ()))
        starts = "start" in self._first
        if not nets:
            return ("img2img" if starts else "text2img"), ()
        return ("control_img2img" if starts else "control"), nets

    def tokens(self) -> list[int]:
        """How long the texts of each request are, in tokens: one call takes only texts of one length."""
        import torch

        base = self._session.prepare(self._first, self._inputs)
        with torch.inference_mode():
            reading = self._reading(base)
            return [base.prompts.tokens(prompt, negative, **reading)
                    for prompt, negative in zip(*self._prompts(), strict=True)]

    def _texts(self, base: Base) -> dict[str, Any]:
        texts: dict[str, Any] = base.prompts.encode(*self._prompts(), **self._reading(base))
        return texts

    def _prompts(self) -> tuple[list[str], list[str]]:
        return [request["prompt"] for request in self._requests], [request["negative"] for request in self._requests]

    def _reading(self, base: Base) -> dict[str, Any]:
        """How texts are read: they are encoded anew where LoRAs change the encoders."""
        return {"long": self._first["models"].get("long_prompts", True), "clip_skip": self._first.get("clip_skip"),
                "key": base.adapters.in_texts}

    def _shape(self, kind: str) -> dict[str, Any]:
        width, height = self._first["size"]
        shape: dict[str, Any] = {
            "num_inference_steps": self._first["steps"], "guidance_scale": self._first["guidance_scale"],
        }
        if kind != "img2img":
            shape |= {"width": width, "height": height}
        if kind in self._family.rescales:
            shape["guidance_rescale"] = self._first.get("guidance_rescale", 0.0)
        if "refiner_start" in self._first and kind != "control_img2img":  # which cannot end early
            shape["denoising_end"] = self._first["refiner_start"]
        return shape

    def _start(self) -> dict[str, Any]:
        if "start" not in self._first:
            return {}
        strength, steps = self._first["start"]["strength"], self._first["steps"]
        leaves_a_step(steps, strength)
        pictures = [self._picture(request["start"]["pixels"]) for request in self._requests]
        return {"image": pictures, "strength": strength}

    def _maps(self, pipe: Any, kind: str, nets: tuple[str, ...]) -> dict[str, Any]:
        if not nets:
            return {}
        controls = self._first["controls"]
        for control in controls:
            _check_mode(control, self._session.is_union(control["weights"]))
        by_net = [
            [self._picture(request["controls"][place]["pixels"], control.get("scaled")) for request in self._requests]
            for place, control in enumerate(controls)]
        name = "control_image" if kind == "control_img2img" else "image"
        strengths, starts, ends = ([control[key] for control in controls] for key in ("strength", "start", "end"))
        if any(self._session.is_union(net) for net in nets):
            return self._union_maps(pipe.controlnet, nets, by_net, strengths, starts, ends)
        if len(nets) == 1:
            return {name: by_net[0], "controlnet_conditioning_scale": strengths[0], "control_guidance_start": starts[0],
                    "control_guidance_end": ends[0]}
        ready = [pipe.control_image_processor.preprocess(pictures) for pictures in by_net]  # lists are for one image
        return {name: ready, "controlnet_conditioning_scale": strengths, "control_guidance_start": starts,
                "control_guidance_end": ends}

    def _union_maps(
        self, union: Any, nets: tuple[str, ...], by_net: list[list[Any]], strengths: list[float], starts: list[float],
        ends: list[float],
    ) -> dict[str, Any]:
        """A union reads several maps itself, between one start and one end."""
        if len(set(nets)) > 1:
            raise Refused("a union ControlNet cannot be mixed with others", "take all controls from the union")
        if len(set(starts)) > 1 or len(set(ends)) > 1:
            raise Refused("the controls of a union ControlNet share one `start` and one `end`", "make them equal")
        return {
            "control_image": [pictures[0] for pictures in by_net],
            "control_mode": [
                _mode(control, union.config.num_control_type) for control in self._first["controls"]],
            "controlnet_conditioning_scale": strengths, "control_guidance_start": starts[0],
            "control_guidance_end": ends[0],
        }

    def _faces(self) -> dict[str, Any]:
        faces = self._first.get("faces")
        if not faces:
            return {}
        if "pictures" in faces:
            return {"ip_adapter_image": [[opened(self._inputs, pixels) for pixels in faces["pictures"]]]}
        return {"ip_adapter_image_embeds": [self._embeddings(faces["embeddings"])]}

    def _embeddings(self, digests: Sequence[str]) -> Any:
        """FaceID embeddings: none of them (zeros) for the negative half, then all of them: (2, count, width)."""
        import numpy as np
        import torch

        embeddings = [_embedding_rows(self._inputs, digest) for digest in digests]
        if len({rows.shape[1] for rows in embeddings}) > 1:
            raise Refused("the embeddings of the character's references differ in length", "make them with one model")
        stacked = torch.from_numpy(np.concatenate(embeddings)).unsqueeze(0)
        base = self._session.base
        assert base is not None
        base.faces.check_width(stacked.shape[2])
        halves = [torch.zeros_like(stacked), stacked] if self._first["guidance_scale"] > 1 else [stacked]
        return torch.cat(halves).to(self._session.device, base.pipe.unet.dtype)

    def _refined(self, latents: Any, kind: str, base: Base, refiner: Refiner) -> Any:
        """The last share of the steps by the refiner, which has texts of its own to be encoded."""
        texts = refiner.prompts.encode(*self._prompts(), **{**self._reading(base), "clip_skip": None, "key": ()})
        share = self._first["refiner_start"]
        part = {"denoising_start": share} if kind != "control_img2img" else {"strength": 1 - share}
        return self._called(
            refiner.pipe, refiner.scheduler, 0.0, **texts, image=latents, num_inference_steps=self._first["steps"],
            guidance_scale=self._first["guidance_scale"], **part)

    def _picture(self, pixels: str, scaled: str | None = None) -> Any:
        return fitted(opened(self._inputs, pixels), self._first["size"], scaled)


def _check_share(request: Request, kind: str, own: Any) -> None:
    """Raises Refused where the refiner, of that scheduler of its `own`, has no step to take: those that begin below
    what `refiner_start` leaves of the noise, as diffusers counts them."""
    steps, share, wanted = request["steps"], request["refiner_start"], request["scheduler"]
    left = int(steps * (1 - share))
    if kind != "control_img2img":
        times = own_or_named(own, wanted, [0])
        times.set_timesteps(steps)
        whole = times.config.num_train_timesteps
        left = int((times.timesteps < round(whole - share * whole)).sum())
    if left < 1:
        raise Refused(f"`refiner_start: {share:g}` leaves none of {steps} steps to the refiner",
                      "lower it, or take a preset of more steps")


def _embedding_rows(inputs: Mapping[str, Path], digest: str) -> Any:
    """The embeddings in the file of that digest: (count, width). Raises InputGone unless it is there and is just that
    file, and Refused where it holds something else."""
    place = inputs.get(digest)
    if place is None:
        raise InputGone(digest, f"the embedding {digest[:10]} is not at hand")
    try:
        data, _ = read_file(place, LARGEST + 1)
    except OSError as failure:
        raise InputGone(digest, f"`{place.name}` cannot be read: {failure.strerror}") from failure
    if sha256(data) != digest:
        raise InputGone(digest, f"`{place.name}` is no longer the file that was planned with")
    try:
        return embeddings_in(data)
    except ValueError as reason:
        raise Refused(f"`{place.name}` {reason}", "make the embedding again") from reason


MODES = {
    "openpose": 0, "depth": 1, "scribble": 2, "softedge": 2, "hed": 2, "pidi": 2, "ted": 2, "canny": 3, "lineart": 3,
    "anime_lineart": 3, "mlsd": 3, "normal": 4, "segmentation": 5, "seg": 5, "tile": 6, "repaint": 7, "inpaint": 7,
    "outpaint": 7,
}
"""The kinds of map that xinsir's union ControlNets were trained with, by their numbers there. The last two are those of
ProMax alone."""


def _check_mode(control: Mapping[str, Any], union: bool) -> None:
    """Raises Refused for a union that is told no kind of map, and for a kind of map told to a net of one kind."""
    kind = control.get("mode")
    if union and kind is None:
        raise Refused("a ControlNet is a union of several, and is not told the kind of its map",
                      "say `union: true` beside it in `controlnets`")
    if kind is not None and not union:
        raise Refused(f"the ControlNet of `{kind}` is no union of several",
                      "say `union: false` beside it in `controlnets`")


def _mode(control: Mapping[str, Any], types: int) -> int:
    """The number of its kind of map in a union of so many `types`. Raises Refused for a kind that union lacks."""
    kind = control.get("mode")
    if kind in MODES and MODES[kind] < types:
        return MODES[kind]
    hint = f"it has {', '.join(sorted(name for name, number in MODES.items() if number < types))}"
    if kind in MODES:
        raise Refused(f"this union ControlNet of {types} types has no map `{kind}`", f"{hint}; ProMax has all")
    raise Refused(f"a union ControlNet has no map `{kind}`", hint)
