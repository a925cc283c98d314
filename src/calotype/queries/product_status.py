"""How targets stand that are no images, as plan, check, list and explain tell it. Must not make any."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from calotype.ground.diagnostics import Diagnostic, error, raise_errors
from calotype.ground.finding import Finding
from calotype.ground.light_dataclass import replace
from calotype.ground.target_names import spec_key_of
from calotype.language.trained_loras import LORA
from calotype.project.answers import Explanation, TargetRow
from calotype.project.outcome import CharacterPhase, Cost, Outcome, TargetOutcome
from calotype.project.patterns import TargetPatterns
from calotype.project.workspace import Workspace
from calotype.run.products.hosted_lora import training_to_come
from calotype.run.products.making import states, subject_of
from calotype.run.products.product import ProductState, Subject, named
from calotype.run.products.product_kinds import PRODUCTS
from calotype.run.products.trained_lora import TrainedLora

_PENDING = frozenset(("render", "cached", "restored", "rendered"))


def meet_products(workspace: Workspace, keys: Iterable[str], patterns: TargetPatterns) -> None:
    """Tells `patterns` of the products of the specs `keys`: what names one is no mistake."""
    for key in keys:
        spec = workspace.specs.spec(key)
        for product in PRODUCTS.values() if spec is not None else ():
            if spec is not None and product.declared(spec):
                patterns.meet(f"{key}/{product.name}", product.path(Subject(spec, workspace)), spec.file)


def refuse_products(targets: Sequence[str]) -> None:
    """Raises Problem where one of `targets` is no image: only a person starts what makes it."""
    raise_errors([error("not-watched", f"`{target}` is made by its own command, and never by a watch",
                        hint=f"watch its images: calotype watch {spec_key_of(target)}")
                  for target in named(PRODUCTS, tuple(targets))])


def product_states(workspace: Workspace, keys: Iterable[str], patterns: TargetPatterns) -> list[ProductState]:
    """Those of the specs `keys` that `patterns` mean. One that is not named is looked into only if it was ever made."""
    return [state for state in states(workspace, keys, patterns.names or ())
            if patterns.meet(state.target, state.path, state.spec)]


def outcome_of(state: ProductState) -> TargetOutcome:
    return TargetOutcome(state.target, state.status, state.path, state.reason, state.spec)


def planned(exact: Sequence[str], states: Sequence[ProductState], images: Sequence[TargetOutcome]
            ) -> Iterator[TargetOutcome]:
    """What a build would make of the products that it is asked for by their `exact` names; nothing of those that are
    up to date when their `images` are."""
    for state in states:
        if state.target not in exact:
            continue
        product = PRODUCTS[state.target.rpartition("/")[2]]
        own = [image for image in images if image.target.startswith(f"{spec_key_of(state.target)}/")]
        if any(image.status in _PENDING for image in own):
            yield TargetOutcome(state.target, product.doing, state.path, "after its images are built", state.spec)
        elif state.lacking:
            yield TargetOutcome(state.target, "awaiting", state.path, state.lacking, state.spec)
        elif state.status != "up_to_date":
            reason = "new" if state.status == "not_built" else state.reason
            if state.seconds:
                reason = f"{reason}; takes about {max(1, round(state.seconds / 60))} min"
            if state.price:
                reason = f"{reason}, costs {state.price:.2f} USD"
            yield TargetOutcome(state.target, product.doing, state.path, reason, state.spec)


def priced(
    outcome: Outcome, named: Sequence[TargetOutcome], products: Sequence[ProductState], workspace: Workspace
) -> Outcome:
    """The `outcome` of a plan with what trainings cost: those `named` that a build would begin in its estimate, and of
    each character of which something is to come its training as a phase, the last."""
    begun = {product.target for product in named if product.status not in ("awaiting", "skipped")}
    states = [state for state in products if state.target in begun and state.price]
    cost = Cost(outcome.estimate.seconds + sum(state.seconds for state in states),
                outcome.estimate.price + sum(state.price for state in states), outcome.estimate.currency)
    phases = tuple(_with_trainings(outcome.phases, [row.target for row in named], workspace))
    return replace(outcome, estimate=cost, phases=phases)


def _with_trainings(
    phases: Sequence[CharacterPhase], pending: Collection[str], workspace: Workspace
) -> Iterator[CharacterPhase]:
    names = dict.fromkeys([phase.character for phase in phases])
    names |= dict.fromkeys(spec_key_of(target).partition("/")[2] for target in pending if target.endswith(f"/{LORA}"))
    for name in names:
        yield from (phase for phase in phases if phase.character == name)
        spec = workspace.specs.spec(f"characters/{name}")
        training = training_to_come(spec, workspace) if spec is not None else None
        if training is not None:
            yield training


def edges(workspace: Workspace, keys: Iterable[str], patterns: TargetPatterns) -> Iterator[tuple[str, Sequence[str]]]:
    """The products of the specs `keys` that `patterns` mean, each with the targets that it is made of."""
    for key in keys:
        spec = workspace.specs.spec(key)
        subject = Subject(spec, workspace) if spec is not None else None
        for product in PRODUCTS.values():
            if subject is not None and product.declared(subject.spec):
                target = f"{key}/{product.name}"
                if patterns.meet(target, product.path(subject), subject.spec.file):
                    yield target, product.sources(subject)


def lacks(workspace: Workspace, exact: Sequence[str]) -> list[Diagnostic]:
    """What keeps this machine from making the products that a plan names: warnings, where a build would refuse."""
    obstacles = (obstacle for target in exact
                 for obstacle in PRODUCTS[target.rpartition("/")[2]].obstacles(subject_of(workspace, target)))
    return [replace(obstacle, severity="warning") for obstacle in obstacles]


def readiness(workspace: Workspace, targets: Iterable[str]) -> Iterator[Finding]:
    """Of each training among the products `targets`, whether it can begin on this machine."""
    for target in targets:
        if target.endswith(f"/{LORA}"):
            yield TrainedLora().readiness(subject_of(workspace, target))


def row_of(state: ProductState) -> TargetRow:
    kind = state.target.rpartition("/")[2]
    why = state.reason or state.lacking
    return TargetRow(state.target, kind, state.status, state.title, state.path, state.spec, "", 0, reason=why)


def explained(workspace: Workspace, target: str) -> Explanation:
    """Raises Problem (unknown-target) where no spec asks for the product `target`."""
    subject = subject_of(workspace, target)
    state = PRODUCTS[target.rpartition("/")[2]].look(subject)
    reason = state.reason or state.lacking
    return Explanation(target, state.status, reason, state.changes, (), state.key, ())
