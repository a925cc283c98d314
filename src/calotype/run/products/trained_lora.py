"""The LoRA of a character: trained on the export of its set, in content/training/<id>/<id>.safetensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import EXIT_FAILED, Diagnostic, Problem, error
from calotype.ground.digest import canonical_json, sha256
from calotype.ground.events import Events
from calotype.ground.finding import Finding
from calotype.ground.folders import LORA_CURVE, LORA_RECORD, MARKER
from calotype.ground.light_dataclass import dataclass, replace
from calotype.ground.sizes import size_text
from calotype.language.action import changes
from calotype.language.spec import Spec
from calotype.language.trained_loras import LORA
from calotype.plan.training.training_set import no_training_set
from calotype.project.answers import Change
from calotype.project.decisions.index import Entry
from calotype.project.inputs.missing_weights import WeightsMissing
from calotype.project.specs import sources
from calotype.project.workspace import Workspace
from calotype.results.export.product_folder import ProductFolder
from calotype.results.export.product_record import ProductRecord, differences
from calotype.run.products.hosted_lora import HostedTraining, hosted_training, undecided
from calotype.run.products.product import MadeProduct, ProductState, Status, Stopped, Subject
from calotype.run.products.training_export import TrainingExport
from calotype.workers.train.training_job import TrainingJob, TrainingSettings

if TYPE_CHECKING:
    from calotype.results.export.exported_set import ExportedSet

_OWN = frozenset(("auto", "by"))
"""What of `train` decides no LoRA."""


@dataclass(frozen=True, slots=True)
class _Training:
    """What a LoRA is to be made of now, and what is there. `absent` says which weights are not on this machine."""

    exported: ExportedSet
    job: TrainingJob
    before: ProductRecord | None
    absent: tuple[Diagnostic, ...]

    @property
    def components(self) -> dict[str, Any]:
        return {"action": "train", "set": self.exported.digest, **self.job.components()}

    @property
    def key(self) -> str:
        return sha256(canonical_json(self.components))

    @property
    def seconds(self) -> float:
        """As long as the one before took, by its steps; else as a GPU takes."""
        facts = self.before.facts if self.before is not None else {}
        if facts.get("seconds") and facts.get("steps"):
            return float(facts["seconds"]) / int(facts["steps"]) * self.job.settings.steps
        return self.job.settings.estimate()

    @property
    def price(self) -> float:
        return 0.0

    @property
    def detail(self) -> str:
        """What it takes, for `calotype doctor`."""
        settings = self.job.settings
        facts = self.before.facts if self.before is not None else {}
        known = f", took {size_text(facts['peak_vram'])} on {facts['device']}" if facts.get("peak_vram") else ""
        return (f"{settings.steps} steps at {settings.resolution}, rank {settings.rank}: at least about "
                f"{size_text(round(settings.least_memory()))} on a GPU (by SDXL's size){known}")

    def unavailable(self) -> tuple[str, str] | None:
        """Why this machine cannot train it, and what to do."""
        from calotype.workers.render.diffusers import Diffusers

        return Diffusers().unavailable_reason()

    def make(
        self, subject: Subject, cancel: Callable[[], bool], tell: Callable[..., None]
    ) -> tuple[dict[str, bytes], dict[str, Any]]:
        """Its files by their names, and facts. Raises Problem, and Stopped once `cancel()` is true."""
        from calotype.workers.render.diffusers.errors import Cancelled, Refused
        from calotype.workers.train import train

        workspace = subject.workspace
        inputs = workspace.inputs.files([{"models": dict(self.job.models)}])
        try:
            trained = train(self.job, inputs, workspace.layout.training(subject.spec.id), cancel, tell)
        except Cancelled:
            raise Stopped("it goes on from the last step that it took") from None
        except Refused as refused:
            raise Problem(error("training-failed", refused.message, hint=refused.hint, file=subject.spec.file),
                          EXIT_FAILED) from refused
        if trained.record["set"] != self.exported.digest:
            raise Problem(error("edited", "the exported pictures or captions are not those of the set",
                                file=subject.folder, hint=TrainingExport().command(subject.spec.id)), EXIT_FAILED)
        facts = {name: trained.record[name] for name in (
            "losses", "seconds", "peak_vram", "device", "dtype", "versions", "pictures")}
        files = {f"{subject.spec.id}.safetensors": trained.lora, LORA_CURVE: trained.curve}
        return files, {**facts, "steps": self.job.settings.steps}


class TrainedLora:
    """See `Product`."""

    name = LORA
    doing, done = "train", "trained"
    needs: tuple[str, ...] = ("training_set",)

    def declared(self, spec: Spec) -> bool:
        return spec.training_set is not None and "train" in spec.data["training_set"]

    def undeclared(self, spec: Spec) -> Diagnostic:
        if spec.training_set is None:
            return no_training_set(spec)
        return error("no-training", f"`characters/{spec.id}` does not say that a LoRA is trained on its set",
                     file=spec.file, hint="write `train: {}` into its `training_set`")

    def command(self, spec_id: str) -> str:
        return f"calotype build characters/{spec_id}/{self.name}"

    def path(self, subject: Subject) -> str:
        return f"{subject.folder}/{subject.spec.id}.safetensors"

    def is_built(self, subject: Subject) -> bool:
        return _folder(subject).read() is not None

    def sources(self, subject: Subject) -> Sequence[str]:
        return [f"{subject.key}/{name}" for name in self.needs]

    def obstacles(self, subject: Subject) -> Sequence[Diagnostic]:
        state = self.look(subject)
        if state.status == "up_to_date":
            return ()
        reason = state.made_of.unavailable()
        lacks = [error("renderer-unfit", f"no LoRA can be trained here: {reason[0]}", hint=reason[1])] if reason else []
        document = sources.document(subject.workspace.root, subject.spec.file)
        line, column = document.place(("training_set", "train"), key=True)
        return [replace(fault, file=subject.spec.file, line=line, column=column)
                for fault in (*lacks, *state.made_of.absent)]

    def readiness(self, subject: Subject) -> Finding:
        """Whether it can be trained on this machine, for `calotype doctor`: an image is drawn without it."""
        training, label = _training(subject), f"training {subject.key}"
        detail = training.detail
        obstacles = self.obstacles(subject)
        if not obstacles:
            return Finding(label, "ok", detail)
        return Finding(label, "warning", "; ".join([detail, *(each.message for each in obstacles)]), obstacles[0].hint)

    def look(self, subject: Subject) -> ProductState:
        training = _training(subject)
        differing = tuple(_differences(training, subject))
        status, reason = self._status(subject, training, differing)
        lacking = "" if status == "up_to_date" else _lacking(subject, training)
        return ProductState(
            f"{subject.key}/{self.name}", subject.spec.title, self.path(subject), subject.spec.file, status,
            lacking if status == "not_built" and lacking else reason, training.key, differing, lacking, (), training,
            *((0.0, 0.0) if status == "up_to_date" else (training.seconds, training.price)))

    def _status(
        self, subject: Subject, training: _Training | HostedTraining, differing: Sequence[Change]
    ) -> tuple[Status, str]:
        record = training.before
        if record is None:
            return "not_built", f"`{self.command(subject.spec.id)}` trains it"
        if record.key != training.key:
            return "stale", ", ".join(f"{change.field} changed" for change in differing) or "it would be another"
        edited = [f"{name} {fault}" for name, fault in differences(
            record, subject.folder, subject.workspace.assets.digest)]
        return ("modified", ", ".join(edited)) if edited else ("up_to_date", "")

    def report(self, subject: Subject, state: ProductState) -> Mapping[str, Any]:
        record = _folder(subject).read()
        return record.facts if record is not None else {}

    def make(
        self, subject: Subject, state: ProductState, events: Events, cancel: Callable[[], bool]
    ) -> MadeProduct:
        training: _Training | HostedTraining = state.made_of
        events.emit("action.started", action="train", key=state.key, target=state.target)
        files, facts = training.make(subject, cancel, events.emit)
        record = ProductRecord(
            state.key, training.components, {name: sha256(data) for name, data in files.items()}, facts=facts)
        notes = _folder(subject).put(record, {name: _content(data) for name, data in files.items()})
        subject.workspace.layout.training(subject.spec.id).unlink(missing_ok=True)
        events.emit("action.finished", action="train", key=state.key, target=state.target, seconds=facts["seconds"])
        return MadeProduct(tuple(notes), facts)


def set_target(subject: Subject) -> str:
    return f"{subject.key}/{TrainingExport.name}"


def approvals(workspace: Workspace, target: str) -> Iterator[Entry]:
    """The approvals of the training set `target`, of whatever export."""
    return (entry for entry in workspace.decisions.naming([target])
            if entry.decision.target == target and entry.decision.decision == "approve")


def _content(data: bytes) -> Callable[[], bytes]:
    return lambda: data


def _folder(subject: Subject) -> ProductFolder:
    return ProductFolder(subject.workspace.root, subject.folder, LORA_RECORD, f"{subject.key}/{LORA}")


def _training(subject: Subject) -> _Training | HostedTraining:
    from calotype.workers.render.diffusers.unet.unet_request import base_models

    spec, workspace = subject.spec, subject.workspace
    exported: ExportedSet = TrainingExport().look(subject).made_of.exported
    written = spec.data["training_set"]["train"] or {}
    config, before = workspace.shared.config, _folder(subject).read()
    if written.get("by") == "hosted":
        return hosted_training(subject, exported, before)
    settings = TrainingSettings(**{
        "seed": config.base_seed, "resolution": exported.resolution,
        **{name: value for name, value in written.items() if name not in _OWN}})
    absent: tuple[Diagnostic, ...] = ()
    try:
        models: Mapping[str, Any] = base_models(
            config.models_of(spec.settings.get("model")), workspace.inputs.model)
        absent = tuple(map(workspace.inputs.missing, workspace.inputs.absent([{"models": models}])))
    except WeightsMissing as lacking:  # what was trained is held against all but them
        models = before.components.get("models", {}) if before is not None else {}
        absent = tuple(lacking.diagnostics)
    job = TrainingJob(workspace.root / subject.folder / "images", models, settings, spec.title, exported.trigger_word,
                      str(config.models["device"]), str(config.models["memory"]))
    return _Training(exported, job, before, absent)


def _lacking(subject: Subject, training: _Training | HostedTraining) -> str:
    """What a person has to do before it is trained."""
    exported = training.exported
    if isinstance(training, HostedTraining) and (open_purchase := undecided(subject, training)):
        return open_purchase
    state = TrainingExport().look(subject)
    if state.lacking or (subject.spec.data["training_set"]["train"] or {}).get("auto"):
        return state.lacking
    target = set_target(subject)
    approved = {entry.decision.pixels for entry in approvals(subject.workspace, target)}
    if exported.digest in approved:
        return ""
    changed = "the set was approved as it was, and has changed" if approved else "nobody has approved the set"
    return f"{changed}: calotype approve {target}"


def _differences(training: _Training | HostedTraining, subject: Subject) -> Iterator[Change]:
    if training.before is not None and training.before.key != training.key:
        for change in changes(dict(training.before.components), training.components):
            of_project = change.field.startswith("models")
            yield Change(change.field, change.old, change.new, MARKER if of_project else subject.spec.file)
