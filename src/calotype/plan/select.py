"""From all targets to those a command asks for, with what they start from. Must not know what is done with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from calotype.engine.graph import closure
from calotype.plan.analysis import Found
from calotype.project.patterns import TargetPatterns


def by_spec(targets: Iterable[Found], patterns: TargetPatterns) -> Iterator[tuple[list[Found], list[Found]]]:
    """Spec by spec, (wanted, others): a target that another, wanted one starts from is wanted too, if it is stale."""
    for file, group in groupby(targets, key=lambda target: target.spec.file):
        images = {target.planned.image.target: target for target in group}
        stale = {name for name, target in images.items() if not target.up_to_date}
        starts = {name: stale.intersection(target.planned.starts_from) for name, target in images.items()}
        chosen = closure(starts, [
            name for name, target in images.items() if patterns.meet(name, target.planned.image.path, file)
        ])
        yield ([target for name, target in images.items() if name in chosen],
               [target for name, target in images.items() if name not in chosen])
