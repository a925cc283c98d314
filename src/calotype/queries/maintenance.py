"""Looking after build/ and cache/: cleaning, collecting, verifying. Must not touch content/ or specs/."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

from calotype.ground.folders import BUILD, CONTENT, EDITED, PREVIEW
from calotype.ground.lock import build_lock
from calotype.language.action import import_action
from calotype.project.answers import CacheReport, GcReport
from calotype.project.layout import Layout
from calotype.project.overrides import Profile
from calotype.project.workspace import Workspace, open_workspace
from calotype.queries.status import status_query

KEPT = (".gitignore", Path(EDITED).name)
"""What `clean` leaves in build/: edits that were moved aside exist nowhere else."""


def clean(root: Path) -> list[str]:
    """Removes everything in build/ that can be made again. Returns what was removed."""
    removed, folder = [], Layout(root).build
    with build_lock(root):
        for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
            if entry.name in KEPT:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
            removed.append(f"{BUILD}/{entry.name}")
    return removed


def gc(root: Path, dry_run: bool) -> GcReport:
    """Drops the blobs and results that no target asks for, no line of a manifest names and no decision speaks of.

    Raises Problem where a spec is invalid: what it asks for cannot be known then.
    """
    with nullcontext() if dry_run else build_lock(root), status_query(root) as query:
        keys: set[str] = set()
        for target in query.targets():
            keys.update(target.planned.keys, (action.key for action in target.planned.conditions))
        workspace = query.workspace
        for decision in (entry.decision for entry in workspace.decisions.every()):
            keys |= {decision.action, import_action(decision.pixels).key}
        used = {*_published(workspace), *workspace.results.blobs(keys)}
        stale = [digest for digest in workspace.cas.digests() if digest not in used]
        size = sum(workspace.cas.size(digest) for digest in stale)
        total = sum(1 for _ in workspace.cas.digests())
        if not dry_run:
            _drop(workspace, set(stale), keys)
        return GcReport(len(stale), size, total - len(stale))


def verify(root: Path) -> CacheReport:
    with open_workspace(root, Profile()) as workspace:
        checked = sum(1 for _ in workspace.cas.digests())
        return CacheReport(checked, tuple(workspace.cas.verify()))


def _published(workspace: Workspace) -> Iterator[str]:
    """The blobs that manifests name: of content/ and of every preview."""
    from calotype.results.publish.manifest import Manifest

    folder = workspace.layout.preview
    previews = sorted(folder.iterdir()) if folder.is_dir() else ()
    for content in (CONTENT, *(f"{PREVIEW}/{entry.name}" for entry in previews)):
        for digests in Manifest(workspace.root, content).owned().values():
            yield from digests


def _drop(workspace: Workspace, blobs: set[str], keys: set[str]) -> None:
    """Results first: a result whose blob is gone is only a render to be done again, but a needless one."""
    cache = workspace.cache
    every = list(cache.keys())
    results = cache.get_many(every)
    cache.remove(key for key in every if key not in keys and results[key].outputs.get("blob") in blobs)
    for digest in blobs:
        workspace.cas.remove(digest)
    workspace.cas.sweep()
