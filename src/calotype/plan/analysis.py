"""Looks into specs: reads, validates, plans. One pass that plan, build, check and list share.

Must not know what is done about what it finds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from calotype.actions.registry import Kinds
from calotype.engine.rebuild import Need
from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.ground.folders import LORA_RECORD, TRAINING
from calotype.ground.light_dataclass import dataclass, field, replace
from calotype.ground.target_names import spec_key
from calotype.language.action import Action
from calotype.language.image import Image
from calotype.language.instructions import NO_INSTRUCTIONS, Instructions, instructions_of
from calotype.language.prompt import Styles
from calotype.language.references import Known, check_config, check_poses, check_spec
from calotype.language.resolve import image_spec_of, images_of
from calotype.language.spec import Spec
from calotype.language.uses import files_in, uses_of
from calotype.language.yaml.document import Document
from calotype.plan import weight_places
from calotype.plan.decided.curation_warnings import CurationWarnings, no_set_warnings
from calotype.plan.decided.standing import UNDECIDED, contradiction
from calotype.plan.decided.unread import UnreadDecisions
from calotype.plan.explain import Places, decided, reason
from calotype.plan.judging_findings import Findings, findings_of
from calotype.plan.judging_remarks import ABSENT, absent_scorers, look_alikes, remarks
from calotype.plan.licence_policy import CODE as LICENCE
from calotype.plan.licence_policy import LicencePolicy
from calotype.plan.moves import Moves
from calotype.plan.named_characters import NamedCharacters
from calotype.plan.planned import Planned
from calotype.plan.planner import plan_spec
from calotype.plan.prompt_reviews import enhancements_by_target
from calotype.plan.uniqueness import UniquenessCheck
from calotype.plan.warnings import Linting
from calotype.project.answers import Decided
from calotype.project.changes import ChangeSet
from calotype.project.decisions.index import Entry
from calotype.project.inputs.missing_weights import WeightsMissing
from calotype.project.specs import sources
from calotype.project.specs.shared_files import read_specs
from calotype.project.specs.spec_cache import SpecCache
from calotype.project.workspace import Workspace
from calotype.store.state import SHARED

if TYPE_CHECKING:
    from calotype.language.lint.duplicates import Described


@dataclass(frozen=True, slots=True)
class Found:
    """One target of a spec, `place` counting from 0 within it. `reason` is empty where it is up to date."""

    planned: Planned
    spec: Spec
    place: int
    reason: str
    places: Places

    @property
    def up_to_date(self) -> bool:
        return self.planned.verdict.need is Need.UP_TO_DATE


@dataclass(frozen=True, slots=True)
class Row:
    """What a spec asks for: (target, path) of each asset, in its order. `uses` are what it names of the project;
    `characters` are the ids of those that it speaks of; `starts` are the targets that a target starts from; `decisions`
    what people decided of targets, where they did; `curation` what they said of pictures for a training set, where the
    spec has one (else it is None); `judged` what was found of targets when they were judged; `loras` what the LoRAs in
    use are called, by digest; `enhancements` what makes the prompts of targets, where they are enhanced."""

    file: str
    sha256: str
    kind: str
    id: str
    title: str
    tags: tuple[str, ...]
    region: str
    targets: tuple[tuple[str, str], ...]
    uses: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()
    starts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    instructions: Instructions = NO_INSTRUCTIONS
    decisions: Mapping[str, Decided] = field(default_factory=dict)
    curation: Mapping[str, tuple[Entry, ...]] | None = None
    judged: Mapping[str, Findings | None] = field(default_factory=dict)
    loras: Mapping[str, str] = field(default_factory=dict)
    enhancements: Mapping[str, Action] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """`exercises/chin_tuck`."""
        return spec_key(self.kind, self.id)


class StyleNames(Collection[str]):
    """The names of styles, listed when one is first asked for."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles

    @cached_property
    def _names(self) -> list[str]:
        return self._styles.names()

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Analysis:
    """A pass over the specs of a change set. With `warn` it finds also what lint only warns of. `kinds` may be those of
    another pass over the same workspace since its last update.

    After it, `diagnostics` holds all that was found, `warnings` by spec file what is no error (under SHARED that of
    what specs share), `rows` what each spec asks for, `training_sets` the files of the specs that have one, by key.
    With a `spec_cache`, as a build has it, the files that specs name are watched, and rows tell what they use."""

    def __init__(
        self, workspace: Workspace, change_set: ChangeSet, spec_cache: SpecCache | None = None, *, warn: bool = False,
        kinds: Kinds | None = None,
    ) -> None:
        self._workspace, self._change_set, self._spec_cache = workspace, change_set, spec_cache
        self.kinds = kinds or Kinds(workspace)
        self.linting = Linting(workspace, warn=warn)
        looked_into = {*change_set.files, *change_set.gone}
        workspace.specs.look_into(looked_into)
        self.names = UniquenessCheck(workspace.root, workspace.state, looked_into, change_set.whole)
        self.rows: dict[str, Row] = {}
        self.training_sets: dict[str, str] = {}
        self.warnings: dict[str, list[Diagnostic]] = {}
        self.files = change_set.files
        self._known: Known | None = None
        self._sound: bool | None = None
        self.unread = UnreadDecisions(workspace, change_set)
        self._missing: set[str] = set()
        self._named = NamedCharacters(workspace, self._references)
        self._curation, self._policy = CurationWarnings(workspace), LicencePolicy(workspace, self.kinds)

    @property
    def workspace(self) -> Workspace:
        return self._workspace

    @property
    def whole(self) -> bool:
        """Whether the pass is over all specs that there are."""
        return self._change_set.whole

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return self._workspace.snapshot.diagnostics

    def targets(self) -> Iterator[Found]:
        """Every target, spec by spec. A spec with an error yields nothing; none does where what they share is wrong."""
        self.check_shared()
        yield from self.targets_of_specs()
        self.finish(self.linting.take_images())

    def check_shared(self) -> None:
        """Finds what is wrong with what specs share; once."""
        if self._sound is None:
            self._sound = self._shared_is_sound()
            if self._change_set.whole:
                self._workspace.decisions.every()
                self.diagnostics.extend(self.linting.config())
            self._keep_warnings(SHARED, 0)

    def part(self, files: tuple[str, ...]) -> Analysis:
        """The same pass over these specs alone, which knows of no other; to be made after `check_shared`."""
        part = copy(self)
        part.files, part.rows, part.warnings, part._missing, part.training_sets = files, {}, {}, set(), {}
        part.names = UniquenessCheck(self._workspace.root, self._workspace.state, (), whole=True)
        return part

    def take_up(self, found: Iterable[Diagnostic]) -> None:
        """Takes up what parts found; weights that several of them miss, or may not use, are told once."""
        for diagnostic in found:
            once = diagnostic.code in (weight_places.CODE, ABSENT, LICENCE)
            self.diagnostics.extend(self._once([diagnostic]) if once else [diagnostic])

    def finish(self, images: Iterable[Described]) -> None:
        """Finds what it takes all specs to tell: which `images` ask for the same picture, which decisions are wrong or
        read by nobody."""
        self.diagnostics.extend(self.linting.doubles(images))
        self.diagnostics.extend(self._workspace.decisions.diagnostics)
        faults = [each for each in self.diagnostics if each.severity == "error" or each.code == weight_places.CODE]
        if all(fault.severity != "error" for fault in faults):  # an image that is refused might take a setting
            self.diagnostics.extend(self.linting.unreached())
        if not faults:  # a decision binds a key, and without its weights a render has none
            self.diagnostics.extend(self.unread.find(self.names.paths.values()))

    def targets_of_specs(self) -> Iterator[Found]:
        """Every target of `files`, when what they share is checked."""
        for spec, document, read in read_specs(self._workspace.snapshot, list(self.files)):
            before = len(self.diagnostics)
            self.diagnostics.extend(self.names.claim_id(spec, document))
            self.diagnostics.extend([*check_spec(spec, self._references()), *self._named.reference_faults(spec)])
            if self._spec_cache is not None:
                self._depend_on_files(spec.data)
                if spec.training_set is not None:  # its page tells of the LoRA
                    self._workspace.inputs.depend(f"{TRAINING}/{spec.id}/{LORA_RECORD}")
            if not self._sound or any(diagnostic.severity == "error" for diagnostic in self.diagnostics[before:]):
                continue
            if self._named.at_fault(spec):
                continue
            if spec.training_set is not None:
                self.training_sets[spec_key(spec.kind, spec.id)] = spec.file
            if self._spec_cache is not None:
                self._spec_cache.plan(read)
            yield from self._plan(spec, document, read.sha256)
            self._keep_warnings(spec.file, before)

    def _keep_warnings(self, file: str, start: int) -> None:
        """Files under `file` the warnings among the diagnostics from `start` on."""
        warnings = [one for one in self.diagnostics[start:] if one.severity != "error"]
        if warnings:
            self.warnings[file] = warnings

    def _depend_on_files(self, data: Mapping[str, Any]) -> None:
        """A file that a spec names must be there, whether its renderer reads it or not."""
        for file in files_in(data):
            self._workspace.inputs.depend(file)

    def _shared_is_sound(self) -> bool:
        """Whether calotype.yaml and the poses are as specs need them. After a look they are as they were."""
        if self._change_set.whole:
            self.diagnostics.extend([*check_config(self._references()), *check_poses(self._references())])
            if self._spec_cache is not None:
                self._depend_on_files(self._workspace.snapshot.config.defaults)
        return not any(diagnostic.severity == "error" for diagnostic in self.diagnostics)

    def _plan(self, spec: Spec, document: Document, sha256: str) -> Iterator[Found]:
        workspace, row, starts, decisions, curation = self._workspace, [], dict[str, tuple[str, ...]](), {}, {}
        judged, loras, enhancements = dict[str, Findings | None](), dict[str, str](), dict[str, Action]()
        places, moves = Places(self._workspace.root, spec, workspace.shared), Moves(self._workspace, self._change_set)
        self.diagnostics.extend(self.linting.spec(spec, document))
        try:
            for place, planned in enumerate(plan_spec(spec, workspace, self.kinds)):
                image = planned.image
                self.diagnostics.extend(self.names.claim_path(image, image_spec_of(spec, image.target), document))
                self.diagnostics.extend(self.linting.image(image, spec, document))
                self.diagnostics.extend(contradiction(image.target, planned.human, workspace.root))
                if planned.human.curation:
                    curation[image.target] = planned.human.curation
                    if spec.training_set is not None:
                        self.diagnostics.extend(self._curation.warn(image.target, planned.curation))
                row.append((image.target, image.path))
                self._tell_assumed(image, places)
                self.diagnostics.extend(self._policy.refusals(planned, document))
                self.diagnostics.extend(self._once(absent_scorers(self.kinds.judges, workspace)))
                starts |= {image.target: planned.starts_from} if planned.starts_from else {}
                if self._spec_cache is not None:
                    if planned.human is not UNDECIDED:
                        decisions[image.target] = decided(planned, places)
                    loras, judged[image.target] = loras | planned.lora_names, findings_of(planned)
                    enhancements |= enhancements_by_target(planned)
                self.diagnostics.extend(_remarks(planned, places))
                why = "" if planned.verdict.need is Need.UP_TO_DATE else reason(planned, places, moves.origin(planned))
                yield Found(planned, spec, place, why, places)
        except Problem as problem:
            self.diagnostics.extend(self._placed_faults(problem, spec, len(row), places))
        self.diagnostics.extend(no_set_warnings(spec, [*chain(*curation.values())], workspace.root))
        self.rows[spec.file] = Row(
            spec.file, sha256, spec.kind, spec.id, spec.title, spec.tags, spec.region or "", tuple(row),
            uses_of(spec) if self._spec_cache else (), self._named.by(spec), starts, instructions_of(spec.data),
            decisions, None if spec.training_set is None else curation, judged, loras, enhancements)

    def renew_decisions(self) -> None:
        """Holds what people said of pictures and training sets against what a build has published by now."""
        self.diagnostics.extend(self.unread.renewed())
        rows = [(row.file, row.targets, row.curation) for row in self.rows.values() if row.curation]
        self._curation.renew(rows, self.diagnostics, self.warnings)

    def _placed_faults(self, problem: Problem, spec: Spec, number: int, places: Places) -> Iterator[Diagnostic]:
        """What is wrong with image `number` of `spec`, where it names its renderer or its weights: who looks for these
        knows of no file. Weights that are missing are told once, however many images read them."""
        for fault in problem.diagnostics:
            if fault.file is not None or not fault.code.endswith(("-renderer", "-identity", weight_places.CODE)):
                yield fault
                continue
            image = next(islice(images_of(spec, self._workspace.shared), number, None))
            if isinstance(problem, WeightsMissing):
                yield from self._once([weight_places.placed(fault, problem.what, image, places.at)])
            else:
                field = "characters" if fault.code.endswith("-identity") else "renderer"
                file, line, column = places.at(field, image.target)
                yield replace(fault, file=file, line=line, column=column)

    def _tell_assumed(self, image: Image, places: Places) -> None:
        """Warns of weights that are not here, where they are not needed; each once."""
        inputs = self._workspace.inputs
        for what in inputs.take_assumed():
            fault = replace(inputs.missing(what), severity="warning")
            self.diagnostics.extend(self._once([weight_places.placed(fault, what, image, places.at)]))

    def _once(self, found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
        for diagnostic in found:
            if diagnostic.message not in self._missing:
                self._missing.add(diagnostic.message)
                yield diagnostic

    def _references(self) -> Known:
        if self._known is None:
            workspace = self._workspace
            snapshot = workspace.snapshot
            self._known = Known(
                workspace.root, snapshot.config, snapshot.poses, workspace.characters, StyleNames(workspace.styles),
                lambda file: sources.document(workspace.root, file),
                {name: document.file for name, document in snapshot.pose_documents.items()})
        return self._known


def _remarks(planned: Planned, places: Places) -> Iterator[Diagnostic]:
    """What is said of a picture that stands, and of candidates among which a person is to choose."""
    if planned.verdict.need is Need.UP_TO_DATE:
        yield from remarks(planned, places)
    elif planned.verdict.need is Need.AWAIT:
        yield from look_alikes(planned, places)
