"""The LoRA of a character, as a service trains it on the export of its set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import EXIT_FAILED, Diagnostic, Problem, error
from calotype.ground.light_dataclass import dataclass
from calotype.language.spec import Spec
from calotype.project.outcome import CharacterPhase
from calotype.project.workspace import Workspace
from calotype.results.export.product_record import ProductRecord
from calotype.run.products.product import Awaits, Stopped, Subject
from calotype.store.undecided import told
from calotype.workers.render.hosted import Hosted
from calotype.workers.render.hosted.buying import Buying
from calotype.workers.render.hosted.faults import Refused
from calotype.workers.render.hosted.hosted_training import FAST, RANK, SECONDS, STEPS, HostedJob, Interrupted, train

if TYPE_CHECKING:
    from calotype.results.export.exported_set import ExportedSet


@dataclass(frozen=True, slots=True)
class HostedTraining:
    """What it is to be made of now, and what is there: see `trained_lora.Training`."""

    exported: ExportedSet
    job: HostedJob
    before: ProductRecord | None
    buying: Buying
    absent: tuple[Diagnostic, ...] = ()

    @property
    def components(self) -> dict[str, Any]:
        return {"action": "train", "set": self.exported.digest, **self.job.components()}

    @property
    def key(self) -> str:
        return self.job.key

    @property
    def seconds(self) -> float:
        """As long as the one before took."""
        facts = self.before.facts if self.before is not None else {}
        return float(facts.get("seconds") or SECONDS)

    @property
    def price(self) -> float:
        return self.job.price(self.buying) or 0.0

    @property
    def detail(self) -> str:
        return f"{self.job.steps} steps by {self.job.endpoint}: {self.price:.2f} USD"

    def unavailable(self) -> tuple[str, str] | None:
        """Why it cannot be made here, and what to do."""
        reason = Hosted().unavailable_reason()
        if reason is None and (fault := self.job.fault()):
            return fault, "change `train`"
        if reason is None and self.job.price(self.buying) is None:
            name = self.job.endpoint
            return f"what `{name}` costs is not known", f"hosted: {{prices: {{{name}: {{step: 0.002}}}}}}"
        return reason

    def make(
        self, subject: Subject, cancel: Callable[[], bool], tell: Callable[..., None]
    ) -> tuple[dict[str, bytes], dict[str, Any]]:
        """Its files by their names, and facts. Raises Problem, Stopped and Awaits."""
        workspace, name = subject.workspace, subject.spec.id
        archive: Path = workspace.root / subject.folder / f"{name}.zip"
        try:
            data, facts = train(self.job, archive, self.buying, cancel, workspace.layout.cache)
        except Interrupted:
            raise Stopped("what was sent goes on at fal, and the next build fetches it") from None
        except Refused as refused:
            if refused.awaits:
                raise Awaits(f"{refused.message}; {refused.hint}") from None
            raise Problem(error("training-failed", refused.message, hint=refused.hint, file=subject.spec.file),
                          EXIT_FAILED) from None
        return {f"{name}.safetensors": data}, {**facts, "pictures": len(self.exported.images)}


def hosted_training(subject: Subject, exported: ExportedSet, before: ProductRecord | None) -> HostedTraining:
    """What `train: {by: hosted}` of a spec asks for."""
    job = _job(subject.spec, exported.digest, exported.trigger_word)
    return HostedTraining(exported, job, before, _buying(subject.workspace))


def training_to_come(spec: Spec, workspace: Workspace) -> CharacterPhase | None:
    """What the training of a LoRA by a service costs, whatever its set will be; None where `spec` asks for none."""
    train_block = (spec.data.get("training_set") or {}).get("train") or {}
    if spec.training_set is None or train_block.get("by") != "hosted":
        return None
    price = _job(spec, "", "").price(_buying(workspace))
    return CharacterPhase(spec.id, "training", 0, SECONDS, price or 0.0)


def _job(spec: Spec, digest: str, trigger_word: str) -> HostedJob:
    written = spec.data["training_set"]["train"]
    return HostedJob(written.get("endpoint", FAST), digest, trigger_word,
                     int(written.get("steps", STEPS)), int(written.get("rank", RANK)))


def _buying(workspace: Workspace) -> Buying:
    return Buying.of(workspace.settings_of(workspace.registry.renderer("hosted")))


def undecided(subject: Subject, training: HostedTraining) -> str:
    """What a person must say before it can be made, where nobody knows whether it was bought."""
    workspace = subject.workspace
    renderer = workspace.registry.renderer("hosted")
    purchase = workspace.purchases.undecided(training.key, renderer, workspace.layout.cache)
    return "" if purchase is None else "; ".join(told(purchase))
