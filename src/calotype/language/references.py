"""What specs refer to: names, poses, files. Must not know how an image is resolved, nor
whether it is made."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from calotype.ground.diagnostics import Diagnostic, did_you_mean
from calotype.ground.folders import IMAGES, MARKER, POSES
from calotype.ground.light_dataclass import dataclass, field
from calotype.ground.paths import inside
from calotype.language import pose
from calotype.language.condition import KINDS
from calotype.language.config import Config
from calotype.language.control import preprocessor_of
from calotype.language.licence_names import unread_licences
from calotype.language.load import LISTS
from calotype.language.schema.violations import ABOUT_KEYS
from calotype.language.spec import Spec
from calotype.language.trained_loras import check_sources, circles
from calotype.language.unsupported import unsupported_in_config
from calotype.language.yaml.document import Document, Pointer

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".avif")
FOREIGN = {
    ".heic": "HEIC", ".heif": "HEIC", ".tif": "TIFF", ".tiff": "TIFF", ".gif": "GIF", ".bmp": "BMP", ".svg": "SVG",
    ".psd": "Photoshop", ".jxl": "JPEG XL",
}
"""Pictures by their names that are not read."""


@dataclass(frozen=True, slots=True)
class Known:
    """All that a spec may refer to. `document(file)` gives the file's document, to find a place in it.

    `characters` are specs by their ids, `styles` ids; `poses` maps ids to poses as they are written, `pose_files` to
    their files where these are not specs/poses/<id>.yaml.
    """

    root: Path
    config: Config
    poses: Mapping[str, Mapping[str, Any]]
    characters: Mapping[str, Spec]
    styles: Collection[str]
    document: Callable[[str], Document]
    pose_files: Mapping[str, str] = field(default_factory=dict)
    _findings: dict[str, list[pose.Finding]] = field(default_factory=dict)
    _documents: dict[str, Document] = field(default_factory=dict)
    _chains: list[pose.Chains] = field(default_factory=list)

    def findings(self, value: Any) -> list[pose.Finding]:
        """What is wrong with a pose; the same pose is looked at once."""
        key = repr(value)
        if key not in self._findings:
            if not self._chains:
                self._chains.append(pose.Chains(self.poses))
            self._findings[key] = pose.check(value, self.poses, self._chains[0])
        return self._findings[key]

    def opened(self, file: str) -> Document:
        """The document of the file that something is found in; the last one is kept, since findings come together."""
        if file not in self._documents:
            self._documents.clear()
            self._documents[file] = self.document(file)
        return self._documents[file]


def check_spec(spec: Spec, known: Known) -> list[Diagnostic]:
    """What is wrong with the references of one spec. It depends on nothing but the spec and `known`."""
    diagnostics = list(_settings(spec.file, (), spec.data, known))
    for pointer in LISTS[spec.kind]:
        items: Any = spec.data
        for part in pointer:
            items = items.get(part, ())
            if isinstance(items, dict):
                diagnostics += _settings(spec.file, pointer[:1], items, known)
            if not items:
                break
        for index, item in enumerate(items):
            diagnostics += _settings(spec.file, (*pointer, index), item, known)
    for pointer, paths in reference_lists(spec.data):
        for index, path in enumerate(paths):
            diagnostics += _picture(spec.file, (*pointer, index), path, known, (*PICTURES, ".npy"))
    if spec.kind == "character":
        for (file, pointer, _), message, hint in circles(spec, known.config, known.characters):
            diagnostics.append(known.opened(file).error("circle", message, pointer, hint=hint))
    return _sorted(diagnostics)


def reference_lists(data: Mapping[str, Any]) -> Iterator[tuple[Pointer, Iterable[str]]]:
    """The lists of what a character is known by, which stand in its spec, each with its place."""
    for pointer in (("references",), ("identity", "references")):
        value: Any = data
        for key in pointer:
            value = value.get(key, {})
        yield pointer, value or ()


def check_config(known: Known) -> list[Diagnostic]:
    """What is wrong with the references of calotype.yaml, and what of it has no effect yet."""
    diagnostics = list(_settings(MARKER, ("defaults",), known.config.defaults, known))
    for name, preset in known.config.presets.items():
        if preset.get("model", "") not in ("", *known.config.named_models) and "model" in known.config.written_of(name):
            diagnostics += _unknown(
                MARKER, ("presets", name, "model"), "model", preset["model"], known.config.named_models, known)
    if known.config.style not in known.styles:
        diagnostics += _unknown(MARKER, ("style",), "style", known.config.style, known.styles, known)
    diagnostics += unsupported_in_config(known.opened(MARKER))
    diagnostics += check_sources(known.config, known.characters, known.opened(MARKER))
    diagnostics += unread_licences(known.config, known.opened(MARKER))
    return _sorted(diagnostics)


def check_poses(known: Known) -> list[Diagnostic]:
    """What is wrong with the poses in specs/poses/, cycles among them."""
    diagnostics: list[Diagnostic] = []
    for name, value in known.poses.items():
        diagnostics += _pose(known.pose_files.get(name, f"{POSES}/{name}.yaml"), (), value, known)
    return _sorted(diagnostics)


def _settings(file: str, at: Pointer, data: Mapping[str, Any], known: Known) -> Iterator[Diagnostic]:
    """The references among the settings that stand in `data`."""
    config = known.config
    for key, noun, names in (("preset", "preset", config.presets), ("style", "style", known.styles),
                             ("model", "model", config.named_models)):
        if key in data and data[key] not in names:
            yield from _unknown(file, (*at, key), noun, data[key], names, known)
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
    reference = data.get("reference", {})
    if "image" in reference:
        yield from _picture(file, (*at, "reference", "image"), reference["image"], known)
    if reference.get("control", "canny") not in config.controlnets:
        yield from _unknown(
            file, (*at, "reference", "control"), "ControlNet", reference["control"], config.controlnets, known)


def _control(file: str, at: Pointer, control: Mapping[str, Any], known: Known) -> Iterator[Diagnostic]:
    if control["type"] not in known.config.controlnets:
        yield from _unknown(file, (*at, "type"), "ControlNet", control["type"], known.config.controlnets, known)
    elif control.get("from") == "pose" and control["type"] not in KINDS:
        yield known.opened(file).error(
            "control-from-pose", f"a pose gives no control map `{control['type']}`", (*at, "type"),
            hint=did_you_mean(control["type"], KINDS) or f"it gives {', '.join(KINDS)}; else name an `image`",
        )
    if "image" in control and not preprocessor_of(control["type"], known.config.controlnets):
        message = f"no detector is known that makes a map `{control['type']}` of a picture"
        yield known.opened(file).error(
            "no-preprocessor", message, (*at, "image"),
            hint="name one under `controlnets` (`preprocessor: {name: ...}`), or give a ready `map`")
    start, end = control.get("start", 0.0), control.get("end", 1.0)
    if start >= end:
        message = f"the control would never act: it starts at {start:g} and ends at {end:g}"
        yield known.opened(file).error("control-never-acts", message, (*at, "start" if "start" in control else "end"),
                                       hint="both are shares of the steps: let `end` be more than `start`")
    for key in ("image", "map"):
        if key in control:
            yield from _picture(file, (*at, key), control[key], known)


def _unknown(
    file: str, at: Pointer, noun: str, name: str, names: Collection[str], known: Known
) -> Iterator[Diagnostic]:
    near = did_you_mean(name, sorted(names))
    hint = near or (f"there are {', '.join(sorted(names)[:20])}" if names else f"the project has no {noun}")
    yield known.opened(file).error(f"unknown-{noun.lower()}", f"there is no {noun} `{name}`", at, hint=hint)


def _pose(file: str, at: Pointer, value: Any, known: Known) -> Iterator[Diagnostic]:
    for finding in known.findings(value):
        line, column = known.opened(file).place((*at, *finding.pointer), finding.code in ABOUT_KEYS)
        yield Diagnostic(finding.severity, finding.code, finding.message, file, line, column, finding.hint)


def _picture(
    file: str, at: Pointer, path: str, known: Known, suffixes: tuple[str, ...] = PICTURES
) -> Iterator[Diagnostic]:
    """What keeps `path` from being a picture of the project."""
    try:
        resolved = inside(known.root, path)
    except (ValueError, OSError) as cause:
        yield known.opened(file).error("path-outside", str(cause), at, hint="put the file into the project")
        return
    if PurePosixPath(os.path.relpath(os.path.realpath(resolved), os.path.realpath(known.root))).is_relative_to(IMAGES):
        hint = "copy it to a folder of yours, such as refs/; or start from it: vary an anchor, chain the shots"
        yield known.opened(file).error("made-picture", f"`{path}` is a picture that a build makes", at, hint=hint)
    elif PurePosixPath(path).suffix.lower() not in suffixes:
        kind = FOREIGN.get(PurePosixPath(path).suffix.lower())
        message = f"is a {kind} picture, which is not read here" if kind else "is not a picture by its name"
        hint = "export it as PNG or JPEG; " if kind else ""
        yield known.opened(file).error(
            "not-a-picture", f"`{path}` {message}", at, hint=f"{hint}it may end in {', '.join(suffixes)}")
    elif not os.path.isfile(resolved):
        yield known.opened(file).error("missing-file", f"there is no file `{path}`", at, hint=_near(resolved))


def _near(path: Path) -> str:
    try:
        names = sorted(os.listdir(path.parent))
    except OSError:
        return "paths count from the project's folder"
    return did_you_mean(path.name, names) or "paths count from the project's folder"


def _sorted(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    return sorted(found, key=lambda one: (one.file or "", one.line or 0, one.column or 0))
