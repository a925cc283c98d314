"""What starts from a picture that a person has yet to choose says which one, and the command."""

from __future__ import annotations

import pytest
from kit import build, reason, use_sketch

from conftest import Space

ANN = "specs/characters/ann.yaml"
ANN_SPEC = """\
kind: character
id: ann
prompt: a girl in red
anchors: {candidates: 3, select: human, poses: [{id: front, view_angle: anterior}, {id: chair, pose: seated}]}
variations: [{id: wave, anchor: front}, {id: rest, pose: seated}]
"""
WALK = """\
kind: scene
id: walk
chain: true
shots: [{id: one, prompt: a, candidates: 2, select: human}, {id: two, prompt: b}, {id: three, prompt: c}]
"""
FRONT, CHAIR = "characters/ann/anchors/front", "characters/ann/anchors/chair"
WAVE, REST = "characters/ann/variations/wave_01", "characters/ann/variations/rest_01"


def awaited(anchor: str) -> str:
    return f"starts from {anchor}, which awaits a decision (calotype pick {anchor} CANDIDATE)"


@pytest.fixture
def cast(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [16, 16]}\nmodels: {base: org/base}\n")
    space.write(ANN, ANN_SPEC)
    return space


def test_every_command_names_the_anchor_and_the_command(cast: Space) -> None:
    assert reason(cast.call("plan", "--json"), WAVE) == awaited(FRONT)  # before anything is rendered
    built = build(cast)
    assert built.code == 3
    for command in ("plan", "check"):
        assert reason(cast.call(command, "--json"), REST) == awaited(CHAIR)
    assert reason(built, WAVE) == awaited(FRONT) and reason(build(cast), REST) == awaited(CHAIR)
    assert cast.call("explain", WAVE, "--json").json["reason"] == awaited(FRONT)
    rows = {row["target"]: row for row in cast.call("list", "--json").json["targets"]}
    assert (rows[WAVE]["state"], rows[WAVE]["reason"]) == ("awaiting", awaited(FRONT))
    for words in (["plan"], ["check"], ["list"], ["explain", WAVE], ["check", "--format", "github"]):
        assert f"calotype pick {FRONT} CANDIDATE" in cast.call(*words).out, words


def test_the_command_does_what_it_says(cast: Space) -> None:
    build(cast)
    assert cast.call("pick", FRONT, "2").code == 0
    done = build(cast)
    assert done.statuses[WAVE] == "rendered" and done.statuses[REST] == "awaiting"
    cast.settle()
    cast.edit(ANN, "in red", "in blue")  # the pick does not count for the new candidates
    assert reason(cast.call("plan", "--json"), WAVE) == awaited(FRONT)


def test_of_a_chain_the_first_shot_is_named_which_is_to_be_picked(cast: Space) -> None:
    cast.write("specs/scenes/walk.yaml", WALK)
    build(cast)
    done = cast.call("check", "--json")
    assert reason(done, "scenes/walk/two") == awaited("scenes/walk/one")
    assert reason(done, "scenes/walk/three") == (
        "starts from scenes/walk/two, which waits for scenes/walk/one (calotype pick scenes/walk/one CANDIDATE)")


def test_an_anchor_of_which_all_candidates_are_rejected_needs_others(cast: Space) -> None:
    build(cast)
    for number in "123":
        assert cast.call("reject", FRONT, number, "--reason", "six fingers").code == 0
    assert reason(cast.call("check", "--json"), WAVE) == (
        f"starts from {FRONT}, which awaits a decision (all its candidates are rejected: ask for others)")


def test_an_approved_anchor_whose_request_changed_is_awaited_by_none_of_its_variations(cast: Space) -> None:
    build(cast)
    for anchor in (FRONT, CHAIR):
        assert cast.call("approve", anchor, "1").code == 0
    assert build(cast).code == 0
    cast.settle()
    cast.edit(ANN, "{id: front, view_angle: anterior}", "{id: front, view_angle: anterior, prompt: smiling}")
    done = cast.call("plan", "--json")
    assert done.statuses == {FRONT: "awaiting"}
