"""A manifest line held against what its target asks for now. Must not know what lies at the target's path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from calotype.engine.rebuild import Choice, Published
from calotype.ground.paths import composed
from calotype.ground.target_names import candidate_seed
from calotype.language.action import IMPORT, Action
from calotype.language.decisions import Decision
from calotype.language.image import Image
from calotype.results.publish.line import Line
from calotype.store.results import Made

Wanted = Mapping[str, Sequence[Action]]
"""The actions that a target asks for, by their kind."""


def published(
    image: Image, line: Line | None, choice: Choice | None, keys: Sequence[str], made: Mapping[str, Made],
    wanted: Wanted, renders: Sequence[str] = (),
) -> Published | None:
    """What the `line` says, held against what the `image` says of itself and against its candidates of today, which
    have `keys` and are `made`. `renders` are the keys of those in whose place a picture was put in by hand."""
    if line is None:
        return None
    current = not any(True for _ in words_changed(image, line))
    seeds = [candidate_seed(image.seed, number) for number in range(len(keys))]
    current = current and [candidate.seed for candidate in line.candidates] == seeds
    current = current and tuple(candidate.action for candidate in line.candidates) == tuple(keys)
    if current and choice is not None:
        current = line.pick.by == choice.by and line.pick.candidate == choice.index + 1
    if current and line.pick.by == "score":  # the keys of the scores prove the pictures of those that lost
        current = _names("score", line, wanted) and all(
            candidate.pixels == made[candidate.action].output for candidate in line.candidates)
    current = current and [each.action for each in line.upstream if each.kind == IMPORT] == list(renders)
    return Published(line.action, current and _names("condition", line, wanted) and _names("enhance", line, wanted))


def words_changed(image: Image, line: Line) -> Iterator[tuple[str, Any, Any]]:
    """(field, old, new) for each of the manifest's words about a target, its size among them, that its spec now says
    otherwise."""
    for name in ("title", "alt", "caption", "renderer", "spec"):
        old, new = getattr(line, name), composed(getattr(image, name)) if name == "spec" else getattr(image, name)
        if old != new:
            yield name, old, new
    if line.size != image.size:
        yield "size", list(line.size), list(image.size)
    if list(line.tags) != list(image.tags):
        yield "tags", list(line.tags), list(image.tags)
    prompt = image.words().prompt
    if line.prompt != prompt:
        yield "prompt", line.prompt, prompt


def import_places(decision: Decision | None, keys: Sequence[str]) -> tuple[str, ...]:
    """The renders that the line of a picture put in by hand tells: that which the decision binds, then the others among
    `keys`, so that it is known what the target asks for. None where nobody put one in."""
    return () if decision is None else tuple(dict.fromkeys((decision.action, *keys)))


def _names(kind: str, line: Line, wanted: Wanted) -> bool:
    """Whether the line names just those actions of a kind that the target asks for."""
    keys = {action.key for action in wanted.get(kind, ())}
    return keys == {upstream.action for upstream in line.upstream if upstream.kind == kind}
