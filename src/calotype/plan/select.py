"""From all targets to those a command asks for, with what they start from. Must not know what is done with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from calotype.engine.graph import closure
from calotype.plan.analysis import Found
from calotype.project.patterns import TargetPatterns


def by_spec(targets: Iterable[Found], patterns: TargetPatterns) -> Iterator[tuple[list[Found], list[Found]]]:
    """Spec by spec, (wanted, others): a target that another, wanted one starts from is wanted too, if it is stale."""
    for file, group in groupby(targets, key=lambda found: found.spec.file):
        found = list(group)
        stale = {one.planned.image.target for one in found if not one.up_to_date}
        starts = {one.planned.image.target: stale.intersection(one.planned.starts_from) for one in found}
        wanted = closure(starts, [
            one.planned.image.target for one in found
            if patterns.meet(one.planned.image.target, one.planned.image.path, file)
        ])
        yield ([one for one in found if one.planned.image.target in wanted],
               [one for one in found if one.planned.image.target not in wanted])
