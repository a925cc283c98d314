"""All that planning consults, opened once: the library, the manifest, the caches. Must not decide anything itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.engine.rebuild import Asset, Made
from calotype.language.action import make
from calotype.language.picks import Decision
from calotype.language.resolve import Library
from calotype.results.publish.manifest import Line, Manifest
from calotype.store.action_cache import ActionCache, Result
from calotype.store.cas import Cas
from calotype.workers.render.protocol import Renderer
from calotype.workers.render.registry import find

if TYPE_CHECKING:
    from calotype.workers.judge.protocol import Scorer


@dataclass(slots=True)
class World:
    """`digest_of(path)` gives the SHA-256 of an asset on disk, or None; `complete` says that the caches hold
    everything the manifest knows, so that an unknown key needs no search through its lines."""

    root: Path
    library: Library
    manifest: Manifest
    cas: Cas
    cache: ActionCache
    digest_of: Callable[[str], str | None]
    picks: Callable[[str], Sequence[Decision]]
    complete: bool = False
    _renderers: dict[str, Renderer] = field(default_factory=dict)
    _by_action: dict[str, list[Line]] | None = None

    def renderer(self, name: str) -> Renderer:
        if name not in self._renderers:
            self._renderers[name] = find(name)
        return self._renderers[name]

    def line(self, target: str) -> Line | None:
        return self.manifest.line(target)

    def asset(self, line: Line) -> Asset:
        """What lies at the line's path. The digest is memoised by the file's fingerprint."""
        found = self.digest_of(line.path)
        if found is None:
            return Asset.MISSING
        return Asset.OK if found == line.sha256 else Asset.MODIFIED

    def decisions(self, target: str) -> Sequence[Decision]:
        kind, name = target.split("/")[:2]
        return self.picks(f"specs/picks/{kind}/{name}.yaml")

    def made(self, keys: Sequence[str], line: Line | None, asset: Asset) -> dict[str, Made]:
        """What is known of each key: the manifest first, then the local cache; of two results the published one counts."""
        known: dict[str, Made] = {}
        results = self.cache.get_many(keys)
        for key in dict.fromkeys(keys):
            own = self._published(key, line, asset, results.get(key))
            local = own or self._local(results.get(key))
            found = local if local and local.at_hand else self._elsewhere(key) or local
            if found is not None:
                known[key] = found
        return known

    def scores(self, made: Mapping[str, Made]) -> dict[str, float]:
        """Total scores (0-100) by pixel digest: recorded ones, else computed where the bytes are at hand."""
        found: dict[str, float] = {}
        for one in made.values():
            recorded = self.recorded_score(one.pixels)
            if recorded is None and one.blob is not None and self.cas.has(one.blob):
                recorded = self.compute_score(one)
            if recorded is not None:
                found[one.pixels] = float(recorded["score"])
        return found

    def recorded_score(self, pixels: str) -> Mapping[str, Any] | None:
        result = self.cache.get(score_key(self.scorer, pixels))
        return None if result is None else result.outputs

    @property
    def scorer(self) -> Scorer:
        from calotype.workers.judge.technical import Technical

        return Technical()
