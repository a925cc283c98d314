"""The weights that a planned picture is made with, by the names that they go by. Must not know their licences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from calotype.language.action import IMPORT, Action
from calotype.models.embedding_file import SUFFIX
from calotype.plan.planned import Planned
from calotype.results.publish.manifest import MadeWith


def made_with(planned: Planned, action: Action, weights: Mapping[str, str]) -> tuple[MadeWith, ...]:
    """What stands in the requests of its maps, of its render, `action`, and of the scores that it was chosen by.
    `weights` are the digests of those in use by their names; the first name of several for the same bytes is told. Of a
    picture that was put in by hand nothing is known."""
    return tuple(dict.fromkeys(_read(planned, action, weights))) if weights and action.kind != IMPORT else ()


def _read(planned: Planned, action: Action, weights: Mapping[str, str]) -> Iterator[MadeWith]:
    names = {weights[name]: name for name in sorted(weights, reverse=True) if not name.endswith(SUFFIX)}
    for each in (action, *(used for used, _ in planned.used)):
        yield from sorted(
            (MadeWith(each.kind, names[digest], digest) for digest in each.digests & names.keys()),
            key=lambda row: row.name)
