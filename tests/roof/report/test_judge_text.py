"""What `calotype judge` prints: 80 columns, whatever there is to tell; nothing that the figures do not say."""

from __future__ import annotations

import io
from itertools import combinations
from typing import Any

import pytest

from calotype.ground.light_dataclass import replace
from calotype.project.judge_report import FittedWeights, JudgeReport, LeftOut, ScorerAgreement, ScorerPair
from calotype.roof.report.judging.judge_text import describe_judge, luck_text

NAMES = ("pick", "clip", "vqa", "aesthetic", "technical", "pose", "text", "a_plugin_with_a_long_name", "other")
FITTED = FittedWeights(dict(zip(NAMES, (0.4, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05, 0.0, 0.0), strict=True)), 0.6, 0.5, 14, 4, 0.0154, True)
CHANGE = "--- calotype.yaml\n+++ calotype.yaml\n@@ -1 +1,3 @@\n version: 1\n+scoring:\n+  weights: {pick: 0.4}"


def row(scorer: str, **values: Any) -> ScorerAgreement:
    return replace(ScorerAgreement(scorer, 0.111, 1234, 1.0, 0.999, 1.0, 0.25, 0.00012), **values)


def report(count: int = 9, **values: Any) -> JudgeReport:
    pairs = tuple(ScorerPair(one, other, -0.994) for one, other in combinations(NAMES[:count], 2))
    few = JudgeReport(
        4.0, tuple(map(row, NAMES[:count])), row("the sum", weight=1.0), pairs, 26, 90, FITTED, 100, 20, CHANGE, 0, {},
        not_here={}, left_out=(), diagnostics=())
    return replace(few, **values)


def text(of: JudgeReport, *, verbose: bool = False) -> str:
    return describe_judge(of, verbose=verbose, stream=io.StringIO())


@pytest.mark.parametrize("count", range(10))
def test_no_line_is_wider_than_a_terminal(count: int) -> None:
    assert max(map(len, text(report(count)).splitlines())) <= 80


def test_a_change_is_printed_as_it_is() -> None:
    assert CHANGE in text(report())


def test_what_luck_may_explain_suggests_nothing() -> None:
    told = text(report(fitted=replace(FITTED, luck=0.31, suggested=False), change="")).replace("\n", " ")
    assert "As much by luck: 31 %. No other weights are suggested." in told and "+++" not in told


def test_one_scorer_has_no_weights_to_fit() -> None:
    told = text(report(1, fitted=None, change=""))
    assert "There is one scorer" in told and "Spearman" not in told


def test_scorers_that_help_nobody_are_told() -> None:
    assert "likelier than chance" in text(report(fitted=None, change=""))


def test_what_is_no_better_than_chance_is_not_called_better() -> None:
    told = text(report(2, scorers=(row("pick"), row("clip", luck=0.06)))).replace("\n", " ")
    assert "Better than chance: pick and the sum." in told
    assert "No better than chance, as far as 120 choices can tell: clip." in told


def test_a_scorer_of_which_nothing_is_known_has_no_figures() -> None:
    nothing = row("clip", picks=0, first=None, low=None, high=None, chance=None, luck=None, weight=None)
    [line] = [line for line in text(report(2, scorers=(row("pick"), nothing))).splitlines() if line.startswith("clip")]
    assert line.split() == ["clip", "varies", "0", "-", "-", "-", "-"]


def test_many_that_are_left_out_are_named_with_v_alone() -> None:
    left = tuple(LeftOut(f"exercises/nod/{number:02}", "there was nothing to choose from") for number in range(8))
    short, long = (text(report(left_out=left), verbose=verbose).replace("\n", " ") for verbose in (False, True))
    assert "exercises/nod/04 and 3 more (-v names them)." in short and "exercises/nod/07" not in short
    assert "exercises/nod/07." in long


@pytest.mark.parametrize(("luck", "words"), [(0.0, "< 0.1 %"), (0.0012, "0.1 %"), (0.039, "3.9 %"), (0.4, "40 %"), (1.0, "100 %")])
def test_luck_in_words(luck: float, words: str) -> None:
    assert luck_text(luck) == words


def test_choices_of_which_none_counts_are_not_called_none() -> None:
    left = (LeftOut("exercises/nod/01", "a picture was put in by hand"),)
    told = text(report(0, picks=0, approvals=0, fitted=None, change="", left_out=left)).replace("\n", " ")
    assert "Of 1 decided target none can be held against scores" in told and "No human has chosen" not in told
    assert "Left out, a picture was put in by hand: exercises/nod/01." in told
