"""The files of a trace as a page links them: in rows, in the order of the work, by addresses that lead there."""

from __future__ import annotations

from calotype.results.sheet.shown_trace import ShownTrace

FILES = (
    "00_original_prompt.txt", "01_agent1_iteration_1.txt", "01_agent1_iteration_1_refused_1.txt", "02_agent2_iteration_1.txt",
    "19_agent1_iteration_10.txt", "final_enhanced_prompt.txt", "image_1.png", "image_10.png", "image_2.png",
    "prompt_trace_summary.json", "quality_scores.json", "selected_best.txt", "somebody_elses.txt")


def test_files_stand_in_rows_in_the_order_of_the_work() -> None:
    rows = ShownTrace("build/traces/tea/scene_1", FILES).links("../")
    assert {row: [text for text, _ in links] for row, links in rows} == {
        "Prompt": ["as written", "as rendered"], "Round 1": ["text", "what the critic said", "refused answer 1"],
        "Round 10": ["text"], "Pictures": ["1", "2", "10"], "Choice": ["all scores", "which stands, and why"],
        "All of it": ["as JSON"]}
    assert [row for row, _ in rows] == ["Prompt", "Round 1", "Round 10", "Pictures", "Choice", "All of it"]


def test_addresses_are_relative_and_percent_encoded() -> None:
    [(_, [(_, address)])] = ShownTrace("build/traces/café #1/scene_1", ("quality_scores.json",)).links("../")
    assert address == "../traces/caf%C3%A9%20%231/scene_1/quality_scores.json"
