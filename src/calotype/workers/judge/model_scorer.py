"""What the scorers that have a model share: which weights they ask for, and that the panel performs them all.

Nothing heavy is imported here: requests are made in `plan` and `check`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error
from calotype.language.weights import Model
from calotype.workers.judge.panel import Panel
from calotype.workers.protocol import Cancel, Estimate, Failure, Inputs, Lane, Request, Scored, Tell

if TYPE_CHECKING:
    from calotype.language.image import Image

PANEL = "panel"
CLIP_TOKENS = 75
"""Those of a text that a CLIP reads: 77, less the two that begin and end every text."""
EXTRA = "pip install 'calotype[score]'"


class ModelScorer:
    """A scorer whose model is named under `scoring: {models: {NAME: ...}}`. Its requests are performed by the panel,
    along with those of the others, so that each picture is decoded once and each model loaded once."""

    name: str
    epoch = 1
    lane: Lane = "device"
    section = "models"
    performed_by = PANEL
    calibration: str
    """Its name among `calibration.CALIBRATIONS`."""
    seconds: float
    """What one picture takes on a GPU of the kind people have."""
    keys = frozenset(("model", "revision", "variant", "file", "processor", "processor_revision"))
    """What calotype.yaml may say of its model."""
    text_limit: int | None = None
    """How many tokens it reads of the text that `reads` gives; None: all of them, or as many as its model says."""
    packages: Mapping[str, str] = {name: name for name in ("torch", "transformers", "safetensors")}
    """The modules that it imports, and what people call their packages."""

    def __init__(self) -> None:
        self._panel: Panel | None = None
        self._settings: tuple[Mapping[str, Any], Tell] | None = None

    def request(self, image: Image, pixels: str) -> Request:
        """Raises WeightsMissing where the weights are neither on this machine nor locked by the manifest."""
        model = image.scoring.get("models", {}).get(self.name, {})
        return {
            "scorer": self.name, "epoch": self.epoch, "pixels": pixels, **self.reads(image),
            "model": self.weights(image, model), "calibration": self.calibration,
        }

    def reads(self, image: Image) -> dict[str, Any]:
        """What it reads of the image beside its pixels."""
        return {}

    def weights(self, image: Image, model: Mapping[str, Any]) -> dict[str, str]:
        """The digests of its weights, by what they are for: `weights`, and `settings` where configs and tokenizer do
        not lie with them. A file says nothing of its architecture, which the configs beside it do."""
        if odd := sorted(model.keys() - self.keys):
            raise misnamed(self.name, f"reads no `{odd[0]}`", f"take it out of `scoring: models: {self.name}`")
        if "model" not in model:
            raise misnamed(self.name, "has no model", f"name one: scoring: {{models: {{{self.name}: {{model: ...}}}}}}")
        name, revision, file = model["model"], model.get("revision"), model.get("file")
        digests = {"weights": image.weights(Model(name, revision, model.get("variant"), file))}
        if file is not None:
            return {**digests, "settings": image.weights(Model(name, revision, settings=True))}
        if model.get("processor"):
            processor = Model(model["processor"], model.get("processor_revision"), settings=True)
            return {**digests, "settings": image.weights(processor)}
        return digests

    def affinity(self, request: Request) -> tuple[str, ...]:
        return (PANEL,)

    def estimate(self, request: Request) -> Estimate:
        return Estimate(seconds=self.seconds)

    def unavailable_reason(self) -> tuple[str, str] | None:
        lacking = [package for module, package in self.packages.items() if find_spec(module) is None]
        return (f"{', '.join(lacking)} not installed", EXTRA) if lacking else None

    def configure(self, settings: Mapping[str, Any], tell: Tell) -> None:
        self._settings = settings, tell

    def perform(self, batch: Sequence[Request], inputs: Inputs, cancel: Cancel) -> Iterator[Scored | Failure]:
        """As the panel does. A panel of its own serves whoever asks this scorer itself."""
        if self._panel is None:
            self._panel = Panel()
        if self._settings is not None:
            self._panel.configure(*self._settings)
        yield from self._panel.perform(batch, inputs, cancel)

    def close(self) -> None:
        if self._panel is not None:
            self._panel.close()


def misnamed(scorer: str, reason: str, hint: str) -> Problem:
    return Problem(error("scorer-model", f"the scorer `{scorer}` {reason}", file="calotype.yaml", hint=hint))
