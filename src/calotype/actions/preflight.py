"""Whether planned renders can be made on this machine: told before the first of them begins. Must not render."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from calotype.ground.diagnostics import Diagnostic, error
from calotype.project.inputs import missing
from calotype.project.workspace import Workspace
from calotype.workers.protocol import Renderer, configure, unavailable_reason


class Preflight:
    """Renderers are set up when the first request of theirs is looked at."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._unfit: dict[str, list[Diagnostic]] = {}

    def lacks(self, renderer: Renderer, request: Mapping[str, Any]) -> list[Diagnostic]:
        """What keeps `renderer` from making `request`: a package or device it lacks, weights that are not there."""
        if renderer.name not in self._unfit:
            self._unfit[renderer.name] = list(self._set_up(renderer))
        return [*self._unfit[renderer.name], *map(missing, self._workspace.inputs.absent([request]))]

    def _set_up(self, renderer: Renderer) -> Iterable[Diagnostic]:
        configure(renderer, self._workspace.settings_of(renderer))
        reason = unavailable_reason(renderer)
        if reason is not None:
            message, hint = reason
            yield error("renderer-unfit", f"`{renderer.name}` cannot render here: {message}", hint=hint)
