"""The session of the renderer, kept from build to build."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from calotype.workers.protocol import Failure, Rendered, Request
from calotype.workers.render.diffusers.batch import Batch
from calotype.workers.render.diffusers.errors import Refused
from calotype.workers.render.diffusers.quiet import quiet
from calotype.workers.render.diffusers.renderer_settings import Settings
from calotype.workers.render.diffusers.session import Session


class RendererHost:
    """Renders batches on one device. What it has loaded outlives a build."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session: Session | None = None

    @property
    def counts(self) -> Mapping[str, int]:
        """How often something was loaded or switched, by what."""
        session = self._session
        if session is None:
            return {}
        adapters = session.base.adapters if session.base is not None else None
        loras = {"lora loads": adapters.loads, "lora switches": adapters.switches} if adapters else {}
        return {**session.counts, **loras}

    def reconfigure(self, settings: Settings) -> None:
        """Goes on with the settings of another build; where what is loaded would not serve them, it is let go."""
        if self._session is not None and not self._settings.same_loading(settings):
            self._session.forget()
            self._session = None
        self._settings = settings
        if self._session is not None:
            self._session.settings = settings

    def close(self) -> bool:
        """Lets go of everything. Whether there was anything."""
        if self._session is None:
            return False
        self._session.forget()
        self._session = None
        return True

    def render(
        self, batch: Sequence[Request], inputs: Mapping[str, Path], cancel: Callable[[], bool]
    ) -> Iterator[Rendered | Failure]:
        try:
            with quiet():
                session = self._ready()
        except Refused as refused:
            yield from (Failure(place, refused.message, refused.hint) for place in range(len(batch)))
            return
        yield from Batch(session, inputs, cancel).render(batch)

    def _ready(self) -> Session:
        import torch

        if self._session is None:
            self._session = Session(self._settings)
        torch.backends.cudnn.benchmark = not self._settings.deterministic
        torch.backends.cudnn.deterministic = self._settings.deterministic
        return self._session
