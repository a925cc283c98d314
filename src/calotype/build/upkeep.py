"""Looking after build/ and cache/: cleaning, collecting, verifying. Must not touch content/ or specs/."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

from calotype.build import sources
from calotype.build.answers import CacheReport, GcReport
from calotype.build.appraise import Appraisal
from calotype.build.profile import PREVIEW
from calotype.build.workshop import Workshop
from calotype.ground.lock import build_lock
from calotype.language.picks import Decision, load_picks
from calotype.results.publish.assets import EDITED

BUILD = "build"
KEPT = (".gitignore", Path(EDITED).name)
"""What `clean` leaves in build/: edits that were moved aside exist nowhere else."""


def clean(root: Path) -> list[str]:
    """Removes everything in build/ that can be made again. Returns what was removed."""
    removed = []
    with build_lock(root):
        for entry in sorted((root / BUILD).iterdir()) if (root / BUILD).is_dir() else ():
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
    with nullcontext() if dry_run else build_lock(root):
        appraisal = Appraisal(root)
        keys: set[str] = set()
        for found in appraisal.targets():
            keys.update(found.planned.keys, (action.key for action in found.planned.conditions))
        shop = appraisal.shop
        keys.update(decision.action for decision in _decisions(root))
        kept = {*_published(shop), *(str(one.outputs["blob"]) for one in shop.world.cache.get_many(keys).values())}
        stale = [digest for digest in shop.world.cas.digests() if digest not in kept]
        size = sum(shop.world.cas.size(digest) for digest in stale)
        total = sum(1 for _ in shop.world.cas.digests())
        if not dry_run:
            _drop(shop, set(stale), keys)
        return GcReport(len(stale), size, total - len(stale))


def verify(root: Path) -> CacheReport:
    shop = Appraisal(root).shop
    checked = sum(1 for _ in shop.world.cas.digests())
    return CacheReport(checked, tuple(shop.world.cas.verify()))


def _published(shop: Workshop) -> Iterator[str]:
    """The blobs that manifests name: of content/ and of every preview."""
    from calotype.results.publish.manifest import Manifest

    previews = sorted((shop.root / PREVIEW).iterdir()) if (shop.root / PREVIEW).is_dir() else ()
    for content in ("content", *(f"{PREVIEW}/{entry.name}" for entry in previews)):
        for digests in Manifest(shop.root, content).owned().values():
            yield from digests


def _decisions(root: Path) -> Iterator[Decision]:
    for file in sources.yaml_files(root, sources.PICKS):
        yield from load_picks(sources.document(root, file))


def _drop(shop: Workshop, blobs: set[str], keys: set[str]) -> None:
    """Results first: a result whose blob is gone is only a render to be done again, but a needless one."""
    cache = shop.world.cache
    every = list(cache.keys())
    results = cache.get_many(every)
    cache.remove(key for key in every if key not in keys and results[key].outputs.get("blob") in blobs)
    for digest in blobs:
        shop.world.cas.remove(digest)
    shop.world.cas.sweep()
