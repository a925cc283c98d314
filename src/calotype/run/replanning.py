"""Targets planned again during a run, with the picks that it has made so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from calotype.actions.registry import Kinds
from calotype.plan.planned import Planned
from calotype.plan.planner import plan_image
from calotype.project.specs.spec_cache import SpecCache
from calotype.project.workspace import Workspace
from calotype.run.node_table import TargetRun


class Replanning:
    def __init__(self, workspace: Workspace, kinds: Kinds, spec_cache: SpecCache) -> None:
        self._workspace, self._kinds, self._spec_cache = workspace, kinds, spec_cache
        self.picks: dict[str, str] = {}

    def plan(self, entry: TargetRun) -> Planned:
        """What the target needs now. Raises Problem where its spec was edited meanwhile."""
        images = self._spec_cache.images(entry.file)
        picks = _Picks(self.picks, self._workspace)
        return plan_image(images[entry.place], picks, self._workspace, self._kinds, images)

    def picks_under(self, planned: Planned) -> tuple[str | None, ...]:
        """The picks of this run that `planned` starts from; None for those that it has not made (yet). A published one
        changes in a run only by being made in it."""
        return tuple(self.picks.get(target) for target in planned.starts_from)

    def is_current(self, entry: TargetRun, planned: Planned, picks: tuple[str | None, ...]) -> bool:
        """Whether `planned` still rests on the same spec, and on the `picks` that it was made with. Results that have
        come since are no matter: what they are of is performed already."""
        return self.picks_under(planned) == picks and self._spec_cache.unchanged(entry.file)


class _Picks(Mapping[str, str | None]):
    """The pixel digests of picks: of this run, else published."""

    def __init__(self, fresh: Mapping[str, str], workspace: Workspace) -> None:
        self._fresh, self._workspace = fresh, workspace

    def __getitem__(self, target: str) -> str | None:
        if target in self._fresh:
            return self._fresh[target]
        line = self._workspace.manifest.line(target)
        return None if line is None else line.pixels

    def __iter__(self) -> Iterator[str]:
        return iter(self._fresh)

    def __len__(self) -> int:
        return len(self._fresh)
