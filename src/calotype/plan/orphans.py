"""Published targets that nothing asks for any more. Must not remove anything, nor know why they went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from calotype.ground.diagnostics import Problem, error
from calotype.ground.files import hidden_by
from calotype.ground.folders import SPECS
from calotype.project.changes import ChangeSet
from calotype.project.patterns import TargetPatterns
from calotype.project.workspace import Workspace
from calotype.results.publish.line import is_inside
from calotype.results.publish.manifest import Line, Manifest, shard_of


def orphans(
    workspace: Workspace, change_set: ChangeSet, asked: Mapping[str, str], patterns: TargetPatterns
) -> tuple[list[Line], list[Line]]:
    """The manifest's lines that no spec asks for: those that `patterns` name, and the others, which stay for now. Both
    in order: of two that show one picture, a plan and a build must take the same for the one that moved.

    `asked` maps asset paths to targets, as the examined specs want them. An overridden build gives up nothing: it was
    asked for part of the truth. Raises Problem where something stands in the place of the folder that a line's spec lay
    in: the spec is hidden, not gone.
    """
    if workspace.profile.overrides:
        return [], []
    targets = {(target, path) for path, target in asked.items()}
    stale = _everywhere(workspace.manifest, targets) if change_set.whole else _examined(workspace, change_set, targets)
    named: list[Line] = []
    others: list[Line] = []
    for line in sorted(stale, key=lambda line: (line.target, line.path)):
        _require_not_hidden(line, workspace.root)
        (named if patterns.meet(line.target, line.path, line.spec) else others).append(line)
    return named, others


def _require_not_hidden(line: Line, root: Path) -> None:
    place = hidden_by(root, line.spec) if line.spec.startswith(f"{SPECS}/") and is_inside(line.spec) else None
    if place is not None and place != line.spec:
        raise Problem(error("unreadable", f"is no folder, where the spec of `{line.target}` lay", file=place,
                            hint="specs may stand there: put it right, or remove it"))


def _everywhere(manifest: Manifest, wanted: set[tuple[str, str]]) -> Iterator[Line]:
    shards = {(shard_of(target, path), target) for target, path in wanted}
    for shard in manifest.shards():
        gone = [target for target in manifest.targets(shard) if (shard, target) not in shards]
        if gone:
            lines = {line.target: line for line in manifest.lines(shard)}
            for target in gone:
                yield from [lines[target]] if target in lines else [
                    line for line in manifest.disputed(target) if shard_of(line.target, line.path) == shard][:1]


def _examined(workspace: Workspace, change_set: ChangeSet, wanted: set[tuple[str, str]]) -> Iterator[Line]:
    for file in (*change_set.files, *change_set.gone):
        for target, path in workspace.state.targets_of(file):
            line = None if (target, path) in wanted else workspace.manifest.line(target, path)
            if line is not None:
                yield line
