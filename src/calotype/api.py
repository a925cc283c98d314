"""The Python API, and all that the command line calls. Must not know of terminals, nor how any step is done."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.events import Listener
from calotype.ground.folders import MARKER
from calotype.ground.paths import find_root
from calotype.project.outcome import Outcome
from calotype.project.overrides import Profile, preview_of

if TYPE_CHECKING:
    from calotype.ground.finding import Finding
    from calotype.language.decisions import Decision
    from calotype.models.download import Fetch
    from calotype.project.answers import (
        AskedDecision,
        CacheReport,
        CandidateFiles,
        Explanation,
        GcReport,
        ResultRecord,
        SetReport,
        TargetGraph,
        TargetPicture,
        TargetRow,
        TargetView,
        WrittenDecision,
    )
    from calotype.project.identity_report import IdentityReport
    from calotype.project.judge_report import JudgeReport
    from calotype.project.last_build import Comparison
    from calotype.project.new_scene import NewScene
    from calotype.project.opening import KeptSession, Session
    from calotype.project.outcome import ExportedTraining
    from calotype.project.picture_origin import PictureOrigin
    from calotype.project.reviewed import Review
    from calotype.queries.handout import HandoutResult
    from calotype.queries.pose_drawing import PoseOptions, PoseResult
    from calotype.queries.weights_in_use import ModelCheck, ModelRow

Targets = str | Sequence[str]
"""Paths or globs, or one of them."""
Several = list[str] | tuple[str, ...]
"""Targets, as against the name of one."""


def _several(names: Targets) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


class _Decisions:
    """What people decide of pictures, written to specs/picks/ of the project at `root`."""

    def __init__(self, root: Path, diff: Comparison | None = None) -> None:
        """`diff`: how the project differs from what the last build left, where that has just been found out."""
        self.root = root
        self._diff = diff
        self._session: Session | None = None

    @property
    def _opened(self) -> Session:
        from calotype.project.opening import Session

        return self._session or Session(self.root, self._diff)

    def pick(self, target: str, candidate: str | Path, *, listener: Listener | None = None) -> WrittenDecision:
        """Writes a person's choice to specs/picks/. `candidate`: a number from 1, or (the start of) a pixel digest.

        A path, or a text with a folder or a suffix, or the name of a file that is there, puts that picture in: it must
        have the size asked for, is published (after a build at work, of which `listener` is told), and is not replaced.
        """
        from calotype.queries.decisions.decide import decide, is_file_argument

        if is_file_argument(candidate):
            from calotype.queries.decisions.put_in import put_in

            return put_in(self.root, target, Path(candidate), listener)
        return decide(self._opened, "pick", target, str(candidate))

    @overload
    def approve(self, target: str, candidate: str | None = None) -> WrittenDecision: ...
    @overload
    def approve(self, target: Several) -> Sequence[WrittenDecision]: ...
    def approve(
        self, target: Targets, candidate: str | None = None
    ) -> WrittenDecision | Sequence[WrittenDecision]:
        """Writes to specs/picks/ that a person vouches for a candidate, or for the published picture (None): no build
        replaces it. A picture of a former request cannot be approved.

        Of several targets, names or globs, the published pictures are approved: all, or none where one is refused.

        Of `characters/ID/training_set` that a LoRA may be trained on the set as it is exported.
        """
        if not isinstance(target, str):
            from calotype.queries.decisions.decide_several import decide_several

            return decide_several(self.root, "approve", target, candidate=candidate)
        from calotype.queries.decisions.approve_set import approve

        return approve(self._opened, target, candidate)

    def reject(self, target: str, candidate: str, reason: str) -> WrittenDecision:
        """Writes to specs/picks/ that a candidate is not wanted, and why: it is never chosen again."""
        from calotype.queries.decisions.decide import decide

        return decide(self._opened, "reject", target, candidate, reason)

    @overload
    def include(self, target: str) -> WrittenDecision: ...
    @overload
    def include(self, target: Several) -> Sequence[WrittenDecision]: ...
    def include(self, target: Targets) -> WrittenDecision | Sequence[WrittenDecision]:
        """Writes to specs/picks/ that the published picture of an anchor or a variation belongs in its character's
        training set; another picture in its place will not. Of several targets, names or globs, all, or none where one
        is refused."""
        if not isinstance(target, str):
            from calotype.queries.decisions.decide_several import decide_several

            return decide_several(self.root, "include", target)
        from calotype.queries.decisions.decide import decide

        return decide(self._opened, "include", target, None)

    @overload
    def exclude(self, target: str, reason: str) -> WrittenDecision: ...
    @overload
    def exclude(self, target: Several, reason: str) -> Sequence[WrittenDecision]: ...
    def exclude(self, target: Targets, reason: str) -> WrittenDecision | Sequence[WrittenDecision]:
        """Writes to specs/picks/ that the published picture of an anchor or a variation is to be in no training set,
        and why. Of several targets, names or globs, all, or none where one is refused."""
        if not isinstance(target, str):
            from calotype.queries.decisions.decide_several import decide_several

            return decide_several(self.root, "exclude", target, reason)
        from calotype.queries.decisions.decide import decide

        return decide(self._opened, "exclude", target, None, reason)

    def undo(
        self, decision: Literal["pick", "approve", "reject", "include", "exclude"], target: Targets,
        candidate: str | None = None,
    ) -> Sequence[Decision]:
        """Takes back what was decided of `target`, or of one `candidate`. Returns what was taken back: several that say
        the same, where a merge left them. Of several targets, names or globs, all, or none where one is refused; a glob
        means those of which this was decided."""
        if not isinstance(target, str):
            from calotype.queries.decisions.decide_several import undo_several

            return undo_several(self.root, decision, target, candidate)
        from calotype.queries.decisions.approve_set import take_back

        return take_back(self._opened, decision, target, candidate)


class _Views:
    """What targets of the project at `root` are like."""

    root: Path

    def explain(self, target: str) -> Explanation:
        """Why `target` is not up to date, and what changed when it was last rendered."""
        from calotype.queries.targets import explain

        return explain(self.root, target)

    def show(self, target: str) -> TargetView:
        """One target as people see it: its picture, its candidates with their scores, and what was decided."""
        from calotype.queries.show import show

        return show(self.root, target)

    def results(self, targets: Targets = ()) -> Sequence[ResultRecord]:
        """How the published pictures of `targets` came about: path, prompt, LoRAs by name, likeness, seconds."""
        from calotype.queries.result_records import results

        return results(self.root, _several(targets))

    def inspect(self, image: str | Path) -> PictureOrigin:
        """What a picture file says of its making, and what its pixels are here: published, a candidate, decided on."""
        from calotype.queries.picture_uses import picture_origin

        return picture_origin(self.root, Path(image))

    def pictures(self, target: str, most: int = 10) -> Sequence[TargetPicture]:
        """The published picture of `target` and its candidates, as far as they are at hand. Where there are more than
        `most`, the published one alone, and without one the first candidates."""
        from calotype.queries.candidate_files import pictures

        return pictures(self.root, target, most)

    def write_candidates(self, target: str, to: str | Path) -> CandidateFiles:
        """Writes the candidates of `target` into the folder `to`, as `front_01.png`, ..., and `scores.json`. One that
        was retouched there comes back by `pick`, and is not overwritten. Raises Problem, and writes nothing, where no
        candidate is rendered, or `to` lies in specs/, templates/, content/ or cache/."""
        from calotype.queries.candidate_files import write_candidates

        return write_candidates(self.root, target, Path(to))

    def write_picture(self, target: str, to: str | Path) -> str:
        """Writes the published picture of `target` into the folder `to`, whose path it gives; as `write_candidates`."""
        from calotype.queries.candidate_files import write_picture

        return write_picture(self.root, target, Path(to))


class _Checks:
    """Whether what is published is what the specs of the project at `root` ask for."""

    root: Path

    def check(
        self, targets: Targets = (), *, preset: str | None = None, renderer: str | None = None,
        full: bool = False, name_current: bool = True,
    ) -> Outcome:
        """Whether what is published is what the specs ask for. Needs no cache and no weights, and changes nothing.

        Where a build has left its record, only specs that changed since are read; `full` reads all of them, and every
        asset. Without `name_current` the outcome counts what is up to date, and leaves `current` empty.
        """
        from calotype.queries.status import check

        return check(self.root, _several(targets), Profile(preset, renderer), full=full, name_current=name_current)

    def changes_since(self, since: str, targets: Targets = (), *, full: bool = False) -> Review:
        """The pictures that the commits after `since`, and the files as they are now, changed, made stale or decided
        on; writes the page of them, build/since/index.html.

        `since` is a revision as git knows it; `main...` means where HEAD parted from main. Otherwise as `check`: what
        was not up to date before the range is only counted, and no part of the exit code.
        """
        from calotype.queries.review.changes_since import changes_since

        return changes_since(self.root, since, _several(targets), full=full)

    def judge(
        self, targets: Targets = (), *, jobs: int | None = None, listener: Listener | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> JudgeReport:
        """How often each scorer, and the weighted sum, had first what people chose, and which weights would have more.

        Of every pick and approval among `targets`. Scores that are missing are performed (`jobs`, `listener` and
        `cancel` as of `build`) and kept, of pictures that are at hand; nothing is rendered, published or written else.
        """
        from calotype.queries.judge.judge_query import JudgeOptions, judge

        options = JudgeOptions(_several(targets), jobs or min(os.cpu_count() or 1, 4))
        return judge(self.root, options, listener, cancel or (lambda: False))


class _Likenesses:
    """Whom pictures show, by the characters of the project at `root`."""

    root: Path

    def identity(
        self, character: str, images: Targets, *, method: str | None = None,
        threshold: float | Literal["auto"] | None = None,
    ) -> IdentityReport:
        """Holds pictures, by their paths from the working directory, against `characters/ann` (or `ann`), as its spec
        says it is told; `method` and `threshold` hold in place of that. Changes nothing.

        Raises Problem where there is no such character, nothing that it is known by, what cannot be read, or what the
        method needs and is not here.
        """
        from calotype.queries.character_likeness import LikenessOptions, likeness

        return likeness(self.root, character, _several(images), LikenessOptions(method, threshold))

    def save_identity(self, character: str, to: str | Path, *, method: str | None = None) -> str:
        """Writes the one embedding that stands for all references of `character` to the file `to` (.npy, float32), and
        returns its path. Raises Problem as `identity` does, and where something else stands at `to`."""
        from calotype.queries.character_likeness import LikenessOptions, save_embedding

        return save_embedding(self.root, character, Path(to), LikenessOptions(method))


class Project(_Decisions, _Views, _Checks, _Likenesses):
    """A Calotype project. Every method looks at the files anew; errors in them raise `Problem` with every diagnostic.

    >>> import calotype
    >>> outcome = calotype.Project.open(".").build()     # doctest: +SKIP
    >>> outcome.renders, outcome.exit_code               # doctest: +SKIP
    (3, 0)
    """

    @classmethod
    def open(cls, path: str | Path | None = None) -> Project:
        """The project at or above `path` (the working directory if None). Raises Problem where there is none."""
        if path is not None and not Path(path).exists():
            raise Problem(error("no-project", f"there is no folder `{path}`", hint="`calotype init` makes a project"))
        root = find_root(Path(path or "."))
        if root is None:
            place = "here" if path is None else f"in `{path}`"
            raise Problem(error("no-project", f"there is no {MARKER} {place}, nor in any folder above",
                                hint="`calotype init` makes a project; --project names one elsewhere"))
        return cls(root)

    def plan(
        self, targets: Targets = (), *, preset: str | None = None, renderer: str | None = None, prompts: bool = False,
    ) -> Outcome:
        """What `build` would do, without doing it. `targets` are paths or globs, or one of them; none means all.

        `prompts`: the outcome tells prompt and negative prompt of every image asked for; missing weights are a warning.
        """
        from calotype.queries import status

        return status.plan(self.root, _several(targets), Profile(preset, renderer), prompts=prompts)

    def build(
        self, targets: Targets = (), *, jobs: int | None = None, keep_going: bool = True, dry_run: bool = False,
        executor: str = "local", preset: str | None = None, renderer: str | None = None, preview: str | None = None,
        listener: Listener | None = None, cancel: Callable[[], bool] | None = None, phase: str | None = None,
    ) -> Outcome:
        """Renders what is missing and publishes it.

        `jobs`: batches at a time (None: one for each core, at most 4). `keep_going`: after a failure go on with what
        does not depend on it. `preset` and `renderer` override the specs' and publish under build/preview/. `preview`
        (`mannequin`, or a preset): what takes long is drawn so first, there too, and shown until it is rendered. Of one
        `phase` (enhance, render, score) only that. `listener` is told every event, one at a time: those of a worker
        (`render.step`, `model.*`, notes) on its thread, others on this. `cancel` is asked between units of work.
        """
        if dry_run:
            return self.plan(targets, preset=preset, renderer=renderer, prompts=True)
        from calotype.queries.decisions.begun_scenes import with_begun
        from calotype.run import build

        options = build.Options(_several(targets), Profile(preset, renderer), jobs or min(os.cpu_count() or 1, 4),
                                keep_going, executor, preview_of(preview) if preview is not None else None, phase)
        return build.build(with_begun(self._opened, cancel), options, listener, cancel or (lambda: False))

    def validate(self, paths: Targets = (), *, full: bool = False) -> Sequence[Diagnostic]:
        """Every diagnostic of calotype.yaml and the specs; with `paths` (files or folders), only those in them.

        What was found before is told again while nothing has changed since the last build; `full` reads all anew.
        """
        from calotype.queries.targets import validate

        return validate(self.root, _several(paths), full=full)

    def new_scene(
        self, scene: str, brief: str, *, duration: float = 15.0, simple: bool = False, image: Path | None = None,
    ) -> NewScene:
        """Writes specs/scenes/<scene>.yaml, a storyboard of `brief` with a shot for each four of `duration` seconds, 1
        to 8; `image` is its first. Raises Problem, and leaves nothing, where a word or file cannot be used."""
        from calotype.queries.decisions.begin_scene import SceneOptions, begin_scene

        return begin_scene(self.root, scene, brief, SceneOptions(duration, simple), image)

    def list(self, targets: Targets = ()) -> Sequence[TargetRow]:
        """The targets and how each stands: up_to_date, stale, missing, modified or awaiting."""
        from calotype.queries.targets import rows

        return rows(self.root, _several(targets))

    def known_targets(self) -> Sequence[str]:
        """The names of all targets as the last build knew them; reads no spec."""
        from calotype.queries.targets import known

        return known(self.root)

    def training_set(self, character: str) -> SetReport:
        """The training set of `characters/mannequin` (or `mannequin`): who is in it and why, who is left out, and what
        it lacks. Raises Problem where there is no such character, or its spec has no `training_set`."""
        from calotype.queries.decisions.curate import set_report

        return set_report(self.root, character)

    def graph(self, targets: Targets = ()) -> TargetGraph:
        """The targets, and which starts from which."""
        from calotype.queries.targets import graph

        return graph(self.root, _several(targets))

    def pose(self, path: str, to: Path | None = None, options: PoseOptions | None = None) -> PoseResult:
        """A pose by itself: its words and, in the folder `to`, its drawing and maps.

        `path` names a pose file, a pose or base posture, a target, or keypoint JSON.
        """
        from calotype.queries.pose_drawing import PoseOptions, pose

        return pose(self.root, path, to, options or PoseOptions())

    def handout(
        self, targets: Targets, to: str | Path, *, mirror: bool = False, language: str = "en",
        clinic: str = "", patient: str = "", date: str = "",
    ) -> HandoutResult:
        """Writes the exercises that `targets` name, in that order, as one HTML file for A4 that needs no other.

        `mirror`: pictures and words for the other side of the body. `language` is English, or one whose strings stand
        in templates/handout/. `clinic`, `patient` and `date` stand on their lines, which else are left to be written
        on. Raises Problem, and writes nothing, where a picture is not up to date, or something else stands at `to`.
        """
        from calotype.queries.handout import HandoutOptions, handout

        return handout(self.root, _several(targets), Path(to), HandoutOptions(mirror, language, clinic, patient, date))

    def export_training(self, character: str, **options: Any) -> ExportedTraining:
        """Writes the training set of `character` to content/training/<id>/, when its images are built; nothing where it
        is up to date, or a person is awaited. `options` are `jobs`, `listener` and `cancel`, as of `build`."""
        from calotype.run.products.making import export_training

        return export_training(character, partial(self.build, **options))

    def clean(self) -> Sequence[str]:
        """Removes what lies in build/ (sheets, previews, logs; not rescued edits). Returns what was removed."""
        from calotype.queries.maintenance import clean

        return clean(self.root)

    def gc(self, dry_run: bool = False) -> GcReport:
        """Drops from the cache what no target, decision or published line needs."""
        from calotype.queries.maintenance import gc

        return gc(self.root, dry_run)

    def verify_cache(self) -> CacheReport:
        """Reads every blob of the cache; damaged ones are moved aside, so that they are made again when needed."""
        from calotype.queries.maintenance import verify

        return verify(self.root)

    def models(self) -> Sequence[ModelRow]:
        """The weights that images read: where each is, its size, and how many images read it."""
        from calotype.queries import weights_in_use

        return weights_in_use.rows(self.root)

    def pull_models(
        self, names: Targets = (), *, offline: bool = False
    ) -> Iterator[tuple[Fetch, Callable[[], None]]]:
        """Of each repository that lacks something (of `names`, if there are any), what to fetch, and how to begin.

        Raises Problem (exit 1) where the Hub cannot be reached or `offline` forbids it, (exit 2) for a model that has
        only pickles, or that lacks something when all is fetched.
        """
        from calotype.ground.diagnostics import raise_errors
        from calotype.models import download
        from calotype.queries import weights_in_use

        absent = weights_in_use.by_repository(weights_in_use.absent(self.root, _several(names)))
        if absent:
            download.refuse_offline(offline)
        for (name, revision), members in absent.items():
            fetch = download.look(name, revision, members)
            yield fetch, partial(download.fetch, fetch, revision)
        raise_errors(weights_in_use.still_absent(self.root, [each for members in absent.values() for each in members]))

    def verify_models(self) -> ModelCheck:
        """Reads every file of weights, and compares it with what the Hub or the manifest says of it."""
        from calotype.queries import weights_in_use

        return weights_in_use.verify(self.root)

    def doctor(self) -> Sequence[Finding]:
        """Whether this machine and this project are fit to build."""
        from calotype.queries.doctor import examine

        return examine(self.root)


class KeptProject(Project):
    """A project that stays open from one build to the next, in a `with`: each brings up to date what was loaded."""

    _session: KeptSession

    def __init__(self, root: Path) -> None:
        from calotype.project.opening import KeptSession

        super().__init__(root)
        self._session = KeptSession(root)

    def __enter__(self) -> KeptProject:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def changes(self, folders: Collection[str] | None = None) -> Comparison:
        """How the files differ from those that the last build left. The next build goes on from this answer. `folders`
        (None: all) are those to look at, relative to the project."""
        return self._session.look(folders)

    def renders_wanted(self) -> Collection[str]:
        """The keys of the renders that a build would make now. May be asked on another thread, while one builds."""
        from calotype.queries import status

        return status.renders_wanted(self.root)

    def decide_together(self, asked: Sequence[AskedDecision]) -> Sequence[Sequence[Decision] | Exception]:
        """Takes decisions that wait at the same time: what each decided, or took back, or what it raised."""
        from calotype.queries.decisions.decide_together import decide_together

        return decide_together(self._session, asked)
