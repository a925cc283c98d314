"""From a spec to what each of its targets needs. Plan, build and check all ask here, so none can disagree.

A target goes through the stages maps, renders, scores, and stops at the first that lacks something. Planning looks up
and performs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from calotype.actions.conditions import picks_in, places
from calotype.actions.enhances import UNWRITTEN, with_prompt
from calotype.actions.identities import compared_with
from calotype.actions.kinds import ActionKind, Wanted
from calotype.actions.registry import Kinds
from calotype.engine.rebuild import Asset, Choice, Need, Published, Verdict, decide
from calotype.ground.light_dataclass import replace
from calotype.ground.target_names import candidate_seed, spec_key_of
from calotype.language.action import Action, import_action, render_action, request_of, settled
from calotype.language.decisions import Decision
from calotype.language.image import Image
from calotype.language.pose.posture import PoseError
from calotype.language.resolve import images_of
from calotype.language.spec import Spec
from calotype.plan.decided.imports import import_made, import_verdict, keeps, may_keep
from calotype.plan.decided.standing import Others, Standing, standing
from calotype.plan.former_line import former_line
from calotype.plan.judging.candidates import pick_candidate
from calotype.plan.judging.judgement import UNJUDGED, Judgement, judgement_of
from calotype.plan.line_currency import import_places, published, words_changed
from calotype.plan.planned import Planned
from calotype.project.inputs.missing_weights import Untrained
from calotype.project.published import records_of
from calotype.project.workspace import Workspace
from calotype.results.publish.line import Line, renders_of
from calotype.store.hosted_journal import Purchase
from calotype.store.results import Made


def plan_spec(spec: Spec, workspace: Workspace, kinds: Kinds) -> Iterator[Planned]:
    """Every target of `spec`, in its order: a target comes after those it starts from, and awaits a human with them."""
    picks: dict[str, str | None] = {}
    awaiting: set[str] = set()
    owed: dict[str, tuple[str, str]] = {}
    images = list(images_of(spec, workspace.shared))
    for image in images:
        planned = plan_image(image, picks, workspace, kinds, images)
        if planned.verdict.need is Need.WAIT and planned.upstream in awaiting:
            planned = replace(planned, verdict=Verdict(Need.AWAIT))
        if planned.upstream in owed:
            planned = replace(planned, owed=owed[planned.upstream])
        if planned.verdict.need is Need.AWAIT:
            awaiting.add(image.target)
        if image.kind != "image" and planned.verdict.need is not Need.UP_TO_DATE and (planned.owed or planned.lacks):
            owed[image.target] = planned.owed or (image.target, planned.lacks)  # none starts from an exercise
        picks[image.target] = planned.pixels
        yield planned


def plan_image(
    image: Image, picks: Mapping[str, str | None], workspace: Workspace, kinds: Kinds, images: Sequence[Image]
) -> Planned:
    """What one target needs, given the pixel digests of the picks made so far (None: not known yet) and all `images` of
    its spec.

    A map counts as it is published until a picture must be rendered with it; then the one at hand counts, for this
    picture alone, and is drawn first where there is none.
    """
    former = former_line(image, workspace)
    others = Others(
        partial(asks, workspace, kinds, image.spec), partial(_line_of_other, workspace, former),
        partial(_moved, image, images, workspace), partial(_held, image, workspace))
    former = None if former is None else replace(former, target=image.target)
    stages = _Stages(image, picks, workspace, kinds, others, former)
    planned = stages.plan()
    local = stages.maps_at_hand(planned)
    return _Stages(image, picks, workspace, kinds, others, former, local).plan() if local else planned


def _line_of_other(workspace: Workspace, former: Line | None, target: str) -> Line | None:
    """What is published of another target; a `former` line is the image's own."""
    return None if former is not None and target == former.target else workspace.manifest.line(target)


def asks(workspace: Workspace, kinds: Kinds, file: str, target: str, key: str) -> bool:
    """Whether `target` asks for the render `key` now, be it published so or planned anew; asked for a target in the
    spec at `file`."""
    workspace.decisions.consulted.setdefault(file, set()).add(spec_key_of(target))
    unchanged = workspace.specs.unchanged_file(spec_key_of(target))
    if unchanged is not None:
        path = dict(workspace.state.targets_of(unchanged)).get(target)
        line = workspace.manifest.line(target, path) if path is not None else None
        return line is not None and key in renders_of(line)
    spec = workspace.specs.changed_spec(spec_key_of(target))
    with workspace.specs.once(target) as first:
        if spec is None or not first:
            return False
        image = _image_of(target, spec, workspace)
        return image is not None and key in _keys_of(image, spec, workspace, kinds)


def _image_of(target: str, spec: Spec, workspace: Workspace) -> Image | None:
    """The image of a changed spec that nobody has checked: none where it, or a character in it, names what is not
    there, which is told where that spec is looked into."""
    try:
        return next((image for image in images_of(spec, workspace.shared) if image.target == target), None)
    except (KeyError, PoseError):
        return None


def _moved(image: Image, images: Sequence[Image], workspace: Workspace, key: str) -> bool:
    """Whether another of the `images` asks for the render `key`: the picture stands elsewhere in the sequence by now.
    Images that start from another have ids, and stay what they are. An overridden build asks for other pictures of all,
    and replaces none."""
    if workspace.profile.overrides:
        return True
    others = (other for other in images if other.target != image.target)
    return any(key == render_action(request).key for other in others for request in _requests(other, workspace))


def _held(image: Image, workspace: Workspace, key: str) -> bool:
    """Whether the published line of another target holds the render `key`."""
    holders = {target for target, _ in workspace.manifest.naming([key])} - {image.target}
    consulted = workspace.decisions.consulted.setdefault(image.spec, set())
    consulted |= {spec_key_of(target) for target in holders}
    return bool(holders)


def _keys_of(image: Image, spec: Spec, workspace: Workspace, kinds: Kinds) -> Sequence[str]:
    """The render keys of an image. They rest on decisions only where it starts from another: then all of its spec is
    planned. To plan it always would ask in turn for every target that its decisions name, along every path."""
    nobody = Others(lambda target, key: False, workspace.manifest.line)
    stages = _Stages(image, {}, workspace, kinds, nobody)
    if not places(stages):
        return [draft.key for draft in stages.drafts]
    planned = (planned for planned in plan_spec(spec, workspace, kinds) if planned.image.target == image.target)
    return next(planned).keys


class _Known:
    """What is known of one target, stage by stage (`actions.kinds.Known`). `former` is what is published of it under
    the name that its spec had before; `instead` are results that count in place of the published ones."""

    def __init__(
        self, image: Image, picks: Mapping[str, str | None], workspace: Workspace, kinds: Kinds,
        others: Others, former: Line | None = None, instead: Mapping[str, Made] | None = None,
    ) -> None:
        self.image, self._picks, self._workspace, self._kinds, self._others = image, picks, workspace, kinds, others
        self._former, self._instead = former, instead or {}
        self._line = workspace.manifest.line(image.target, image.path) or _merged(image, workspace)
        if self._line is None:
            image.words()  # they will stand in its line: a style that cannot give them is told before a render
        self.enhance = kinds.enhance.action(image)
        self._asset, self._told = _found(image, self._line, workspace)
        self._published = records_of(self._line, proved=_shown(self._line, self._asset, workspace))
        self._made: dict[str, Made] = {}
        self._wanted: dict[str, tuple[Action, ...]] = {}
        self._plain, self._foretold = image, ""
        self.image = self._enhanced()
        self.drafts, self._untrained = _drafts(self.image, workspace)

    def _enhanced(self) -> Image:
        """The image with its enhanced prompt, where that is made, or foretold in a plan."""
        if self.enhance is None:
            return self.image
        self._look_up(self._kinds.enhance, (self.enhance,))
        made = self._made.get(self.enhance.key)
        if made is None:
            self._foretold = self._kinds.enhance.foretold(self.enhance)
        text = self._foretold if made is None else made.output
        return with_prompt(self.image, text) if text else self.image

    def pick(self, target: str) -> str | None:
        return self._picks.get(target)

    def made(self, key: str) -> Made | None:
        return self._made.get(key)

    @cached_property
    def candidates(self) -> tuple[Action, ...]:
        digests = places(self)
        if not digests:
            return self.drafts
        if None in digests.values():
            return ()
        return tuple(render_action(settled(request_of(draft.components), digests)) for draft in self.drafts)

    @property
    def kept_out(self) -> Mapping[str, str]:
        return self._judgement.kept_out

    @property
    def _judgement(self) -> Judgement:
        return judgement_of(self.image, self._used(), self._kinds.judges) if "identity" in self._wanted else UNJUDGED

    @property
    def decided(self) -> bool:
        return bool(self.candidates) and bool(self._human.picks or self._human.stale)

    @cached_property
    def _human(self) -> Standing:
        """To be asked once the candidates are looked up."""
        return self._standing(self._keys)

    def _standing(self, keys: Sequence[str]) -> Standing:
        decisions, line = self._workspace.decisions, self._line or self._former
        return standing(self.image.target, keys, self._made, line, decisions, self._others)

    @property
    def _keys(self) -> tuple[str, ...]:
        return tuple(action.key for action in self.candidates)

    def _look_up(self, kind: ActionKind, actions: Sequence[Action]) -> None:
        keys = [action.key for action in actions]
        self._wanted[kind.name] = tuple(actions)
        results = self._workspace.results
        if keys and not kind.leaves_file:
            self._made |= results.outputs(keys, self._published)
        elif keys:
            self._made |= results.get_many(keys, self._published, bytes_first=kind.bytes_first)
            self._made |= {key: self._instead[key] for key in keys if key in self._instead}
            self._made |= {
                key: embedded for key, embedded in self._told.items() if key in keys and self._lacks(key, embedded)}

    def _lacks(self, key: str, embedded: Made) -> bool:
        """Whether a picture that tells its own making is needed: no more is known of it, or its bytes are gone."""
        made = self._made.get(key)
        return made is None or (made.output == embedded.output and not made.at_hand)

    def _used(self) -> Iterator[tuple[Action, Made]]:
        for name, actions in self._wanted.items():
            if name != "render":
                yield from ((action, self._made[action.key]) for action in actions if action.key in self._made)


class _Stages(_Known):
    """What one target needs: it goes through the stages, and stops at the first that lacks something."""

    def plan(self) -> Planned:
        if self._untrained:
            planned = self._planned(Verdict(Need.AWAIT), (), ())
            return replace(planned, untrained=self._untrained, starts_from=self.image.starts_from)
        return self._after_foretold(self._staged()) if self._foretold else self._staged()

    def _after_foretold(self, planned: Planned) -> Planned:
        """As a plan tells it: the prompt is to be made before what is planned with it."""
        assert self.enhance is not None
        if self._foretold == UNWRITTEN:
            planned = replace(planned, image=self._plain)
        if planned.verdict.need is Need.UP_TO_DATE:
            planned = replace(planned, verdict=replace(planned.verdict, need=Need.REFRESH))
        return planned if self.enhance in planned.perform else replace(planned, ahead=(self.enhance, *planned.ahead))

    def _depending(self, kind: ActionKind) -> Planned:
        """What `kind` and those after it are asked for depends on a prompt that is not written yet."""
        assert self.enhance is not None
        planned = self._performing(self._kinds.enhance, [self.enhance])
        return replace(planned, unwritten=True, foreseen=_foreseen(self._kinds, self, kind.stage))

    def _staged(self) -> Planned:
        for kind in self._kinds:
            request = kind.wanted(self)
            self._look_up(kind, request.actions)
            if request.upstream is not None:
                return self._waiting(kind, request)
            if any(map(_is_unwritten, request.actions)):
                return self._depending(kind)
            if kind.name == "render" and self.candidates and self._human.imported is not None:
                return self._put_in(self._human.imported)
            missing = [action for action in request.actions if action.key not in self._made]
            if missing and not (kind.name == "enhance" and self._foretold):
                return self._performing(kind, missing)
        return self._judged()

    def _put_in(self, decision: Decision) -> Planned:
        """A picture that was put in by hand stands: none is rendered for the target."""
        action = import_action(decision.pixels)
        made = import_made(action, decision.pixels, self.image.path, self._asset, self._published, self._workspace)
        if made is not None:
            self._made[action.key] = made
            self._told = {action.key: made} if made.path == self.image.path else {}
        published = self._is_published(Choice(0, "human"), (action.key,))
        verdict = import_verdict(action.key, made, published, self._asset_among((action.key,)), len(self.candidates))
        return self._planned(verdict, self.candidates, ())

    def _is_published(self, choice: Choice | None, keys: Sequence[str]) -> Published | None:
        renders = import_places(self._human.imported, self._keys)
        return published(self.image, self._line, choice, keys, self._made, self._wanted, renders)

    def maps_at_hand(self, planned: Planned) -> dict[str, Made]:
        """The maps at hand that differ from what is published of them, where a picture is to be rendered with them."""
        if not planned.conditions or not planned.renders:
            return {}
        lost = (action.key for action in planned.conditions if not self._made[action.key].at_hand)
        local = {key: self._workspace.results.local(key) for key in lost}
        return {key: made for key, made in local.items() if made is not None and made.at_hand}

    def _waiting(self, kind: ActionKind, request: Wanted) -> Planned:
        """The pick of another target decides its keys."""
        planned = self._planned(Verdict(Need.WAIT), (), (*request.drafts, *self.drafts))
        return replace(planned, upstream=request.upstream, foreseen=_foreseen(self._kinds, self, kind.stage),
                       unwritten=any(map(_is_unwritten, self.drafts)))

    def _performing(self, kind: ActionKind, actions: Iterable[Action]) -> Planned:
        """`actions` are to be performed, after those whose bytes they read and that are at hand no more."""
        perform, ahead = _each_once(actions), list[Action]()
        sources = (*self._wanted.get("condition", ()), *self._wanted.get("render", ()))
        while lost := _each_once(_lost_inputs(perform, sources, self._made)):
            perform, ahead = lost, [*perform, *ahead]
        keys_known = kind.name not in ("enhance", "condition")
        perform, undecided = _without_undecided(perform, self.image, self._workspace)
        if not perform:
            planned = replace(self._planned(Verdict(Need.AWAIT), self.candidates, ()), undecided=undecided)
            return _put_back(planned, self._line, self._asset, self._workspace)
        verdict = Verdict(Need.PERFORM, tuple(action.key for action in perform))
        planned = self._planned(verdict, self.candidates if keys_known else (), () if keys_known else self.drafts)
        if planned.verdict.need is Need.REFUSE:
            return planned
        foreseen = _foreseen(self._kinds, self, kind.stage + 1)
        planned = replace(planned, perform=tuple(perform), ahead=tuple(ahead), foreseen=foreseen)
        return _put_back(planned, self._line, self._asset, self._workspace)


    def _judged(self) -> Planned:
        """Everything is known that the choice rests on."""
        human, made = self._human, {key: self._made[key] for key in self._keys}
        select = "human" if human.conflict or human.stale else self.image.select
        judgement = self._judgement
        choice = pick_candidate(select, self._keys, made, human.index, judgement, human.rejected)
        if choice is None and all(result.pixels in human.rejected for result in made.values()):
            planned = self._planned(Verdict(Need.AWAIT), self.candidates, ())  # nobody needs to look at them again
            return _put_back(planned, self._line, self._asset, self._workspace)
        published = self._is_published(choice, self._keys)
        verdict = decide(self._keys, made, choice, published, self._asset_among(self._keys))
        if judgement.fails(choice, self._keys, made) and verdict.need is Need.UP_TO_DATE:
            verdict = replace(verdict, need=Need.REFRESH)  # which the build refuses: a check must not pass it
        if verdict.need is Need.PERFORM:
            kind = next(kind for kind in self._kinds if kind.name == "render")
            return self._performing(kind, [each for each in self.candidates if each.key in verdict.actions])
        planned = replace(self._planned(verdict, self.candidates, ()), judgement=judgement)
        return _put_back(planned, self._line, self._asset, self._workspace)

    def _asset_among(self, keys: Sequence[str]) -> Asset:
        """What lies at its path. A picture without a line is ours if it tells that it is a render that is asked for, or
        may be, as long as no key is known; not where another picture is known of that render."""
        is_render = self._asset is Asset.FOREIGN and bool(self._told) and (
            not keys or any(self._made.get(key, made) == made for key, made in self._told.items() if key in keys))
        return Asset.MISSING if is_render else self._asset

    def _planned(self, verdict: Verdict, candidates: tuple[Action, ...], drafts: tuple[Action, ...]) -> Planned:
        """A file of somebody else's at its path outweighs every other need."""
        human = self._human if candidates else self._standing(())
        imported = None if human.imported is None else import_action(human.imported.pixels)
        pictures = (*candidates, *([imported] if imported is not None else []))
        if self._asset_among([action.key for action in pictures]) is Asset.FOREIGN:
            verdict = Verdict(Need.REFUSE)
        made = {action.key: self._made[action.key] for action in pictures if action.key in self._made}
        starts_from = tuple(dict.fromkeys([*picks_in(self), *compared_with(self.image)]))
        return Planned(
            self.image, candidates, verdict, made, self._line, self._asset, starts_from=starts_from,
            conditions=self._wanted.get("condition", ()), drafts=drafts, used=tuple(self._used()),
            human=human, imported=imported, kept=self._kept(verdict, human))

    def _kept(self, verdict: Verdict, human: Standing) -> Line | None:
        if not may_keep(verdict, human):
            return None
        published = self._line or self._workspace.manifest.line(self.image.target) or self._former
        return published if keeps(verdict, human, published, in_place=self._line is not None) else None


def _lost_inputs(
    actions: Iterable[Action], sources: Iterable[Action], known: Mapping[str, Made]
) -> Iterator[Action]:
    """The maps and candidates, among the `sources`, that `actions` read and whose bytes cannot be had."""
    lost: dict[str, list[Action]] = {}
    for source in sources:
        made = known.get(source.key)
        if made is not None and not made.at_hand:
            lost.setdefault(made.output, []).append(source)
    for action in actions if lost else ():
        for digest in action.digests & lost.keys():
            yield from lost[digest]


def _put_back(planned: Planned, line: Line | None, asset: Asset, workspace: Workspace) -> Planned:
    """An approved picture that is gone from its place, or was edited there, is put back. Where its bytes are gone,
    too, it is rendered, as long as its request alone tells how."""
    approved = planned.kept
    in_place = line is approved and asset is Asset.OK
    if approved is None or planned.verdict.need is Need.REFUSE or in_place:
        return planned
    results = workspace.results.get_many([approved.action], records_of(approved), bytes_first=True)
    again = results.get(approved.action)
    if again is not None and again.at_hand:
        return replace(planned, put_back=again) if again.output == approved.pixels else planned
    action = render_action(approved.request)
    if action.digests or action.key != approved.action:
        return planned
    perform = (*planned.perform, action)
    return replace(
        planned, perform=perform, verdict=Verdict(Need.PERFORM, tuple(action.key for action in perform)))


def _found(image: Image, line: Line | None, workspace: Workspace) -> tuple[Asset, Mapping[str, Made]]:
    """What lies at the path of an image and, where it has no line, what the picture there tells of its making."""
    if line is not None:
        return workspace.assets.found(line), {}
    return workspace.assets.unowned(image.target, image.path), workspace.assets.told(image.path)


def _shown(line: Line | None, asset: Asset, workspace: Workspace) -> bool:
    """Whether the picture of a line is there, maybe in other bytes."""
    if line is None or asset is Asset.OK:
        return asset is Asset.OK
    return asset is Asset.MODIFIED and workspace.assets.shows(line.path, line.pixels)


def _merged(image: Image, workspace: Workspace) -> Line | None:
    """The line of an image of which a merge left several: that whose picture is there, with the words of either side
    that the spec says now."""
    versions = workspace.manifest.disputed(image.target, image.path)
    line = workspace.assets.fitting(versions, image.path) if versions else None
    if line is None:
        return None
    outdated = {name for name, *_ in words_changed(image, line)}
    agreeing = {name: getattr(version, name) for name in outdated for version in versions
                if name not in {field for field, *_ in words_changed(image, version)}}
    return replace(line, **agreeing)


def _drafts(image: Image, workspace: Workspace) -> tuple[tuple[Action, ...], str]:
    """The renders of an image with a place for each pick and map; or none, and which LoRA is to be trained first."""
    try:
        return tuple(render_action(request) for request in _requests(image, workspace)), ""
    except Untrained as lacking:
        return (), lacking.reason


def _requests(image: Image, workspace: Workspace) -> Iterator[Mapping[str, Any]]:
    renderer = workspace.renderer(image.renderer)
    first = renderer.request(image)
    if getattr(renderer, "reads_safetensors", False):
        workspace.inputs.prove(first)
    yield first
    for number in range(1, image.candidates):
        yield renderer.request(replace(image, seed=candidate_seed(image.seed, number)))


def _foreseen(kinds: Kinds, state: _Stages, stage: int) -> dict[str, int]:
    """At most how many actions of each kind from `stage` on will be asked for."""
    counts = {kind.name: kind.expects(state) for kind in kinds if kind.stage >= stage}
    return {name: count for name, count in counts.items() if count}


def _without_undecided(
    actions: Sequence[Action], image: Image, workspace: Workspace
) -> tuple[list[Action], tuple[Purchase, ...]]:
    """`actions` without the renders of which nobody knows whether they were bought, and these purchases: they wait for
    a person, and the others go first."""
    renderer, cache = workspace.renderer(image.renderer), workspace.layout.cache
    purchases = {action.key: workspace.purchases.undecided(action.key, renderer, cache)
                 for action in actions if action.kind == "render"}
    undecided = {key: purchase for key, purchase in purchases.items() if purchase is not None}
    return [action for action in actions if action.key not in undecided], tuple(undecided.values())


def _is_unwritten(action: Action) -> bool:
    """Whether it holds a prompt that is not written yet."""
    return UNWRITTEN.encode() in action.components


def _each_once(actions: Iterable[Action]) -> list[Action]:
    return list({action.key: action for action in actions}.values())
