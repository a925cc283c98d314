"""From a spec to what each of its targets needs. Plan, build and check all ask here, so none can disagree.

Must not know how anything is rendered, published or printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from calotype.build.choose import choose, decided
from calotype.build.world import World
from calotype.engine.rebuild import Asset, Choice, Made, Need, Published, Verdict, judge
from calotype.language.action import Action, render_action, settled, upstreams
from calotype.language.image import PICK, Image
from calotype.language.resolve import images_of
from calotype.language.spec import Spec
from calotype.results.publish.manifest import Line

_WAITS = f'"{PICK}"'.encode()


@dataclass(frozen=True, slots=True)
class Planned:
    """A target and what it needs. `actions` are its candidates in seed order; empty while it waits for `upstream`.

    `starts_from` are the targets whose picks its requests hold."""

    image: Image
    actions: tuple[Action, ...]
    verdict: Verdict
    made: Mapping[str, Made]
    line: Line | None
    asset: Asset
    upstream: str | None = None
    starts_from: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(action.key for action in self.actions)

    @property
    def pixels(self) -> str | None:
        """The pixel digest of its pick, where that is known."""
        choice = self.verdict.choice
        return None if choice is None else self.made[self.actions[choice.index].key].pixels


def plan_spec(spec: Spec, world: World) -> Iterator[Planned]:
    """Every target of `spec`, in its order: a target comes after those it starts from, and awaits a human with them."""
    picks: dict[str, str | None] = {}
    awaiting: set[str] = set()
    for image in images_of(spec, world.library):
        planned = plan_image(image, picks, world)
        if planned.verdict.need is Need.WAIT and planned.upstream in awaiting:
            planned = replace(planned, verdict=Verdict(Need.AWAIT))
        if planned.verdict.need is Need.AWAIT:
            awaiting.add(image.target)
        picks[image.target] = planned.pixels
        yield planned


def plan_image(image: Image, picks: Mapping[str, str | None], world: World) -> Planned:
    """What one target needs, given the pixel digests of the picks made so far (None: not known yet)."""
    line = world.manifest.line(image.target, image.path)
    asset = world.asset(line) if line is not None else world.unowned(image.target, image.path)
    actions: list[Action] = []
    starts_from: tuple[str, ...] = ()
    for request in _requests(image, world):
        action = render_action(request)
        if _WAITS in action.components:
            starts_from = tuple(upstreams(request))
            waiting = [target for target in starts_from if picks.get(target) is None]
            if waiting:
                need = Need.REFUSE if asset is Asset.FOREIGN else Need.WAIT
                return Planned(image, (), Verdict(need), {}, line, asset, waiting[0], starts_from)
            action = render_action(settled(request, picks))
        actions.append(action)
    planned = _verdict(image, tuple(actions), line, asset, world)
    return replace(planned, starts_from=starts_from) if starts_from else planned


def _requests(image: Image, world: World) -> Iterable[Mapping[str, Any]]:
    renderer = world.renderer(image.renderer)
    yield renderer.request(image)
    for number in range(1, image.candidates):
        yield renderer.request(replace(image, seed=(image.seed + number) % 2**32))


def _verdict(
    image: Image, actions: tuple[Action, ...], line: Line | None, asset: Asset, world: World
) -> Planned:
    keys = tuple(action.key for action in actions)
    made: Mapping[str, Made] = world.made(keys, line)
    choice: Choice | None = None
    if all(key in made for key in keys):
        choice, made = _choice(image, keys, made, line, world)
    published = _published(image, keys, line, choice, world) if line is not None else None
    return Planned(image, actions, judge(keys, made, choice, published, asset), made, line, asset)


def _choice(
    image: Image, keys: tuple[str, ...], made: Mapping[str, Made], line: Line | None, world: World
) -> tuple[Choice | None, Mapping[str, Made]]:
    """The choice, and `made` without those candidates that must be rendered again because nobody can score them."""
    decisions = world.decisions(image.target)
    scores: Mapping[str, float] = {}
    if image.select == "best" and len(set(keys)) > 1 and decided(keys, made, decisions) is None:
        found = {key: world.scores.of(made[key], line) for key in keys}
        if None in found.values():
            return None, {key: one for key, one in made.items() if found[key] is not None}
        scores = {made[key].pixels: score for key, score in found.items() if score is not None}
    return choose(image.select, keys, made, decisions, scores), made


def _published(
    image: Image, keys: tuple[str, ...], line: Line, choice: Choice | None, world: World
) -> Published:
    """The manifest's line, held against what the image says of itself, and against its candidates of today."""
    current = not any(True for _ in words_changed(image, line)) and tuple(one.action for one in line.candidates) == keys
    if current and choice is not None:
        current = line.pick.by == choice.by and line.pick.candidate == choice.index + 1
    if current and line.pick.by == "score":
        scores = {world.scores.action(one.pixels).key for one in line.candidates}
        current = scores == {one.action for one in line.upstream if one.kind == "score"}
    return Published(line.action, current)


def words_changed(image: Image, line: Line) -> Iterator[tuple[str, Any, Any]]:
    """(field, old, new) for each of the manifest's words about a target that its spec now says otherwise."""
    for name in ("title", "alt", "caption", "spec"):
        if getattr(line, name) != getattr(image, name):
            yield name, getattr(line, name), getattr(image, name)
    if list(line.tags) != list(image.tags):
        yield "tags", list(line.tags), list(image.tags)
    prompt = image.words().prompt
    if line.prompt != prompt:
        yield "prompt", line.prompt, prompt
