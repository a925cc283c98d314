"""Published targets that nothing asks for any more. Must not remove anything, nor know why they went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from calotype.build.aims import Aims
from calotype.build.survey import Survey
from calotype.build.workshop import Workshop
from calotype.results.publish.manifest import Line, Manifest, shard_of


def leftovers(shop: Workshop, survey: Survey, asked: Mapping[str, str], aims: Aims) -> tuple[list[Line], list[Line]]:
    """The manifest's lines that no spec asks for: those that `aims` name, and the others, which stay for now. Both in
    order: of two that show one picture, a plan and a build must take the same for the one that moved.

    `asked` maps asset paths to targets, as the examined specs want them. An overridden build gives up nothing: it was
    asked for part of the truth.
    """
    if shop.profile.overrides:
        return [], []
    wanted = {(target, path) for path, target in asked.items()}
    stale = _everywhere(shop.world.manifest, wanted) if survey.whole else _examined(shop, survey, wanted)
    named: list[Line] = []
    others: list[Line] = []
    for line in sorted(stale, key=lambda line: (line.target, line.path)):
        (named if aims.meet(line.target, line.path, line.spec) else others).append(line)
    return named, others


def _everywhere(manifest: Manifest, wanted: set[tuple[str, str]]) -> Iterator[Line]:
    shards = {(shard_of(target, path), target) for target, path in wanted}
    for shard in manifest.shards():
        gone = [target for target in manifest.targets(shard) if (shard, target) not in shards]
        if gone:
            lines = {line.target: line for line in manifest.lines(shard)}
            for target in gone:
                yield from [lines[target]] if target in lines else [
                    line for line in manifest.disputed(target) if shard_of(line.target, line.path) == shard][:1]


def _examined(shop: Workshop, survey: Survey, wanted: set[tuple[str, str]]) -> Iterator[Line]:
    for file in (*survey.files, *survey.gone):
        for target, path in shop.state.targets_of(file):
            line = None if (target, path) in wanted else shop.world.manifest.line(target, path)
            if line is not None:
                yield line
