"""Traces of scenes: the guide's files, of the shots that calotype.yaml says, for as long as it says."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator

import pytest
from kit import build, manifest_lines, use_sketch

import llm
from calotype.language.enhancing.review import WEIGHTS
from conftest import Space

TEA = """\
kind: scene
id: tea
candidates: 4
enhance: {iterations: 4, threshold: 85}
shots:
  - {id: pour, prompt: a woman pours tea}
  - {id: sip, prompt: a woman takes a sip}
"""
FIRST = "build/traces/tea/scene_1"


@pytest.fixture
def tea(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\nscoring: {weights: {technical: 1}}\n"
                "defaults: {size: [64, 64]}\ntraces: {keep: all}\n")
    space.write("specs/scenes/tea.yaml", TEA)
    return space


def names(space: Space, folder: str = FIRST) -> list[str]:
    return [path.rpartition("/")[2] for path in space.files(folder)]


def test_a_trace_has_the_guides_files(tea: Space) -> None:
    assert build(tea).code == 0
    assert names(tea) == [
        "00_original_prompt.txt", "01_agent1_iteration_1.txt", "02_agent2_iteration_1.txt", "03_agent1_iteration_2.txt",
        "04_agent2_iteration_2.txt", "final_enhanced_prompt.txt", "image_1.png", "image_2.png", "image_3.png", "image_4.png",
        "prompt_trace_summary.json", "quality_scores.json", "selected_best.txt"]
    assert len(names(tea, "build/traces/tea/scene_2")) == 13


def test_a_trace_says_what_was_done(tea: Space) -> None:
    build(tea)
    line = manifest_lines(tea)["scenes/tea/pour"]
    assert tea.read(f"{FIRST}/00_original_prompt.txt") == "a woman pours tea\n"
    assert tea.read(f"{FIRST}/final_enhanced_prompt.txt") == f"{line['prompt']}\n"
    review = tea.read(f"{FIRST}/02_agent2_iteration_1.txt")
    assert "cinematography: 100" in review and "lacks: surface and texture" in review and "overall: " in review
    summary = json.loads(tea.read(f"{FIRST}/prompt_trace_summary.json"))
    assert summary["final_prompt"] == line["prompt"] and len(summary["rounds"]) == 2 and summary["overall"] == max(
        each["overall"] for each in summary["rounds"])
    rows = json.loads(tea.read(f"{FIRST}/quality_scores.json"))
    assert [row["scores"] for row in rows] == [candidate["scores"] for candidate in line["candidates"]]
    assert all(row["overall"] == row["scores"]["technical"] for row in rows)
    stands, *why = tea.read(f"{FIRST}/selected_best.txt").splitlines()
    assert stands == f"image_{line['pick']['candidate']}.png, chosen by score" and any("it alone counts" in each for each in why)


def test_by_itself_a_build_keeps_traces_of_what_failed_alone(tea: Space) -> None:
    tea.edit("calotype.yaml", "traces: {keep: all}\n", "")
    tea.edit("specs/scenes/tea.yaml", "pours tea", "pours " + "very " * 900 + "hot tea")
    assert build(tea).code == 1
    assert names(tea, "build/traces") == [
        "00_original_prompt.txt", *(f"01_agent1_iteration_1_refused_{number}.txt" for number in (1, 2, 3)),
        "prompt_trace_summary.json"]
    summary = json.loads(tea.read(f"{FIRST}/prompt_trace_summary.json"))
    assert summary["status"] == "failed" and "4000 at most" in summary["reason"]
    assert summary["final_prompt"] is None
    tea.edit("specs/scenes/tea.yaml", "very " * 900, "")
    assert build(tea).code == 0 and names(tea, "build/traces") == []


@pytest.mark.parametrize("keep", ["failed", "none"])
def test_what_succeeds_leaves_no_trace_unless_all_are_kept(tea: Space, keep: str) -> None:
    tea.edit("calotype.yaml", "all", keep)
    assert build(tea).code == 0 and not (tea.root / "build/traces").exists()


def test_old_traces_are_removed(tea: Space) -> None:
    build(tea)
    past = time.time() - 40 * 86400
    os.utime(tea.root / "build/traces/tea/scene_2", (past, past))
    tea.edit("specs/scenes/tea.yaml", "pours tea", "pours hot tea")
    build(tea)
    assert names(tea, "build/traces/tea/scene_2") == [] and len(names(tea)) == 13


def test_a_trace_that_cannot_be_written_costs_no_picture(tea: Space) -> None:
    tea.write("build/traces", "a file in the way")
    done = build(tea)
    assert done.code == 0 and done.json["renders"] == 8 and tea.read("build/traces") == "a file in the way"


def test_without_enhancement_a_trace_has_the_pictures_and_the_prompt(tea: Space) -> None:
    tea.edit("specs/scenes/tea.yaml", "enhance: {iterations: 4, threshold: 85}\n", "")
    build(tea)
    assert "image_4.png" in names(tea) and "01_agent1_iteration_1.txt" not in names(tea)


@pytest.fixture
def model() -> Iterator[llm.Llm]:
    with llm.serving() as server:
        yield server


def write_with(tea: Space, model: llm.Llm, *answers: str) -> None:
    """One shot, whose Cinematographer gives these answers, then good ones."""
    said = iter(answers)
    model.write = lambda question: next(said, "") or llm.written(question)
    tea.write("calotype.yaml", tea.read("calotype.yaml") + f"enhance: {{endpoint: '{model.url}', model: m}}\n")
    tea.edit("specs/scenes/tea.yaml", "  - {id: sip, prompt: a woman takes a sip}\n", "")


def test_answers_that_were_refused_stand_in_the_trace_with_the_reason(tea: Space, model: llm.Llm) -> None:
    write_with(tea, model, "a man pours nothing", "a woman pours tea\x1b[31m with a third hand")
    assert build(tea).code == 0
    first = tea.read(f"{FIRST}/01_agent1_iteration_1_refused_1.txt").splitlines()
    assert "refused: `tea` is lost" in first and first[-2:] == ["", "a man pours nothing"]
    second = tea.read(f"{FIRST}/01_agent1_iteration_1_refused_2.txt")
    assert "hand" in second and second.endswith("\n\na woman pours tea[31m with a third hand\n")
    refused = json.loads(tea.read(f"{FIRST}/prompt_trace_summary.json"))["refused"]
    assert [(each["iteration"], each["number"], each["answer"]) for each in refused] == [
        (1, 1, "a man pours nothing"), (1, 2, "a woman pours tea[31m with a third hand")]
    assert "`tea` is lost" in refused[0]["reasons"]
    page = tea.read("build/scenes/tea.html")
    assert ">refused answer 2</a>" in page and "2 answers were refused: <code>" in page
    assert tea.call("show", "scenes/tea/pour", "--json").json["prompt_review"]["refused"][0] == "; ".join(refused[0]["reasons"])


def test_a_shot_whose_every_answer_was_refused_leaves_them_by_itself(tea: Space, model: llm.Llm) -> None:
    tea.edit("calotype.yaml", "traces: {keep: all}\n", "")
    write_with(tea, model, "a man", "no" * 5000, "I cannot do that")
    assert build(tea).code == 1
    assert names(tea) == ["00_original_prompt.txt", *(f"01_agent1_iteration_1_refused_{number}.txt" for number in (1, 2, 3)),
                          "prompt_trace_summary.json"]
    summary = json.loads(tea.read(f"{FIRST}/prompt_trace_summary.json"))
    assert summary["status"] == "failed" and [each["answer"] for each in summary["refused"]][::2] == ["a man", "I cannot do that"]
    assert all(each["reasons"] for each in summary["refused"])
    assert summary["refused"][1]["answer"].endswith("no ... (10,000 characters)")
    assert "refused answer 3" in tea.read("build/scenes/tea.html")
    assert build(tea).code == 0 and names(tea, "build/traces") == []


def test_a_last_round_that_came_to_nothing_leaves_its_answers(tea: Space, model: llm.Llm) -> None:
    model.judge = lambda question: json.dumps({**llm.SCORES, **dict.fromkeys(WEIGHTS, 40)})
    good = f"a woman pours tea. {llm.CAMERA}."
    write_with(tea, model, good, "a cup", "a cup", "a cup")
    assert build(tea).code == 0
    assert [name for name in names(tea) if "refused" in name] == [
        f"03_agent1_iteration_2_refused_{number}.txt" for number in (1, 2, 3)]
    summary = json.loads(tea.read(f"{FIRST}/prompt_trace_summary.json"))
    assert [each["iteration"] for each in summary["refused"]] == [2, 2, 2] and "were refused" in summary["ended"]


def test_an_unknown_word_is_refused(space: Space) -> None:
    space.write("calotype.yaml", "version: 1\ntraces: {keep: some}\n")
    assert space.call("validate").code == 2
