"""Which picks count for a target: by the render that they bind, by the name that they give, by the pixels they decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from calotype.language.decisions import Decision, dump_picks
from calotype.plan.decided.standing import UNDECIDED, Others, Standing, contradiction, standing
from calotype.project.decisions.index import Decisions
from calotype.results.publish.line import Candidate, Line, Pick
from calotype.store.database import MEMORY
from calotype.store.results import Made
from calotype.store.state import State
from conftest import Space

NOD, TURN = "exercises/nod/01", "exercises/turn/01"
FIRST, SECOND, OLD = "1" * 64, "2" * 64, "3" * 64
"""Render keys: of the target's two candidates, and of one that it asked for in former days."""
RED, BLUE, GREEN = "a" * 64, "b" * 64, "c" * 64
"""Pixel digests."""
MADE = {FIRST: RED, SECOND: BLUE}


@dataclass(frozen=True)
class Picks:
    """A project with picks files, and of other targets what they ask for and what is published."""

    space: Space
    state: State
    asking: set[tuple[str, str]] = field(default_factory=set)
    lines: dict[str, Line] = field(default_factory=dict)
    siblings: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)

    def write(self, *decisions: Decision, file: str = "all.yaml") -> None:
        self.space.write(f"specs/picks/{file}", dump_picks(decisions))

    def standing(
        self, target: str = NOD, keys: Sequence[str] = (FIRST, SECOND), made: Mapping[str, str] = MADE,
        line: Line | None = None,
    ) -> Standing:
        decisions = Decisions(self.space.root, self.state)
        results = {key: Made(pixels) for key, pixels in made.items()}
        others = Others(lambda name, key: (name, key) in self.asking, self.lines.get, self.siblings.__contains__,
                        self.held.__contains__)
        return standing(target, keys, results, line, decisions, others)


@pytest.fixture
def picks(space: Space) -> Iterator[Picks]:
    state = State(MEMORY)
    yield Picks(space, state)
    state.close()


def pick(target: str, action: str, pixels: str) -> Decision:
    return Decision(target, action, pixels, "pick")


def published(*candidates: tuple[str, str], by: str = "human") -> Line:
    """What is published of the target: its first candidate stands."""
    action, pixels = candidates[0]
    rows = tuple(Candidate(key, digest, 40 + number, {}) for number, (key, digest) in enumerate(candidates))
    return Line(NOD, "content/nod_01.png", "d" * 64, pixels, (16, 16), action, {}, rows, Pick(by, 1), (), "Nod", "", (),
                "", "", "mannequin", "rendered", "specs/nod.yaml")


def test_without_decisions_nobody_has_picked(picks: Picks) -> None:
    assert picks.standing() == UNDECIDED
    assert not UNDECIDED.conflict


def test_a_pick_counts_for_the_target_that_it_names(picks: Picks) -> None:
    picks.write(pick(NOD, SECOND, BLUE))
    assert picks.standing().index == 1


def test_an_approval_picks_as_well(picks: Picks) -> None:
    picks.write(Decision(NOD, SECOND, BLUE, "approve"))
    human = picks.standing()
    assert (human.index, human.approved, human.holds) == (1, True, False)


def test_a_rejection_picks_nothing_and_rules_its_pixels_out(picks: Picks) -> None:
    picks.write(Decision(NOD, FIRST, RED, "reject", "blurred"))
    human = picks.standing()
    assert (human.index, human.rejected, human.conflict) == (None, {RED}, False)


def test_a_pick_of_a_render_that_is_not_made_yet_counts_by_its_key(picks: Picks) -> None:
    picks.write(pick(NOD, SECOND, BLUE))
    assert picks.standing(made={}).index == 1


def test_a_pick_of_another_picture_under_the_same_key_does_not_count(picks: Picks) -> None:
    picks.write(pick(NOD, SECOND, GREEN))
    assert picks.standing() == UNDECIDED


def test_a_pick_counts_for_whoever_asks_where_the_target_that_it_names_does_not(picks: Picks) -> None:
    picks.write(pick(TURN, SECOND, BLUE))
    assert picks.standing().index == 1
    picks.asking.add((TURN, FIRST))
    assert picks.standing().index == 1


def test_a_pick_counts_for_no_other_where_the_target_that_it_names_asks_for_its_render(picks: Picks) -> None:
    picks.write(pick(TURN, SECOND, BLUE))
    picks.asking.add((TURN, SECOND))
    assert picks.standing() == UNDECIDED


def test_of_twins_each_has_the_pick_that_names_it(picks: Picks) -> None:
    picks.asking.update((name, key) for name in (NOD, TURN) for key in (FIRST, SECOND))
    picks.write(pick(NOD, FIRST, RED), pick(TURN, SECOND, BLUE))
    assert (picks.standing(NOD).index, picks.standing(TURN).index) == (0, 1)


def test_of_twins_that_no_pick_names_each_has_it(picks: Picks) -> None:
    picks.asking.update((name, key) for name in (NOD, TURN) for key in (FIRST, SECOND))
    picks.write(pick("exercises/gone/01", SECOND, BLUE))
    assert (picks.standing(NOD).index, picks.standing(TURN).index) == (1, 1)


def test_who_asks_for_a_decided_render_is_noted(picks: Picks) -> None:
    picks.write(pick(NOD, SECOND, BLUE))
    decisions = Decisions(picks.space.root, picks.state)
    for target in (NOD, TURN):
        standing(target, (FIRST, SECOND), {}, None, decisions, Others(lambda name, key: True, {}.get))
    assert decisions.asked == {SECOND: {NOD, TURN}}


# a moved epoch


def test_a_candidate_rendered_under_another_key_with_the_decided_pixels_keeps_the_pick(picks: Picks) -> None:
    picks.write(pick(NOD, OLD, BLUE))
    assert picks.standing().index == 1


def test_a_candidate_rendered_anew_with_other_pixels_loses_the_pick(picks: Picks) -> None:
    picks.write(pick(NOD, OLD, GREEN))
    assert picks.standing() == UNDECIDED


def test_until_it_is_rendered_anew_the_pick_rests(picks: Picks) -> None:
    picks.write(pick(NOD, OLD, BLUE))
    assert picks.standing(made={}) == UNDECIDED


def test_a_foreign_pick_is_not_taken_over_by_its_pixels_alone(picks: Picks) -> None:
    """Two specs may well draw the same picture by different requests."""
    picks.write(pick(TURN, OLD, BLUE))
    assert picks.standing() == UNDECIDED


@pytest.mark.parametrize("line", [published((OLD, BLUE)), published((OLD, BLUE), by="score")])
def test_a_pick_under_a_former_name_is_the_target_s_own_where_its_line_holds_the_render(picks: Picks, line: Line) -> None:
    picks.write(pick("exercises/former/01", OLD, BLUE))
    assert picks.standing(line=line).index == 1


def test_so_it_is_where_a_human_picked_the_published_pixels_under_yet_another_key(picks: Picks) -> None:
    picks.write(pick("exercises/former/01", OLD, BLUE))
    moved = "4" * 64
    assert picks.standing(line=published((moved, BLUE))).index == 1
    assert picks.standing(line=published((moved, BLUE), by="score")) == UNDECIDED


def test_a_line_gives_no_pick_away_that_names_a_target_which_asks_for_its_render(picks: Picks) -> None:
    picks.write(pick(TURN, OLD, BLUE))
    picks.asking.add((TURN, OLD))
    assert picks.standing(line=published((OLD, BLUE))) == UNDECIDED


def test_a_picture_published_under_a_former_name_keeps_the_pick_under_that_name(picks: Picks) -> None:
    picks.write(pick("exercises/former/01", OLD, BLUE))
    picks.lines["exercises/former/01"] = published((SECOND, BLUE), (FIRST, RED))
    assert picks.standing().index == 1
    assert picks.standing(line=published((OLD, GREEN))).index == 1
    picks.asking.add(("exercises/former/01", SECOND))
    assert picks.standing() == UNDECIDED


@pytest.mark.parametrize("line", [
    published((SECOND, BLUE), by="score"), published((OLD, BLUE)), published((FIRST, RED), (SECOND, BLUE))])
def test_not_so_where_no_human_picked_it_there(picks: Picks, line: Line) -> None:
    picks.write(pick("exercises/former/01", "4" * 64, BLUE))
    picks.lines["exercises/former/01"] = line
    assert picks.standing() == UNDECIDED


# approvals and rejections of former requests


@pytest.mark.parametrize("line", [published((OLD, GREEN)), None])
def test_an_approval_of_a_former_request_stays_with_its_target(picks: Picks, line: Line | None) -> None:
    picks.write(Decision(NOD, OLD, GREEN, "approve"))
    for keys in ((FIRST, SECOND), ()):
        human = picks.standing(keys=keys, line=line)
        assert (human.index, human.holds, human.approved) == (None, True, True)


def test_not_so_where_another_image_of_the_spec_asks_for_its_render_by_now(picks: Picks) -> None:
    picks.write(Decision(NOD, OLD, GREEN, "approve"))
    picks.siblings.add(OLD)
    assert picks.standing(line=published((OLD, GREEN))) == picks.standing() == UNDECIDED


def test_nor_where_the_line_of_another_target_holds_it_and_its_own_does_not(picks: Picks) -> None:
    picks.write(Decision(NOD, OLD, GREEN, "approve"))
    picks.held.add(OLD)
    assert picks.standing() == UNDECIDED
    assert picks.standing(line=published((OLD, GREEN))).holds


def test_an_approval_under_a_former_name_is_the_target_s_own_where_its_line_holds_the_render(picks: Picks) -> None:
    picks.write(Decision("exercises/former/01", OLD, GREEN, "approve"))
    assert picks.standing() == UNDECIDED
    assert picks.standing(line=published((OLD, GREEN))).holds


def test_so_it_is_under_the_name_of_a_target_whose_own_line_does_not_hold_it(picks: Picks) -> None:
    picks.write(Decision(TURN, OLD, GREEN, "approve"))
    picks.lines[TURN] = published((FIRST, RED))
    assert picks.standing(line=published((OLD, GREEN))).holds
    picks.lines[TURN] = published((OLD, GREEN))
    assert picks.standing(line=published((OLD, GREEN))) == UNDECIDED


def test_an_approval_whose_render_gives_other_pixels_is_of_none_of_the_candidates(picks: Picks) -> None:
    picks.write(Decision(NOD, SECOND, GREEN, "approve"))
    assert picks.standing().holds
    assert picks.standing(made={}).index == 1


def test_a_rejection_of_a_former_request_rules_the_same_pixels_out(picks: Picks) -> None:
    picks.write(Decision(NOD, OLD, BLUE, "reject", "blurred"))
    assert picks.standing().rejected == {BLUE}
    picks.write(Decision(NOD, OLD, GREEN, "reject", "blurred"))
    assert [entry.decision.reason for entry in picks.standing().rejections] == ["blurred"]


# contradictions


def test_a_picture_picked_and_rejected_contradicts_itself(picks: Picks) -> None:
    picks.write(pick(NOD, FIRST, RED), Decision(NOD, SECOND, BLUE, "reject"))
    assert picks.standing().index == 0
    picks.write(Decision(NOD, FIRST, RED, "reject", "blurred"), file="merged.yaml")
    human = picks.standing()
    assert human.conflict and human.index is None and not human.approved
    [diagnostic] = contradiction(NOD, human, picks.space.root)
    assert (diagnostic.code, diagnostic.file, diagnostic.line) == ("contradicting-decisions", "specs/picks/all.yaml", 3)
    assert "rejected in specs/picks/merged.yaml:3" in diagnostic.message


def test_an_approval_of_a_former_request_and_a_pick_of_today_s_contradict_each_other(picks: Picks) -> None:
    picks.write(Decision(NOD, OLD, GREEN, "approve"), pick(NOD, FIRST, RED))
    human = picks.standing()
    assert human.conflict and human.index is None and not human.holds


def test_two_picks_of_different_pictures_contradict_each_other(picks: Picks) -> None:
    picks.write(pick(NOD, FIRST, RED))
    picks.write(pick(NOD, SECOND, BLUE), file="merged.yaml")
    human = picks.standing()
    assert human.conflict and human.index is None
    [diagnostic] = contradiction(NOD, human, picks.space.root)
    assert (diagnostic.severity, diagnostic.code) == ("warning", "contradicting-picks")
    assert (diagnostic.file, diagnostic.line) == ("specs/picks/all.yaml", 3)
    assert "specs/picks/merged.yaml:3" in diagnostic.message


def test_two_picks_of_one_picture_agree_and_the_first_candidate_of_it_stands(picks: Picks) -> None:
    picks.write(pick(NOD, SECOND, BLUE))
    picks.write(pick(NOD, FIRST, BLUE), pick(NOD, OLD, BLUE), file="merged.yaml")
    human = picks.standing(made={FIRST: BLUE, SECOND: BLUE})
    assert (human.index, len(human.picks)) == (0, 3)
    assert list(contradiction(NOD, human, picks.space.root)) == []


def test_a_pick_that_does_not_count_contradicts_nothing(picks: Picks) -> None:
    picks.write(pick(NOD, FIRST, RED), pick(TURN, SECOND, BLUE), pick(NOD, OLD, GREEN))
    picks.asking.add((TURN, SECOND))
    assert picks.standing().index == 0
