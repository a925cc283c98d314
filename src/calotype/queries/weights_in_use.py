"""The weights that a project's images read: which, where they lie, and fetching them. Must not render anything.

What is read is asked of the renderers themselves: their requests are made with a library that notes every model.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from calotype.actions.judges import SCORE, subject_of
from calotype.actions.registry import Kinds
from calotype.ground.diagnostics import Diagnostic, Problem, error, raise_errors
from calotype.ground.digest import sha256_file
from calotype.ground.light_dataclass import dataclass, replace
from calotype.ground.troubleshooting import DOWNLOAD, see
from calotype.language.config import Config
from calotype.language.identity import Identity
from calotype.language.image import Image
from calotype.language.judging.scorer_weights import PERFORMERS, written_weights
from calotype.language.resolve import images_of
from calotype.language.weights import Model
from calotype.models import hub_cache, weight_files
from calotype.models.licences import Licence, Licences
from calotype.models.pickled import conversion, refusal
from calotype.models.tensor_header import read_header
from calotype.models.weights_proof import fault, is_pointer
from calotype.project.changes import changed_specs
from calotype.project.inputs.digests import PROVED
from calotype.project.inputs.missing_weights import missing, training
from calotype.project.overrides import Profile
from calotype.project.specs.shared_files import read_specs
from calotype.project.workspace import Workspace, open_workspace
from calotype.workers.condition import conditioner_of
from calotype.workers.plugins import BUILTIN
from calotype.workers.protocol import Group

_ANY = "0" * 64
_GROUPS: Sequence[Group] = ("renderer", "scorer", "identity", "conditioner")


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model, or one file of weights, that images read. `place` is `project`, `folder` (one of models outside the
    project), `hub` or `missing`; `size` is in bytes (about so many, of one that is missing; None if unknown); `commit`
    is what its revision stands for, `hint` what to do about one that is missing, `loras` what calotype.yaml calls a
    LoRA, `source` the character that one is trained on here. `licence` is empty where nobody has told one; `commercial`
    (yes, no or unknown) says whether it may be used commercially, `note` what else counts. `judge`: only scorers
    or identities read it."""

    name: str
    place: str
    path: str | None
    size: int | None
    images: int
    commit: str | None = None
    pinned: bool | None = None
    hint: str | None = None
    loras: tuple[str, ...] = ()
    source: str | None = None
    licence: str = ""
    commercial: str = "unknown"
    note: str = ""
    judge: bool = False

    def label(self) -> str:
        """`luca (loras/v3.safetensors)` of a LoRA, the name of any other model."""
        return f"{', '.join(self.loras)} ({self.name})" if self.loras else self.name


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """How many files were read, and which are not what they were: (file, why)."""

    files: int
    damaged: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the images of a project read, and how many images read each; the digests that the manifest locks; the
    folders outside the project in which weights may lie; what calotype.yaml says; and the licences of weights."""

    images: Mapping[Model | str, int]
    locks: Mapping[str, str]
    folders: Sequence[Path]
    config: Config
    licences: Licences


def rows(root: Path) -> list[ModelRow]:
    needed = _asked(root)
    model_rows = [_row(root, what, count, needed.folders) for what, count in needed.images.items()]
    model_rows += [replace(_row(root, what, count, needed.folders), judge=True)
                   for what, count in _judged_with(root).items() if what not in needed.images]
    named = (_named(row, needed.config.loras) for row in model_rows)
    return sorted((_licensed(row, needed.licences.of(row.name)) for row in named), key=lambda row: row.name)


def _licensed(row: ModelRow, licence: Licence) -> ModelRow:
    return replace(row, licence=licence.name, commercial=licence.commercial, note=licence.note)


def _named(row: ModelRow, loras: Mapping[str, Mapping[str, Any]]) -> ModelRow:
    """The row with what calotype.yaml says of a LoRA."""
    names = tuple(sorted(name for name, lora in loras.items() if lora["path"] == row.name))
    source = next((loras[name]["from"] for name in names if "from" in loras[name]), None)
    hint = training(source) if source is not None and row.place == "missing" else row.hint
    return replace(row, loras=names, source=source, hint=hint)


def absent(root: Path, names: Sequence[str] = ()) -> list[Model]:
    """The Hub models that images read and that are not here, or not whole; with `names`, of those, damaged ones too,
    and those that only scorers and identity methods would read, which are never fetched unasked. Raises Problem for a
    name that none of them reads."""
    needed = _asked(root)
    folders = needed.folders
    models = [model for model in needed.images if isinstance(model, Model)]
    if not set(names) <= {name for model in models for name in (model.name, str(model))}:
        models += [model for model in _read_by_judges(root) if model not in models]
    read = {name for model in models for name in (model.name, str(model))}
    hint = f"they read {', '.join(sorted(read))}" if read else "they read none of the Hub"
    unknown = [name for name in names if name not in read]
    raise_errors([error("unknown-model", f"no image reads a model `{name}`", hint=hint) for name in unknown])
    chosen = [model for model in models if not names or model.name in names or str(model) in names]
    return [model for model in chosen
            if _place(root, model, folders) is None or (names and any(_damaged(root, model, folders)))]


def still_absent(root: Path, models: Iterable[Model]) -> list[Diagnostic]:
    """An error for each of `models` that a fetch has not made whole."""
    hint = "see on its page what it is made of, and whether it has the `variant` you ask for"
    return [error("incomplete", f"`{model}` was fetched, and yet lacks what loading it reads", hint=hint)
            for model in models if _place(root, model) is None]


def _damaged(root: Path, what: Model | str, folders: Sequence[Path]) -> Iterator[Path]:
    """The files of a model in the Hub's cache that are not what they are named by. Reads all that loading reads."""
    place = weight_files.lying(root, what if isinstance(what, Model) else Model(what), folders)
    parts = weight_files.parts(place, *_reading(what)) if place is not None else ()
    for part in parts:
        assert place is not None
        path = place / part if part else place
        if hub_cache.is_damaged(path):
            yield path


def verify(root: Path) -> ModelCheck:
    """Reads every file of weights that is here, and compares it with what the Hub or the manifest says of it."""
    needed = _asked(root)
    folders = needed.folders
    damaged: list[tuple[str, str]] = []
    checked = 0
    for model in {**needed.images, **_judged_with(root)}:
        place, reading = _place(root, model, folders), _reading(model)
        checked += len(weight_files.parts(place, *reading)) if place is not None else 0
        pull = "put it there again"
        if isinstance(model, Model) and weight_files.may_be_on_hub(model.name):
            pull = f"calotype models pull {model.name}"
        why = f"its bytes are not those that the Hub names it by: {pull}"
        changed = dict.fromkeys(_damaged(root, model, folders), why)
        unreadable = _unreadable(root, model, folders, pull)
        damaged += [(str(path), text) for path, text in {**unreadable, **changed}.items()]
        if place is None and isinstance(model, Model) and weight_files.lying(root, model, folders) is not None:
            damaged.append((str(model), f"is here in part only: {pull}; {see(DOWNLOAD)}"))
        locked = needed.locks.get(str(model))
        if place is None or not locked or unreadable:
            continue
        if weight_files.digest(place, reading[0], sha256_file, reading[1]) != locked:
            damaged.append((str(model), "differs from what the manifest locks: images that read it will be rendered"))
    return ModelCheck(checked, tuple(damaged))


def broken(root: Path) -> dict[str, str]:
    """The models that are here, by name, of which a file of weights cannot be what it is called: why. Reads headers."""
    needed = _asked(root)
    faults = ((str(model), list(_unreadable(root, model, needed.folders, "").values()))
              for model in {**needed.images, **_judged_with(root)})
    return {name: texts[0] for name, texts in faults if texts}


def _unreadable(root: Path, what: Model | str, folders: Sequence[Path], cure: str) -> dict[Path, str]:
    """The files of a model that are none, and those of weights and embeddings that are not whole, and why: by their
    headers and lengths."""
    place = weight_files.lying(root, what if isinstance(what, Model) else Model(what), folders)
    faults: dict[Path, str] = {}
    if place is None:
        return faults
    for part in weight_files.parts(place, *_reading(what)):
        path = place / part if part else place
        if not path.is_file():
            faults[path] = ": ".join(filter(None, (f"`{path.name}` is no file", cure)))
        elif path.name.endswith(weight_files.SAFE):
            try:
                read_header(path)
            except Problem as problem:
                first = problem.diagnostics[0]
                advice = first.hint if first.code == "lfs" or not cure else cure
                faults[path] = ": ".join(filter(None, (first.message, advice)))
        elif path.name.endswith(PROVED) and (reason := _reason(path)):
            faults[path] = f"`{path.name}` {reason}" + (f": {cure}" if cure and not is_pointer(path) else "")
    return faults


def _reason(path: Path) -> str | None:
    """Why a file of weights is not what it is called by its name; None where it is."""
    try:
        return "is a Git LFS pointer: run `git lfs pull`" if is_pointer(path) else fault(path)
    except OSError as cause:
        return f"cannot be read: {cause.strerror}"


def _asked(root: Path) -> _Asked:
    """Raises Problem where specs are invalid."""
    with open_workspace(root, Profile()) as workspace:
        return _Asked(_read_by_images(workspace), workspace.manifest.weights, workspace.model_folders,
                      workspace.snapshot.config, Licences(workspace.snapshot.config, workspace.characters))


def workers_in_use(workspace: Workspace) -> list[tuple[Group, str]]:
    """The renderers, scorers, identity methods and conditioners of the project's images, by group and name: judges that
    calotype.yaml or a spec names whatever weights are here, others where they are."""
    workspace.inputs.assumes = True
    kinds, workers = Kinds(workspace), set[tuple[Group, str]]()
    written = written_weights(workspace.shared.config.scoring)
    for image in _images(workspace, None):
        workers.add(("renderer", image.renderer))
        workers |= {("scorer", name) for name in written if image.candidates > 1}
        workers |= {("scorer", name) for name in _asked_scorers(image, kinds)}
        workers |= {("identity", identity.method) for identity in _identities(workspace, image)}
        for control in image.made_maps:
            assert control.condition is not None
            workers.add(("conditioner", conditioner_of(json.loads(control.condition().components))))
    return sorted(workers, key=lambda worker: (_GROUPS.index(worker[0]), worker[1]))


def _asked_scorers(image: Image, kinds: Kinds) -> set[str]:
    """The scorers that are asked about pictures of an image: those of its panel."""
    with suppress(Problem):  # whoever builds is told
        return {subject_of(action)[1] for action in kinds.named(SCORE).will_ask(image)}
    return set()


def _identities(workspace: Workspace, image: Image) -> Iterator[Identity]:
    """Those that a spec asks for, and any other of an image whose renderer may draw somebody else."""
    exact = bool(getattr(workspace.renderer(image.renderer), "exact", False))
    return (identity for identity in image.identities if identity.written or not exact)


def _read_by_images(workspace: Workspace) -> dict[Model | str, int]:
    images: dict[Model | str, int] = {}
    seen: set[Model | str] = set()

    def note(what: Model | str) -> str:
        seen.add(what)
        return _ANY

    for image in _images(workspace, note):
        seen.clear()
        workspace.renderer(image.renderer).request(image)
        for identity in _identities(workspace, image):
            with suppress(Problem):  # no pack is named: `validate` says so
                workspace.identity(identity.method).request(identity, image, _ANY)
        for model in seen:
            images[model] = images.get(model, 0) + 1
    return {model: count for model, count in images.items() if not str(model).endswith(".npy")}


def _judged_with(root: Path) -> dict[Model | str, int]:
    """What scorers and identities read of pictures, and of how many images; of those that nobody has named, only where
    it is here."""
    images: Counter[Model | str] = Counter()
    with open_workspace(root, Profile()) as workspace:
        inputs, kinds = workspace.inputs, Kinds(workspace)
        inputs.assumes = True
        for image in _images(workspace, None):
            digests: set[str] = set()
            for kind in kinds:
                with suppress(Problem):  # whoever builds is told
                    digests.update(*(action.digests for action in kind.will_ask(image)))
            images.update(inputs.asked[name] for name in inputs.probed if inputs.weights.get(name) in digests)
    return images


def _read_by_judges(root: Path) -> list[Model]:
    """What scorers, those of Calotype and those that calotype.yaml weighs, and identity methods would read."""
    seen: dict[Model | str, None] = {}

    def note(what: Model | str) -> str:
        seen[what] = None
        return _ANY

    with open_workspace(root, Profile()) as workspace:
        scorers = {*BUILTIN["scorer"], *written_weights(workspace.shared.config.scoring)} - PERFORMERS
        for image in _images(workspace, note):
            for scorer in sorted(scorers):
                workspace.scorer(scorer).request(image, _ANY)
            for identity in image.identities:
                workspace.identity(identity.method).request(identity, image, _ANY)
    return [model for model in seen if isinstance(model, Model)]


def _images(workspace: Workspace, digest: Callable[[Model | str], str] | None) -> Iterator[Image]:
    """Every image of the project, its weights weighed by `digest`, or by their bytes. Raises Problem where specs are
    invalid."""
    library = replace(
        workspace.shared, pixels=lambda path: _ANY, pipeline=lambda model: _class(workspace, model))
    if digest is not None:
        library = replace(library, weights=digest, digest=digest)
    files_of_specs = list(changed_specs(workspace.root, None, workspace.state).files)
    for spec, _, _ in read_specs(workspace.snapshot, files_of_specs):
        yield from images_of(spec, library)
    raise_errors([diagnostic for diagnostic in workspace.snapshot.diagnostics if diagnostic.severity == "error"])


def _class(workspace: Workspace, model: Model) -> str:
    """The class of pipelines that it is laid out for; empty where its files cannot be read, which is told of them."""
    try:
        return workspace.inputs.classes.of(model)
    except Problem:
        return ""


def _row(root: Path, what: Model | str, images: int, folders: Sequence[Path]) -> ModelRow:
    place = _place(root, what, folders)
    if place is None:
        whole = isinstance(what, Model) and what.part is None and not what.settings
        size = weight_files.size_of(what.name, what.variant) if isinstance(what, Model) and whole else None
        return ModelRow(str(what), "missing", None, size, images, None, _pinned(what), missing(what, None).hint)
    size = sum((place / part if part else place).stat().st_size for part in weight_files.parts(place, *_reading(what)))
    if place.is_relative_to(root) or any(place.is_relative_to(folder) for folder in folders):
        lies = "project" if place.is_relative_to(root) else "folder"
        return ModelRow(str(what), lies, str(place), size, images)
    commit = hub_cache.commit_of(what.name, what.revision) if isinstance(what, Model) else None
    return ModelRow(str(what), "hub", str(place), size, images, commit, _pinned(what))


def _reading(what: Model | str) -> tuple[str | None, bool]:
    """The variant that is read of it, and whether of it only the configs are."""
    return (what.variant, what.settings) if isinstance(what, Model) else (None, False)


def _pinned(what: Model | str) -> bool | None:
    """Whether the revision is a commit, so that it can never mean other weights; None of a file."""
    return len(what.revision or "") == 40 if isinstance(what, Model) else None


def _place(root: Path, what: Model | str, folders: Sequence[Path] = ()) -> Path | None:
    return weight_files.locate(root, what if isinstance(what, Model) else Model(what), folders)


def by_repository(models: Iterable[Model]) -> dict[tuple[str, str | None], list[Model]]:
    """(repository, revision) -> its models: what is read of one repository is fetched together. Raises Problem for a
    name that the Hub cannot have, and for what it has as pickles alone."""
    hint = "put it into the project, or into a folder that `models: {folder: ...}` or CALOTYPE_MODELS names"
    message = "is neither in the project, nor in a folder of models, nor a name on the Hub (org/name)"
    raise_errors([error("missing-model", f"`{model}` {message}", hint=hint) for model in models
                  if not weight_files.may_be_on_hub(model.name)])
    raise_errors([refusal(model) for model in models if conversion(model)])
    groups: dict[tuple[str, str | None], list[Model]] = {}
    for model in models:
        groups.setdefault((model.name, model.revision), []).append(model)
    return groups
