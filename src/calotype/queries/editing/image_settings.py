"""The pose and the strengths of one image, and the places where they may be written. Must not change anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem, error
from calotype.ground.folders import MARKER
from calotype.ground.light_dataclass import dataclass
from calotype.ground.target_names import spec_key_of
from calotype.language.in_force import InForce
from calotype.language.pose.terms import BASES
from calotype.language.resolve import image_spec_of
from calotype.language.spec import Pointer, Spec
from calotype.project.overrides import Profile
from calotype.project.specs import sources
from calotype.project.workspace import Workspace, open_workspace

STEPS = ("strength", "start", "end")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands, or may be put: what it then holds for, the file and its SHA-256, the pointer in it, and the
    value as it is now (None: it is not there)."""

    holds_for: str
    path: str
    sha256: str
    pointer: Pointer
    value: Any


@dataclass(frozen=True, slots=True)
class ImageSettings:
    """How one image is posed and drawn. `poses` are places for its pose, whose values are mappings, the image's own
    first; `implied` of each tells whether a base that is the position may be left out there. `strengths` are the places
    of `reference`, `controls` and of a variation's own `strength`. `own` is where the image itself stands."""

    target: str
    view: str
    side: str
    position: str
    size: tuple[int, int]
    drawing: str
    muscles: tuple[str, ...]
    joints: tuple[str, ...]
    renderer: str
    own: Place
    poses: tuple[tuple[Place, bool], ...]
    strengths: Mapping[str, Place]
    shared_poses: tuple[str, ...]
    nets: tuple[str, ...]


def settings_of(root: Path, target: str) -> ImageSettings:
    """Raises Problem (`unknown-target`) where no spec asks for such an image."""
    with open_workspace(root, Profile()) as workspace:
        spec = _spec(workspace, target)
        part = image_spec_of(spec, target) if spec is not None else None
        if spec is None or part is None:
            raise Problem(error("unknown-target", f"`{target}` is no image",
                                hint="it was renamed or removed, or its spec has errors: mend them first"))
        shared = workspace.shared
        force = InForce(spec, part, shared.config.defaults, shared.characters)
        settings = force.settings()
        preset = shared.config.presets.get(settings.get("preset", "standard"), {})
        levels = _Levels(workspace, force)
        return ImageSettings(
            target, part.view_angle or "anterior", settings.get("side", "right"), part.body_position or "standing",
            tuple(settings.get("size") or preset.get("size") or (1024, 1024)),
            settings.get("drawing", shared.config.drawing), part.muscles_shown, part.joints_shown,
            settings.get("renderer", shared.config.renderer), levels.place("this image", spec, part.pointer),
            tuple(levels.poses()), levels.strengths(), tuple(shared.poses), tuple(shared.config.controlnets))


def _spec(workspace: Workspace, target: str) -> Spec | None:
    """The spec that may ask for `target`: where the last build found it, else wherever it is."""
    if target.count("/") < 2:
        return None
    spec = workspace.specs.spec(spec_key_of(target))
    if spec is None:
        workspace.specs.look_into(sources.spec_files(workspace.root))
        spec = workspace.specs.spec(spec_key_of(target))
    return spec


class _Levels:
    """Where settings of one image may stand."""

    def __init__(self, workspace: Workspace, force: InForce) -> None:
        self._workspace, self._force = workspace, force
        self._spec, self._part = force.spec, force.part
        self._digests: dict[str, str] = {}

    def poses(self) -> Iterator[tuple[Place, bool]]:
        own = (*self._part.pointer, "pose")
        places = [place for place in self._levels("pose") if place.value is not None]
        value = places[0].value if places else None
        below = any(place.pointer != own for place in places)
        yield self._place("this image", self._spec.file, own, _mapping(value)), not below
        if places and places[0].pointer != own:
            yield Place(places[0].holds_for, places[0].path, places[0].sha256, places[0].pointer, _mapping(value)), True
        name = value if isinstance(value, str) else (value or {}).get("base")
        document = self._workspace.snapshot.pose_documents.get(str(name))
        if document is not None and name not in BASES:
            yield self._place(f"every image with the pose {name}", document.file, (), document.data), False

    def strengths(self) -> dict[str, Place]:
        strengths = {}
        for key in ("reference", "controls"):
            place = next((place for place in self._levels(key) if place.value is not None), None)
            if place is not None:
                strengths[key] = place
        if self._part.pointer[0] == "variations":
            strengths["strength"] = self._place(
                "this image", self._spec.file, (*self._part.pointer, "strength"), self._part.strength)
        return strengths

    def place(self, holds_for: str, spec: Spec, pointer: Pointer) -> Place:
        return self._place(holds_for, spec.file, pointer, None)

    def _levels(self, key: str) -> Iterator[Place]:
        """The places where the setting may stand, the one that wins first, with what stands there."""
        spec, part = self._spec, self._part
        yield self._place("this image", spec.file, (*part.pointer, key), _dig(spec.data, (*part.pointer, key)))
        group = part.pointer[:1]
        if isinstance(spec.data[str(group[0])], Mapping):
            yield self._place(f"all {group[0]}", spec.file, (*group, key), _dig(spec.data, (*group, key)))
        yield self._place("every image of this spec", spec.file, (key,), spec.data.get(key))
        character = self._force.locks().get(key)
        if character is not None:
            yield self._place(f"every image of {character.id}", character.file, (key,), character.data.get(key))
        defaults = self._workspace.snapshot.config.defaults.get(key)
        if defaults is not None:
            yield self._place("the whole project", MARKER, ("defaults", key), defaults)

    def _place(self, holds_for: str, path: str, pointer: Pointer, value: Any) -> Place:
        if path not in self._digests:
            self._digests[path] = sources.read(self._workspace.root, path).sha256
        return Place(holds_for, path, self._digests[path], pointer, value)


def _mapping(pose: Any) -> Mapping[str, Any]:
    """A pose as a mapping, be it the id of one, or none."""
    return {"base": pose} if isinstance(pose, str) else pose or {}


def _dig(data: Any, pointer: Pointer) -> Any:
    for part in pointer:
        data = data[part] if isinstance(part, int) else data.get(part)
    return data
