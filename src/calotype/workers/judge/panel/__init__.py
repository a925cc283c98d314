"""The panel: performs the requests of all scorers that have a model, so that each picture is decoded once and each
model loaded once.

Nothing heavy is imported here: torch and transformers are imported by the first `perform`.

    panel_batch     a batch of several scorers' requests, from pictures to scores
    formulas        raw scores of what models give
    panel_models    what is loaded, and where: on the device, or on the CPU where that is short of memory
    panel_settings  how this machine scores
    encoders        CLIPs: pictures and texts to embeddings
    questions       models that answer questions about pictures
    head            the linear layers of the aesthetic score
    loading         what loading a model shares: safetensors only, whole, nothing fetched
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error
from calotype.workers.judge.panel.panel_settings import Settings
from calotype.workers.protocol import Cancel, Estimate, Failure, Inputs, Lane, Request, Scored

if TYPE_CHECKING:
    from calotype.language.image import Image
    from calotype.workers.judge.panel.panel_models import PanelModels

NAME = "panel"


class Panel:
    """One object per process, since what it has loaded is the costliest thing in it. Batches take turns."""

    name = NAME
    epoch = 1
    lane: Lane = "device"
    section = "models"

    def __init__(self) -> None:
        self._settings = Settings()
        self._models: PanelModels | None = None
        self._turn = Lock()

    @property
    def counts(self) -> Mapping[str, int]:
        """How often something was loaded, decoded, embedded or asked, by what."""
        return dict(self._models.counts) if self._models is not None else {}

    def request(self, image: Image, pixels: str) -> Request:
        hint = "name the scorers that it performs: pick, clip, vqa, aesthetic"
        raise Problem(error("no-scorer", f"`{NAME}` scores nothing itself", file="calotype.yaml", hint=hint))

    def affinity(self, request: Request) -> tuple[str, ...]:
        return (NAME,)

    def estimate(self, request: Request) -> Estimate:
        return Estimate(seconds=0.05)

    def configure(self, settings: Mapping[str, Any], tell: Callable[..., None]) -> None:
        self._settings = Settings(settings.get("device", "auto"), settings.get("deterministic", True), tell)

    def close(self) -> None:
        with self._turn:
            if self._models is not None:
                self._models.forget()
                self._models = None

    def let_go(self) -> bool:
        """Takes its models off the device, unless it is at work with them."""
        if not self._turn.acquire(blocking=False):
            return False
        try:
            return self._models is not None and self._models.leave_device()
        finally:
            self._turn.release()

    def perform(self, batch: Sequence[Request], inputs: Inputs, cancel: Cancel) -> Iterator[Scored | Failure]:
        with self._turn:
            from calotype.workers.judge.panel.panel_batch import Batch

            try:
                models = self._ready()
            except Problem as problem:
                first = problem.diagnostics[0]
                yield from (Failure(index, first.message, first.hint) for index in range(len(batch)))
                return
            yield from Batch(models, inputs, cancel).score(batch)

    def _ready(self) -> PanelModels:
        from calotype.workers.accelerator import HOLDERS
        from calotype.workers.judge.panel.panel_models import PanelModels, Room

        if self._models is not None and self._models.settings.device != self._settings.device:
            self._models.forget()
            self._models = None
        if self._models is None:
            HOLDERS.join(self)
            self._models = PanelModels(self._settings, Room.of(self._settings.device))
        self._models.settings = self._settings
        return self._models
