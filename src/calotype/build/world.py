"""All that planning consults, opened once: the library, the manifest, the caches. Must not decide anything itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from calotype.build.conditions import Conditions
from calotype.build.inputs import Inputs
from calotype.build.scores import Scores
from calotype.engine.rebuild import Asset, Made
from calotype.ground.diagnostics import Problem
from calotype.language.picks import Decision
from calotype.language.resolve import Library
from calotype.results.publish.disk import refuse_pointer
from calotype.results.publish.manifest import Line, Manifest, shard_of
from calotype.store.action_cache import ActionCache, Result
from calotype.store.cas import Cas
from calotype.workers.plugins import source_file
from calotype.workers.render.protocol import Renderer
from calotype.workers.render.registry import find


@dataclass(slots=True)
class World:
    """`digest_of(path)` gives the SHA-256 of an asset on disk, None where there is none, "" where that is no file;
    `picks(file)` the decisions in a picks file. `complete` says that the caches hold all that the manifest knows: no
    unknown key is searched there."""

    root: Path
    shared: Library
    manifest: Manifest
    cas: Cas
    cache: ActionCache
    scores: Scores
    inputs: Inputs
    conditions: Conditions
    digest_of: Callable[[str], str | None]
    picks: Callable[[str], Sequence[Decision]]
    complete: bool = False
    _renderers: dict[str, Renderer | Problem] = field(default_factory=dict)
    _lines: dict[str, list[Line]] | None = None

    def renderer(self, name: str) -> Renderer:
        """Raises Problem where there is none. A name is searched once: it takes milliseconds, and all images ask."""
        found = self._renderers.get(name)
        if found is None:
            found = self._renderers[name] = self._find(name)
        if isinstance(found, Problem):
            raise Problem(found.diagnostics, found.exit_code)
        return found

    def _find(self, name: str) -> Renderer | Problem:
        try:
            found = find(name)
        except Problem as problem:
            return problem
        source = source_file(found)
        if source is not None:
            self.inputs.depend(str(source))
        return found

    def asset(self, line: Line) -> Asset:
        """What lies at the line's path."""
        found = self.digest_of(line.path)
        if found is None:
            return Asset.MISSING
        if found == line.sha256:
            return Asset.OK
        refuse_pointer(self.root / line.path, line.path)
        return Asset.MODIFIED if found else Asset.FOREIGN

    def unowned(self, target: str, path: str) -> Asset:
        """What lies at the path of a target without a line. Ours is what the manifest knows there, or the CAS holds."""
        found = self.digest_of(path)
        if found is None:
            return Asset.MISSING
        known = self.manifest.owned(shard_of(target, path)).get(path, ())
        ours = found in known or (found != "" and self.cas.has(found))
        if not ours:
            refuse_pointer(self.root / path, path)
        return Asset.MISSING if ours or known else Asset.FOREIGN

    def decisions(self, target: str) -> Sequence[Decision]:
        kind, name = target.split("/")[:2]
        return self.picks(f"specs/picks/{kind}/{name}.yaml")

    def made(self, keys: Sequence[str], line: Line | None) -> dict[str, Made]:
        """What is known of each key: the manifest first, then the local cache. Of two results the published one counts,
        as long as its bytes are to be had."""
        results = self.cache.get_many(keys)
        known: dict[str, Made] = {}
        for key in dict.fromkeys(keys):
            found = self._known(key, line, results.get(key))
            if found is not None:
                known[key] = found
        return known

    def _known(self, key: str, line: Line | None, result: Result | None) -> Made | None:
        own = self._recorded(key, [line], result) if line is not None else None
        if own is not None and own.at_hand:
            return own
        local = self._local(result)
        if local is not None and local.at_hand and own is None:
            return local
        known = [one for one in (self._recorded(key, self._elsewhere(key), result), own, local) if one is not None]
        return next((one for one in known if one.at_hand), known[0] if known else None)

    def holders(self, key: str, own: Line | None = None) -> list[Line]:
        """The published lines whose picked render has this key, those that a merge left undecided among them."""
        return [line for line in ([own] if own else []) + self._elsewhere(key) if line.action == key]

    def has_asset(self, line: Line) -> bool:
        return self.digest_of(line.path) == line.sha256

    def _local(self, result: Result | None) -> Made | None:
        if result is None:
            return None
        blob = str(result.outputs["blob"])
        return Made(str(result.outputs["pixels"]), blob, self.cas.has(blob))

    def _recorded(self, key: str, lines: Sequence[Line], result: Result | None) -> Made | None:
        """What manifest lines say of a key: of a picked render its file, of another candidate only its pixels."""
        for line in lines:
            if line.action == key:
                return Made(line.pixels, line.sha256, self.cas.has(line.sha256) or self.has_asset(line))
        for line in lines:
            for candidate in line.candidates:
                if candidate.action == key:
                    return self._local(result) or Made(candidate.pixels, None, at_hand=False)
        return None

    def _elsewhere(self, key: str) -> list[Line]:
        if self.complete:
            return []
        if self._lines is None:
            self._lines = {}
            for line in self._all_lines():
                for action in {line.action, *(one.action for one in line.candidates)}:
                    self._lines.setdefault(action, []).append(line)
        return self._lines.get(key, [])

    def _all_lines(self) -> list[Line]:
        manifest = self.manifest
        disputed = [
            line
            for shard in manifest.shards()
            for target in manifest.targets(shard)
            for line in manifest.disputed(target)
        ]
        return [*manifest.lines(), *disputed]
