"""The enhancer that comes with Calotype: what it adds, when it stops, and that it is the same anywhere."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from calotype.ground.diagnostics import Problem, error
from calotype.language.board.board import board_of
from calotype.language.enhancing.enhancement import enhancement_of
from calotype.language.enhancing.invariants import violations
from calotype.language.enhancing.review import WEIGHTS, Review
from calotype.workers.enhance.cinema import present
from calotype.workers.enhance.embedded_enhancer import Embedded
from calotype.workers.enhance.rounds import enhanced, performed
from calotype.workers.protocol import Failure, Request, Written

BRIEFS = ["Artisan coffee that starts your morning right", "Luxury perfume", "Luxury watch with dramatic lighting",
          "Running shoes", "Tech startup", "Fresh bread", "A face serum", "A hand-thrown vase"]
COFFEE = "Woman reaching for coffee mug"


def request(prompt: str, keep: tuple[str, ...] = (), **written: Any) -> dict[str, Any]:
    return enhancement_of({}, written, prompt, ", ".join(keep), keep).request(", ".join([prompt, *keep]), Embedded.epoch)


def requests_of(brief: str, shots: int = 8) -> list[Request]:
    board = board_of(brief, shots)
    return [request(beat.prompt, tuple(board.markers.values())) for beat in board.beats]


def written(of: Request) -> Written:
    [outcome] = Embedded().perform([of], {}, lambda: False)
    assert isinstance(outcome, Written), outcome
    return outcome


@pytest.mark.parametrize("brief", BRIEFS)
def test_every_shot_of_every_board_is_enhanced_and_loses_nothing(brief: str) -> None:
    for each in requests_of(brief):
        made = written(each)
        assert made.score >= 85 and made.text.startswith(each["prompt"].rstrip(". "))
        assert violations(each["prompt"], each["shot"], each["keep"], made.text) == []


@pytest.mark.parametrize("brief", BRIEFS)
def test_the_light_is_the_same_in_all_shots_and_the_camera_is_not(brief: str) -> None:
    texts = [written(each).text for each in requests_of(brief, 4)]
    assert len({part for text in texts for part in text.split(". ") if "degrees" in part}) == 1
    assert len({part for text in texts for part in text.split(". ") if " mm " in part}) > 1


def lights(scene: str, *shots: str) -> set[str]:
    """What is added about light to shots of one scene."""
    texts = [written(enhancement_of({}, {}, shot, scene, (scene,)).request(f"{shot}, {scene}", Embedded.epoch)).text
             for shot in shots]
    return {part for text in texts for part in text.split(". ") if "degrees" in part}


@pytest.mark.parametrize("scene", ["a small cottage", "a place that no lexicon knows", "kitchen", "", "beach at sunset"])
def test_no_word_of_a_single_shot_changes_the_light_of_its_scene(scene: str) -> None:
    places = ("room", "kitchen", "window", "office", "street", "bathroom", "studio", "winter coat", "raincoat", "evening dress",
              "neon sign", "bar of chocolate", "mysterious smile", "snowboard", "home", "beach ball")
    assert len(lights(scene, "a man sits", *(f"a man with a {place}" for place in places))) == 1


def test_a_time_of_day_that_a_shot_says_is_that_of_its_light() -> None:
    assert len(lights("kitchen", "a man sits", "a man sits at night")) == 2
    assert any("3400K" in light for light in lights("kitchen", "a man sits there at dawn"))


@pytest.mark.parametrize("brief", [f"{who} {what}" for who in (
    "A grandfather in a green cardigan", "A girl of 8", "A courier", "Two friends", "A left-handed guitarist") for what in (
    "makes tea in a small cottage on a rainy afternoon", "reads under a blanket in a room", "climbs a mountain ridge at sunset",
    "tunes a guitar backstage", "brings flowers through Amsterdam at dawn", "opens perfume in an office at night")])
def test_the_light_of_a_board_of_any_brief_is_one(brief: str) -> None:
    board = board_of(brief, 8)
    keep = tuple(board.markers.values())
    assert len(lights(board.markers["place"], *(beat.prompt for beat in board.beats))) == 1 and keep


def test_the_guides_prompt_gains_angle_light_with_kelvin_composition_and_lens() -> None:
    assert not any(present(COFFEE).values())
    made = written(request(COFFEE))
    assert all(present(made.text).values())
    assert "3200K" in made.text or "5000K" in made.text


def test_what_stands_there_is_not_said_again() -> None:
    full = written(request(COFFEE)).text
    assert written(request(full)).text == full


def test_light_comes_from_the_side_that_the_scene_says() -> None:
    made = written(request("a man at a desk", ("window light from the right",)))
    assert "from the right at" in made.text and "left" not in made.text


def test_rounds_end_when_a_text_is_good_enough() -> None:
    rounds = written(request(COFFEE, threshold=85)).rounds["rounds"]
    assert [each["overall"] >= 85 for each in rounds] == [False] * (len(rounds) - 1) + [True]
    assert len(written(request(COFFEE, threshold=0)).rounds["rounds"]) == 1
    assert len(written(request(COFFEE, iterations=1, threshold=100)).rounds["rounds"]) == 1


def test_each_round_tells_five_scores_and_what_is_missing() -> None:
    [first, *_] = written(request(COFFEE)).rounds["rounds"]
    assert list(first["scores"]) == list(WEIGHTS) and all(0 <= score <= 100 for score in first["scores"].values())
    assert "surface and texture" in first["critique"]


def test_vague_words_cost() -> None:
    plain, vague = written(request(COFFEE)), written(request(f"nice beautiful {COFFEE}"))
    assert vague.rounds["rounds"][0]["scores"]["specificity"] < plain.rounds["rounds"][0]["scores"]["specificity"]


def test_the_same_bytes_in_any_process() -> None:
    code = (f"import sys; sys.path.insert(0, {str(__file__.rpartition('/')[0])!r})\nimport hashlib\n"
            "from test_embedded_enhancer import digest\nprint(digest())")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONHASHSEED": "7"}, check=True)
    assert done.stdout.strip() == digest() == "204c352dedd3208c"


FIXED = [(COFFEE, ()), ("wide shot, a man at a desk", ("window light from the right",)), ("close-up, a nice ring", ("at night",)),
         ("a loaf of bread", ("farmhouse kitchen at first light", "palette of wheat and linen white"))]


def digest() -> str:
    texts = [written(request(prompt, keep)).text for prompt, keep in FIXED]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


class Scripted:
    """Two agents who say what they are told to."""

    def __init__(self, answers: Sequence[str], scores: Sequence[float] = ()) -> None:
        self.answers, self.scores, self.refused = list(answers), list(scores), list[tuple[str, ...]]()

    def write(self, request: Request, text: str, critique: Sequence[str], refused: Sequence[str]) -> str:
        self.refused.append(tuple(refused))
        return self.answers.pop(0)

    def judge(self, request: Request, text: str) -> Review:
        return Review(dict.fromkeys(WEIGHTS, self.scores.pop(0)), ("more light",))


def test_an_answer_that_breaks_something_is_told_and_asked_for_again() -> None:
    agents = Scripted(["a woman", f"{COFFEE}, warm"], [90])
    made = enhanced(request(COFFEE), agents, lambda: False)
    assert made is not None and made.text == f"{COFFEE}, warm"
    assert agents.refused[0] == () and "`mug` is lost" in agents.refused[1]
    assert "`mug` is lost" in made.rounds[0].refused[0].reasons


def test_three_refusals_in_the_first_round_fail_it() -> None:
    with pytest.raises(Problem, match="no answer in 3 could be used"):
        enhanced(request(COFFEE), Scripted(["a cat"] * 3), lambda: False)


def test_three_refusals_later_leave_the_best_so_far() -> None:
    made = enhanced(request(COFFEE), Scripted([f"{COFFEE}, warm", *["a cat"] * 3], [60]), lambda: False)
    assert made is not None and made.text == f"{COFFEE}, warm" and "were refused" in made.ended


class Failing(Scripted):
    """They say what they are told to, then none answers any more."""

    def write(self, request: Request, text: str, critique: Sequence[str], refused: Sequence[str]) -> str:
        if not self.answers:
            raise Problem(error("endpoint", "the endpoint is busy"))
        return super().write(request, text, critique, refused)

    def judge(self, request: Request, text: str) -> Review:
        if not self.scores:
            raise Problem(error("endpoint", "the endpoint gives no scores"))
        return super().judge(request, text)


@pytest.mark.parametrize(("answers", "scores", "why"), [
    ([f"{COFFEE}, warm"], [60], "the endpoint is busy"), ([f"{COFFEE}, warm", "a cat"], [60], "the endpoint is busy"),
    ([f"{COFFEE}, warm", f"{COFFEE}, cool"], [60], "the endpoint gives no scores"),
])
def test_an_agent_that_fails_later_leaves_the_best_so_far(answers: list[str], scores: list[float], why: str) -> None:
    made = enhanced(request(COFFEE), Failing(answers, scores), lambda: False)
    assert made is not None and (made.text, made.score, len(made.rounds)) == (answers[0], 60, 1)
    assert made.ended == f"its next round came to nothing: {why}"
    assert [each.answer for each in made.refused] == [answer for answer in answers if answer == "a cat"]


@pytest.mark.parametrize(("answers", "scores"), [([], []), (["a cat"], []), ([f"{COFFEE}, warm"], [])])
def test_one_that_fails_in_the_first_round_fails_it(answers: list[str], scores: list[float]) -> None:
    agents = Failing(answers, scores)
    [outcome] = performed([request(COFFEE)], lambda each: agents, lambda: False)
    assert isinstance(outcome, Failure) and outcome.message.startswith("the endpoint")
    assert outcome.facts.get("refused_answers", []) == (["a cat"] if answers == ["a cat"] else [])


def test_the_best_of_all_rounds_stands_not_the_last() -> None:
    answers = [f"{COFFEE}, {word}" for word in ("warm", "cool", "bright", "dark")]
    made = enhanced(request(COFFEE), Scripted(answers, [50, 80, 70, 60]), lambda: False)
    assert made is not None and (made.text, made.score, len(made.rounds)) == (answers[1], 80, 4)


def test_a_stop_ends_it_between_rounds() -> None:
    assert enhanced(request(COFFEE), Scripted([]), lambda: True) is None
    assert list(Embedded().perform([request(COFFEE)], {}, lambda: True)) == []


def test_a_prompt_that_nothing_can_be_added_to_within_the_limit_fails_with_a_hint() -> None:
    [outcome] = Embedded().perform([request("word " * 900)], {}, lambda: False)
    assert isinstance(outcome, Failure) and "4000 at most" in outcome.message and "enhanced" in str(outcome.hint)


WHO = ("A woman with short black hair", "A grandfather in a green cardigan", "Two friends", "A girl of 8", "A man, no glasses,", "Children",
       "A left-handed guitarist", "An old couple", "Nobody but a runner", "A courier on a red bike")
DOES = ("drinks coffee in a small cottage on a rainy afternoon", "climbs a mountain ridge at sunset, no logo", "bakes bread at dawn",
        "makes tea for his granddaughter without sugar", "reads a book under a blanket", "opens a bottle of perfume, never in a hurry",
        "tries running shoes by the sea", "works at a laptop in an empty office", "puts on a watch with both hands", "holds nothing",
        "shares one pizza with three brothers", "finds nothing but a serum", "brings flowers through Amsterdam", "pours a second cup",
        "tests two left hand gloves", "unpacks a chair missing a leg", "waters a plant on the left", "wears a white silk dress",
        "rides a red bicycle instead of a car", "looks out of the frame of a window")


@pytest.mark.parametrize("who", WHO)
def test_nothing_that_the_lexicon_writes_of_a_brief_is_refused(who: str) -> None:
    for what in DOES:
        brief = f"{who} {what}"
        assert isinstance(written(request(brief)), Written)
        for each in requests_of(brief, 4):
            assert isinstance(written(each), Written)
