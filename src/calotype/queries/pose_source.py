"""What `calotype pose` was given, found: a pose, a target of a spec, or keypoints. Must not know how it is drawn."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from calotype.ground.diagnostics import Diagnostic, Problem, did_you_mean, error
from calotype.ground.light_dataclass import dataclass, field
from calotype.ground.paths import relative
from calotype.language import pose
from calotype.language.load import load_pose
from calotype.language.pose.chains import Library
from calotype.language.pose.terms import BASES
from calotype.language.pose.unmet import unmet
from calotype.language.schema.violations import ABOUT_KEYS
from calotype.language.yaml.document import MAX_BYTES, Document, parse
from calotype.project.specs.shared_files import take_snapshot
from calotype.project.specs.sources import Read, read

YAML, KEYPOINTS = (".yaml", ".yml"), ".json"
DEFAULT_VIEW, DEFAULT_SIZE = "oblique", (1024, 1024)
LARGEST = 2048
"""Pixels of the longer side of a drawing that has a photograph's size."""


@dataclass(frozen=True, slots=True)
class PoseSource:
    """A posture as it is to be drawn unless the caller asks otherwise. `name` is what it is called.

    `alt` is an author's own words, if there are any; `written` the pose read from keypoints; `seed` is set for a target
    alone: a pose by itself is drawn as it is written, without the small changes that tell candidates apart.
    """

    name: str
    posture: Mapping[str, Any]
    view: str = DEFAULT_VIEW
    side: str = "right"
    position: str = "standing"
    size: tuple[int, int] = DEFAULT_SIZE
    drawing: str = "line"
    muscles: tuple[str, ...] = ()
    joints: tuple[str, ...] = ()
    alt: str = ""
    written: Mapping[str, Any] | None = None
    diagnostics: tuple[Diagnostic, ...] = field(default=())


class Nearby(Mapping[str, Mapping[str, Any]]):
    """The poses of a project and those in one folder; a file is read when it is named. The folder's win."""

    def __init__(self, folder: Path, others: Mapping[str, Mapping[str, Any]]) -> None:
        self._folder, self._others = folder, others
        self._read: dict[str, Mapping[str, Any]] = {}

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        if name not in self._read:
            file = self._file(name)
            self._read[name] = load_pose(_document(file, None)) if file else self._others[name]
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._others or self._file(str(name)) is not None

    def __iter__(self) -> Iterator[str]:
        yield from sorted({*self._others, *(file.stem for file in self._folder.iterdir() if file.suffix in YAML)})

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _file(self, name: str) -> Path | None:
        return next((file for end in YAML if (file := self._folder / f"{name}{end}").is_file()), None)


@dataclass(frozen=True, slots=True)
class Sighting:
    """How keypoints were seen: from which view, on which side; the picture's size in pixels, where their file does not
    say it; which person (from 1), None for the most certain."""

    view: str | None = None
    side: str = "right"
    size: tuple[int, int] | None = None
    person: int | None = None


def find(root: Path | None, path: str, sighting: Sighting) -> PoseSource:
    """What `path` names: a file (from the working directory, or from the project at `root`), a base posture, the id of
    a pose, a target. `sighting` is of keypoints alone. Raises Problem for anything else.
    """
    places = [Path(path), *([root / path] if root else [])]
    file = next((place for place in places if place.is_file()), None)
    if file is not None and file.suffix.lower() == KEYPOINTS:
        return _keypoints(file, root, sighting)
    if file is not None and file.suffix in YAML:
        document = _document(file, root)
        if "kind" in document.data:
            return _target(root, path, document)
        return _pose_file(document, file, root)
    name = PurePath(path)
    if name.suffix.lower() in (*YAML, KEYPOINTS):
        hint = (f"a pose's id needs no ending: `{name.stem}`" if name.suffix.lower() in YAML
                else "it may lie in the working directory or in the project")
        raise Problem(error("missing-file", f"there is no file `{path}`", hint=hint))
    return _named(root, path)


def _pose_file(document: Document, file: Path, root: Path | None) -> PoseSource:
    written = load_pose(document)
    poses = take_snapshot(root).poses if root else {}
    library = poses if document.file == f"specs/poses/{file.name}" else Nearby(file.parent, poses)
    return _checked(file.stem, written, library, document, root)


def _named(root: Path | None, name: str) -> PoseSource:
    if name in BASES:
        return PoseSource(name, pose.resolve(name, None, {}), position=name, drawing=_drawing(root))
    if "/" in name or root is None:
        return _target(root, name, None)
    snapshot = take_snapshot(root)
    if name in snapshot.poses:
        return _checked(name, snapshot.poses[name], snapshot.poses, snapshot.pose_documents[name], root)
    broken = [diagnostic for diagnostic in snapshot.diagnostics if diagnostic.severity == "error"]
    if broken:
        raise Problem(broken)
    raise Problem(error("unknown-pose", f"there is no pose `{name}`", hint=did_you_mean(name, [*BASES, *snapshot.poses])
                        or f"base postures are {', '.join(BASES)}; an image is called as `exercises/{name}/01`"))


def _checked(
    name: str, written: Mapping[str, Any], library: Library, document: Document, root: Path | None
) -> PoseSource:
    """Raises Problem for errors in the pose; warnings, such as a range that is left, go with it."""

    def placed(findings: Iterable[pose.Finding]) -> Iterator[Diagnostic]:
        for finding in findings:
            line, column = document.place(finding.pointer, finding.code in ABOUT_KEYS)
            yield Diagnostic(
                finding.severity, finding.code, finding.message, document.file, line, column, finding.hint)

    diagnostics = [*placed(pose.check(written, library))]
    if any(diagnostic.severity == "error" for diagnostic in diagnostics):
        raise Problem(diagnostics)
    posture = pose.resolve(written, None, library)
    diagnostics += placed(unmet(posture, written))
    return PoseSource(name, posture, position=posture["base"], drawing=_drawing(root), diagnostics=tuple(diagnostics))


def _drawing(root: Path | None) -> str:
    return take_snapshot(root).config.drawing if root else "line"


def _target(root: Path | None, path: str, spec: Document | None) -> PoseSource:
    """The one image that `path` asks for: a target, or a spec that has only one."""
    if root is None and spec is not None:
        raise Problem(error("no-project", f"`{path}` is a spec, and in no project", hint="--project names the project"))
    if root is None:
        raise Problem(error("unknown-pose", f"there is no pose or file `{path}`, and no project with such a target",
                            hint=did_you_mean(path, list(BASES)) or f"base postures are {', '.join(BASES)}"))
    from calotype.queries.status import status_query

    with status_query(root, (spec.file if spec else path,)) as query:
        images = [target.planned.image for target in query.targets()]
        diagnostics = query.diagnostics
    only = images[0] if len(images) == 1 else None
    image = next((candidate for candidate in images if candidate.target == path), only)
    if image is None:
        hint = f"name one of them: {', '.join(image.target for image in images[:6])}"
        raise Problem(error("several-targets", f"`{path}` asks for {len(images)} images", hint=hint))
    warnings = tuple(diagnostic for diagnostic in diagnostics if diagnostic.file == image.spec) + tuple(
        Diagnostic(finding.severity, finding.code, f"{image.target}: {finding.message}", image.spec, hint=finding.hint)
        for finding in unmet(image.posture)
    )
    return PoseSource(
        image.target, image.posture, image.view, image.side, image.position, image.size, image.drawing, image.muscles,
        image.joints, image.alt, diagnostics=warnings,
    )


def _keypoints(file: Path, root: Path | None, sighting: Sighting) -> PoseSource:
    from calotype.language.keypoints.people import KeypointsError, person_in
    from calotype.workers.render.mannequin.imported import pose_from

    name, view, side = _called(file, root), sighting.view, sighting.side
    if view is None:
        raise Problem(error("usage", "keypoints do not say from where they were seen",
                            hint="add --view lateral (and --side left, if it was from there), anterior or posterior"))
    try:
        person = person_in(_json(file, name), sighting.person, sighting.size)
        written = pose_from(person.points, view, side)
    except KeypointsError as cause:
        raise Problem(error("bad-keypoints", str(cause), file=name, hint=cause.hint)) from None
    posture = pose.resolve(written, None, {})
    notes = [Diagnostic("warning", "keypoints", note, name) for note in person.notes]
    beyond = [Diagnostic(finding.severity, finding.code, finding.message, name, hint=finding.hint)
              for finding in pose.check(written, {})]
    return PoseSource(file.stem, posture, view, side, posture["base"], _canvas(person.size), _drawing(root),
                      written=written, diagnostics=(*notes, *beyond))


def _json(file: Path, name: str) -> Any:
    """The document of a JSON file, in UTF-8, UTF-16 or UTF-32."""
    try:
        return json.loads(_read(file, name).text)
    except json.JSONDecodeError as cause:
        raise Problem(error("json-syntax", f"is not JSON: {cause.msg}", file=name, line=cause.lineno,
                            column=cause.colno)) from None
    except UnicodeDecodeError:
        raise Problem(error("json-syntax", "is not JSON: it is no text in UTF-8 or UTF-16", file=name)) from None
    except (RecursionError, ValueError):
        raise Problem(error("bad-keypoints", "is nested too deeply, or holds a number that is too long",
                            file=name)) from None


def _canvas(size: tuple[float, float] | None) -> tuple[int, int]:
    """The size of a drawing that lies on the picture, in multiples of 8, the longer side at most `LARGEST`."""
    if size is None:
        return DEFAULT_SIZE
    shrink = min(LARGEST / max(size), 1.0)
    width, height = (max(round(side * shrink / 8) * 8, 16) for side in size)
    return width, height


def _document(file: Path, root: Path | None) -> Document:
    name = _called(file, root)
    return parse(_read(file, name).text, name)


def _read(file: Path, name: str) -> Read:
    try:
        source = read(file.parent, file.name)
    except Problem as problem:
        raise Problem([error(fault.code, fault.message, file=name) for fault in problem.diagnostics]) from None
    if len(source.text) > MAX_BYTES:
        raise Problem(error("yaml-limit", f"holds more than {MAX_BYTES:,} bytes", file=name))
    return source


def _called(file: Path, root: Path | None) -> str:
    """The file's name in diagnostics: from the project, if it lies in it."""
    full = file.resolve()
    return relative(root, full) if root and full.is_relative_to(root) else file.as_posix()
