"""What a check or a validation reports, as one list for all machine formats."""

from __future__ import annotations

from calotype.ground.diagnostics import Diagnostic, Severity
from calotype.ground.light_dataclass import dataclass
from calotype.project.outcome import Outcome, TargetOutcome

VALIDATE, ALL_VALID = "calotype validate", "all specs are valid"
"""The title of a validation's report, and what it says where nothing is wrong."""
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""The worst first."""
RULES = {
    "stale": "The published image is not what its spec asks for.",
    "missing": "The image that a spec asks for is not published, or its file is gone.",
    "modified": "The published file was changed by hand.",
    "awaiting": "A human has to decide among the candidates.",
}
"""What each state of a target means that is not up to date."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a report. `target` is None for what concerns no single image; else the diagnostic's code is the
    target's state."""

    diagnostic: Diagnostic
    target: str | None = None

    @property
    def place(self) -> str:
        """`specs/exercises/neck/nod.yaml:7`, or as much of it as is known."""
        parts = (self.diagnostic.file, self.diagnostic.line)
        return ":".join(str(part) for part in parts if part is not None)


def entries(outcome: Outcome) -> list[Entry]:
    """Diagnostics and targets, worst first; within a severity in the order in which they were found."""
    products = outcome.product_names
    images = (target for target in outcome.targets if target.target not in products)
    others = (target for target in outcome.targets if target.target in products)
    report = [*map(Entry, outcome.diagnostics), *map(_of_target, images), *map(_of_product, others)]
    return sorted(report, key=lambda entry: SEVERITIES.index(entry.diagnostic.severity))


def _of_target(target: TargetOutcome) -> Entry:
    verb = "approve" if target.reason.startswith("approved") else "pick"
    awaited = target.status == "awaiting"
    return _entry(target, f"calotype {verb}" if awaited else "run `calotype build` and commit content/")


def _of_product(target: TargetOutcome) -> Entry:
    """Of what is no image: its files are in no repository, and a build makes it only by its name."""
    return _entry(target, f"calotype build {target.target}")


def _entry(target: TargetOutcome, hint: str) -> Entry:
    awaited = target.status == "awaiting"
    message = f"{target.target} is {target.status}" + (f": {target.reason}" if target.reason else "")
    diagnostic = Diagnostic(
        "warning" if awaited else "error", target.status, message, target.file, target.line, hint=hint)
    return Entry(diagnostic, target.target)
