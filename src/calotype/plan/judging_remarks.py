"""What is said of judging: scorers that are not here, pictures below the threshold, pictures that tell no likeness."""

from __future__ import annotations

from collections.abc import Iterator

from calotype.actions.identities import uncalibrated, unknown_looks
from calotype.actions.judges import Judges
from calotype.ground.diagnostics import Diagnostic, error, warning
from calotype.ground.folders import MARKER
from calotype.ground.troubleshooting import LOOK_ALIKES, LOW_SCORES, see
from calotype.language.yaml.document import parse
from calotype.plan import judging_findings
from calotype.plan.explain import Places
from calotype.plan.judging.judgement import LowScore
from calotype.plan.planned import Planned
from calotype.project.workspace import Workspace

CODE, ABSENT, ALIKE = "score-low", "scorer-absent", "candidates-alike"
UNCALIBRATED, UNCOMPARED = "identity-uncalibrated", "identity-uncompared"


def absent_scorers(judges: Judges, workspace: Workspace) -> Iterator[Diagnostic]:
    """Scorers that calotype.yaml weighs and that are not here, at its lines."""
    scoring = workspace.shared.config.scoring
    absent = {name: why for name, why in judges.scoring.get("absent", {}).items() if name in scoring["weights"]}
    if not absent:
        return
    document = parse(workspace.snapshot.reads[MARKER].text, MARKER)
    others = ", ".join(judges.scoring["weights"])
    for name, why in absent.items():
        line, column = document.place(("scoring", "weights", name), True)
        yield warning(ABSENT, f"`{name}` is not here: {why}", file=MARKER, line=line, column=column,
                      hint=f"{others} judges without it" if "," not in others else f"{others} judge without it")


def low_score(planned: Planned, places: Places) -> Diagnostic | None:
    """The warning about the picture that stands for a target, an error where low scores fail; None where it is fine."""
    low = planned.low_score
    if low is None:
        return None
    file, line, column = places.at("", planned.image.target)
    tell = error if planned.judgement.strict else warning
    message = f"{planned.image.target}: {low}"
    return tell(CODE, message, file=file, line=line, column=column, hint=hint(low))


def look_alikes(planned: Planned, places: Places) -> Iterator[Diagnostic]:
    """A warning where candidates leave little to choose from."""
    finding, apart = judging_findings.look_alikes(planned)
    if finding:
        file, line, column = places.at("", planned.image.target)
        yield warning(ALIKE, f"{planned.image.target}: {finding}", file=file, line=line, column=column,
                      hint=f"{apart}; {see(LOOK_ALIKES)}")


def hint(low: LowScore) -> str:
    return f"{judging_findings.help_with(low.scorer)}; {see(LOW_SCORES)}"


def remarks(planned: Planned, places: Places) -> Iterator[Diagnostic]:
    """What is said of the picture that stands for a target, once it is published."""
    yield from look_alikes(planned, places)
    low = low_score(planned, places)
    if low is not None:
        yield low
    if planned.verdict.choice is None or planned.verdict.choice.by == "human" or planned.chosen is None:
        return
    pixels = planned.made[planned.chosen.key].output
    if pixels in planned.judgement.untold:
        yield _of_likeness("identity-untold", "nothing in it tells whom it shows",
                           "look at it, and pick it or another: no likeness could be measured", planned, places)
    for character in uncalibrated(planned.image, planned.judgement.likenesses.get(pixels, {})):
        yield _of_likeness(UNCALIBRATED, f"how like `{character}` it is was held against no threshold: `auto` needs "
                           "three references or more, to compare each with the others",
                           "name as many references, or give the threshold as a number, such as 0.65", planned, places)
    for character in unknown_looks(planned.image):
        yield _of_likeness(UNCOMPARED,
                           f"it was not compared with `{character}`, of whom there is nothing to compare with",
                           f"name `references` in the spec of `{character}`", planned, places)


def _of_likeness(code: str, message: str, help_: str, planned: Planned, places: Places) -> Diagnostic:
    file, line, column = places.at("characters", planned.image.target)
    return warning(code, f"{planned.image.target}: {message}", file=file, line=line, column=column, hint=help_)
