"""Whether planned renders can be made on this machine: told before the first of them begins. Must not render."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from calotype.ground.diagnostics import Diagnostic, error
from calotype.ground.events import Events
from calotype.project.inputs import missing
from calotype.project.workspace import Workspace
from calotype.workers.render.protocol import Renderer


class Preflight:
    """Renderers are set up when the first request of theirs is looked at."""

    def __init__(self, workspace: Workspace, events: Events) -> None:
        self._workspace, self._events = workspace, events
        self._unfit: dict[str, list[Diagnostic]] = {}

    def lacks(self, renderer: Renderer, request: Mapping[str, Any]) -> list[Diagnostic]:
        """What keeps `renderer` from making `request`: a package or device it lacks, weights that are not there."""
        if renderer.name not in self._unfit:
            self._unfit[renderer.name] = list(self._set_up(renderer))
        return [*self._unfit[renderer.name], *map(missing, self._workspace.inputs.absent([request]))]

    def _set_up(self, renderer: Renderer) -> Iterable[Diagnostic]:
        configure, unfit = getattr(renderer, "configure", None), getattr(renderer, "unfit", None)
        if configure is not None:
            configure(self._workspace.library.config.models, self._events.emit)
        why = unfit() if unfit is not None else None
        if why is not None:
            message, hint = why
            yield error("renderer-unfit", f"`{renderer.name}` cannot render here: {message}", hint=hint)
