"""What kinds of actions that a worker performs have in common: its reference, its lane, its cost, what it lacks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from calotype.ground.diagnostics import Diagnostic, error
from calotype.language.action import Action
from calotype.language.image import Image
from calotype.project.workspace import Workspace
from calotype.workers.protocol import WorkerRef, configure, lacking_packages, lane_of, unavailable_reason

if TYPE_CHECKING:
    from calotype.workers.protocol import Estimate, Group, Lane, Worker

_DOES: Mapping[Group, str] = {
    "renderer": "render", "conditioner": "draw maps", "scorer": "score", "identity": "compare pictures",
    "enhancer": "enhance prompts"}


class WorkerKind(ABC):
    """A kind whose actions are performed by workers of one group. `code` is that of the diagnostic of a failure."""

    name: str
    group: ClassVar[Group]
    code: str
    bytes_first: bool = False
    leaves_file: bool = True

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._unavailable: dict[str, list[Diagnostic]] = {}
        self._reasons: dict[str, tuple[str, str] | None] = {}
        self._configured: set[str] = set()
        self._latest: tuple[Action, Mapping[str, Any], Worker] | None = None

    @abstractmethod
    def request(self, action: Action) -> Mapping[str, Any]: ...

    @abstractmethod
    def _worker(self, request: Mapping[str, Any]) -> Worker: ...

    def _of(self, action: Action) -> tuple[Mapping[str, Any], Worker]:
        """The request and the worker of an action. One is asked about several times in a row, and parsed once."""
        if self._latest is None or self._latest[0] is not action:
            request = self.request(action)
            self._latest = action, request, self._worker(request)
        return self._latest[1:]

    def worker(self, action: Action) -> WorkerRef:
        return self._workspace.reference(self.group, self._of(action)[1])

    def lane(self, action: Action) -> Lane:
        return lane_of(self._of(action)[1])

    def affinity(self, action: Action) -> tuple[str, ...]:
        request, worker = self._of(action)
        return self.name, worker.name, *worker.affinity(request)

    def estimate(self, action: Action) -> Estimate:
        """By the worker's settings: prices are among them."""
        request, worker = self._of(action)
        self._configure(worker)
        return worker.estimate(request)

    def worker_name(self, action: Action) -> str:
        return self._of(action)[1].name

    def lacks(self, action: Action) -> dict[Diagnostic, str]:
        """A worker is set up when the first action of its is looked at."""
        request, worker = self._of(action)
        if worker.name not in self._unavailable:
            self._unavailable[worker.name] = self._set_up(worker)
        inputs = self._workspace.inputs
        of_worker = dict.fromkeys(self._unavailable[worker.name], "")
        weights = dict.fromkeys(map(inputs.missing, inputs.absent([request])), "")
        return {**of_worker, **self.packages(action), **weights}

    def will_ask(self, image: Image) -> Iterable[Action]:
        """What will be asked of pictures of `image` that are not made yet; nothing of most kinds."""
        return ()

    def packages(self, action: Action) -> dict[Diagnostic, str]:
        """The packages that this very action needs and this machine has not, each with the field that asks for it. Of a
        worker that lacks what it always needs, none is told."""
        request, worker = self._of(action)
        if not hasattr(worker, "lacks"):
            return {}
        if worker.name not in self._reasons:
            self._reasons[worker.name] = unavailable_reason(worker)
        if self._reasons[worker.name] is not None:
            return {}
        return {error("package-missing", message, hint=hint): field
                for field, message, hint in lacking_packages(worker, request)}

    def _configure(self, worker: Worker) -> None:
        """Once. Raises Problem for settings that it cannot use."""
        if worker.name not in self._configured:
            configure(worker, self._workspace.settings_of(worker))
            self._configured.add(worker.name)

    def _set_up(self, worker: Worker) -> list[Diagnostic]:
        self._configure(worker)
        reason = unavailable_reason(worker)
        if reason is None:
            return []
        message = f"`{worker.name}` cannot {_DOES[self.group]} here: {reason[0]}"
        return [error(f"{self.group}-unfit", message, hint=reason[1])]
