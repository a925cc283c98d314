"""Training sets as people ask about them: which picture may be included, and what a set holds. Must not write anything.
"""

from __future__ import annotations

from pathlib import Path

from calotype.ground.diagnostics import Problem, error
from calotype.plan.planned import Planned
from calotype.plan.training.training_set import TrainingSet, no_training_set, pictured, training_set
from calotype.project.answers import SetLeftOut, SetMember, SetReport
from calotype.queries.status import status_query
from calotype.results.publish.line import Line

_FOLDER = "characters/"
TRAINING_SET = "training_set"
"""The last part of the name of a set, and its section in a spec."""


def picture_for_a_set(planned: Planned) -> Line:
    """What is published of a target, where it may be included in a training set or excluded from it. Raises Problem for
    what belongs to no character, and for a picture that does not stand."""
    target = planned.image.target
    if not target.startswith(_FOLDER):
        raise Problem(error("no-character", f"`{target}` can be in no training set",
                            hint="a set is of the anchors and variations of a character: characters/ID/..."))
    picture = pictured(planned)
    if picture.line is None:
        hint = f"calotype pick {target} NUMBER" if planned.awaits else f"calotype build {target}"
        raise Problem(error("not-published", f"nothing is published of `{target}` yet", hint=f"first `{hint}`"))
    if planned.kept is not None or planned.awaits:
        raise Problem(error("awaits-decision", f"`{target}` awaits a decision: its published picture may go",
                            file=picture.line.path, hint=f"decide first: calotype explain {target}"))
    if picture.open:
        raise Problem(error("stale-picture", f"the picture of `{target}` {picture.open}", file=picture.line.path,
                            hint=f"`calotype build {target}` puts that right; then look at it"))
    return picture.line


def set_report(root: Path, character: str) -> SetReport:
    """The set of `characters/mannequin`, `mannequin` or `characters/mannequin/training_set`. Raises Problem
    (unknown-target, no-training-set) where there is none."""
    name = character.removeprefix("./").strip("/").removesuffix(f"/{TRAINING_SET}").removeprefix(_FOLDER)
    with status_query(root, (f"{_FOLDER}{name}",)) as query:
        every = list(query.targets())
        spec = every[0].spec
        training = training_set(spec, [found.planned for found in every])
        if training is None or spec.id != name:
            raise Problem(no_training_set(spec))
        return report_of(training)


def report_of(training: TrainingSet) -> SetReport:
    members = (SetMember(member.image.target, member.path, member.pixels, member.by, member.why)
               for member in training.members)
    left_out = (SetLeftOut(left.target, left.state, left.reason) for left in training.out)
    return SetReport(training.character, training.trigger_word, training.minimum, training.maximum, tuple(members),
                     tuple(left_out), training.lacking)
