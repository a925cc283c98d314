"""A project opened for one command: its caches, its manifest, what its specs share. Must not decide anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from calotype.build import snapshot as shared
from calotype.build import sources
from calotype.build.conditions import Conditions
from calotype.build.inputs import Inputs
from calotype.build.profile import Profile
from calotype.build.scores import Scores
from calotype.build.world import World
from calotype.ground.diagnostics import Diagnostic, Problem, did_you_mean, error, warning
from calotype.ground.digest import canonical_json, sha256
from calotype.language.config import Config
from calotype.language.picks import Decision, load_picks
from calotype.language.prompt import Styles
from calotype.language.resolve import Library
from calotype.results.publish.manifest import Manifest
from calotype.store.action_cache import ActionCache
from calotype.store.cas import Cas
from calotype.store.database import MEMORY
from calotype.store.state import State
from calotype.workers.render.registry import find

STATE = "cache/state"
ACTIONS = "actions.db"


@dataclass(slots=True)
class Workshop:
    root: Path
    profile: Profile
    snapshot: shared.Snapshot
    world: World
    state: State
    inputs: Inputs
    styles: Styles
    damaged_blobs: list[str]

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
        for file, store in ((f"{STATE}/state.db", self.state), (actions, self.world.cache)):
            if store.damaged is not None:
                yield warning("cache-damaged", "was damaged, and is begun afresh", file=file,
                              hint=f"the damaged file is {store.damaged}")

    @property
    def config_digest(self) -> str:
        """SHA-256 of what calotype.yaml says, defaults applied: comments and order do not count, nor does lint."""
        config = self.snapshot.config
        return sha256(canonical_json({name: getattr(config, name) for name in config.__slots__ if name != "lint"}))


def open_workshop(root: Path, profile: Profile, *, create: bool = False) -> Workshop:
    """Without `create`, what is not there yet is not made. Raises Problem for a calotype.yaml, a manifest or a cache
    that cannot be used."""
    snapshot = shared.take(root)
    _check(profile, snapshot.config)
    cache_dir = root / snapshot.config.cache["dir"]
    state = State(_database(root / STATE / "state.db", create))
    damaged: list[str] = []
    cas, cache = Cas(cache_dir, damaged.append), ActionCache(_database(cache_dir / ACTIONS, create))
    manifest = Manifest(root, profile.content)
    locked = {**Manifest(root).weights, **manifest.weights} if profile.overrides else manifest.weights
    inputs = Inputs(root, state, locked)
    styles = Styles(root)
    library = Library(
        config=snapshot.config, poses=snapshot.poses, characters=snapshot.characters, compose=styles.compose,
        digest=inputs.digest, weights=inputs.model, pixels=inputs.pixels, overrides=profile.overrides,
        content=profile.content,
    )
    world = World(
        root=root, shared=library, manifest=manifest, cas=cas, cache=cache, scores=Scores(cas, cache), inputs=inputs,
        conditions=Conditions(cas, cache, inputs),
        digest_of=lambda path: _digest(state, root / path),
        picks=lru_cache(maxsize=256)(lambda file: _picks(root, file)),
    )
    return Workshop(root, profile, snapshot, world, state, inputs, styles, damaged)


def _digest(state: State, path: Path) -> str | None:
    try:
        return state.digest(path)
    except IsADirectoryError:
        return ""


def _check(profile: Profile, config: Config) -> None:
    """Raises Problem where an override names what does not exist: once, before it is looked for image by image."""
    if profile.preset is not None and profile.preset not in config.presets:
        known = sorted(config.presets)
        hint = did_you_mean(profile.preset, known) or f"presets are {', '.join(known)}"
        raise Problem(error("unknown-preset", f"there is no preset `{profile.preset}`", hint=hint))
    if profile.renderer is not None:
        find(profile.renderer)


def _database(path: Path, create: bool) -> Path:
    return path if create or path.exists() else MEMORY


def _picks(root: Path, file: str) -> tuple[Decision, ...]:
    if not (root / file).is_file():
        return ()
    return tuple(load_picks(sources.document(root, file)))
