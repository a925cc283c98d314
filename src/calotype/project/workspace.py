"""One opened project: its files, its caches, its manifest, what its specs share. Must not decide what is stale."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from calotype.engine.rebuild import Asset
from calotype.ground.diagnostics import Diagnostic, Problem, did_you_mean, error, warning
from calotype.ground.digest import canonical_json, sha256
from calotype.ground.target_names import spec_key_of
from calotype.language.config import Config
from calotype.language.decisions import Decision, load_picks
from calotype.language.prompt import Styles
from calotype.language.resolve import Library
from calotype.project import shared, sources
from calotype.project.inputs import Inputs
from calotype.project.overrides import Profile
from calotype.project.published import PublishedActions
from calotype.results.publish.disk import refuse_pointer
from calotype.results.publish.manifest import Line, Manifest, shard_of
from calotype.store.action_cache import ActionCache
from calotype.store.cas import Cas
from calotype.store.database import MEMORY
from calotype.store.results import Results
from calotype.store.state import State
from calotype.workers.plugins import Registry, source_file
from calotype.workers.protocol import Group, Renderer, Worker, WorkerRef

STATE = "cache/state"
ACTIONS = "actions.db"


@dataclass(slots=True)
class Workspace:
    """`library` is what specs share, `snapshot` that as it was read. `digest_of(path)` gives the SHA-256 of an asset on
    disk, None where there is none, "" where that is no file; `picks(file)` the decisions in a picks file. `results` is
    the one lookup of what actions gave, `published` its tier in the manifest."""

    root: Path
    profile: Profile
    snapshot: shared.Snapshot
    library: Library
    styles: Styles
    state: State
    manifest: Manifest
    cas: Cas
    cache: ActionCache
    published: PublishedActions
    results: Results
    inputs: Inputs
    digest_of: Callable[[str], str | None]
    picks: Callable[[str], Sequence[Decision]]
    damaged_blobs: list[str]
    registry: Registry
    _sources: set[str] = field(default_factory=set)

    @property
    def complete(self) -> bool:
        """Whether the caches hold all that the manifest tells: no unknown key is searched there."""
        return self.published.complete

    @complete.setter
    def complete(self, value: bool) -> None:
        self.published.complete = value

    @property
    def cache_files(self) -> tuple[str, str]:
        """What is there as long as the caches are: without them nothing is known of what the manifest holds."""
        folder = self.snapshot.config.cache["dir"]
        return f"{folder}/cas", f"{folder}/{ACTIONS}"

    @property
    def damage(self) -> Iterator[Diagnostic]:
        """What was found damaged in the caches and the state so far. It is set aside."""
        blobs, actions = self.cache_files
        for digest in self.damaged_blobs:
            yield warning("cache-damaged", f"the blob {digest} was damaged", file=f"{blobs}/{digest[:2]}/{digest[2:]}",
                          hint=f"it was moved to {Path(blobs).parent}/damaged, and is made again when it is needed")
        for file, store in ((f"{STATE}/state.db", self.state), (actions, self.cache)):
            if store.damaged is not None:
                yield warning("cache-damaged", "was damaged, and is begun afresh", file=file,
                              hint=f"the damaged file is {store.damaged}")

    @property
    def config_digest(self) -> str:
        """SHA-256 of what calotype.yaml says, defaults applied: comments and order do not count, nor does lint."""
        config = self.snapshot.config
        return sha256(canonical_json({name: getattr(config, name) for name in config.__slots__ if name != "lint"}))

    def renderer(self, name: str) -> Renderer:
        """Raises Problem where there is none. What is planned depends on the file that defines it."""
        renderer = self.registry.renderer(name)
        if name not in self._sources:
            self._sources.add(name)
            source = source_file(renderer)
            if source is not None:
                self.inputs.depend(str(source))
        return renderer

    def settings_of(self, worker: Worker) -> Mapping[str, Any]:
        """The worker's own section of calotype.yaml."""
        section: str | None = getattr(worker, "section", None)
        values: Mapping[str, Any] = getattr(self.library.config, section) if section else {}
        return values

    def reference(self, group: Group, worker: Worker) -> WorkerRef:
        """What crosses to an executor in place of `worker`."""
        return WorkerRef.of(group, worker, self.settings_of(worker))

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
        return self.picks(sources.picks_file(spec_key_of(target)))

    def has_asset(self, line: Line) -> bool:
        return self.digest_of(line.path) == line.sha256


def open_workspace(root: Path, profile: Profile, *, create: bool = False) -> Workspace:
    """Without `create`, what is not there yet is not made. Raises Problem for a calotype.yaml, a manifest or a cache
    that cannot be used."""
    snapshot, registry = shared.take(root), Registry()
    _check(profile, snapshot.config, registry)
    cache_dir = root / snapshot.config.cache["dir"]
    state = State(_database(root / STATE / "state.db", create))
    damaged: list[str] = []
    cas, cache = Cas(cache_dir, damaged.append), ActionCache(_database(cache_dir / ACTIONS, create))
    manifest = Manifest(root, profile.content)
    locked = {**Manifest(root).weights, **manifest.weights} if profile.overrides else manifest.weights
    inputs = Inputs(root, state, locked)
    def digest_of(path: str) -> str | None:
        return _digest(state, f"{root}/{path}")

    published = PublishedActions(root, manifest, digest_of)
    results = Results(cas, cache, published)
    styles = Styles(root)
    library = Library(
        config=snapshot.config, poses=snapshot.poses, characters=snapshot.characters, compose=styles.compose,
        digest=inputs.digest, weights=inputs.model, pixels=inputs.pixels, overrides=profile.overrides,
        content=profile.content,
    )
    return Workspace(
        root=root, profile=profile, snapshot=snapshot, library=library, styles=styles, state=state, manifest=manifest,
        cas=cas, cache=cache, published=published, results=results, inputs=inputs, digest_of=digest_of,
        picks=lru_cache(maxsize=256)(lambda file: _picks(root, file)),
        damaged_blobs=damaged, registry=registry,
    )


def _digest(state: State, path: str) -> str | None:
    try:
        return state.digest(path)
    except IsADirectoryError:
        return ""


def _check(profile: Profile, config: Config, registry: Registry) -> None:
    """Raises Problem where an override names what does not exist: once, before it is looked for image by image."""
    if profile.preset is not None and profile.preset not in config.presets:
        known = sorted(config.presets)
        hint = did_you_mean(profile.preset, known) or f"presets are {', '.join(known)}"
        raise Problem(error("unknown-preset", f"there is no preset `{profile.preset}`", hint=hint))
    if profile.renderer is not None:
        registry.renderer(profile.renderer)


def _database(path: Path, create: bool) -> Path:
    return path if create or path.exists() else MEMORY


def _picks(root: Path, file: str) -> tuple[Decision, ...]:
    if not (root / file).is_file():
        return ()
    return tuple(load_picks(sources.document(root, file)))
