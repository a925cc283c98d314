"""`calotype judge`: the scorers of a project, held against all that people chose. It writes scores to the caches, and
nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from calotype.ground.events import Events, Listener, logged
from calotype.ground.folders import MARKER
from calotype.ground.light_dataclass import dataclass
from calotype.ground.lock import build_lock
from calotype.project.judge_report import JudgeReport, LeftOut
from calotype.project.layout import Layout
from calotype.project.specs import sources
from calotype.project.waiting import Stopped, Waiting
from calotype.queries.judge.choice_sets import ChoiceSet
from calotype.queries.judge.config_change import weights_change
from calotype.queries.judge.figures import figures
from calotype.queries.judge.human_choices import HumanChoice, human_choices
from calotype.queries.judge.scores_asked import ScoresAsked
from calotype.queries.status import StatusQuery, status_query
from calotype.run.scoring import ScoreRun

UNSCORED = "no scorer has a score of what was chosen and of another candidate"
USUAL_CHANCE = 1 / 4
"""Where no target asks for more than one candidate."""


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """`jobs`: batches of pictures scored at a time."""

    targets: tuple[str, ...] = ()
    jobs: int = 1


def judge(
    root: Path, options: JudgeOptions, listener: Listener | None, cancel: Callable[[], bool]
) -> JudgeReport:
    """What the scorers of the project at `root` are worth. Scores that are missing are performed first, of the pictures
    that are at hand, and kept. Raises Problem where the project is invalid, or no target is called so."""
    with status_query(root, options.targets) as query:
        judging = _Judging(query)
        if not judging.to_perform:
            return judging.report()
    listeners = [listener] if listener else []
    try:
        waiting = Waiting("a build", Events(*listeners), cancel)
        with (build_lock(root, waiting), logged(Layout(root).logs, *listeners) as events,
              status_query(root, options.targets, create=True) as query):
            judging = _Judging(query)
            judging.perform(events, options.jobs, cancel)
            return judging.report()
    except Stopped:
        return judging.report()


class _Judging:
    """The human choices of a query, and what scorers say of their pictures."""

    def __init__(self, query: StatusQuery) -> None:
        self._workspace = query.workspace
        targets = list(query.targets())
        told = list(human_choices(targets))
        self._choices = [choice for choice in told if isinstance(choice, HumanChoice)]
        self._left_out = [each for each in told if isinstance(each, LeftOut)]
        asked_for = [found.planned.image.candidates for found in targets if found.planned.image.candidates > 1]
        self._chance = sum(1 / count for count in asked_for) / len(asked_for) if asked_for else USUAL_CHANCE
        self._kinds = query.kinds
        self._asked = ScoresAsked(query.workspace, query.kinds, self._choices)
        self._run: ScoreRun | None = None
        missing = [scoring for scoring in self._asked.missing() if scoring.picture.blob is not None]
        self.to_perform = [scoring for scoring in missing if query.workspace.results.place(scoring.picture) is not None]

    def perform(self, events: Events, jobs: int, cancel: Callable[[], bool]) -> None:
        """Has the missing scores performed, and takes them in."""
        self._run = ScoreRun(self._workspace, self._kinds, self.to_perform, events, jobs)
        self._run.carry_out("local", cancel)
        self._asked.look_up()

    def report(self) -> JudgeReport:
        sets, counted, left_out = self._sets()
        text = sources.read(self._workspace.root, MARKER).text.decode()
        of = figures(sets, self._chance)
        fitted, run, by = of.fitted, self._run, [choice.by for choice in counted]
        return JudgeReport(
            of.candidates, of.scorers, of.total, of.pairs, of.needed, of.needed_to_fit, fitted,
            picks=by.count("pick"), approvals=by.count("approve"),
            change=weights_change(text, fitted.weights) if fitted is not None and fitted.suggested else "",
            scored=run.performed if run else 0, absent=self._absent(), not_here=self._asked.not_here,
            left_out=(*self._left_out, *left_out),
            diagnostics=(*self._asked.obstacles, *(run.diagnostics if run else ())))

    def _sets(self) -> tuple[list[ChoiceSet], list[HumanChoice], list[LeftOut]]:
        """The choice sets that something can be said of, the choices that they are of, and the others."""
        sets, counted, left_out = [], [], []
        for number, choice in enumerate(self._choices):
            choice_set = self._choice_set(number, choice)
            if choice_set is None:
                left_out.append(LeftOut(choice.image.target, UNSCORED))
            else:
                sets.append(choice_set)
                counted.append(choice)
        return sets, counted, left_out

    def _choice_set(self, number: int, choice: HumanChoice) -> ChoiceSet | None:
        """The pictures of a choice that have a score; None where what was chosen, or every other, has none."""
        scores = self._asked.scores(number)
        scored = [made.pixels for made in choice.pictures if scores[made.pixels]]
        chosen = choice.pictures[choice.chosen].pixels
        names = dict.fromkeys(name for pixels in scored for name in scores[pixels])
        columns = {name: [scores[pixels].get(name) for pixels in scored] for name in names}
        if not any(scores[chosen].get(name) is not None and sum(score is not None for score in column) > 1
                   for name, column in columns.items()):
            return None
        return ChoiceSet(choice.image.target, columns, scored.index(chosen), self._asked.weights(choice.image))

    def _absent(self) -> dict[str, int]:
        """How many pictures of each target lack a score because their bytes are gone."""
        place = self._workspace.results.place
        absent: dict[str, set[str]] = {}
        for scoring in self._asked.missing():
            if place(scoring.picture) is None:
                absent.setdefault(scoring.target, set()).add(scoring.picture.pixels)
        return {target: len(pictures) for target, pictures in absent.items()}
