"""What is published of an image under the name that its spec had before. Must not know what people decided of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calotype.ground.paths import composed
from calotype.ground.target_names import spec_key_of
from calotype.language.image import Image
from calotype.project.workspace import Workspace
from calotype.results.publish.line import Line


def former_line(image: Image, workspace: Workspace) -> Line | None:
    """The line of the image that stood in its place when its spec had another id, which is no spec's any more: in the
    same file, or in one that is gone and had the same title. None where there is none, or several, and where
    something is published under its own name."""
    manifest = workspace.manifest
    if manifest.holds(image.target, image.path) or manifest.disputed(image.target, image.path):
        return None
    lines = list(_lines(image, _targets_of(image.spec, workspace), workspace))
    gone = _gone_files(workspace) if not lines else ()
    if not (lines or gone) or manifest.line(image.target) is not None:
        return None
    if gone:
        targets = [target for file in gone for target in _targets_of(file, workspace)]
        lines = [line for line in _lines(image, targets, workspace) if line.title == image.title]
    return lines[0] if len(lines) == 1 else None


def _lines(image: Image, targets: Sequence[str], workspace: Workspace) -> Iterator[Line]:
    now = spec_key_of(image.target)
    kind, place = now.partition("/")[0], image.target.removeprefix(now)
    for target in targets:
        before = spec_key_of(target)
        if before != now and before.partition("/")[0] == kind and target.removeprefix(before) == place:
            line = workspace.manifest.line(target)
            if line is not None and _is_gone(before, workspace):
                yield line


def _targets_of(file: str, workspace: Workspace) -> list[str]:
    """What a spec file had published when the last build ended."""
    if workspace.complete:
        return [target for target, _ in workspace.state.targets_of(file)]
    return list(workspace.published.of_spec(composed(file)))


def _gone_files(workspace: Workspace) -> Sequence[str]:
    return workspace.specs.gone() if workspace.complete else workspace.published.gone_specs()


def _is_gone(spec_key: str, workspace: Workspace) -> bool:
    return workspace.specs.unchanged_file(spec_key) is None and workspace.specs.changed_spec(spec_key) is None
