"""The one target that a person names, by its name or by the path of its asset."""

from __future__ import annotations

from calotype.ground.diagnostics import Problem, error
from calotype.plan.analysis import Found
from calotype.queries.status import StatusQuery

NAMED = 5
"""How many targets or pictures a hint names."""


def target_named(query: StatusQuery, name: str) -> Found:
    """Of the targets that `query` finds that which is called `name`, or whose asset is. Raises Problem
    (unknown-target)."""
    every = {found.planned.image.target: found for found in query.targets()}
    typed = name.removeprefix("./").rstrip("/")
    for target, found in every.items():
        if typed in (target, found.planned.image.path):
            return found
    if not every:  # what is no image: a training set, a LoRA
        raise Problem(error("unknown-target", f"`{name}` is no image", hint=f"`calotype explain {typed}` tells of it"))
    names = [*list(every)[:NAMED], *(["..."] if len(every) > NAMED else [])]
    raise Problem(error("unknown-target", f"`{name}` is not one target", hint=f"name one of {', '.join(names)}"))
