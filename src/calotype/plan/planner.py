"""From a spec to what each of its targets needs. Plan, build and check all ask here, so none can disagree.

Must not know how anything is rendered, published or printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Any

from calotype.engine.rebuild import Asset, Choice, Need, Published, Verdict, decide
from calotype.ground.target_names import candidate_seed, spec_key_of
from calotype.language.action import MADE, PICK, Action, picks_of, render_action, settled, upstreams, with_picks
from calotype.language.image import Image
from calotype.language.resolve import images_of
from calotype.language.spec import Spec
from calotype.plan.candidates import pick_candidate
from calotype.plan.standing import UNDECIDED, Standing, standing
from calotype.project.published import records_of
from calotype.project.workspace import Workspace
from calotype.results.publish.manifest import Line
from calotype.store.results import Made

_WAITS = f'"{PICK}"'.encode(), f'"{MADE}"'.encode()


@dataclass(frozen=True, slots=True)
class Planned:
    """A target and what it needs. `actions` are its candidates in seed order; empty while it waits for `upstream`.

    `starts_from` are the targets whose picks its requests hold, `conditions` the control maps; of these `missing` are
    those that must be drawn before the requests are known. `human` is what people decided of it.
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
    missing: tuple[Action, ...] = ()
    human: Standing = UNDECIDED

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(action.key for action in self.actions)

    @property
    def pixels(self) -> str | None:
        """The pixel digest of its pick, where that is known."""
        choice = self.verdict.choice
        return None if choice is None else self.made[self.actions[choice.index].key].pixels


def plan_spec(spec: Spec, workspace: Workspace) -> Iterator[Planned]:
    """Every target of `spec`, in its order: a target comes after those it starts from, and awaits a human with them."""
    picks: dict[str, str | None] = {}
    awaiting: set[str] = set()
    for image in images_of(spec, workspace.library):
        planned = plan_image(image, picks, workspace)
        if planned.verdict.need is Need.WAIT and planned.upstream in awaiting:
            planned = replace(planned, verdict=Verdict(Need.AWAIT))
        if planned.verdict.need is Need.AWAIT:
            awaiting.add(image.target)
        picks[image.target] = planned.pixels
        yield planned


def plan_image(image: Image, picks: Mapping[str, str | None], workspace: Workspace) -> Planned:
    """What one target needs, given the pixel digests of the picks made so far (None: not known yet)."""
    line = workspace.manifest.line(image.target, image.path)
    asset = workspace.asset(line) if line is not None else workspace.unowned(image.target, image.path)
    actions: list[Action] = []
    held = _Held()
    for request in _requests(image, workspace):
        action = render_action(request)
        if any(one in action.components for one in _WAITS):
            held = _held(request, image, picks, line, workspace)
            if held.unknown:
                need = Need.REFUSE if asset is Asset.FOREIGN else Need.WAIT
                return Planned(image, (), Verdict(need), {}, line, asset, held.upstream, held.starts_from,
                               held.conditions, held.missing)
            action = render_action(settled(request, held.known))
        actions.append(action)
    planned = _verdict(image, tuple(actions), line, asset, workspace)
    if held.known:
        planned = replace(planned, starts_from=held.starts_from, conditions=held.conditions)
    return planned


@dataclass(frozen=True, slots=True)
class _Held:
    """The places that a request holds for pixel digests, and those `known` by target or by key. `conditions` are the
    maps that can be drawn by now, `missing` those of them that must be."""

    starts_from: tuple[str, ...] = ()
    conditions: tuple[Action, ...] = ()
    missing: tuple[Action, ...] = ()
    known: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def upstream(self) -> str | None:
        return next((target for target in self.starts_from if self.known[target] is None), None)

    @property
    def unknown(self) -> bool:
        return None in self.known.values()


def _held(
    request: Mapping[str, Any], image: Image, picks: Mapping[str, str | None], line: Line | None, workspace: Workspace
) -> _Held:
    """What `request` waits for. A map of a picture that is not picked yet stands under a key of its own until it is."""
    wanted = _maps_in(request, image)
    of_picks = chain.from_iterable(picks_of(one) for one in wanted)
    starts_from = tuple(dict.fromkeys([*upstreams(request), *of_picks]))
    known = {target: picks.get(target) for target in starts_from}
    conditions, missing = [], []
    for one in wanted:
        action = with_picks(one, known)
        pixels = workspace.conditions.pixels(action, records_of(line)) if action is not None else None
        known[one.key] = pixels
        if action is not None:
            conditions.append(action)
            missing += [action] if pixels is None else []
    return _Held(starts_from, tuple(conditions), tuple(missing), known)


def _maps_in(request: Mapping[str, Any], image: Image) -> list[Action]:
    """The actions of the maps that `request` holds a place for."""
    keys = set(upstreams(request, MADE))
    every = (one.condition() for one in image.made_maps if one.condition is not None) if keys else ()
    return [action for action in every if action.key in keys]


def _requests(image: Image, workspace: Workspace) -> Iterable[Mapping[str, Any]]:
    renderer = workspace.renderer(image.renderer)
    yield renderer.request(image)
    for number in range(1, image.candidates):
        yield renderer.request(replace(image, seed=candidate_seed(image.seed, number)))


def _verdict(
    image: Image, actions: tuple[Action, ...], line: Line | None, asset: Asset, workspace: Workspace
) -> Planned:
    keys = tuple(action.key for action in actions)
    own = records_of(line, proved=asset is Asset.OK)
    made: Mapping[str, Made] = workspace.results.get_many(keys, own, bytes_first=True)
    human = standing(image.target, keys, made, line, workspace.decisions, partial(_asks, workspace))
    choice: Choice | None = None
    if all(key in made for key in keys):
        choice, made = _choice(image, keys, made, line, human, workspace)
    published = _published(image, keys, line, choice, workspace) if line is not None else None
    return Planned(image, actions, decide(keys, made, choice, published, asset), made, line, asset, human=human)


def _choice(
    image: Image, keys: tuple[str, ...], made: Mapping[str, Made], line: Line | None, human: Standing,
    workspace: Workspace,
) -> tuple[Choice | None, Mapping[str, Made]]:
    """The choice, and `made` without those candidates that must be rendered again because nobody can score them."""
    scores: Mapping[str, float] = {}
    if image.select == "best" and len(set(keys)) > 1 and not human.picks:
        found = {key: workspace.scores.of(made[key], records_of(line)) for key in keys}
        if None in found.values():
            return None, {key: one for key, one in made.items() if found[key] is not None}
        scores = {made[key].pixels: score for key, score in found.items() if score is not None}
    select = "human" if human.conflict else image.select
    return pick_candidate(select, keys, made, human.index, scores), made


def _published(
    image: Image, keys: tuple[str, ...], line: Line, choice: Choice | None, workspace: Workspace
) -> Published:
    """The manifest's line, held against what the image says of itself, and against its candidates of today."""
    current = not any(True for _ in words_changed(image, line)) and tuple(one.action for one in line.candidates) == keys
    if current and choice is not None:
        current = line.pick.by == choice.by and line.pick.candidate == choice.index + 1
    if current and line.pick.by == "score":
        scores = {workspace.scores.action(one.pixels).key for one in line.candidates}
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


def _asks(workspace: Workspace, target: str, key: str) -> bool:
    """Whether `target` asks for the render `key` now, be it published so or planned anew."""
    file = workspace.specs.unchanged_file(spec_key_of(target))
    if file is not None:
        path = dict(workspace.state.targets_of(file)).get(target)
        line = workspace.manifest.line(target, path) if path is not None else None
        return line is not None and key in (candidate.action for candidate in line.candidates)
    spec = workspace.specs.changed_spec(spec_key_of(target))
    with workspace.specs.once(target) as first:
        if spec is None or not first:
            return False
        planned = (planned for planned in plan_spec(spec, workspace) if planned.image.target == target)
        return any(key in each.keys for each in planned)
