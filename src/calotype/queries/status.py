"""How things stand and what a build would do: the outcomes of plan and check. Must not change anything."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from calotype.actions.registry import Kinds
from calotype.engine.rebuild import Asset, Need
from calotype.ground.diagnostics import Diagnostic, Problem, raise_errors
from calotype.ground.light_dataclass import astuple, replace
from calotype.plan.analysis import Analysis, Found
from calotype.plan.character_phases import CharacterPhases
from calotype.plan.explain import UPSTREAM_FAILED, decided_at
from calotype.plan.forecast import Forecast
from calotype.plan.orphans import orphans
from calotype.plan.planned import Planned
from calotype.plan.recorded_speed import RecordedSpeed
from calotype.plan.select import by_spec
from calotype.project.answers import Rejection
from calotype.project.changes import asked_for, changed_specs, left_out, named_files, names_left_out, with_files
from calotype.project.last_build import compare_with_last_build
from calotype.project.outcome import ImagePrompt, Outcome, TargetOutcome, Writing
from calotype.project.overrides import Profile
from calotype.project.patterns import TargetPatterns
from calotype.project.specs import sources
from calotype.project.training_sets import sets_of
from calotype.project.workspace import Workspace, open_workspace
from calotype.results.publish.assets import in_the_way
from calotype.results.publish.manifest import Line
from calotype.store.action_cache import ActionCache
from calotype.store.state import SHARED

if TYPE_CHECKING:
    from calotype.plan.parts import Summary
    from calotype.run.products.product import ProductState
    from calotype.store.tree.compare import TreeDiff

PLANNED = {
    Need.PUBLISH: "cached", Need.REFRESH: "cached", Need.RESTORE: "restored",
    Need.AWAIT: "awaiting", Need.REFUSE: "failed",
}


Scope = Literal["all", "asked", "changed"]
"""Which specs are read. `changed`: those that changed since the last build, as a build does. `asked`: these, and those
that hold a target the command asks for. `all`: every spec, whatever the last build recorded."""


class StatusQuery:
    """The state of the targets that a command asks for.

    `others` counts those of them whose specs `scope` leaves out: they are up to date. It is known after `targets`.
    """

    def __init__(
        self, workspace: Workspace, diff: TreeDiff | None, patterns: TargetPatterns, scope: Scope,
        also: Collection[str] = (),
    ) -> None:
        """`also` are spec files to read besides."""
        root, state = workspace.root, workspace.state
        self.workspace, self._patterns = workspace, patterns
        named = named_files(state, patterns) if scope == "asked" else None
        self._change_set = changed_specs(
            root, diff, state, workspace.decided, named, trains=workspace.shared.config.trains_loras)
        if scope == "asked":
            self._change_set = asked_for(self._change_set, root, state, patterns)
        if also:
            self._change_set = with_files(self._change_set, also)
        self.workspace.complete = not self._change_set.whole
        self._examined = {*self._change_set.files, *self._change_set.gone}
        self._analysis = Analysis(self.workspace, self._change_set)
        self.others = 0

    def targets(self) -> Iterator[Found]:
        """Each target, and those it starts from. Raises Problem at the end, with everything that is wrong."""
        for chosen, _ in by_spec(self._analysis.targets(), self._patterns):
            yield from chosen
        state = self.workspace.state
        self.others = left_out(self._change_set, state, self._patterns)
        raise_errors(self._analysis.diagnostics)
        if self._patterns.unmet and self._product_keys():
            from calotype.queries.product_status import meet_products

            meet_products(self.workspace, self._product_keys(), self._patterns)
        names = chain(self._analysis.names.paths.values(), names_left_out(self._change_set, state))
        raise_errors(self._patterns.missed(names))

    def summaries(self, summary: Summary) -> Iterator[Any]:
        """`summary` of each target, as of `targets`; where all specs are asked for, several processes make them."""
        self._analysis.check_shared()
        made = None
        if self.whole and self._patterns.everything:
            from calotype.plan.parts import analyze_in_parts

            made = analyze_in_parts(self._analysis, summary)
        if made is None:
            yield from map(summary, self.targets())
            return
        yield from made
        raise_errors(self._analysis.diagnostics)

    def orphans(self) -> list[Line]:
        """The published targets that nothing asks for; to be asked after `targets` has ended."""
        return orphans(self.workspace, self._change_set, self._analysis.names.paths, self._patterns)[0]

    @property
    def unmet(self) -> list[str]:
        """What the command asks for and nothing is called; to be asked after `targets` has ended."""
        return self._patterns.unmet

    @property
    def kinds(self) -> Kinds:
        return self._analysis.kinds

    @property
    def whole(self) -> bool:
        """Whether every spec was read. A state that proves damaged cannot speak for those that were not."""
        return self._change_set.whole

    @property
    def believable(self) -> bool:
        """Whether the record of the last build can speak for the specs that were not read."""
        return self.whole or self.workspace.state.complete()

    def current(self, targets_of: Mapping[str, Sequence[str]]) -> Iterator[str]:
        """The targets that are up to date, in the order of their specs: those given by spec file, and those of the
        specs that were left out."""
        names = dict(targets_of)
        for file, targets in () if self.whole else self.workspace.state.targets().items():
            if file not in self._examined:
                names[file] = [target for target, path in targets if self._patterns.meet(target, path, file)]
        for file in sorted(names, key=sources.order):
            yield from names[file]

    @property
    def all_diagnostics(self) -> tuple[Diagnostic, ...]:
        """As `diagnostics`, with the warnings about the specs that were not read, as the last build found them."""
        if self.whole:
            return self.diagnostics
        warnings = self.workspace.state.warnings()
        remembered = {file: warned for file, warned in warnings.items() if file not in self._examined}
        files = {**self._analysis.warnings, **remembered}
        ordered = sorted(files, key=lambda file: (file != SHARED, sources.order(file)))
        diagnostics = (diagnostic for file in ordered for diagnostic in files[file])
        workspace = self.workspace
        return (*diagnostics, *self._analysis.unread.warnings, *workspace.manifest.diagnostics, *workspace.damage)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return (*self._analysis.diagnostics, *self.workspace.manifest.diagnostics, *self.workspace.damage)

    def products(self) -> list[ProductState]:
        """How the targets stand that are no images, and that the command asks for; to be asked after `targets` has
        ended. An overridden build makes none."""
        keys = self._product_keys()
        if not keys:
            return []
        from calotype.queries.product_status import product_states

        return product_states(self.workspace, keys, self._patterns)

    def edges_of_products(self) -> list[tuple[str, Sequence[str]]]:
        """The targets that are no images, each with those that it is made of; to be asked when `products` is."""
        keys = self._product_keys()
        if not keys:
            return []
        from calotype.queries.product_status import edges

        return list(edges(self.workspace, keys, self._patterns))

    def named_among(self, products: Iterable[TargetOutcome]) -> int:
        """How many of the products that are up to date the command names."""
        names = self._patterns.names or ()
        return sum(product.status == "up_to_date" and product.target in names for product in products)

    def _product_keys(self) -> list[str]:
        """The specs that may ask for targets that are no images."""
        if self.workspace.profile.overrides:
            return []
        return list(sets_of(self.workspace.state, self._change_set, self._analysis.training_sets))


class About(Protocol):
    """What is wanted to be known of targets besides how they stand, in the same look at them."""

    def files(self, workspace: Workspace) -> Collection[str]:
        """The spec files that must be read for it; asked once, before any."""

    def of(self, target: Found) -> Any:
        """What is known of one target, as a value that `marshal` can write; None for nothing. It may be asked in
        another process."""

    def take(self, target: str, known: Any) -> None:
        """Is told each answer of `of` that is not None."""


@contextmanager
def status_query(
    root: Path, patterns: Sequence[str] = (), profile: Profile | None = None, scope: Scope = "asked", *,
    also: Callable[[Workspace], Collection[str]] | None = None, create: bool = False,
) -> Iterator[StatusQuery]:
    """A query of the project at `root`, which is open as long as the block lasts; with `create`, for writing. `also`
    gives spec files to read besides those of the scope."""
    profile, requested = profile or Profile(), TargetPatterns(patterns)
    everything = scope == "all" or (scope == "asked" and requested.everything) or profile.overrides
    diff = None if everything else compare_with_last_build(str(root))
    with open_workspace(root, profile, create=create) as workspace:
        yield StatusQuery(workspace, diff, requested, scope, also(workspace) if also is not None else ())


class _Foreseen:
    """What a build would make of each target, told target by target in their order."""

    def __init__(self, kinds: Kinds, cache: ActionCache) -> None:
        speed = RecordedSpeed(kinds, cache)
        self.forecast, self.phases = Forecast(kinds, speed), CharacterPhases(Forecast(kinds, speed))
        self.up_to_date = 0
        self._status: dict[str, str] = {}
        self.targets: list[TargetOutcome] = []
        self.arrived: list[str] = []
        self.diagnostics: list[Diagnostic] = []
        self.hosted = False
        """Whether some image that is to come is made by a service."""

    def take(self, target: Found) -> None:
        planned, image = target.planned, target.planned.image
        if target.up_to_date:
            self.up_to_date += 1
            return
        self.hosted = self.hosted or image.renderer == "hosted"
        status = self._status[image.target] = self._foresee(planned)
        self.phases.take(target.spec, planned)
        why = UPSTREAM_FAILED if status == "skipped" else target.reason
        self.targets.append(
            TargetOutcome(image.target, status, image.path, why, rejected=tuple(planned.rejections())))
        self.arrived += arrivals(planned)
        if planned.verdict.need is Need.REFUSE:
            self.diagnostics.append(in_the_way(image.target, image.path))

    def _foresee(self, planned: Planned) -> str:
        need = planned.verdict.need
        if need not in (Need.WAIT, Need.PERFORM):
            if planned.ahead:
                self.forecast.take(planned)
            return PLANNED[need]
        before = self._status.get(planned.upstream or "", "")
        if before in ("failed", "skipped", "awaiting"):
            return "awaiting" if before == "awaiting" else "skipped"
        renders = self.forecast.take(planned)
        if planned.awaits:
            return "awaiting"
        return "render" if renders else "cached"


def plan(root: Path, patterns: tuple[str, ...], profile: Profile, *, prompts: bool = False) -> Outcome:
    """What `build` would do now. With `prompts`, every image that is asked for says what it is made from; missing
    weights are then a warning, and what needs them is to be rendered."""
    started = time.perf_counter()
    exact, images = _with_images_of_products(patterns)
    with status_query(root, (*exact, *images), profile, "asked" if prompts else "changed") as query:
        query.workspace.inputs.assumes = prompts
        outcome = _planned(query, started, [] if prompts else None)
        return _with_products(query, outcome, exact) if not profile.overrides else outcome


def _with_images_of_products(patterns: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The products among `patterns`, by their exact names; and the others, with all that those products are made of."""
    if not patterns:
        return (), ()
    from calotype.run.products.making import split

    return split(patterns)


def prompt_of(planned: Planned) -> ImagePrompt:
    """The texts of an image; where its prompt is yet to be enhanced by the embedded lexicon, as that will be."""
    image, pending = planned.image, None
    action = next((action for action in (*planned.perform, *planned.ahead) if action.kind == "enhance"), None)
    if action is not None:
        from calotype.actions.enhances import is_embedded, made_here, with_prompt

        if is_embedded(action):
            image = with_prompt(image, str(made_here(action).outputs["output"]))
        else:
            assert image.enhancement is not None
            pending = image.enhancement.model
    return ImagePrompt(image.target, image.words().prompt, image.words().negative, pending)


def _with_products(query: StatusQuery, outcome: Outcome, exact: tuple[str, ...]) -> Outcome:
    """The outcome of a plan, with how products stand, and what becomes of those that are asked for by name."""
    products = query.products()
    if not products and not outcome.phases:
        return outcome
    from calotype.queries import product_status

    named = tuple(product_status.planned(exact, products, outcome.targets))
    current = sum(state.target in exact for state in products) - len(named)
    images, outcome = outcome.estimate.price, product_status.priced(outcome, named, products, query.workspace)
    diagnostics = outcome.diagnostics
    if outcome.estimate.price > images:
        from calotype.queries.hosted_purchases import over_ceiling

        diagnostics = (*(each for each in diagnostics if each.code != "over-ceiling"),
                       *over_ceiling(query.workspace, outcome.estimate.price))
    return replace(
        outcome, targets=(*outcome.targets, *named), up_to_date=outcome.up_to_date + current,
        awaiting=outcome.awaiting + _count(list(named), "awaiting"),
        products=tuple(map(product_status.outcome_of, products)),
        diagnostics=(*diagnostics, *product_status.lacks(query.workspace, exact)))


def _planned(query: StatusQuery, started: float, prompts: list[ImagePrompt] | None) -> Outcome:
    query.kinds.enhance.foretells = True
    foreseen = _Foreseen(query.kinds, query.workspace.cache)
    for target in query.targets():
        foreseen.take(target)
        if prompts is not None:
            prompts.append(prompt_of(target.planned))
    removed, leftover = _gone(query, foreseen.arrived)
    if foreseen.hosted:
        from calotype.queries.hosted_purchases import over_ceiling

        leftover += over_ceiling(query.workspace, foreseen.forecast.prices["render"])
    targets = [*foreseen.targets, *(
        TargetOutcome(line.target, "removed", line.path, "no spec asks for it") for line in removed)]
    return Outcome(
        renders=foreseen.forecast.actions["render"], unwritten=foreseen.forecast.unwritten,
        writing=_writing(query, foreseen.forecast), actions=foreseen.forecast.actions, estimate=foreseen.forecast.cost,
        cache_hits=_count(targets, "cached"),
        up_to_date=foreseen.up_to_date + query.others,
        failed=_count(targets, "failed"), removed=len(removed), awaiting=_count(targets, "awaiting"),
        seconds=time.perf_counter() - started, targets=tuple(targets),
        diagnostics=(*query.diagnostics, *foreseen.diagnostics, *leftover),
        prompts=None if prompts is None else tuple(prompts), phases=tuple(foreseen.phases),
        scoring=query.kinds.judges.scoring,
    )


def _writing(query: StatusQuery, forecast: Forecast) -> Writing | None:
    """What the prompts cost that are yet to be written; None where no endpoint is asked."""
    if not forecast.tokens:
        return None
    price = None if "enhance" in forecast.unpriced else forecast.prices["enhance"]
    model = str(query.workspace.shared.config.enhance["model"])
    return Writing(model, forecast.actions["enhance"], forecast.tokens, price)


def renders_wanted(root: Path) -> frozenset[str]:
    """The keys of what a build would perform now, as far as they are known before it."""
    with status_query(root, (), None, "changed") as query:
        foreseen = _Foreseen(query.kinds, query.workspace.cache)
        for target in query.targets():
            foreseen.take(target)
        return frozenset(foreseen.forecast.keys())


def check(
    root: Path, patterns: tuple[str, ...], profile: Profile, *, full: bool = False, name_current: bool = True,
    about: About | None = None,
) -> Outcome:
    """Whether what is published is what the specs ask for.

    Specs that did not change since the last build are as it left them; `full` reads them all the same. So does an
    error, which may concern specs that did not change. `name_current`: whether the outcome names what is up to date.
    """
    started = time.perf_counter()
    also = about.files if about is not None else None
    with status_query(root, patterns, profile, "all" if full else "changed", also=also) as query:
        try:
            outcome = _checked(query, started, name_current, about)
            if query.believable:
                return outcome
        except Problem:
            if query.whole:
                raise
        damage = tuple(query.workspace.damage)
    with status_query(root, patterns, profile, "all", also=also) as query:
        outcome = _checked(query, started, name_current, about)
    return replace(outcome, diagnostics=(*outcome.diagnostics, *damage))


def _checked(query: StatusQuery, started: float, name_current: bool, about: About | None) -> Outcome:
    current: dict[str, list[str]] = {}
    targets, arrived = [], []
    for file, target, others, arriving, known in query.summaries(partial(_check_of, about=about)):
        if others is None:
            current.setdefault(file, []).append(target)
        else:
            status, path, reason, place, rejected = others
            outcome = TargetOutcome(target, status, path, reason, *place)
            targets.append(replace(outcome, rejected=tuple(Rejection(*each) for each in rejected)))
            arrived += arriving
        if about is not None and known is not None:
            about.take(target, known)
    gone, leftover = _gone(query, arrived)
    targets += [TargetOutcome(line.target, "stale", line.path, "no spec asks for it") for line in gone]
    products = _outcomes_of_products(query)
    targets += [product for product in products if product.status not in ("up_to_date", "not_built")]
    awaiting = _count(targets, "awaiting")
    return Outcome(
        up_to_date=sum(map(len, current.values())) + query.others + query.named_among(products),
        current=tuple(query.current(current)) if name_current else (), products=products,
        awaiting=awaiting, unsettled=len(targets) - awaiting,
        seconds=time.perf_counter() - started, targets=tuple(targets),
        diagnostics=(*query.all_diagnostics, *leftover, *changed_sets(query.workspace)),
        scoring=query.kinds.judges.scoring,
    )


def changed_sets(workspace: Workspace) -> list[Diagnostic]:
    """Warnings about LoRAs that were trained elsewhere, on sets that have changed since."""
    loras = workspace.shared.config.loras.values()
    if workspace.profile.overrides or not any("trained_from" in lora for lora in loras):
        return []
    from calotype.queries.trained_elsewhere import changed_sets

    return list(changed_sets(workspace))


def _outcomes_of_products(query: StatusQuery) -> tuple[TargetOutcome, ...]:
    states = query.products()
    if not states:
        return ()
    from calotype.queries.product_status import outcome_of

    return tuple(map(outcome_of, states))


def _check_of(
    target: Found, about: About | None
) -> tuple[str, str, tuple[Any, ...] | None, list[str], Any]:
    """What a check tells of a target: its spec's file, its name, the rest of its outcome (None: it is up to date), its
    arrivals, and what else is asked `about` it."""
    planned, image = target.planned, target.planned.image
    known = about.of(target) if about is not None else None
    if target.up_to_date:
        return target.spec.file, image.target, None, [], known
    rejected = [astuple(rejection) for rejection in planned.rejections()]
    unsettled = (status_of(target), image.path, target.reason, decided_at(planned, target.places), rejected)
    return target.spec.file, image.target, unsettled, arrivals(planned), known


def arrivals(planned: Planned) -> list[str]:
    """The render keys that come to stand at a new place: a line of theirs that nothing asks for has only moved."""
    chosen = planned.chosen
    if planned.verdict.need is Need.PUBLISH and chosen is not None:
        return [chosen.key]
    moved = [planned.kept.action] if planned.kept is not None and planned.moves_away else []
    return [*moved, *(planned.keys if planned.verdict.need is Need.PERFORM else ())]


def status_of(target: Found) -> str:
    """up_to_date, stale, missing, modified or awaiting."""
    planned = target.planned
    need, line = planned.verdict.need, planned.line
    if need is Need.UP_TO_DATE:
        return "up_to_date"
    if planned.loses:
        return "modified" if planned.asset is Asset.MODIFIED else "missing"
    if need is Need.AWAIT or planned.human.holds:
        return "awaiting"
    if line is None or planned.asset is Asset.MISSING:
        return "missing"
    asked = line.action in planned.keys or (planned.chosen is not None and line.action == planned.chosen.key)
    return "modified" if planned.asset is Asset.MODIFIED and asked else "stale"


def _gone(query: StatusQuery, arrived: list[str]) -> tuple[list[Line], list[Diagnostic]]:
    """The lines whose assets go: not those whose picture is published anew at another place, which move, nor those
    whose asset is gone already, of which it is told."""
    gone, leftover = [], []
    for line in query.orphans():
        if line.action in arrived:
            arrived.remove(line.action)
        elif query.workspace.assets.found(line) is Asset.MISSING:
            leftover.append(_leftover(line))
        else:
            gone.append(line)
    return gone, leftover


def _leftover(line: Line) -> Diagnostic:
    """Of a picture that is gone with its spec, as a merge of two branches that removed images leaves it."""
    message = f"the manifest speaks of `{line.target}`, of which neither a spec nor the asset is left"
    return Diagnostic("note", "manifest-leftover", message, line.path, hint="`calotype build` drops its line")


def _count(targets: list[TargetOutcome], status: str) -> int:
    return sum(target.status == status for target in targets)
