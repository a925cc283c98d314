"""What the nodes of a run's schedule stand for, targets and actions, and what becomes of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from calotype.engine.schedule import Schedule
from calotype.ground.diagnostics import Diagnostic
from calotype.ground.light_dataclass import dataclass
from calotype.ground.target_names import candidate_seed
from calotype.plan.explain import UPSTREAM_FAILED
from calotype.plan.judging_findings import Findings
from calotype.plan.planned import Planned
from calotype.project.answers import Rejection

UPSTREAM_LEFT = "what it starts from is left to another phase"
ShownPicture = tuple[str, str, int, Mapping[str, float]]
NO_FACTS: Mapping[str, Any] = MappingProxyType({})


@dataclass(slots=True)
class TargetRun:
    """A target that is not up to date, and what became of it. `wants` are the actions it asked for, by their keys;
    `rendered` says that a picture was made for it, not for another target that asked first; `unscored` that only scores
    were missing when it was planned; `left_out` counts what it asked for and did not want any more when that was to be
    performed. `candidates` are those of one that awaits a human: key, pixel digest, seed, and what judges gave each;
    `scores` are the actions that judged them, by their keys,
    `rejected` the pictures that people rejected; `judged` what was found when they were judged; `enhancement` is
    the key of what made its prompt, of one that awaits a human; `words` are title, alt
    text and caption of the image, where nothing is published that has them; `failure` are the facts of an action that
    it wanted and that failed."""

    target: str
    path: str
    file: str
    place: int
    reason: str
    wants: tuple[bytes, ...] = ()
    rendered: bool = False
    unscored: bool = False
    left_out: int = 0
    status: str = ""
    candidates: tuple[ShownPicture, ...] = ()
    scores: tuple[str, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    judged: Findings | None = None
    enhancement: str = ""
    words: tuple[str, str, str] = ("", "", "")
    failure: Mapping[str, Any] = NO_FACTS


@dataclass(frozen=True, slots=True)
class Act:
    """An action that some target wants: planning that target again finds it. The actions themselves would not fit in
    memory; a key is kept as 32 bytes, once."""

    kind: str
    key: bytes
    entry: TargetRun

    @property
    def named(self) -> dict[str, str]:
        """As events name it."""
        return {"action": self.kind, "key": self.key.hex(), "target": self.entry.target}


def candidates_of(planned: Planned) -> tuple[ShownPicture, ...]:
    """Key, pixel digest, seed and what judges gave of the candidates that are made."""
    seed, made, judgement = planned.image.seed, planned.made, planned.judgement
    return tuple((key, made[key].output, candidate_seed(seed, index), judgement.numbers(made[key].output))
                 for index, key in enumerate(planned.keys) if key in made)


def scores_of(planned: Planned) -> tuple[str, ...]:
    """The keys of the actions that judged pictures of it."""
    return tuple(action.key for action, _ in planned.used if action.kind == "score")


class Nodes:
    """The nodes of one run. `diagnostics` tells what failed."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._stands_for: list[TargetRun | Act] = []
        self._by_key: dict[bytes, int] = {}
        self._barren: set[bytes] = set()
        self.diagnostics: list[Diagnostic] = []

    def add_target(self, entry: TargetRun, inputs: Iterable[int]) -> int:
        self._stands_for.append(entry)
        return self._schedule.add(inputs)

    def add_act(self, act: Act, affinity: tuple[str, ...], lane: str, *, early: bool = False) -> int:
        self._stands_for.append(act)
        node = self._by_key[act.key] = self._schedule.add((), affinity, lane, early=early)
        return node

    def find(self, key: bytes) -> int | None:
        return self._by_key.get(key)

    def target(self, node: int) -> TargetRun:
        entry = self._stands_for[node]
        assert isinstance(entry, TargetRun)
        return entry

    def act(self, node: int) -> Act:
        act = self._stands_for[node]
        assert isinstance(act, Act)
        return act

    @property
    def targets(self) -> Iterator[TargetRun]:
        return (entry for entry in self._stands_for if isinstance(entry, TargetRun))

    def end_with_nothing(self, node: int) -> bool:
        """The action was not performed, since it is not wanted any more or its inputs are gone: the targets that wait
        for it are planned again. False where that has been tried before, to no avail."""
        key = self.act(node).key
        if key in self._barren:
            return False
        self._barren.add(key)
        del self._by_key[key]
        self._schedule.finished(node)
        return True

    def remember(self, node: int, facts: Mapping[str, Any]) -> None:
        """Keeps the facts of an action that failed, for the traces of the targets that wanted it."""
        key = self.act(node).key
        for entry in self.targets if facts else ():
            if key in entry.wants:
                entry.failure = facts

    def fail(self, node: int, message: str, *diagnostics: Diagnostic) -> None:
        """Marks what `node` takes with it: targets that wanted this action failed, what starts from them is skipped."""
        self.diagnostics += diagnostics
        stands_for = self._stands_for[node]
        stopped = [self.target(other) for other in self._schedule.failed(node)]
        if isinstance(stands_for, TargetRun):
            stands_for.status, stands_for.reason = "failed", message.removeprefix(f"{stands_for.target}: ")
        for entry in stopped:
            if isinstance(stands_for, Act) and stands_for.key in entry.wants:
                entry.status, entry.reason = "failed", message
            else:
                entry.status, entry.reason = "skipped", UPSTREAM_FAILED

    def leave_out(self, node: int, why: str) -> None:
        """Its work, and that of what starts from it, is no part of this run."""
        for waiting in (node, *self._schedule.awaits_human(node)):
            entry = self.target(waiting)
            entry.status, entry.reason = "skipped", why if waiting == node else UPSTREAM_LEFT

    def await_human(self, node: int) -> None:
        for waiting in (node, *self._schedule.awaits_human(node)):
            self.target(waiting).status = "awaiting"
