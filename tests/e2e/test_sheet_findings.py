"""The three troubles of enhanced scenes, answered where they show: which scorer is low and why, what the critic complained of
last, and that variations look alike."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
import verdicts
from kit import build, use_sketch

import llm
from conftest import Space

TEA = """\
kind: scene
id: tea
candidates: {candidates}
enhance: {{iterations: {iterations}, threshold: {threshold}}}
shots:
  - {{id: pour, prompt: a woman pours nice tea}}
"""
CONFIG = "version: 1\nrenderer: {}\nscoring: {{weights: {{{}}}, threshold: 70}}\ndefaults: {{size: [64, 64]}}\n"


def scene(space: Space, *, renderer: str = "sketch", weights: str = "technical: 1", iterations: int = 4, threshold: int = 85,
          candidates: int = 2, more: str = "") -> None:
    space.write("calotype.yaml", CONFIG.format(renderer, weights) + more)
    space.write("specs/scenes/tea.yaml", TEA.format(candidates=candidates, iterations=iterations, threshold=threshold))


@pytest.fixture
def tea(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    use_sketch(space, monkeypatch)
    scene(space)
    return space


@pytest.fixture
def model() -> Iterator[llm.Llm]:
    with llm.serving() as server:
        yield server


def findings(space: Space) -> dict[str, str]:
    """What the page of the scene says of its first shot, by what that is about."""
    html = space.read("build/scenes/tea.html")
    rows = re.findall(r"<dt>([^<]*)</dt><dd>(.*?)</dd>", html[html.index('class="findings"'):html.index("</dl>", html.index('class="findings"'))])
    return {term: " ".join(unescape(re.sub(r"<[^>]*>", " ", words)).split()) for term, words in rows}


def shown(space: Space) -> dict[str, object]:
    answer: dict[str, object] = space.call("show", "scenes/tea/pour", "--json").json
    return answer


def test_the_page_says_which_score_costs_a_picture_the_most_and_why(tea: Space) -> None:
    build(tea)
    weakest = shown(tea)["weakest"]
    assert isinstance(weakest, dict) and weakest["scorer"] == "technical" and weakest["threshold"] == 70 and weakest["alone"]
    assert weakest["total"] == weakest["score"] < 70
    said = findings(tea)["Score"]
    assert said.startswith(f"technical {weakest['score']:.1f} , how sharp, well lit and whole it is")
    assert "It alone counts; below the threshold of 70." in said
    assert re.match(r"it is|the ground is|the edges cut|least for", str(shown(tea)["weakest_part"]))
    assert str(shown(tea)["weakest_part"]) in tea.call("show", "scenes/tea/pour").out
    assert "What helps: ask for a whole figure" in said
    for command in ("show", "explain"):
        text = tea.call(command, "scenes/tea/pour").out
        assert "how sharp, well lit and whole it is" in text and "below the threshold of 70" in text and "what helps: ask for" in text


def test_of_several_scorers_that_one_is_told_which_costs_the_most_by_its_weight(
    space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts.install(tmp_path / "site")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    scene(space, renderer="swatch", weights="red: 3, green: 1")
    space.edit("specs/scenes/tea.yaml", "id: tea\n", f"id: tea\nseed: {0x66_33_00}\n")  # red 40, green 20
    assert build(space).code == 0
    said = findings(space)["Held back by"]
    assert said.startswith("red 40.0") and "Weighs 75 %; 35.0 in all, below the threshold of 70." in said
    assert "held back by: red 40.0 of 100, weighs 75 %; 35.0 in all" in space.call("show", "scenes/tea/pour").out


def test_the_page_says_what_the_critic_complained_of_last(tea: Space) -> None:
    build(tea)
    review = shown(tea)["prompt_review"]
    assert isinstance(review, dict) and review["rounds"] > 1 and review["lacks"] == ["`nice` says nothing that can be seen"]
    said = findings(tea)["Prompt"]
    assert said.startswith(f"{review['score']:g} after {review['rounds']} rounds, below the 85 asked for")
    assert said.endswith("The critic still misses: nice says nothing that can be seen.")
    assert tea.call("explain", "scenes/tea/pour", "--json").json["prompt"][1] == (
        "the critic still misses: `nice` says nothing that can be seen")
    [use] = tea.call("inspect", "content/images/scenes/tea/pour.png", "--json").json["uses"]
    assert use["prompt_review"] == review
    assert "the critic still misses: nice says" in tea.call("inspect", "content/images/scenes/tea/pour.png").out


def test_a_page_says_the_same_when_the_caches_are_gone(tea: Space) -> None:
    build(tea)
    before = findings(tea)
    for gone in ("cache", "build"):
        shutil.rmtree(tea.root / gone)
    assert build(tea).json["renders"] == 0
    assert findings(tea) == before and "still misses" in before["Prompt"]
    assert tea.call("explain", "scenes/tea/pour", "--json").json["prompt"]


def test_a_prompt_that_did_not_reach_its_score_says_so(tea: Space) -> None:
    scene(tea, threshold=100, iterations=2)
    build(tea)
    assert "after 2 rounds, below the 100 asked for" in findings(tea)["Prompt"]
    assert 'class="low"><dt>Prompt' in tea.read("build/scenes/tea.html")


def test_a_last_round_that_was_not_taken_is_told_with_its_complaint(tea: Space, model: llm.Llm) -> None:
    rounds = iter([(80, "the room"), (60, "the cup")])

    def judge(question: dict[str, object]) -> str:
        score, lacks = next(rounds)
        return json.dumps({**dict.fromkeys(llm.SCORES, score), "critique": [lacks]})

    model.judge = judge
    model.write = lambda question: f"{llm.written(question)[:-1]}, {len(model.asked)} leaves."
    scene(tea, iterations=2, more=f"enhance: {{endpoint: '{model.url}', model: m}}\n")
    assert build(tea).code == 0
    assert findings(tea)["Prompt"] == ("80 in round 1 of 2, below the 85 asked for The critic still misses: the room. "
                                       "Round 2 came to 60 and was not taken: the cup.")


def test_the_page_warns_where_variations_look_alike(
    space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts.install(tmp_path / "site")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    tea = space
    scene(tea, renderer="swatch", weights="red: 1", candidates=4)
    done = build(tea)
    [warned] = [each for each in done.json["diagnostics"] if each["code"] == "candidates-alike"]
    said = findings(tea)["Look-alikes"]
    assert said.startswith("All 4 candidates are nearly the same There is little to choose from: a lower guidance_scale")
    assert warned["message"].endswith("all 4 candidates are nearly the same")
    look_alikes = shown(tea)["look_alikes"]
    assert isinstance(look_alikes, list) and look_alikes[0] == "all 4 candidates are nearly the same"
    assert "little to choose from: a lower guidance_scale" in tea.call("show", "scenes/tea/pour").out
    tea.call("pick", "scenes/tea/pour", "2")
    build(tea)
    assert "Look-alikes" not in findings(tea) and "threshold" not in findings(tea).get("Score", "")


def test_what_awaits_a_person_is_told_of_the_candidate_with_the_highest_score(tea: Space) -> None:
    tea.edit("specs/scenes/tea.yaml", "id: tea\n", "id: tea\nselect: human\n")
    assert build(tea).code == 3
    weakest, rows = shown(tea)["weakest"], shown(tea)["candidates"]
    assert isinstance(weakest, dict) and isinstance(rows, list)
    assert weakest["total"] == max(row["total"] for row in rows)
    assert f"of candidate {weakest['candidate']}" in findings(tea)["Score"] and "Prompt" in findings(tea)
