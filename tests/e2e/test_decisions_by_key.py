"""A decision follows its render: whatever its file, its spec or its target are called, and whoever else asks for it."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest
from kit import manifest_lines, use_sketch

from calotype.language.decisions import Decision, dump_picks, read_picks
from conftest import Run, Space

NOD, PICKS = "specs/exercises/neck/nod.yaml", "specs/picks/exercises/nod.yaml"
TARGET = "exercises/nod/01"
SPEC = """\
kind: exercise
id: nod
region: neck
title: Nod
images:
  - {view_angle: lateral, body_position: seated, description: head up, seed: 40, candidates: 3}
"""
OTHER = SPEC.replace("id: nod", "id: turn").replace("Nod", "Turn").replace("seed: 40", "seed: 80")


@pytest.fixture
def nod(space: Space) -> Space:
    """Two exercises of three candidates each, built; of the first, candidate 2 or 3 is picked by a human and published:
    not the best by score."""
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [16, 16]}\n")
    space.write(NOD, SPEC)
    space.write("specs/exercises/neck/turn.yaml", OTHER)
    assert build(space).json["renders"] == 6
    assert space.call("pick", TARGET, str(loser(space))).code == 0
    assert build(space).statuses == {TARGET: "cached"}
    return space


def build(space: Space) -> Run:
    """A build that did what a plan said before, and left what a check finds current."""
    plan = space.call("plan", "--json")
    done = space.call("build", "--json")
    if done.code in (0, 3):
        assert plan.json["renders"] == done.json["renders"]
        assert plan.json["awaiting"] == done.json["awaiting"]
        assert list(plan.statuses) == list(done.statuses)
        assert space.call("check").code == done.code
        assert space.call("build", "--json").json["renders"] == 0
    return done


def loser(space: Space, target: str = TARGET) -> int:
    """The number of a candidate that does not stand for the target."""
    return int(manifest_lines(space)[target]["pick"]["candidate"]) % 3 + 1


def pick_of(space: Space, target: str) -> tuple[str, str]:
    """Who chose what is published of a target, and its pixels."""
    line = manifest_lines(space)[target]
    return line["pick"]["by"], line["pixels"]


def decisions(space: Space, file: str = PICKS) -> tuple[Decision, ...]:
    return read_picks((space.root / file).read_bytes(), file)


def decision_for(space: Space, target: str, number: int, name: str) -> Decision:
    """A pick of the target's candidate `number`, under the name of any target."""
    candidate = manifest_lines(space)[target]["candidates"][number - 1]
    return Decision(name, candidate["action"], candidate["pixels"], "pick")


def warnings(done: Run, code: str) -> list[tuple[str, int]]:
    """File and line of each warning of this code."""
    return [(one["file"], one["line"]) for one in done.json["diagnostics"] if one["code"] == code]


# names that change


@pytest.mark.parametrize("select", ["best", "human"])
def test_a_spec_whose_id_alone_is_renamed_keeps_its_pick_and_its_picture(nod: Space, select: str) -> None:
    nod.edit(NOD, "candidates: 3", f"candidates: 3, select: {select}")
    build(nod)
    picked = pick_of(nod, TARGET)
    nod.edit(NOD, "id: nod", "id: bow")
    done = build(nod)
    assert (done.code, done.json["renders"], done.json["removed"]) == (0, 0, 0)
    assert pick_of(nod, "exercises/bow/01") == picked


def test_a_picks_file_may_have_any_name_and_lie_in_any_folder(nod: Space) -> None:
    nod.move(PICKS, "specs/picks/by/anna/monday.yml")
    done = build(nod)
    assert (done.code, done.json["targets"]) == (0, [])
    nod.remove("cache")
    assert build(nod).json["targets"] == []


def test_a_spec_that_moves_to_another_region_keeps_its_pick(nod: Space) -> None:
    picked = pick_of(nod, TARGET)
    nod.edit(NOD, "region: neck", "region: hip")
    nod.move(NOD, "specs/exercises/hip/anything.yaml")
    done = build(nod)
    assert (done.code, done.json["renders"], done.json["removed"]) == (0, 0, 0)
    assert pick_of(nod, TARGET) == picked


def test_a_decision_edited_by_hand_in_a_file_of_another_name_takes_effect(nod: Space) -> None:
    nod.move(PICKS, "specs/picks/all.yaml")
    build(nod)
    other = decision_for(nod, "exercises/turn/01", loser(nod, "exercises/turn/01"), "exercises/turn/01")
    nod.write("specs/picks/all.yaml", dump_picks([*decisions(nod, "specs/picks/all.yaml"), other]))
    assert build(nod).statuses == {"exercises/turn/01": "cached"}
    nod.write("specs/picks/all.yaml", dump_picks([other]))
    assert build(nod).statuses == {TARGET: "cached"}
    assert pick_of(nod, TARGET)[0] == "score"
    nod.remove("specs/picks/all.yaml")
    assert build(nod).statuses == {"exercises/turn/01": "cached"}


def test_a_pick_of_a_renamed_spec_that_is_withdrawn_gives_the_choice_back(nod: Space) -> None:
    nod.edit(NOD, "id: nod", "id: bow")
    build(nod)
    nod.remove(PICKS)
    assert build(nod).statuses == {"exercises/bow/01": "cached"}
    assert pick_of(nod, "exercises/bow/01")[0] == "score"


def test_a_new_pick_of_a_renamed_spec_takes_the_place_of_the_old_one_in_its_file(nod: Space) -> None:
    nod.edit(NOD, "id: nod", "id: bow")
    build(nod)
    number = loser(nod, "exercises/bow/01")
    assert nod.call("pick", "exercises/bow/01", str(number)).code == 0
    assert nod.files("specs/picks") == [PICKS]
    assert decisions(nod) == (decision_for(nod, "exercises/bow/01", number, "exercises/bow/01"),)
    assert build(nod).statuses == {"exercises/bow/01": "cached"}


def test_a_new_pick_replaces_the_one_for_a_request_that_nobody_makes_any_more(nod: Space) -> None:
    nod.edit(NOD, "lateral", "anterior")
    build(nod)
    nod.call("pick", TARGET, "1")
    assert decisions(nod) == (decision_for(nod, TARGET, 1, TARGET),)


# several targets that ask for one render


def test_of_two_specs_that_ask_for_one_render_a_pick_counts_for_the_one_it_names(nod: Space) -> None:
    picked = pick_of(nod, TARGET)
    nod.write("specs/exercises/neck/twin.yaml", SPEC.replace("id: nod", "id: twin"))
    done = build(nod)
    assert (done.code, done.json["renders"]) == (0, 0)
    assert pick_of(nod, TARGET) == picked
    assert pick_of(nod, "exercises/twin/01")[0] == "score"
    assert pick_of(nod, "exercises/twin/01")[1] != picked[1]


def test_a_pick_counts_for_both_when_the_target_that_it_names_goes_or_asks_for_something_else(nod: Space) -> None:
    picked = pick_of(nod, TARGET)
    for name in ("first", "second"):
        nod.write(f"specs/exercises/neck/{name}.yaml", SPEC.replace("id: nod", f"id: {name}"))
    build(nod)
    nod.edit(NOD, "lateral", "anterior")
    assert build(nod).code == 0
    assert [pick_of(nod, f"exercises/{name}/01") for name in ("first", "second")] == [picked, picked]
    nod.edit(NOD, "anterior", "lateral")
    build(nod)
    assert [pick_of(nod, f"exercises/{name}/01")[0] for name in ("nod", "first", "second")] == ["human", "score", "score"]
    nod.remove(NOD)
    build(nod)
    assert [pick_of(nod, f"exercises/{name}/01") for name in ("first", "second")] == [picked, picked]
    nod.write(NOD, SPEC)
    build(nod)
    assert [pick_of(nod, f"exercises/{name}/01")[0] for name in ("nod", "first", "second")] == ["human", "score", "score"]


def test_a_pick_of_one_twin_leaves_what_the_shared_pick_says_of_the_other(nod: Space) -> None:
    picked = pick_of(nod, TARGET)
    for name in ("first", "second"):
        nod.write(f"specs/exercises/neck/{name}.yaml", SPEC.replace("id: nod", f"id: {name}"))
    nod.remove(NOD)
    build(nod)
    nod.call("pick", "exercises/first/01", str(loser(nod, "exercises/first/01")))
    assert {one.target for one in decisions(nod)} == {"exercises/first/01", "exercises/second/01"}
    assert build(nod).statuses == {"exercises/first/01": "cached"}
    assert pick_of(nod, "exercises/second/01") == picked


# what a merge leaves


def test_two_picks_of_one_target_are_told_with_both_places_and_a_human_is_awaited(nod: Space) -> None:
    before = nod.snapshot("content")
    mine, theirs = decisions(nod)[0], decision_for(nod, TARGET, loser(nod), TARGET)
    nod.write("specs/picks/exercises/nod.yaml", dump_picks([mine, theirs]))
    done = build(nod)
    assert (done.code, done.json["renders"], done.statuses) == (3, 0, {TARGET: "awaiting"})
    assert warnings(done, "contradicting-picks") == [(PICKS, 3)]
    told = next(one["message"] for one in done.json["diagnostics"] if one["code"] == "contradicting-picks")
    assert f"{PICKS}:7" in told
    for words in (("plan", "--json"), ("check", "--json")):
        assert warnings(nod.call(*words), "contradicting-picks") == [(PICKS, 3)]
    assert nod.call("check").code == 3
    assert nod.snapshot("content") == before
    assert nod.call("pick", TARGET, "1").code == 0
    assert len(decisions(nod)) == 1
    assert build(nod).code == 0


def test_two_picks_in_two_files_are_told_with_both_files(nod: Space) -> None:
    nod.write("specs/picks/merged.yaml", dump_picks([decision_for(nod, TARGET, loser(nod), TARGET)]))
    done = build(nod)
    assert (done.code, done.statuses) == (3, {TARGET: "awaiting"})
    told = next(one for one in done.json["diagnostics"] if one["code"] == "contradicting-picks")
    assert (told["file"], "specs/picks/merged.yaml:3" in told["message"]) == (PICKS, True)
    nod.call("pick", TARGET, "2")
    assert nod.files("specs/picks") == [PICKS]
    assert build(nod).code == 0


def test_one_pick_told_twice_is_no_contradiction(nod: Space) -> None:
    nod.write("specs/picks/copy.yaml", nod.read(PICKS))
    done = build(nod)
    assert (done.code, done.json["targets"]) == (0, [])


# decisions that nobody reads


def test_a_decision_that_nobody_reads_is_a_warning_with_its_place(nod: Space) -> None:
    nod.write("specs/picks/lost.yaml", dump_picks([Decision("exercises/gone/01", "0" * 63 + "a", "b" * 64, "pick")]))
    for words in ("validate", "plan", "build", "check", "plan"):
        done = nod.call(words, "--json")
        assert (done.code, warnings(done, "unread-decision")) == (0, [("specs/picks/lost.yaml", 3)]), words
    nod.remove("specs/picks/lost.yaml")
    assert warnings(nod.call("build", "--json"), "unread-decision") == []
    assert warnings(nod.call("plan", "--json"), "unread-decision") == []


def test_the_decision_of_a_spec_that_is_removed_is_read_by_nobody(nod: Space) -> None:
    nod.remove(NOD)
    plan = nod.call("plan", "--json")
    assert (plan.code, warnings(plan, "unread-decision")) == (0, [(PICKS, 3)])
    done = nod.call("build", "--json")
    assert (done.code, done.json["removed"], warnings(done, "unread-decision")) == (0, 1, [(PICKS, 3)])
    nod.write(NOD, SPEC)
    done = build(nod)
    assert (done.json["renders"], warnings(done, "unread-decision")) == (0, [])
    assert pick_of(nod, TARGET)[0] == "human"


def test_a_decision_that_rests_is_read_by_the_target_that_it_names(nod: Space) -> None:
    nod.edit(NOD, "lateral", "anterior")
    assert warnings(build(nod), "unread-decision") == []
    assert warnings(nod.call("check", "--json"), "unread-decision") == []


# files that cannot be read


def _link_to_nowhere(nod: Space) -> str:
    nod.remove(PICKS)
    (nod.root / PICKS).symlink_to("gone.yaml")
    return PICKS


def _pipe(nod: Space) -> str:
    nod.remove(PICKS)
    os.mkfifo(nod.root / PICKS)
    return PICKS


def _folder(nod: Space) -> str:
    nod.remove(PICKS)
    (nod.root / PICKS).mkdir()
    return PICKS


def _link_to_itself(nod: Space) -> str:
    nod.remove(PICKS)
    (nod.root / PICKS).symlink_to("nod.yaml")
    return PICKS


def _link_out(nod: Space) -> str:
    shutil.move(nod.root / PICKS, nod.root.parent / "away.yaml")
    (nod.root / PICKS).symlink_to(nod.root.parent / "away.yaml")
    return PICKS


def _invalid(nod: Space) -> str:
    nod.write(PICKS, "version: 1\ndecisions: [")
    return PICKS


def _whole_folder_is_a_link_to_nowhere(nod: Space) -> str:
    shutil.move(nod.root / "specs/picks", nod.root.parent / "away")
    (nod.root / "specs/picks").symlink_to("/nonexistent")
    return "specs/picks"


def _folder_is_a_link(nod: Space) -> str:
    shutil.move(nod.root / "specs/picks/exercises", nod.root / "away")
    (nod.root / "specs/picks/exercises").symlink_to("../../away")
    return "specs/picks/exercises"


def _folder_is_a_file(nod: Space) -> str:
    nod.remove("specs/picks")
    nod.write("specs/picks", "")
    return "specs/picks"


@pytest.mark.parametrize("cold", [False, True])
@pytest.mark.parametrize("spoil", [
    _link_to_nowhere, _pipe, _folder, _link_to_itself, _link_out, _invalid, _whole_folder_is_a_link_to_nowhere,
    _folder_is_a_link, _folder_is_a_file])
def test_what_cannot_be_read_is_refused_and_never_taken_for_absent(nod: Space, spoil: Any, cold: bool) -> None:
    if cold:
        nod.remove("cache")
    before = nod.snapshot("content")
    file = spoil(nod)
    for words in ("validate", "plan", "check", "build"):
        done = nod.call(words, "--json")
        assert (done.code, [one["file"] for one in done.json["diagnostics"]]) == (2, [file]), words
    assert nod.snapshot("content") == before


def test_no_picks_folder_is_no_decision(nod: Space) -> None:
    nod.remove("specs/picks")
    assert build(nod).statuses == {TARGET: "cached"}


def test_decisions_are_remembered_anew_by_a_build_that_looks_into_everything(nod: Space) -> None:
    nod.edit("calotype.yaml", "size: [16, 16]", "size: [16, 16], seed: 7")
    assert build(nod).json["targets"] == []
    nod.move(PICKS, "specs/picks/other.yaml")
    assert build(nod).json["targets"] == []
    nod.remove("specs/picks/other.yaml")
    assert build(nod).statuses == {TARGET: "cached"}


def test_a_named_scene_heeds_what_an_unbuilt_pick_does_to_its_twin(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin's second shot was picked; another pick of its first lets that shot start elsewhere: the pick is now that
    of the scene that still asks for the render."""
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [16, 16]}\nmodels: {base: org/base}\n")
    shots = "shots: [{id: a, prompt: a, candidates: 3}, {id: b, prompt: b, candidates: 3}]"
    for name in ("one", "two"):
        space.write(f"specs/scenes/{name}.yaml", f"kind: scene\nid: {name}\ntitle: Tea\nchain: true\n{shots}\n")
    space.call("build", "-q")
    space.call("pick", "scenes/one/b", str(loser(space, "scenes/one/b")))
    space.call("build", "-q")
    space.call("pick", "scenes/one/a", str(loser(space, "scenes/one/a")))
    named = space.call("list", "scenes/two", "--json").json["targets"]
    every = [row for row in space.call("list", "--json").json["targets"] if row["target"].startswith("scenes/two")]
    assert named == every
    assert [row["state"] for row in named] == ["up_to_date", "stale"]


@pytest.mark.parametrize("name", [f"./{TARGET}", f"{TARGET}/", "content/images/exercises/neck/nod_01.png"])
def test_a_pick_takes_each_name_of_a_target(nod: Space, name: str) -> None:
    number = loser(nod)
    assert nod.call("pick", name, str(number)).out.startswith(f"{TARGET}: candidate {number} is picked")
    assert build(nod).statuses == {TARGET: "cached"}


def test_a_pick_of_several_targets_is_refused_with_their_names(nod: Space) -> None:
    done = nod.call("pick", "exercises/*", "1", "--json")
    assert done.code == 2
    assert done.json["diagnostics"][0]["hint"] == "name one of exercises/nod/01, exercises/turn/01"
    assert nod.call("pick", TARGET, "\u0663").code == 2


def test_a_folder_in_the_place_of_a_picks_file_is_told_once(nod: Space) -> None:
    nod.remove(PICKS)
    (nod.root / PICKS).mkdir()
    nod.write("calotype.yaml", nod.read("calotype.yaml") + "# every spec is looked into\n")
    for command in ("check", "plan", "build"):
        done = nod.call(command, "--json")
        assert [(one["code"], one["file"]) for one in done.json["diagnostics"]] == [("unreadable", PICKS)]
