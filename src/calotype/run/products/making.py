"""Makes the products that a build names, when the images that they are made of are built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from calotype.ground.diagnostics import EXIT_FAILED, Diagnostic, Problem, did_you_mean, error, raise_errors
from calotype.ground.events import Events
from calotype.ground.folders import TRAINING
from calotype.ground.light_dataclass import replace
from calotype.ground.refusals import refused
from calotype.ground.target_names import spec_key_of
from calotype.plan.explain import UPSTREAM_FAILED
from calotype.project.outcome import ExportedTraining, Outcome, TargetOutcome
from calotype.project.workspace import Workspace
from calotype.run.products.product import Awaits, Product, ProductState, Stopped, Subject, named, plain_name
from calotype.run.products.product_kinds import PRODUCTS

STOPPED = "the build was stopped"
_UNMADE = ("failed", "skipped", "awaiting")
_NAMED = 3


def split(targets: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The products that `targets` name exactly, each once; and the targets that are images, with all that those
    products are made of."""
    products = tuple(dict.fromkeys(named(PRODUCTS, targets)))
    images = (target for target in targets if plain_name(target) not in products)
    return products, tuple(dict.fromkeys([*images, *map(spec_key_of, products)]))


def refuse_overridden(products: Iterable[str], overrides: Mapping[str, Any]) -> None:
    """Raises Problem where previews are asked for a product: it is made of what is published."""
    for target in products if overrides else ():
        options = ", ".join(f"--{name}" for name in overrides)
        raise Problem(error("without-effect", f"`{target}` is made of published images, not of previews",
                            hint=f"leave out {options}"))


def prepare(workspace: Workspace, products: Iterable[str]) -> None:
    """Raises Problem where a product is asked for that no spec asks for, or that cannot be made on this machine."""
    obstacles: list[Diagnostic] = []
    for target in products:
        subject = subject_of(workspace, target)
        obstacles += PRODUCTS[target.rpartition("/")[2]].obstacles(subject)
    raise_errors(obstacles)


def subject_of(workspace: Workspace, target: str) -> Subject:
    """Raises Problem where no spec asks for the product `target`."""
    key = spec_key_of(target)
    spec = workspace.specs.spec(key)
    product = PRODUCTS[target.rpartition("/")[2]]
    if spec is None:
        known = sorted({spec_key_of(name) for targets in workspace.state.targets().values() for name, _ in targets})
        raise Problem(error("unknown-target", f"nothing is called `{key}`",
                            hint=did_you_mean(key, known) or "`calotype list` shows every target"))
    if not product.declared(spec):
        raise Problem(product.undeclared(spec))
    return Subject(spec, workspace)


class Making:
    """The products of one build, made one after the other. `targets` and `diagnostics` tell of those that were not up
    to date, `reports` of each what its command tells."""

    def __init__(self, workspace: Workspace, events: Events, cancel: Callable[[], bool]) -> None:
        self._workspace, self._events, self._cancel = workspace, events, cancel
        self._subjects: dict[str, Subject] = {}
        self._status: dict[str, str] = {}
        self.targets: list[TargetOutcome] = []
        self.diagnostics: list[Diagnostic] = []
        self.reports: dict[str, Mapping[str, Any]] = {}

    def make(self, target: str, stopped: str) -> str:
        """Makes `target`, and first what it needs. `stopped` says why nothing may be made; empty where it may. Returns
        the status of the product."""
        if target not in self._status:
            self._status[target] = self._make(target, stopped)
        return self._status[target]

    @property
    def up_to_date(self) -> int:
        return sum(status == "up_to_date" for status in self._status.values())

    def _make(self, target: str, stopped: str) -> str:
        key = spec_key_of(target)
        subject = self._subjects.setdefault(key, subject_of(self._workspace, target))
        product = PRODUCTS[target.rpartition("/")[2]]
        for name in product.needs:
            status = self.make(f"{key}/{name}", stopped)
            if status in _UNMADE:
                stopped = stopped or f"{key}/{name} is {status}"
        state = product.look(subject)
        if stopped:
            return self._tell(state, "skipped", stopped)
        self.diagnostics += state.diagnostics
        if state.lacking:
            self.reports[target] = product.report(subject, state)
            return self._tell(state, "awaiting", state.lacking)
        if state.status == "up_to_date":
            self.reports[target] = product.report(subject, state)
            return "up_to_date"
        return self._perform(product, subject, state)

    def _perform(self, product: Product, subject: Subject, state: ProductState) -> str:
        try:
            made = product.make(subject, state, self._events, self._cancel)
        except Awaits as awaits:
            return self._tell(state, "awaiting", str(awaits))
        except Stopped as stop:
            return self._tell(state, "skipped", f"{STOPPED}; {stop}")
        except Problem as problem:
            if problem.exit_code != EXIT_FAILED:
                raise
            self.diagnostics += problem.diagnostics
            return self._tell(state, "failed", problem.diagnostics[0].message)
        except OSError as refusal:
            self.diagnostics.append(refused(refusal))
            return self._tell(state, "failed", self.diagnostics[-1].message)
        self.diagnostics += made.diagnostics
        self.reports[state.target] = made.report
        return self._tell(state, product.done, "new" if state.status == "not_built" else state.reason)

    def _tell(self, state: ProductState, status: str, reason: str) -> str:
        self.targets.append(TargetOutcome(state.target, status, state.path, reason, state.spec))
        self._events.emit("target.published", target=state.target, status=status, path=state.path, reason=reason)
        return status


def make_products(
    workspace: Workspace, products: Iterable[str], images: Outcome, events: Events, cancel: Callable[[], bool], *,
    alone: bool,
) -> Outcome:
    """The outcome of the build of `images`, and of the products that are made of them. Where these are asked for
    `alone`, and all of them are made, an image that awaits a decision holds nothing up: a note tells of it."""
    making = Making(workspace, events, cancel)
    for target in products:
        making.make(target, _why_not(target, images, cancel))
    counts = Counter(target.status for target in making.targets)
    aside = alone and not counts & Counter(_UNMADE)
    return replace(
        images, targets=(*images.targets, *making.targets), up_to_date=images.up_to_date + making.up_to_date,
        failed=images.failed + counts["failed"], awaiting=counts["awaiting"] + (0 if aside else images.awaiting),
        diagnostics=(*images.diagnostics, *making.diagnostics, *(_left_aside(images) if aside else ())),
        reports=making.reports)


def _left_aside(images: Outcome) -> Iterator[Diagnostic]:
    """What is said of the images that await a decision, of a character whose products were made without them."""
    waiting = [image.target for image in images.targets if image.status == "awaiting"]
    if waiting:
        number, more = len(waiting), ", ..." if len(waiting) > _NAMED else ""
        subject = "1 image awaits" if number == 1 else f"{number} images await"
        yield Diagnostic("note", "made-without", f"{subject} a decision, and what was asked for is made without:"
                         f" {', '.join(waiting[:_NAMED])}{more}", hint=f"`calotype explain {waiting[0]}`")


def _why_not(target: str, images: Outcome, cancel: Callable[[], bool]) -> str:
    if cancel():
        return STOPPED
    key = spec_key_of(target)
    failed = any(image.status in ("failed", "skipped") for image in images.targets if _is_of(image, key))
    return UPSTREAM_FAILED if failed or images.halted else ""


def _is_of(image: TargetOutcome, key: str) -> bool:
    return image.target.startswith(f"{key}/")


def states(workspace: Workspace, keys: Iterable[str], exact: Iterable[str]) -> Iterator[ProductState]:
    """How the products of the specs `keys` stand. One that was never made is not looked into, unless it is among those
    that are named by their `exact` names."""
    names = set(exact)
    for key in keys:
        spec = workspace.specs.spec(key)
        if spec is None:
            continue
        subject = Subject(spec, workspace)
        for product in PRODUCTS.values():
            if product.declared(spec):
                target = f"{key}/{product.name}"
                yield product.look(subject) if target in names or product.is_built(subject) else ProductState(
                    target, spec.title, product.path(subject), spec.file, "not_built",
                    f"`{product.command(spec.id)}` makes it")


def export_training(character: str, build: Callable[[str], Outcome]) -> ExportedTraining:
    """What became of the export of a character's set; `build` builds a target. Raises Problem where there is no such
    character, or it has no set."""
    spec_id = character.removeprefix("characters/").strip("/")
    target = f"characters/{spec_id}/training_set"
    if not list(named(PRODUCTS, (target,))):
        raise Problem(error("unknown-target", f"there is no character `{character}`",
                            hint="give its id: calotype export training mannequin"))
    outcome = build(target)
    entry = next((entry for entry in outcome.targets if entry.target == target), None)
    status = "up_to_date" if entry is None else entry.status
    path = f"{TRAINING}/{spec_id}/{spec_id}.zip" if entry is None else entry.path
    return ExportedTraining(target, path, status, outcome.reports.get(target, {}), outcome)
