"""What is published of an image under the name that its spec had before. Must not know what people decided of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from weakref import WeakKeyDictionary

from calotype.ground.paths import composed
from calotype.ground.target_names import spec_key_of
from calotype.language.image import Image
from calotype.project.workspace import Workspace
from calotype.results.publish.line import Line

_Targets = Mapping[tuple[str, str, str], Sequence[str]]
_KNOWN: WeakKeyDictionary[Workspace, tuple[Sequence[str], _Targets]] = WeakKeyDictionary()
"""Of each open project, the files that are gone and what was published of them."""


def former_line(image: Image, workspace: Workspace) -> Line | None:
    """The line of the image that stood in its place when its spec had another id, which is no spec's any more: in the
    same file, or in one that is gone and had the same title. None where there is none, or several, and where
    something is published under its own name."""
    manifest = workspace.manifest
    if manifest.holds(image.target, image.path) or manifest.disputed(image.target, image.path):
        return None
    lines = list(_lines(image, _targets_of(image.spec, workspace), workspace))
    if not lines:
        targets = _gone_targets(workspace).get((*_place_of(image.target), image.title), ())
        lines = list(islice(_lines(image, targets, workspace), 2))
    return lines[0] if len(lines) == 1 and manifest.line(image.target) is None else None


def _lines(image: Image, targets: Sequence[str], workspace: Workspace) -> Iterator[Line]:
    now, place = spec_key_of(image.target), _place_of(image.target)
    for target in targets:
        before = spec_key_of(target)
        if before != now and _place_of(target) == place:
            line = workspace.manifest.line(target)
            if line is not None and _is_gone(before, workspace):
                yield line


def _place_of(target: str) -> tuple[str, str]:
    """The kind of its spec, and where in the spec it stands."""
    spec = spec_key_of(target)
    return spec.partition("/")[0], target.removeprefix(spec)


def _gone_targets(workspace: Workspace) -> _Targets:
    """What is published of spec files that are gone, by kind, place and title. Found once: as many images may ask as
    there are targets."""
    files = _gone_files(workspace)
    known = _KNOWN.get(workspace)
    if known is None or known[0] is not files:
        targets: dict[tuple[str, str, str], list[str]] = {}
        for target in (target for file in files for target in _targets_of(file, workspace)):
            line = workspace.manifest.line(target)
            if line is not None:
                targets.setdefault((*_place_of(target), line.title), []).append(target)
        known = _KNOWN[workspace] = files, targets
    return known[1]


def _targets_of(file: str, workspace: Workspace) -> list[str]:
    """What a spec file had published when the last build ended."""
    if workspace.complete:
        return [target for target, _ in workspace.state.targets_of(file)]
    return list(workspace.published.of_spec(composed(file)))


def _gone_files(workspace: Workspace) -> Sequence[str]:
    return workspace.specs.gone() if workspace.complete else workspace.published.gone_specs()


def _is_gone(spec_key: str, workspace: Workspace) -> bool:
    return workspace.specs.unchanged_file(spec_key) is None and workspace.specs.changed_spec(spec_key) is None
