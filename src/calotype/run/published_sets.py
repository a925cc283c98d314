"""The training sets as a build leaves them, for the pages of characters. Must not know how a page looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Diagnostic, Problem, warning
from calotype.ground.folders import LORA_CURVE, LORA_RECORD, TRAINING
from calotype.ground.sizes import size_text
from calotype.ground.target_names import spec_key_of
from calotype.plan.analysis import Row
from calotype.plan.training.training_set import AWAITS, Pictured, TrainingSet, set_of_pictures
from calotype.project.specs.spec_cache import SpecCache
from calotype.project.workspace import Workspace
from calotype.results.export.product_record import read_record
from calotype.results.publish.line import Line
from calotype.results.sheet.model import SETTLED
from calotype.run.node_table import TargetRun

WORDS = {"human": "included", "anchor": "anchor", "suggest": "suggested"}
_OPEN = {"awaiting": AWAITS, "failed": "could not be rendered", "skipped": "could not be rendered"}


class PublishedSets:
    def __init__(self, workspace: Workspace, spec_cache: SpecCache) -> None:
        self._workspace, self._spec_cache = workspace, spec_cache

    def of(self, row: Row, runs: Mapping[str, TargetRun]) -> TrainingSet | None:
        """That of the spec of `row`; `runs` are what became of its targets. None where it has none, or was edited
        meanwhile: the next build writes its page anew."""
        if row.curation is None:
            return None
        try:
            spec = self._spec_cache.spec(row.file)
            return set_of_pictures(spec, self._pictures(row, runs))
        except Problem:
            return None

    def _pictures(self, row: Row, runs: Mapping[str, TargetRun]) -> Iterator[Pictured]:
        curation = row.curation or {}
        for image in self._spec_cache.images(row.file):
            run, entries = runs.get(image.target), curation.get(image.target, ())
            yield Pictured(image, self._workspace.manifest.line(image.target, image.path), _open(row, run), entries)


def _open(row: Row, run: TargetRun | None) -> str:
    """Why the picture of a target does not stand. An approved one does, while what its spec asks for now waits."""
    if run is None or run.status in SETTLED:
        return ""
    decided = row.decisions.get(run.target)
    stays = decided is not None and decided.decision == "stale-approved" and run.status == "awaiting"
    return "" if stays else _OPEN.get(run.status, "is stale")


def places(training: TrainingSet | None) -> dict[str, tuple[str, str]]:
    """Target -> its place in the set (included, anchor, suggested, excluded, contradicting, fallen-out) and why; those
    that nobody chose have none."""
    if training is None:
        return {}
    left_out = {left.target: (left.state, left.reason.removeprefix(f"{left.state.replace('-', ' ')}: "))
                for left in training.out if left.state not in ("free", "open")}
    return left_out | {member.image.target: (WORDS[member.by], member.why) for member in training.members}


def summary(training: TrainingSet | None) -> str:
    """The set in a line."""
    if training is None:
        return ""
    size = f"{len(training.members)} images ({training.minimum} to {training.maximum})"
    stands = f"not usable yet: {training.lacking}" if training.lacking else size
    return f"{stands}; trigger word {training.trigger_word}"


def lora_of(root: Path, row: Row) -> tuple[str, str]:
    """The LoRA that was trained on the set of the spec of `row`, in a line, and the path of the curve of its loss; both
    empty where there is none."""
    if row.curation is None:
        return "", ""
    folder = f"{TRAINING}/{row.id}"
    try:
        record = read_record(root, f"{folder}/{LORA_RECORD}")
        if record is None:
            return "", ""
        return _trained(record.facts), f"{folder}/{LORA_CURVE}" if LORA_CURVE in record.files else ""
    except (Problem, KeyError, TypeError, ValueError):
        return "", ""  # whoever asks how it stands is told


def left_behind(workspace: Workspace, gone: Iterable[Line]) -> Iterator[Diagnostic]:
    """Warnings of what was made of characters that are gone, or have another id: their `gone` lines are nobody's. No
    build removes it, since none makes it."""
    for key in dict.fromkeys(spec_key_of(line.target) for line in gone):
        folder = f"{TRAINING}/{key.rpartition('/')[2]}"
        if key.startswith("characters/") and workspace.specs.spec(key) is None and (workspace.root / folder).is_dir():
            yield warning("training-left", f"`{key}` is no character any more: what was made of its training set stays",
                          file=f"{folder}/", hint="remove the folder, or keep what you need of it; "
                          "`calotype export training CHARACTER` writes the set of another")


def _trained(facts: Mapping[str, Any]) -> str:
    if "endpoint" in facts:
        return (f"{facts['steps']:,} steps on {facts['pictures']} images by {facts['endpoint']}, "
                f"{float(facts['price']):.2f} USD")
    losses = [float(loss) for loss in facts["losses"]]
    last = losses[-max(1, len(losses) // 10):]
    minutes = round(float(facts["seconds"]) / 60)
    took = f"{minutes} min" if minutes else "less than a minute"
    memory = facts.get("peak_vram")
    room = f", {size_text(int(memory))} of its memory" if memory else ""
    return (f"{len(losses):,} steps on {facts['pictures']} images in {took} ({facts['device']}{room}); "
            f"mean loss of the last tenth {sum(last) / len(last):.3g}")
