"""What is to come of characters, phase by phase: their anchors, their variations, their training sets."""

from __future__ import annotations

from collections.abc import Iterator

from calotype.ground.target_names import TargetName
from calotype.language.spec import Spec
from calotype.plan.forecast import Forecast
from calotype.plan.planned import Planned
from calotype.project.outcome import CharacterPhase

PHASES = ("anchors", "variations")


class CharacterPhases:
    """`forecast` is for these alone: it counts also what waits for a decision, and so is no part of the next build."""

    def __init__(self, forecast: Forecast) -> None:
        self._forecast = forecast
        self._phases: dict[tuple[str, str], CharacterPhase] = {}
        self._specs: dict[str, Spec] = {}

    def take(self, spec: Spec, planned: Planned) -> None:
        """Takes up a target that is not up to date, if it is a character's."""
        if spec.kind != "character":
            return
        folder = TargetName(planned.image.target).part.partition("/")[0]
        before = self._forecast.actions["render"], self._forecast.cost
        self._forecast.take(planned)
        images, cost = self._forecast.actions["render"] - before[0], self._forecast.cost
        phase = self._phases.get((spec.id, folder), CharacterPhase(spec.id, folder))
        self._specs[spec.id] = spec
        self._phases[spec.id, folder] = CharacterPhase(
            spec.id, folder, phase.images + images, phase.seconds + cost.seconds - before[1].seconds,
            phase.price + cost.price - before[1].price)

    def __iter__(self) -> Iterator[CharacterPhase]:
        """Of each character of which something is to come, its phases in order, without those that are done; the set
        last, which renders nothing."""
        for name, spec in self._specs.items():
            phases = [self._phases[name, folder] for folder in PHASES if (name, folder) in self._phases]
            if any(phase.images for phase in phases):
                yield from (phase for phase in phases if phase.images)
                if spec.training_set is not None:
                    yield CharacterPhase(name, "set", min(spec.training_set.maximum, _choosable(spec)))


def _choosable(spec: Spec) -> int:
    """How many images a training set of `spec` can be chosen from."""
    anchors = len(spec.anchors) if spec.training_set is not None and spec.training_set.include_anchors else 0
    return anchors + sum(part.count or 1 for part in spec.variations)
