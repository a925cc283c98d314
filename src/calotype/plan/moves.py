"""Where a picture stood before it came to its place. Must not know why it moved, nor what is done about it."""

from __future__ import annotations

from collections.abc import Iterator

from calotype.engine.rebuild import Need
from calotype.ground.paths import composed, on_disk
from calotype.plan.planned import Planned
from calotype.project.changes import ChangeSet
from calotype.project.workspace import Workspace
from calotype.results.publish.manifest import Line


class Moves:
    """A picture moves within its spec, or from a spec file that is gone; not one that another spec still asks for."""

    def __init__(self, workspace: Workspace, change_set: ChangeSet) -> None:
        self._workspace, self._change_set = workspace, change_set
        self._lines: dict[str, list[Line]] = {}

    def origin(self, planned: Planned) -> str | None:
        """The target that the picture about to be published stood for, or its path if that alone has changed."""
        chosen, image = planned.chosen, planned.image
        if planned.verdict.need is not Need.PUBLISH or chosen is None:
            return None
        key = chosen.key
        lines = self._known(image.spec) if self._workspace.complete else self._workspace.published.holders(key)
        for line in lines:
            if line.action == key and (line.spec == composed(image.spec) or not self._is_there(line.spec)):
                return line.path if line.target == image.target else line.target
        return None

    def _is_there(self, spec: str) -> bool:
        """Whether a spec file, as the manifest names it, is there still."""
        root = self._workspace.root
        return (root / on_disk(root, spec)).is_file()

    def _known(self, file: str) -> Iterator[Line]:
        """What a spec, and those that are gone, had published when the last build ended."""
        for spec in (file, *self._change_set.gone):
            if spec not in self._lines:
                lines = (self._workspace.manifest.line(*target) for target in self._workspace.state.targets_of(spec))
                self._lines[spec] = [line for line in lines if line is not None]
            yield from self._lines[spec]
