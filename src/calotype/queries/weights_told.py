"""What a published picture was made with, and under which licences. Must not plan anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calotype.language.action import render_action
from calotype.models.licences import Licences
from calotype.plan.made_with import made_with
from calotype.plan.planned import Planned
from calotype.project.answers import UsedWeights
from calotype.project.workspace import Workspace
from calotype.results.publish.manifest import Line, MadeWith


def weights_of(planned: Planned, workspace: Workspace) -> tuple[UsedWeights, ...]:
    """The weights of what is published of a target, then those of the published pictures that it starts from, each
    picture once."""
    line = planned.kept or planned.line
    if line is None:
        return ()
    read = line.made_with
    if not read and planned.chosen is not None and planned.chosen.key == line.action:  # a line of before it was told
        read = made_with(planned, planned.chosen, workspace.inputs.weights)
    return tuple(_with_sources(line, read, workspace, {line.target}))


def weights_of_line(line: Line, workspace: Workspace) -> tuple[UsedWeights, ...]:
    """As `weights_of`, of what the manifest tells alone."""
    return tuple(_with_sources(line, line.made_with, workspace, {line.target}))


def _with_sources(line: Line, read: Sequence[MadeWith], workspace: Workspace, met: set[str]) -> Iterator[UsedWeights]:
    yield from licensed(read, line.target, workspace)
    for source in _started_from(line, workspace, met):
        yield from _with_sources(source, source.made_with, workspace, met)


def licensed(read: Sequence[MadeWith], target: str, workspace: Workspace) -> Iterator[UsedWeights]:
    """What actions of `target` have `read`, by today's names."""
    config = workspace.shared.config
    licences, now = Licences(config, workspace.shared.characters), _names_now(workspace)
    loras = {lora["path"]: name for name, lora in sorted(config.loras.items(), reverse=True)}
    for each in read:
        name = now.get(each.digest, each.name)
        licence = licences.of(name)
        yield UsedWeights(
            name, loras.get(name, ""), each.kind, target, each.digest, licence.name, licence.commercial, licence.note)


def _names_now(workspace: Workspace) -> dict[str, str]:
    """What weights in use are called today, by digest: a line keeps the name of the day when it was written."""
    weights = {**workspace.manifest.weights, **workspace.inputs.weights}
    return {weights[name]: name for name in sorted(weights, reverse=True)}


def _started_from(line: Line, workspace: Workspace, met: set[str]) -> Iterator[Line]:
    """The lines of the published pictures that stand in the request of a line."""
    digests = render_action(line.request).digests
    for target, path in list(workspace.manifest.naming(digests)):
        source = workspace.manifest.line(target, path) if target not in met else None
        if source is not None and source.pixels in digests:
            met.add(target)
            yield source
