"""A planned target: what it needs, what is known of it, and what comes after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.engine.rebuild import Asset, Verdict
from calotype.ground.light_dataclass import dataclass, field
from calotype.ground.paths import composed
from calotype.language.action import Action
from calotype.language.image import Image
from calotype.plan.standing import UNDECIDED, Standing
from calotype.results.publish.manifest import Line
from calotype.store.results import Made


@dataclass(frozen=True, slots=True)
class Planned:
    """A target and what it needs. `actions` are its candidates in seed order; empty while their keys are not known:
    `upstream` is then the target whose pick it waits for, if it waits for one.

    `starts_from` are the targets whose picks its requests hold, `conditions` the control maps. `perform` are the
    actions to be performed now, `ahead` those that are known to follow, and `foreseen` says of each kind at most how
    many more will, whose keys are not known; `drafts` are actions of which some digest is not known yet. `used` are the
    maps and scores that the choice rests on, with what they gave; `human` is what people decided of it.
    """

    image: Image
    actions: tuple[Action, ...]
    verdict: Verdict
    made: Mapping[str, Made]
    line: Line | None
    asset: Asset
    upstream: str | None = None
    starts_from: tuple[str, ...] = ()
    conditions: tuple[Action, ...] = ()
    perform: tuple[Action, ...] = ()
    ahead: tuple[Action, ...] = ()
    drafts: tuple[Action, ...] = ()
    foreseen: Mapping[str, int] = field(default_factory=dict)
    used: tuple[tuple[Action, Made], ...] = ()
    human: Standing = UNDECIDED

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(action.key for action in self.actions)

    @property
    def pixels(self) -> str | None:
        """The pixel digest of its pick, where that is known."""
        choice = self.verdict.choice
        return None if choice is None else self.made[self.actions[choice.index].key].output

    @property
    def missing(self) -> tuple[str, ...]:
        """The kinds of what is to be performed, the first one first, as far as that is known."""
        return tuple(dict.fromkeys([*(action.kind for action in (*self.perform, *self.ahead)), *self.foreseen]))

    @property
    def renders(self) -> tuple[str, ...]:
        """The keys of the candidates that are to be rendered, as far as they are known."""
        return tuple(action.key for action in (*self.perform, *self.ahead) if action.kind == "render")

    def results(self) -> Iterator[Made]:
        """Everything it rests on, and the candidates that are made."""
        yield from (made for _, made in self.used)
        yield from self.made.values()


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
