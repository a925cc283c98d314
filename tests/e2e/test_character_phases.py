"""A plan tells what is to come of a character, phase by phase: images, seconds as they were recorded, money."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kit import build, use_sketch

from calotype.project.outcome import CharacterPhase
from calotype.roof.report.phase_table import phase_lines
from conftest import REPOSITORY, Space

ANN = "specs/characters/ann.yaml"
ANN_SPEC = """\
kind: character
id: ann
prompt: a girl in red
anchors: {candidates: 3, select: human, poses: [{id: front, view_angle: anterior}, {id: chair, pose: seated}]}
variations: [{id: wave, anchor: front, count: 4}, {id: rest, pose: seated}]
training_set: {trigger_word: annfit, min: 4, max: 6}
"""
CONFIG = "version: 1\nrenderer: %s\ndefaults: {size: [16, 16]}\nmodels: {base: org/base}\n"


def phases(space: Space, *words: str) -> dict[str, dict[str, Any]]:
    done = space.call("plan", "--json", *words)
    assert done.code == 0, done.out
    planned = done.json
    return {f"{row['character']}/{row['phase']}": row for row in planned["estimate"].get("phases", [])}


@pytest.fixture
def cast(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", CONFIG % "sketch")
    space.write(ANN, ANN_SPEC)
    return space


def test_a_plan_counts_the_images_of_each_phase_those_that_await_a_pick_among_them(cast: Space) -> None:
    rows = phases(cast)
    assert {name: row["images"] for name, row in rows.items()} == {
        "ann/anchors": 6, "ann/variations": 5, "ann/set": 6}
    assert rows["ann/anchors"]["seconds"] == pytest.approx(6 * 0.001)  # as the renderer expects: nothing is recorded
    assert rows["ann/variations"]["seconds"] == pytest.approx(5 * 0.001)
    text = cast.call("plan").out
    assert "characters/ann:\n  anchors     6 images          0.0 s\n  variations  5 images" in text
    assert "  set         6 images at most\n" in text


def test_phases_that_are_done_are_told_no_more(cast: Space) -> None:
    assert build(cast).code == 3
    assert {name: row["images"] for name, row in phases(cast).items()} == {"ann/variations": 5, "ann/set": 6}
    for anchor in ("front", "chair"):
        cast.call("pick", f"characters/ann/anchors/{anchor}", "1")
    assert build(cast).code == 0
    assert phases(cast) == {} and "characters/ann:" not in cast.call("plan").out
    cast.edit(ANN, "id: rest, pose: seated", "id: rest, pose: seated, count: 2")
    assert {name: row["images"] for name, row in phases(cast).items()} == {"ann/variations": 1, "ann/set": 6}


def test_other_specs_have_no_phases(cast: Space) -> None:
    cast.write(ANN, "kind: character\nid: ann\nprompt: a girl\n")
    cast.write("specs/scenes/tea.yaml", "kind: scene\nid: tea\ncharacters: [ann]\nshots: [{id: cup, prompt: a cup}]\n")
    assert cast.call("plan", "--json").json["renders"] == 1 and phases(cast) == {}


@pytest.fixture
def painted(space: Space, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Space:
    """The same, by a renderer that takes a tenth of a second where it expects a thousandth."""
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "orders.json").write_text(json.dumps({"*": {"seconds": 0.1}}))
    monkeypatch.syspath_prepend(str(REPOSITORY / "tests/painter"))
    monkeypatch.setenv("CALOTYPE_PAINTER", str(desk))
    space.write("calotype.yaml", CONFIG % "painter")
    space.write(ANN, ANN_SPEC)
    return space


def test_seconds_are_those_that_were_recorded_here(painted: Space) -> None:
    assert phases(painted)["ann/variations"]["seconds"] < 0.05
    build(painted)
    row = phases(painted)["ann/variations"]
    assert 0.5 <= row["seconds"] < 5 * 0.1 * 4
    for anchor in ("front", "chair"):
        painted.call("pick", f"characters/ann/anchors/{anchor}", "1")
    planned = painted.call("plan", "--json").json["estimate"]
    assert planned["seconds"] >= planned["phases"][0]["seconds"] >= 0.5  # what the whole plan expects, too
    painted.remove("cache")
    assert phases(painted)["ann/anchors"]["seconds"] < 0.05  # nothing is recorded any more


def test_money_is_told_where_a_renderer_has_a_price(painted: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    import painter
    from calotype.workers.protocol import Estimate

    monkeypatch.setattr(painter.Painter, "estimate", lambda self, request: Estimate(1.0, 0.04))
    rows = phases(painted)
    assert (rows["ann/anchors"]["price"], rows["ann/variations"]["price"]) == (0.24, 0.2)
    assert "anchors     6 images          6.0 s  0.24 USD" in painted.call("plan").out


def test_columns_are_aligned_within_one_character() -> None:
    rows = [CharacterPhase("ann", "anchors", 80, 412.0, 3.2), CharacterPhase("ann", "variations", 110, 7000.0, 4.4),
            CharacterPhase("ann", "set", 30), CharacterPhase("bob", "anchors", 1, 0.5)]
    assert list(phase_lines(rows, "USD")) == [
        "characters/ann:",
        "  anchors     80 images          6 min 52 s  3.20 USD",
        "  variations  110 images         1 h 56 min  4.40 USD",
        "  set         30 images at most",
        "characters/bob:",
        "  anchors  1 image  0.5 s",
    ]
