"""Open models through diffusers: from a request to an image. What families of models differ in is theirs to know.

Nothing heavy is imported here: torch and diffusers are imported by the first `perform`.

    families           SDXL, Z-Image, Qwen-Image, ...: what each is, and its requests           (no torch)
    unet, flow         two kinds of them: their requests, texts, and calls of their pipelines
    lora               LoRAs: their files, active or not
    affinity           what must be loaded for a request                                        (no torch)
    packages           what single options need beside the extra                                (no torch)
    renderer_settings  how this machine renders                                                 (no torch)
    session            what is loaded, kept warm and switched
    loader             weights from disk, safetensors only
    calls, calling     one call of a pipeline, and what every call does
    decode             latents to pictures, checked before they leave
    batch              a batch from first to last: calls, failures, stepping down
    host               the session, kept from build to build
    readiness          whether this machine can render: for `calotype doctor`
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from calotype.workers.protocol import Cancel, Estimate, Failure, Inputs, Lane, Rendered, Request
from calotype.workers.render.diffusers.affinity import affinity_of
from calotype.workers.render.diffusers.families import family_of
from calotype.workers.render.diffusers.renderer_settings import Settings

if TYPE_CHECKING:
    from calotype.ground.finding import Finding
    from calotype.language.image import Image
    from calotype.workers.render.diffusers.host import RendererHost

PACKAGES = ("torch", "diffusers", "transformers", "accelerate", "safetensors", "peft", "compel")
_STEP = 0.12
"""Seconds of one step at 1024 x 1024 on a GPU of the kind people have; no device is asked before the first render."""


class Diffusers:
    """One object per process, since what it has loaded is the costliest thing in it. Batches take turns."""

    name = "diffusers"
    epoch = 2
    lane: Lane = "device"
    section = "models"
    reads_safetensors = True

    def __init__(self) -> None:
        self._settings = Settings()
        self._host: RendererHost | None = None
        self._turn = Lock()

    def request(self, image: Image) -> Request:
        """Raises Problem for a model of no family that is known here."""
        return family_of(image).request(image)

    def prompt_limit_for(self, image: Image) -> int | None:
        return family_of(image).token_limit(image)

    def affinity(self, request: Request) -> tuple[str, ...]:
        return affinity_of(request)

    def estimate(self, request: Request) -> Estimate:
        width, height = request["size"]
        controls = len(request.get("controls", ()))
        share = request.get("start", {}).get("strength", 1.0)
        steps = request["steps"] * share * (1 + 0.4 * controls)
        return Estimate(seconds=(steps * _STEP + 0.5) * width * height / 1024**2)

    def unavailable_reason(self) -> tuple[str, str] | None:
        from importlib.util import find_spec

        lacking = [name for name in PACKAGES if find_spec(name) is None]
        if not lacking:
            return None
        verb = "is" if len(lacking) == 1 else "are"
        return f"{', '.join(lacking)} {verb} not installed", "pip install 'calotype[sdxl]'"

    def lacks(self, request: Request) -> Iterator[tuple[str, str, str]]:
        from calotype.workers.render.diffusers.packages import lacking

        return lacking(request)

    def diagnose(self, presets: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
        from calotype.workers.render.diffusers.readiness import findings

        return findings(PACKAGES, self._settings, presets)

    def configure(self, settings: Mapping[str, Any], tell: Callable[..., None]) -> None:
        self._settings = Settings.of(settings, tell)

    def close(self) -> None:
        with self._turn:
            if self._host is not None:
                self._host.close()
                self._host = None

    def let_go(self) -> bool:
        """Lets go of what it has loaded, unless it is at work with it."""
        if not self._turn.acquire(blocking=False):
            return False
        try:
            return self._host is not None and self._host.close()
        finally:
            self._turn.release()

    def perform(self, batch: Sequence[Request], inputs: Inputs, cancel: Cancel) -> Iterator[Rendered | Failure]:
        with self._turn:
            from calotype.workers.accelerator import HOLDERS
            from calotype.workers.render.diffusers.host import RendererHost

            if self._host is None:
                HOLDERS.join(self)
                self._host = RendererHost(self._settings)
            self._host.reconfigure(self._settings)
            yield from self._host.render(batch, inputs, cancel)
