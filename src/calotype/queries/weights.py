"""The weights that a project's images read: which, where they lie, and fetching them. Must not render anything.

What is read is asked of the renderers themselves: their requests are made with a library that notes every model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, error, raise_errors
from calotype.ground.digest import sha256_file
from calotype.language.resolve import images_of
from calotype.language.weights import Model
from calotype.models import files, hub_cache
from calotype.project import shared
from calotype.project.changes import changed_specs
from calotype.project.overrides import Profile
from calotype.project.workspace import Workspace, open_workspace

_ANY = "0" * 64


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model, or one file of weights, that images read. `place` is `project`, `hub` or `missing`; `size` is in bytes
    (about so many, of one that is missing; None if unknown); `commit` is what its revision stands for."""

    name: str
    place: str
    path: str | None
    size: int | None
    images: int
    commit: str | None = None
    pinned: bool | None = None


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """How many files were read, and which are not what they were: (file, why)."""

    files: int
    damaged: tuple[tuple[str, str], ...]


def rows(root: Path) -> list[ModelRow]:
    asked, _ = _asked(root)
    return sorted((_row(root, what, count) for what, count in asked.items()), key=lambda row: row.name)


def absent(root: Path, names: Sequence[str] = ()) -> list[Model]:
    """The Hub models that images read and that are not here, or not whole; with `names`, of those, damaged ones too.
    Raises Problem for a name that no image reads."""
    asked, _ = _asked(root)
    models = [what for what in asked if isinstance(what, Model)]
    known = {name for model in models for name in (model.name, str(model))}
    hint = f"they read {', '.join(sorted(known))}"
    unknown = [one for one in names if one not in known]
    raise_errors([error("unknown-model", f"no image reads a model `{one}`", hint=hint) for one in unknown])
    wanted = [one for one in models if not names or one.name in names or str(one) in names]
    return [one for one in wanted if _place(root, one) is None or (names and any(_damaged(root, one)))]


def still_absent(root: Path, models: Iterable[Model]) -> list[Diagnostic]:
    """An error for each of `models` that a fetch has not made whole."""
    hint = "see on its page what it is made of, and whether it has the `variant` you ask for"
    return [error("incomplete", f"`{one}` was fetched, and yet lacks what loading it reads", hint=hint)
            for one in models if _place(root, one) is None]


def _damaged(root: Path, what: Model | str) -> Iterator[Path]:
    """The files of a model in the Hub's cache that are not what they are named by. Reads all that loading reads."""
    place = files.lying(root, what if isinstance(what, Model) else Model(what))
    parts = files.parts(place, *_reading(what)) if place is not None else ()
    for part in parts:
        assert place is not None
        path = place / part if part else place
        if hub_cache.is_damaged(path):
            yield path


def verify(root: Path) -> ModelCheck:
    """Reads every file of weights that is here, and compares it with what the Hub or the manifest says of it."""
    asked, locks = _asked(root)
    damaged: list[tuple[str, str]] = []
    checked = 0
    for what in asked:
        place, reading = _place(root, what), _reading(what)
        checked += len(files.parts(place, *reading)) if place is not None else 0
        pull = f"calotype models pull {what.name}" if isinstance(what, Model) else "put it there again"
        why = f"its bytes are not those that the Hub names it by: {pull}"
        damaged += [(str(path), why) for path in _damaged(root, what)]
        if place is None and isinstance(what, Model) and files.lying(root, what) is not None:
            damaged.append((str(what), f"is here in part only: {pull}"))
        locked = locks.get(str(what))
        if place is not None and locked and files.digest(place, reading[0], sha256_file, reading[1]) != locked:
            damaged.append((str(what), "differs from what the manifest locks: images that read it will be rendered"))
    return ModelCheck(checked, tuple(damaged))


def _asked(root: Path) -> tuple[dict[Model | str, int], Mapping[str, str]]:
    """What the images of the project read, and how many images read each; and the digests that the manifest locks.
    Raises Problem where specs are invalid."""
    with open_workspace(root, Profile()) as workspace:
        return _read_by_images(workspace), workspace.manifest.weights


def _read_by_images(workspace: Workspace) -> dict[Model | str, int]:
    root = workspace.root
    asked: dict[Model | str, int] = {}
    seen: set[Model | str] = set()

    def note(what: Model | str) -> str:
        seen.add(what)
        return _ANY

    library = replace(workspace.library, weights=note, digest=note, pixels=lambda path: _ANY)
    for spec, _, _ in shared.specs(workspace.snapshot, list(changed_specs(root, None, workspace.state).files)):
        for image in images_of(spec, library):
            seen.clear()
            workspace.renderer(image.renderer).request(image)
            for what in seen:
                asked[what] = asked.get(what, 0) + 1
    raise_errors([one for one in workspace.snapshot.diagnostics if one.severity == "error"])
    return {what: count for what, count in asked.items() if not str(what).endswith(".npy")}


def _row(root: Path, what: Model | str, images: int) -> ModelRow:
    place = _place(root, what)
    if place is None:
        whole = isinstance(what, Model) and what.part is None and not what.settings
        size = files.size_of(what.name, what.variant) if isinstance(what, Model) and whole else None
        return ModelRow(str(what), "missing", None, size, images, None, _pinned(what))
    size = sum((place / part if part else place).stat().st_size for part in files.parts(place, *_reading(what)))
    own = place.is_relative_to(root)
    commit = hub_cache.commit_of(what.name, what.revision) if isinstance(what, Model) and not own else None
    return ModelRow(str(what), "project" if own else "hub", str(place), size, images, commit,
                    None if own else _pinned(what))


def _reading(what: Model | str) -> tuple[str | None, bool]:
    """The variant that is read of it, and whether of it only the configs are."""
    return (what.variant, what.settings) if isinstance(what, Model) else (None, False)


def _pinned(what: Model | str) -> bool | None:
    """Whether the revision is a commit, so that it can never mean other weights; None of a file."""
    return len(what.revision or "") == 40 if isinstance(what, Model) else None


def _place(root: Path, what: Model | str) -> Path | None:
    if isinstance(what, Model):
        return files.locate(root, what)
    return files.locate(root, Model(what))


def by_repository(models: Iterable[Model]) -> dict[tuple[str, str | None], list[Model]]:
    """(repository, revision) -> its models: what is read of one repository is fetched together. Raises Problem for a
    name that the Hub cannot have."""
    raise_errors([error("missing-model", f"`{one}` is neither in the project nor a name on the Hub (org/name)",
                        hint="put the file or folder in its place") for one in models if one.name.count("/") != 1])
    groups: dict[tuple[str, str | None], list[Model]] = {}
    for model in models:
        groups.setdefault((model.name, model.revision), []).append(model)
    return groups
