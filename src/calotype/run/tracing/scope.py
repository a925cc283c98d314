"""Which scenes' traces a build may look after: those that it looks into, and those whose traces are too old."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence

from calotype.ground.light_dataclass import dataclass
from calotype.plan.analysis import Row
from calotype.project.changes import ChangeSet, with_files
from calotype.project.specs.lookup import file_of
from calotype.project.workspace import Workspace
from calotype.run.tracing.trace_folders import is_older, trace_folders
from calotype.store.state import State

_DAY = 86400


@dataclass(frozen=True, slots=True)
class Scenes:
    """What a build knows of scenes: the targets of those that it has looked into, in their order, by their keys, and
    the keys of those that are `gone`. `whole`: there are no others, and it has worked on all that is not up to date."""

    targets: Mapping[str, Sequence[str]]
    gone: Collection[str] = ()
    whole: bool = False


def scenes_of(rows: Mapping[str, Row], state: State, gone: Iterable[str], *, whole: bool) -> Scenes:
    """`rows` are what the specs that were looked into ask for, `gone` the files of those that are no more."""
    targets = {row.key: [target for target, _ in row.targets] for row in rows.values() if row.kind == "scene"}
    return Scenes(targets, {state.key_of(file) or "" for file in gone} - targets.keys(), whole)


def with_outdated_traces(workspace: Workspace, change_set: ChangeSet) -> ChangeSet:
    """`change_set`, and the scenes whose traces are too old: a build removes them, and their pages tell of them."""
    limit = oldest_kept(workspace)
    keys = {f"scenes/{folder.split('/')[-2]}" for folder in trace_folders(workspace.root)
            if is_older(workspace.root, folder, limit)}
    files = (file_of(workspace.state, key) for key in sorted(keys))
    return with_files(change_set, [file for file in files if file is not None])


def oldest_kept(workspace: Workspace) -> float:
    """Before which time a trace is too old, in seconds since 1970."""
    return time.time() - float(workspace.shared.config.traces["days"]) * _DAY
