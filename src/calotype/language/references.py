"""What specs refer to: names, poses, files, one another. Must not know how an image is resolved, nor
whether it is made."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from calotype.ground.diagnostics import Diagnostic, did_you_mean
from calotype.ground.paths import MARKER, inside
from calotype.language import pose
from calotype.language.config import Config
from calotype.language.load import LISTS
from calotype.language.schema_errors import ABOUT_KEYS
from calotype.language.source import Document, Pointer
from calotype.language.spec import Spec

PICTURES = (".png", ".jpg", ".jpeg", ".webp")
POSES = "specs/poses"


@dataclass(frozen=True, slots=True)
class Known:
    """All that a spec may refer to. `document(file)` gives the file's document, to find a place in it.

    `characters` and `styles` are ids; `poses` maps ids to poses as they are written.
    """

    root: Path
    config: Config
    poses: Mapping[str, Mapping[str, Any]]
    characters: Collection[str]
    styles: Collection[str]
    document: Callable[[str], Document]
    _findings: dict[str, list[pose.Finding]] = field(default_factory=dict)

    def findings(self, value: Any) -> list[pose.Finding]:
        """What is wrong with a pose; the same pose is looked at once."""
        key = repr(value)
        if key not in self._findings:
            self._findings[key] = pose.check(value, self.poses)
        return self._findings[key]


def check_references(specs: Iterable[Spec], known: Known) -> list[Diagnostic]:
    """Everything that is wrong between files: each spec's references, the config's, the poses', and what is
    there twice."""
    specs = list(specs)
    found = check_config(known) + check_poses(known)
    for spec in specs:
        found += check_spec(spec, known)
    return found + check_together(specs, known)


def check_spec(spec: Spec, known: Known) -> list[Diagnostic]:
    """What is wrong with the references of one spec. It depends on nothing but the spec and `known`."""
    found = list(_settings(spec.file, (), spec.data, known))
    for pointer in LISTS[spec.kind]:
        items: Any = spec.data
        for part in pointer:
            items = items.get(part, ())
            if isinstance(items, dict):
                found += _settings(spec.file, pointer[:1], items, known)
            if not items:
                break
        for index, item in enumerate(items):
            found += _settings(spec.file, (*pointer, index), item, known)
    for index, path in enumerate(spec.data.get("references", ())):
        found += _picture(spec.file, ("references", index), path, known, (*PICTURES, ".npy"))
    return _sorted(found)


def check_config(known: Known) -> list[Diagnostic]:
    """What is wrong with the references of calotype.yaml."""
    found = list(_settings(MARKER, ("defaults",), known.config.defaults, known))
    if known.config.style not in known.styles:
        found += _unknown(MARKER, ("style",), "style", known.config.style, known.styles, known)
    return _sorted(found)


def check_poses(known: Known) -> list[Diagnostic]:
    """What is wrong with the poses in specs/poses/, cycles among them."""
    found: list[Diagnostic] = []
    for name, value in known.poses.items():
        found += _pose(f"{POSES}/{name}.yaml", (), value, known)
    return _sorted(found)


def check_together(specs: Iterable[Spec], known: Known) -> list[Diagnostic]:
    """Ids that two specs of one kind have, and paths that two targets have; each with both places."""
    found: list[Diagnostic] = []
    ids: dict[tuple[str, str], Spec] = {}
    paths: dict[str, tuple[Spec, Pointer]] = {}
    for spec in specs:
        first = ids.setdefault((spec.kind, spec.id), spec)
        if first is not spec:
            found.append(
                _twice(f"the id `{spec.id}` is taken", "duplicate-id", (spec, ("id",)), (first, ("id",)), known)
            )
        elif spec.kind == "exercise":
            found += _paths(spec, paths, known)
    return found


def _paths(spec: Spec, paths: dict[str, tuple[Spec, Pointer]], known: Known) -> Iterator[Diagnostic]:
    """Exercises of one region share a folder: `chin` with `tuck_01` and `chin_tuck` with `01` collide
    there."""
    for image in spec.images:
        path = f"{spec.region}/{spec.id}_{image.id}.png"
        here = (spec, (*image.pointer, "id"))
        first = paths.setdefault(path, here)
        if first is not here:
            yield _twice(f"two images would be {path}", "duplicate-path", here, first, known)


def _twice(
    message: str, code: str, here: tuple[Spec, Pointer], first: tuple[Spec, Pointer], known: Known
) -> Diagnostic:
    line, column = known.document(first[0].file).place(first[1])
    place = f"{first[0].file}:{line}:{column}"
    return known.document(here[0].file).error(
        code, f"{message}; first in {place}", here[1], hint="rename one of the two"
    )


def _settings(file: str, at: Pointer, data: Mapping[str, Any], known: Known) -> Iterator[Diagnostic]:
    """The references among the settings that stand in `data`."""
    config = known.config
    for key, what, names in (("preset", "preset", config.presets), ("style", "style", known.styles)):
        if key in data and data[key] not in names:
            yield from _unknown(file, (*at, key), what, data[key], names, known)
    if "pose" in data:
        yield from _pose(file, (*at, "pose"), data["pose"], known)
    for index, name in enumerate(data.get("characters", ())):
        if name not in known.characters:
            yield from _unknown(file, (*at, "characters", index), "character", name, known.characters, known)
    for index, lora in enumerate(data.get("loras", ())):
        if isinstance(lora, dict) and lora["name"] not in config.loras:
            yield from _unknown(file, (*at, "loras", index, "name"), "LoRA", lora["name"], config.loras, known)
    for index, control in enumerate(data.get("controls", ())):
        yield from _control(file, (*at, "controls", index), control, known)
    if "image" in data.get("reference", ()):
        yield from _picture(file, (*at, "reference", "image"), data["reference"]["image"], known)


def _control(file: str, at: Pointer, control: Mapping[str, Any], known: Known) -> Iterator[Diagnostic]:
    if control["type"] not in known.config.controlnets:
        yield from _unknown(file, (*at, "type"), "ControlNet", control["type"], known.config.controlnets, known)
    if "image" in control:
        yield from _picture(file, (*at, "image"), control["image"], known)


def _unknown(
    file: str, at: Pointer, what: str, name: str, names: Collection[str], known: Known
) -> Iterator[Diagnostic]:
    near = did_you_mean(name, sorted(names))
    hint = near or (f"there are {', '.join(sorted(names)[:20])}" if names else f"the project has no {what}")
    yield known.document(file).error(f"unknown-{what.lower()}", f"there is no {what} `{name}`", at, hint=hint)


def _pose(file: str, at: Pointer, value: Any, known: Known) -> Iterator[Diagnostic]:
    for one in known.findings(value):
        line, column = known.document(file).place((*at, *one.pointer), one.code in ABOUT_KEYS)
        yield Diagnostic(one.severity, one.code, one.message, file, line, column, one.hint)


def _picture(
    file: str, at: Pointer, path: str, known: Known, suffixes: tuple[str, ...] = PICTURES
) -> Iterator[Diagnostic]:
    """What keeps `path` from being a picture of the project."""
    try:
        found = inside(known.root, path)
    except (ValueError, OSError) as cause:
        yield known.document(file).error("path-outside", str(cause), at, hint="put the file into the project")
        return
    if PurePosixPath(path).suffix.lower() not in suffixes:
        yield known.document(file).error(
            "not-a-picture",
            f"`{path}` is not a picture by its name",
            at,
            hint=f"it may end in {', '.join(suffixes)}",
        )
    elif not os.path.isfile(found):
        yield known.document(file).error("missing-file", f"there is no file `{path}`", at, hint=_near(found))


def _near(path: Path) -> str:
    try:
        names = sorted(os.listdir(path.parent))
    except OSError:
        return "paths count from the project's folder"
    return did_you_mean(path.name, names) or "paths count from the project's folder"


def _sorted(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    return sorted(found, key=lambda one: (one.file or "", one.line or 0, one.column or 0))
