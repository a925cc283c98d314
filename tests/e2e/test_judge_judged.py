"""`calotype judge`: scorers held against what people chose, in a project whose human looks at what one of them sees."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import judges
import pytest
from kit import nod_spec

from calotype.language.decisions import Decision, dump_picks
from calotype.queries.status import status_query
from conftest import Run, Space

COUNT = 40
PICKS = "specs/picks/decisions.yaml"
WEIGHTS = "scoring:\n  weights:\n    eye: 0.1   # sees\n    dice: 0.9\n"
PLAIN = "version: 1\ndefaults: {size: [64, 64], candidates: 3, select: human}\n"
CONFIG = PLAIN + WEIGHTS

Candidates = dict[str, list[tuple[str, str]]]
"""Target -> (render key, pixel digest) of each candidate."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = judges.install(tmp_path_factory.mktemp("judges") / "site")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield folder


@pytest.fixture(scope="module")
def rendered(site: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Candidates]:
    """A project of COUNT targets of three candidates, built when it had no scorers: each awaits a human."""
    space = Space(tmp_path_factory.mktemp("rendered") / "project")
    space.write("calotype.yaml", PLAIN)
    space.write("specs/exercises/nod.yaml", nod_spec("nod", *(f"seed: {3 * number}" for number in range(COUNT))))
    assert space.call("build", "-q").code == 3
    with status_query(space.root) as query:
        candidates = {found.planned.image.target: [(key, found.planned.made[key].pixels) for key in found.planned.keys]
                      for found in query.targets()}
    space.write("calotype.yaml", CONFIG)
    return space.root, candidates


@pytest.fixture
def project(rendered: tuple[Path, Candidates], site: Path, tmp_path: Path) -> tuple[Space, Candidates]:
    root, candidates = rendered
    space = Space(judges.copied(root, tmp_path / "project"), {"PYTHONPATH": str(site)})
    judges.asked(site)
    return space, candidates


def decide(space: Space, candidates: Candidates, targets: int = COUNT, kind: Any = "pick",
           choose: Callable[[str], int] = judges.eye) -> None:
    """A human chooses of the first `targets` what looks best to them; one in ten at random."""
    decisions = []
    for number, (target, pictures) in enumerate(list(candidates.items())[:targets]):
        order = sorted(pictures, key=lambda picture: choose(picture[1]))
        key, pixels = order[0 if number % 10 == 9 else -1]
        decisions.append(Decision(target, key, pixels, kind))
    space.write(PICKS, dump_picks(decisions))


def judge(space: Space, *words: str, code: int = 0) -> Any:
    done = space.call("judge", "--json", *words)
    assert done.code == code, done.err + done.out
    return done.json


def row(report: Any, scorer: str) -> Any:
    return next(each for each in (*report["scorers"], report["total"]) if each["scorer"] == scorer)


def test_the_scorer_that_sees_is_told_from_dice_and_preferred(project: tuple[Space, Candidates], site: Path) -> None:
    space, candidates = project
    decide(space, candidates)
    report = judge(space)
    assert (report["picks"], report["approvals"], report["candidates"]) == (COUNT, 0, 3.0)
    eye, dice, total = (row(report, name) for name in ("eye", "dice", "the sum"))
    assert eye["first"] == pytest.approx(0.9) and eye["luck"] < 1e-6 and eye["low"] < 0.9 < eye["high"]
    assert dice["luck"] > 0.05 and dice["chance"] == pytest.approx(1 / 3)
    assert (eye["weight"], dice["weight"]) == (pytest.approx(0.1), pytest.approx(0.9)) and total["first"] < 0.7
    fitted = report["fitted"]
    assert fitted["suggested"] and fitted["weights"]["eye"] > 0.8 and fitted["first"] > fitted["present"]
    assert [(pair["scorer"], pair["other"]) for pair in report["pairs"]] == [("dice", "eye")]
    assert abs(report["pairs"][0]["rho"]) < 0.5


def test_missing_scores_are_performed_once_and_nothing_else(project: tuple[Space, Candidates], site: Path) -> None:
    space, candidates = project
    decide(space, candidates, 5)
    judges.asked(site)
    before = space.snapshot("specs", "content")
    report = judge(space)
    performed = judges.asked(site)
    assert report["scored"] == len(performed) > 20 and set(performed) == {"eye", "dice"}
    again = judge(space)
    assert (again["scored"], judges.asked(site)) == (0, []) and again == {**report, "scored": 0}
    assert space.snapshot("specs", "content") == before


def test_the_change_is_one_that_patch_takes_and_it_is_the_last(project: tuple[Space, Candidates]) -> None:
    space, candidates = project
    decide(space, candidates)
    report = judge(space)
    assert space.read("calotype.yaml") == CONFIG
    if shutil.which("patch") is None:
        pytest.skip("there is no patch")
    subprocess.run(["patch", "-p0"], cwd=space.root, input=report["change"] + "\n", text=True, check=True, capture_output=True)
    weights = report["fitted"]["weights"]
    assert space.read("calotype.yaml") == CONFIG.replace("eye: 0.1 ", f"eye: {weights['eye']:g} ").replace("dice: 0.9", f"dice: {weights['dice']:g}")
    after = judge(space)
    assert after["change"] == "" and not after["fitted"]["suggested"]
    assert row(after, "the sum")["first"] > row(report, "the sum")["first"]


def test_the_text_tells_it_within_eighty_columns(project: tuple[Space, Candidates]) -> None:
    space, candidates = project
    decide(space, candidates)
    done = space.call("judge")
    assert done.code == 0 and max(map(len, done.out.splitlines())) <= 80
    assert "40 human choices (40 picks, 0 approvals), of 3.0 candidates on average." in done.out
    assert "Better than chance: eye and the sum." in done.out or "Better than chance: eye." in done.out
    assert "-    eye: 0.1   # sees" in done.out.splitlines() and "+++ calotype.yaml" in done.out.splitlines()


def test_too_few_choices_say_how_many_are_needed_and_nothing_is_fitted(project: tuple[Space, Candidates]) -> None:
    space, candidates = project
    decide(space, candidates, 6)
    report = judge(space)
    assert (report["picks"], report["needed"], report["needed_to_fit"]) == (6, 23, 23)
    assert report["fitted"] is None and report["change"] == ""
    text = space.call("judge").out
    assert "17 more are needed" in text.replace("\n", " ") and "---" not in text


def test_without_a_choice_it_says_so(project: tuple[Space, Candidates], site: Path) -> None:
    space, _ = project
    judges.asked(site)
    report = judge(space)
    assert (report["picks"], report["scorers"], report["total"]["first"], report["scored"]) == (0, [], None, 0)
    assert judges.asked(site) == []
    text = space.call("judge").out.replace("\n", " ")
    assert "No human has chosen among candidates yet" in text and "23 choices" in text


def test_approvals_count_and_are_told_apart(project: tuple[Space, Candidates]) -> None:
    space, candidates = project
    decide(space, candidates, 8, "approve")
    report = judge(space)
    assert (report["picks"], report["approvals"]) == (0, 8)
    assert "An approval says yes" in space.call("judge").out


def test_contradicting_decisions_are_left_out_and_named(project: tuple[Space, Candidates]) -> None:
    space, candidates = project
    decide(space, candidates, 4)
    target, pictures = next(iter(candidates.items()))
    space.write("specs/picks/other.yaml", dump_picks(
        [Decision(target, key, pixels, "pick") for key, pixels in pictures]))
    report = judge(space)
    assert report["picks"] == 3
    assert report["left_out"] == [{"target": target, "reason": "the decisions about it contradict each other"}]
    assert f"Left out, the decisions about it contradict each other: {target}." in space.call("judge").out.replace("\n", " ")


def test_a_rejected_candidate_is_one_that_was_not_chosen(project: tuple[Space, Candidates]) -> None:
    space, candidates = project
    decide(space, candidates, 4)
    target, pictures = next(iter(candidates.items()))
    key, pixels = min(pictures, key=lambda picture: judges.eye(picture[1]))
    space.write("specs/picks/no.yaml", dump_picks([Decision(target, key, pixels, "reject", "no")]))
    assert judge(space)["candidates"] == 3.0


def test_a_scorer_that_is_often_silent_is_held_against_what_it_says(project: tuple[Space, Candidates]) -> None:
    space, candidates = project
    decide(space, candidates)
    space.edit("calotype.yaml", "    dice: 0.9\n", "    dice: 0.9\n    shy: 0.5\n")
    report = judge(space)
    shy = row(report, "shy")
    assert 0 < shy["picks"] < COUNT and row(report, "eye")["picks"] == COUNT
    assert report["needed_to_fit"] == 30 and report["fitted"]["weights"]["eye"] > 0.7


def test_a_scorer_that_is_not_on_this_machine_is_named(project: tuple[Space, Candidates]) -> None:
    space, candidates = project
    decide(space, candidates, 5)
    space.edit("calotype.yaml", "    dice: 0.9\n", "    dice: 0.9\n    lens: 0.5\n")
    report = judge(space)
    assert report["not_here"] == {"lens": "there is no lens: buy one"} and report["picks"] == 5
    assert "Not on this machine, so not judged: lens (-v says why)." in space.call("judge").out
    assert "lens (there is no lens: buy one)." in space.call("judge", "-v").out.replace("\n", " ")


def test_a_scorer_that_fails_is_told_once_and_the_others_are_judged(project: tuple[Space, Candidates]) -> None:
    space, candidates = project
    decide(space, candidates, 5)
    space.edit("calotype.yaml", "    dice: 0.9\n", "    dice: 0.9\n    torn: 0.5\n")
    report = judge(space, code=1)
    [fault] = report["diagnostics"]
    assert (fault["code"], fault["hint"]) == ("score-failed", "mend it") and "the lens is torn" in fault["message"]
    assert {each["scorer"] for each in report["scorers"]} == {"eye", "dice"} and report["picks"] == 5


def test_candidates_whose_bytes_are_gone_are_named_and_never_rendered(project: tuple[Space, Candidates]) -> None:
    space, candidates = project
    decide(space, candidates, 5)
    targets = list(candidates)[:5]
    lost = min((pixels for _, pixels in candidates[targets[0]]), key=judges.eye)
    with status_query(space.root) as query:
        made = next(made for found in query.targets() for made in found.planned.made.values() if made.pixels == lost)
        place = query.workspace.results.place(made)
    assert place is not None
    place.unlink()
    report = judge(space)
    assert report["absent"] == {targets[0]: 1} and report["picks"] == 5 and report["candidates"] == pytest.approx(2.8)
    assert not place.exists()
    text = space.call("judge").out.replace("\n", " ")
    assert f"The bytes of 1 candidate are gone, which are not rendered anew for this: {targets[0]} (1)." in text


def test_a_damaged_candidate_counts_as_gone(project: tuple[Space, Candidates]) -> None:
    space, candidates = project
    decide(space, candidates, 3)
    target, pictures = next(iter(candidates.items()))
    lost = min((pixels for _, pixels in pictures), key=judges.eye)
    with status_query(space.root) as query:
        made = next(made for found in query.targets() for made in found.planned.made.values() if made.pixels == lost)
        place = query.workspace.results.place(made)
    assert place is not None
    place.chmod(0o644)
    place.write_bytes(b"torn")
    assert judge(space)["absent"] == {target: 1}


def test_targets_narrow_it_and_an_unknown_one_is_refused(project: tuple[Space, Candidates]) -> None:
    space, candidates = project
    decide(space, candidates, 12)
    assert judge(space, "exercises/nod/03", "exercises/nod/04")["picks"] == 2
    assert space.call("judge", "exercises/none").code == 2


def test_an_invalid_project_is_refused(project: tuple[Space, Candidates]) -> None:
    space, candidates = project
    decide(space, candidates, 3)
    space.write("specs/exercises/bad.yaml", "kind: exercise\nid: bad\n")
    done = space.call("judge", "--json")
    assert done.code == 2 and json.loads(done.out)["diagnostics"]


def test_a_project_of_one_candidate_each_has_nothing_to_judge(site: Path, space: Space) -> None:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n")
    space.write("specs/exercises/nod.yaml", nod_spec("nod", "seed: 1"))
    space.call("build", "-q")
    assert space.call("approve", "-q", "exercises/nod/01").code == 0
    report: Any = judge(space)
    assert report["picks"] == report["approvals"] == 0 and report["needed"] == 26
    assert report["left_out"] == [{"target": "exercises/nod/01", "reason": "there was nothing to choose from"}]


def test_it_is_called_from_python(project: tuple[Space, Candidates]) -> None:
    import calotype

    space, candidates = project
    decide(space, candidates, 2)
    report = calotype.Project.open(space.root).judge("exercises/nod/01")
    assert report.picks == 1 and [each.scorer for each in report.scorers] == ["dice", "eye"]


def test_what_is_performed_is_shown(project: tuple[Space, Candidates]) -> None:
    space, candidates = project
    decide(space, candidates, 2)
    done: Run = space.call("judge")
    assert "to score" in done.err


def test_stopped_it_keeps_what_it_has_and_tells_of_that(project: tuple[Space, Candidates], site: Path) -> None:
    import calotype

    space, candidates = project
    decide(space, candidates, 6)
    judges.asked(site)
    report = calotype.Project.open(space.root).judge(jobs=1, cancel=lambda: (site / "asked.log").exists())
    assert report.scored == len(judges.asked(site)) and report.fitted is None
    assert judge(space)["picks"] == 6
