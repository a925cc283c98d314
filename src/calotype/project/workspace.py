"""One opened project: its files, its caches, its manifest, what its specs share. Must not decide what is stale."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from calotype.ground.boundary import require_own_places, require_own_tree
from calotype.ground.diagnostics import Diagnostic, Problem, error, warning
from calotype.ground.digest import canonical_json, sha256
from calotype.ground.folders import STATE_DB
from calotype.language.config import Config
from calotype.language.prompt import Styles
from calotype.language.resolve import Library
from calotype.models.model_folders import model_folders
from calotype.project.asset_files import AssetFiles
from calotype.project.decisions.concerned_specs import DecidedSpecs
from calotype.project.decisions.index import Decisions
from calotype.project.inputs.digests import Inputs
from calotype.project.layout import Layout
from calotype.project.named_plugins import check_named
from calotype.project.overrides import Profile
from calotype.project.published import PublishedActions
from calotype.project.purchases import Purchases
from calotype.project.specs.characters import Characters
from calotype.project.specs.lookup import SpecLookup
from calotype.project.specs.shared_files import SharedFiles, Snapshot, take_snapshot
from calotype.project.stores import Stores
from calotype.results.publish.manifest import Manifest
from calotype.results.publish.proof import fault
from calotype.store.action_cache import ActionCache
from calotype.store.cas import Cas
from calotype.store.results import Results
from calotype.store.state import State
from calotype.store.unrecorded import Unrecorded
from calotype.workers.plugins import BUILTIN, Registry, source_file
from calotype.workers.protocol import Enhancer, Group, IdentityMethod, Renderer, Scorer, Worker, WorkerRef
from calotype.workers.work import Executor

W = TypeVar("W", bound=Worker)


class Workspace:
    """A project that is open until `close`. It shows the project as it was when it was opened, or last brought up to
    date by `update`; databases, plug-ins and what was understood of shared files stay from one update to the next.

    `shared` is what specs share, `snapshot` that as it was read. `decisions` are those of people, `specs` finds a spec
    by its name, `characters` a character by its id. `results` is the one lookup of what actions gave, `published` its
    tier in the manifest, `assets` what lies in the places of what is published; `purchases` what renderers bought.
    """

    snapshot: Snapshot
    shared: Library
    styles: Styles
    manifest: Manifest
    assets: AssetFiles
    published: PublishedActions
    results: Results
    inputs: Inputs
    decisions: Decisions
    specs: SpecLookup
    characters: Characters

    def __init__(self, root: Path, profile: Profile, *, create: bool) -> None:
        """Without `create`, what is not there yet is not made. Raises Problem for a calotype.yaml, a manifest or a
        cache that cannot be used."""
        self.layout, self.profile = Layout(root), profile
        self._create = create
        self._files = SharedFiles(root)
        self.registry = Registry()
        self.purchases = Purchases()
        self._stores: Stores | None = None
        try:
            self.update()
        except BaseException:
            self.close()
            raise

    def update(self, changed: Collection[str] = ()) -> None:
        """Brings everything up to date with the files as they are now, as if the project were opened anew. `changed`
        are paths known to differ from what was read before. Raises Problem as opening does; a later update may then
        succeed."""
        self._files.distrust(changed)
        self.registry.forget_failures()
        require_own_places(self.root)
        snapshot = take_snapshot(self.root, self._files)
        require_own_tree(self.root, snapshot.config.cache["dir"])
        check_named(self.profile, snapshot, self.registry)
        stores = self._open_stores(Layout(self.root, snapshot.config.cache["dir"]))
        manifest = Manifest(self.root, self.profile.content, fault)
        locked = {**Manifest(self.root).weights, **manifest.weights} if self.profile.overrides else manifest.weights
        self.snapshot, self.manifest, self.styles = snapshot, manifest, Styles(self.root)
        self.inputs = Inputs(
            self.root, stores.state, locked, snapshot.config.loras, snapshot.config.matte,
            lambda data: stores.cas.path(stores.cas.put(data)), self.model_folders)
        self.assets = AssetFiles(self.root, stores.state, manifest, stores.cas)
        self.published = PublishedActions(self.root, manifest, self.assets)
        self.results = Results(stores.cas, stores.cache, self.published)
        self.decisions, self.specs = Decisions(self.root, stores.state), SpecLookup(self.root, stores.state)
        self.characters = Characters(snapshot, self.specs)
        self.shared = self._library()
        self._sources: set[tuple[Group, str]] = set()

    def _library(self) -> Library:
        snapshot, inputs = self.snapshot, self.inputs
        return Library(
            config=snapshot.config, poses=snapshot.poses, characters=self.characters, compose=self.styles.compose,
            digest=inputs.digest, weights=inputs.model, pixels=inputs.pixels, epoch=self._detector_epoch,
            pipeline=inputs.classes.of,
            overrides=self.profile.overrides, content=self.profile.content,
        )

    def _open_stores(self, layout: Layout) -> Stores:
        """Those that are open, as long as they are still the files at their paths."""
        if self._stores is None or not self._stores.are_at(layout):
            self.close()
            self._stores = Stores(layout, create=self._create)
        self.layout = layout
        self._stores.damaged_blobs.clear()
        return self._stores

    def reopen_after_fork(self) -> None:
        """In a forked process, before anything is asked of the stores."""
        self._open.reopen_after_fork()

    def close(self) -> None:
        stores, self._stores = self._stores, None
        if stores is not None:
            stores.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def complete(self) -> bool:
        """Whether the caches hold all that the manifest tells: no unknown key is searched there."""
        return self.published.complete

    @complete.setter
    def complete(self, value: bool) -> None:
        self.published.complete = value

    @property
    def root(self) -> Path:
        return self.layout.root

    @property
    def model_folders(self) -> tuple[Path, ...]:
        """The folders outside the project in which its weights may lie."""
        config = self.snapshot.config
        return model_folders(self.root, config.models, packs="pack" in config.identity)

    @property
    def state(self) -> State:
        return self._open.state

    @property
    def cache(self) -> ActionCache:
        return self._open.cache

    @property
    def cas(self) -> Cas:
        return self._open.cas

    @property
    def unrecorded(self) -> Unrecorded:
        """What the action cache could not take."""
        return self._open.unrecorded

    @property
    def _open(self) -> Stores:
        assert self._stores is not None, "the workspace is closed"
        return self._stores

    @property
    def damage(self) -> Iterator[Diagnostic]:
        """What was found damaged in the caches and the state so far. It is set aside."""
        return _damage(self._open, self.layout)

    def forget_damage(self) -> None:
        """What `damage` tells has been reported, and a build has made up for it."""
        self._open.forget_damage()

    @property
    def outdated_plugins(self) -> Iterator[Diagnostic]:
        """The workers whose own code is another by now than what this process imported, and plans with."""
        return _outdated(self.registry)

    @property
    def config_digest(self) -> str:
        """SHA-256 of what calotype.yaml says of images. Defaults do not count: another version has others."""
        return sha256(canonical_json(self.snapshot.config.written))

    def renderer(self, name: str) -> Renderer:
        """Raises Problem where there is none. What is planned depends on the file that defines it."""
        return self._in_use("renderer", self.registry.renderer(name))

    def scorer(self, name: str) -> Scorer:
        """As `renderer`."""
        return self._in_use("scorer", self.registry.scorer(name))

    def identity(self, name: str) -> IdentityMethod:
        """As `renderer`."""
        return self._in_use("identity", self.registry.identity(name))

    def enhancer(self, name: str) -> Enhancer:
        """As `renderer`."""
        return self._in_use("enhancer", self.registry.enhancer(name))

    def _detector_epoch(self, name: str) -> int | None:
        if name in BUILTIN["conditioner"]:
            return None
        return self._in_use("conditioner", self.registry.conditioner(name)).epoch

    def _in_use(self, group: Group, worker: W) -> W:
        if (group, worker.name) not in self._sources:
            self._sources.add((group, worker.name))
            source = source_file(worker)
            if source is not None:
                self.inputs.depend(str(source))
        return worker

    def settings_of(self, worker: Worker | Executor) -> Mapping[str, Any]:
        """The worker's own section of calotype.yaml: the one that it names, else that of its name under `plugins`."""
        section: str | None = getattr(worker, "section", None)
        config = self.shared.config
        settings = _section(config, section, worker.name) if section else config.plugins.get(worker.name, {})
        return self.purchases.settings(settings, worker, self.layout.cache)

    def reference(self, group: Group, worker: Worker) -> WorkerRef:
        """What crosses to an executor in place of `worker`."""
        return WorkerRef.of(group, worker, self.settings_of(worker))

    @property
    def decided(self) -> DecidedSpecs:
        return DecidedSpecs(self.root, self.decisions, self.state, self.manifest)


def open_workspace(root: Path, profile: Profile, *, create: bool = False) -> Workspace:
    """The project at `root`, to be used in a `with`. See `Workspace`."""
    return Workspace(root, profile, create=create)


def _section(config: Config, section: str, reader: str) -> Mapping[str, Any]:
    values: object = getattr(config, section, None)
    if not isinstance(values, Mapping):
        message = f"`{reader}` reads its settings from `{section}`, which is no section of calotype.yaml"
        raise Problem(error("no-settings", message, hint="report it to the author of the plug-in"))
    return values


def _damage(stores: Stores, layout: Layout) -> Iterator[Diagnostic]:
    blobs, actions = layout.cache_files
    for digest in stores.damaged_blobs:
        yield warning("cache-damaged", f"the blob {digest} was damaged", file=f"{blobs}/{digest[:2]}/{digest[2:]}",
                      hint=f"it was moved to {Path(blobs).parent}/damaged, and is made again when it is needed")
    for file, store in ((STATE_DB, stores.state), (actions, stores.cache)):
        if store.damaged is not None:
            yield warning("cache-damaged", "was damaged, and is begun afresh", file=file,
                          hint=f"the damaged file is {store.damaged}")


def _outdated(registry: Registry) -> Iterator[Diagnostic]:
    for kind, name, source in registry.outdated():
        if kind != "executor":
            yield warning("plugin-changed", f"the {kind} `{name}` has changed, and is used as it was loaded",
                          file=str(source), hint="start the watch again: it then looks into every spec")
