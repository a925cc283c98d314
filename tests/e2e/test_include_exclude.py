"""`calotype include` and `exclude`: what people say of a picture's place in a training set binds its pixels."""

from __future__ import annotations

import subprocess
import sys

import pytest
from kit import build, codes, manifest_lines

import calotype
from calotype.ground.diagnostics import Problem
from calotype.language.decisions import Decision, dump_picks, read_picks
from conftest import Run, Space

DOLL, PICKS = "specs/characters/doll.yaml", "specs/picks/characters/doll.yaml"
FRONT, BACK = "characters/doll/anchors/front", "characters/doll/anchors/back"
BOW, SQUAT = "characters/doll/variations/bow_01", "characters/doll/variations/squat_01"
SET = "characters/doll/training_set"
SPEC = """\
kind: character
id: doll
anchors: {poses: [{id: front, view_angle: anterior, pose: standing}, {id: back, view_angle: posterior, pose: standing}]}
variations:
  - {id: bow, view_angle: lateral, pose: {base: standing, neck_flexion: 30}}
  - {id: squat, view_angle: lateral, pose: {base: standing, hip_flexion: 90, knee_flexion: 100}}
training_set: {trigger_word: doll, min: 2}
"""
NOD = """\
kind: exercise
id: nod
region: neck
title: Nod
images: [{view_angle: lateral, body_position: seated, description: up}]
"""
WHY = "a hand too many"


@pytest.fixture
def doll(space: Space) -> Space:
    """A character with two anchors and two variations, built."""
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [16, 16]}\n")
    space.write(DOLL, SPEC)
    assert build(space).code == 0
    return space


def include(space: Space, target: str = BOW, *words: str) -> Run:
    return space.call("include", target, *words, "--json")


def exclude(space: Space, target: str = BOW, *words: str) -> Run:
    return space.call("exclude", target, "--reason", WHY, *words, "--json")


def decisions(space: Space, file: str = PICKS) -> tuple[Decision, ...]:
    return read_picks((space.root / file).read_bytes(), file)


def members(space: Space) -> dict[str, str]:
    """Target -> who chose it."""
    done = space.call("explain", SET, "--json")
    assert done.code == 0, done.err
    return {member["target"]: member["by"] for member in done.json["members"]}


def left_out(space: Space) -> dict[str, str]:
    """Target -> its state."""
    return {left["target"]: left["state"] for left in space.call("explain", SET, "--json").json["left_out"]}


def curation(space: Space, target: str = BOW) -> str:
    (row,) = space.call("list", target, "--json").json["targets"]
    assert space.call("explain", target, "--json").json["curation"] == row["curation"]
    return str(row["curation"])


def agreed(space: Space) -> Run:
    """What a check says after a build, quick and in full; nothing is left to do."""
    done = build(space)
    quick, full = space.call("check", "--json"), space.call("check", "--full", "--json")
    assert (quick.code, quick.json["targets"]) == (full.code, full.json["targets"]) == (0, [])
    assert sorted(map(repr, quick.json["diagnostics"])) == sorted(map(repr, full.json["diagnostics"]))
    assert build(space).json["targets"] == []
    assert done.code == 0
    return quick


def render_anew(space: Space) -> None:
    """Another picture of BOW is published."""
    space.edit(DOLL, "neck_flexion: 30", "neck_flexion: 20")
    assert build(space).statuses == {BOW: "rendered"}


# in and out


def test_the_published_picture_is_included_by_its_render_and_its_pixels(doll: Space) -> None:
    done, line = include(doll), manifest_lines(doll)[BOW]
    assert decisions(doll) == (Decision(BOW, line["action"], line["pixels"], "include"),)
    assert done.json == {"schema": 1, "target": BOW, "action": line["action"], "pixels": line["pixels"],
                         "decision": "include", "reason": "", "withdrawn": [], "path": "", "undone": False,
                         "diagnostics": []}
    assert members(doll) == {BOW: "human", FRONT: "anchor", BACK: "anchor"}
    assert (curation(doll), curation(doll, SQUAT)) == ("included", "")


def test_an_excluded_anchor_is_out_and_its_reason_is_everywhere(doll: Space) -> None:
    assert exclude(doll, FRONT).code == 0
    assert (members(doll), left_out(doll)[FRONT]) == ({BACK: "anchor"}, "excluded")
    assert agreed(doll).json["diagnostics"] == []
    for text in (doll.call("list").out, doll.call("explain", FRONT).out, doll.call("explain", SET).out,
                 doll.read("build/characters/doll.html")):
        assert WHY in text and "excluded" in text


def test_no_build_renders_anything_for_it_and_the_page_alone_is_written(doll: Space) -> None:
    before = doll.snapshot("content")
    include(doll)
    assert build(doll).json["renders"] == 0
    assert doll.snapshot("content") == before
    page = doll.read("build/characters/doll.html")
    assert page.count('class="badge in-set"') == 3
    assert "3 images (2 to 30); trigger word doll" in page


def test_each_takes_the_place_of_the_other(doll: Space) -> None:
    include(doll)
    exclude(doll)
    assert [decision.decision for decision in decisions(doll)] == ["exclude"]
    include(doll)
    assert [decision.decision for decision in decisions(doll)] == ["include"]


def test_each_can_be_taken_back(doll: Space) -> None:
    include(doll)
    done = include(doll, BOW, "--undo")
    assert (done.code, done.json["undone"], done.json["decision"]) == (0, True, "include")
    assert not (doll.root / PICKS).exists()
    exclude(doll, FRONT)
    assert doll.call("exclude", FRONT, "--undo").code == 0
    assert FRONT in members(doll)


def test_a_decision_about_the_picture_itself_stands_beside_it(doll: Space) -> None:
    include(doll)
    assert doll.call("approve", BOW).code == 0
    assert {decision.decision for decision in decisions(doll)} == {"include", "approve"}
    assert doll.call("approve", BOW, "--undo").code == 0
    assert [decision.decision for decision in decisions(doll)] == ["include"]


def test_an_asset_names_its_target(doll: Space) -> None:
    assert include(doll, manifest_lines(doll)[BOW]["path"]).json["target"] == BOW


def test_the_set_is_an_answer_in_python_too(doll: Space) -> None:
    project = calotype.Project.open(doll.root)
    project.include(BOW)
    project.exclude(FRONT, WHY)
    report = project.training_set("doll")
    assert report == project.training_set("characters/doll") == project.training_set(SET)
    assert [(member.target, member.by) for member in report.members] == [(BOW, "human"), (BACK, "anchor")]
    assert (report.minimum, report.maximum, report.trigger_word, report.lacking) == (2, 30, "doll", "")
    project.undo("exclude", FRONT)
    assert len(project.training_set("doll").members) == 3
    with pytest.raises(Problem, match="says why"):
        project.exclude(FRONT, " ")


def test_who_is_in_the_set_and_what_it_lacks_is_readable(doll: Space) -> None:
    doll.edit(DOLL, "min: 2", "min: 4")
    include(doll)
    text = doll.call("explain", SET).out
    assert text.splitlines()[0] == f"{SET}: 3 images (4 to 30), trigger word doll"
    assert "included  variations/bow_01" in text and "anchor    anchors/front" in text
    assert text.splitlines()[-1] == (
        "not usable yet: it has 3 images, and `min` is 4: 1 can be included (`calotype include TARGET`)")


def test_suggestions_tell_why(doll: Space) -> None:
    doll.edit(DOLL, "min: 2", "min: 2, max: 3, select: suggest")
    assert members(doll) == {FRONT: "anchor", BACK: "anchor", SQUAT: "suggest"}
    assert ": farthest, " in doll.call("explain", SET).out
    exclude(doll, SQUAT)
    assert members(doll) == {FRONT: "anchor", BACK: "anchor", BOW: "suggest"}
    build(doll)
    assert ": farthest, " in doll.read("build/characters/doll.html")


# rendered anew


@pytest.mark.parametrize("word", ["include", "exclude"])
def test_a_picture_rendered_anew_has_fallen_out_until_somebody_looks_at_it(doll: Space, word: str) -> None:
    (include if word == "include" else exclude)(doll)
    render_anew(doll)
    (warned,) = agreed(doll).json["diagnostics"]
    assert (warned["severity"], warned["code"], warned["file"], warned["line"]) == ("warning", "fallen-out", PICKS, 3)
    assert f"{word}d" in warned["message"] and f"calotype include {BOW}" in warned["hint"]
    assert (curation(doll), left_out(doll)[BOW]) == ("fallen-out", "fallen-out")
    for text in (doll.call("list").out, doll.call("explain", BOW).out, doll.call("explain", SET).out,
                 doll.read("build/characters/doll.html")):
        assert "fallen out" in text and f"calotype include {BOW}" in text
    assert include(doll).code == 0
    assert [decision.decision for decision in decisions(doll)] == ["include"]
    assert agreed(doll).json["diagnostics"] == []
    assert members(doll)[BOW] == "human"


def test_the_build_that_renders_it_anew_says_so(doll: Space) -> None:
    include(doll)
    assert codes(doll.call("check", "--json")) == []
    doll.edit(DOLL, "neck_flexion: 30", "neck_flexion: 20")
    assert codes(doll.call("check", "--json")) == []
    assert codes(build(doll)) == ["fallen-out"]


def test_the_request_put_back_the_picture_is_in_the_set_again(doll: Space) -> None:
    include(doll)
    render_anew(doll)
    doll.edit(DOLL, "neck_flexion: 20", "neck_flexion: 30")
    assert agreed(doll).json["diagnostics"] == []
    assert members(doll)[BOW] == "human"


def test_what_fell_out_can_be_taken_back(doll: Space) -> None:
    include(doll)
    render_anew(doll)
    assert include(doll, BOW, "--undo").code == 0
    assert agreed(doll).json["diagnostics"] == []
    assert left_out(doll)[BOW] == "free"


def test_another_pick_falls_out_and_the_same_pixels_under_another_key_do_not(doll: Space) -> None:
    doll.edit(DOLL, "{id: bow,", "{id: bow, candidates: 3, select: best,")
    build(doll)
    include(doll)
    line = manifest_lines(doll)[BOW]
    assert doll.call("pick", BOW, str(line["pick"]["candidate"])).code == 0
    agreed(doll)
    assert curation(doll) == "included"
    assert doll.call("pick", BOW, str(line["pick"]["candidate"] % 3 + 1)).code == 0
    agreed(doll)
    assert curation(doll) == "fallen-out"


def test_an_included_picture_that_is_rejected_gives_way_to_the_next_which_has_fallen_out(doll: Space) -> None:
    doll.edit(DOLL, "{id: bow,", "{id: bow, candidates: 2, select: first,")
    build(doll)
    include(doll)
    assert doll.call("reject", BOW, "1", "--reason", "blurred").code == 0
    assert codes(agreed(doll)) == ["fallen-out"]
    assert {decision.decision for decision in decisions(doll)} == {"include", "reject"}


def test_an_approved_picture_stays_in_the_set_while_another_waits(doll: Space) -> None:
    include(doll)
    assert doll.call("approve", BOW).code == 0
    doll.edit(DOLL, "neck_flexion: 30", "neck_flexion: 20")
    assert build(doll).code == 3
    assert (curation(doll), members(doll)[BOW]) == ("included", "human")
    assert codes(exclude(doll)) == ["awaits-decision"]


# moved, cloned, merged


def test_it_follows_the_picture_when_the_character_is_renamed(doll: Space) -> None:
    include(doll)
    exclude(doll, FRONT)
    doll.edit(DOLL, "id: doll", "id: puppet")
    doll.move(DOLL, "specs/characters/puppet.yaml")
    assert agreed(doll).json["diagnostics"] == []
    report = calotype.Project.open(doll.root).training_set("puppet")
    assert [member.target for member in report.members] == [
        "characters/puppet/variations/bow_01", "characters/puppet/anchors/back"]
    assert doll.call("include", "characters/puppet/variations/bow_01", "--undo").code == 0
    assert [decision.decision for decision in decisions(doll)] == ["exclude"]


def test_so_it_does_when_a_variation_is_renamed_or_moved_up(doll: Space) -> None:
    include(doll)
    head, rows = doll.read(DOLL).split("variations:\n")
    bow, squat, rest = rows.split("\n", 2)
    doll.write(DOLL, f"{head}variations:\n{squat}\n{bow.replace('id: bow', 'id: nod')}\n{rest}")
    assert agreed(doll).json["diagnostics"] == []
    assert members(doll)["characters/doll/variations/nod_01"] == "human"


def test_it_is_found_in_whatever_file_it_stands(doll: Space) -> None:
    include(doll)
    doll.move(PICKS, "specs/picks/by/anna.yaml")
    assert curation(doll) == "included"
    exclude(doll)
    assert [decision.decision for decision in decisions(doll, "specs/picks/by/anna.yaml")] == ["exclude"]


def test_it_holds_on_a_bare_clone(doll: Space) -> None:
    include(doll)
    exclude(doll, FRONT)
    before = members(doll)
    for folder in ("cache", "build"):
        doll.remove(folder)
    assert doll.call("check").code == 0
    assert members(doll) == before
    assert agreed(doll).json["diagnostics"] == []
    assert 'class="badge excluded"' in doll.read("build/characters/doll.html")


@pytest.mark.parametrize("select", ["human", "suggest"])
def test_included_in_one_branch_and_excluded_in_another_it_is_out_until_decided(doll: Space, select: str) -> None:
    doll.edit(DOLL, "min: 2", f"min: 2, select: {select}")
    include(doll)
    mine = doll.read(PICKS)
    exclude(doll)
    doll.write("specs/picks/merged.yaml", mine)
    (warned,) = agreed(doll).json["diagnostics"]
    assert (warned["code"], warned["file"], warned["line"]) == ("contradicting-decisions", PICKS, 3)
    assert "excluded here" in warned["message"] and "included in specs/picks/merged.yaml:3" in warned["message"]
    assert (curation(doll), left_out(doll)[BOW]) == ("contradicting", "contradicting")
    assert include(doll).code == 0
    assert agreed(doll).json["diagnostics"] == []
    assert members(doll)[BOW] == "human"
    assert not (doll.root / "specs/picks/merged.yaml").exists()


def test_merged_in_one_file_by_git_it_is_told_with_both_lines(doll: Space) -> None:
    include(doll)
    line = manifest_lines(doll)[BOW]
    both = [Decision(BOW, line["action"], line["pixels"], "include"), Decision(BOW, line["action"], line["pixels"], "exclude", WHY)]
    doll.write(PICKS, dump_picks(both))
    (warned,) = agreed(doll).json["diagnostics"]
    assert warned["line"] == 3 and f"{PICKS}:7" in warned["message"]


def test_marks_of_a_merge_are_an_error_and_nothing_is_taken_for_absent(doll: Space) -> None:
    include(doll)
    doll.write(PICKS, f"<<<<<<< ours\n{doll.read(PICKS)}=======\n>>>>>>> theirs\n")
    before = doll.snapshot("specs", "content")
    for words in (("check",), ("explain", SET), ("include", SQUAT)):
        assert doll.call(*words, "--json").code == 2
    assert doll.snapshot("specs", "content") == before


def test_a_decision_that_nobody_reads_is_warned_of(doll: Space) -> None:
    doll.write("specs/picks/lost.yaml", dump_picks([Decision("characters/nobody/anchors/x", "1" * 64, "2" * 64, "include")]))
    (warned,) = agreed(doll).json["diagnostics"]
    assert (warned["code"], warned["file"], warned["line"]) == ("unread-decision", "specs/picks/lost.yaml", 3)


# refused


@pytest.mark.parametrize(("words", "code"), [
    (("exclude", BOW), "missing-reason"),
    (("exclude", BOW, "--reason", "  "), "missing-reason"),
    (("exclude", BOW, "--reason", "x" * 1001), "long-reason"),
    (("exclude", BOW, "--undo", "--reason", "x"), "unused-reason"),
    (("include", BOW, "--undo"), "nothing-to-undo"),
    (("exclude", BOW, "--undo"), "nothing-to-undo"),
    (("include", "characters/doll/variations/bwo_01"), "unknown-target"),
    (("include", "characters/doll"), "unknown-target"),
    (("include", "characters/doll/variations/bwo_*"), "unknown-target"),
    (("include", "exercises/nod/01"), "no-character"),
    (("exclude", "exercises/nod/01", "--reason", WHY), "no-character"),
    (("explain", "characters/nobody/training_set"), "unknown-target"),
])
def test_what_cannot_be_decided_is_refused_with_a_hint(doll: Space, words: tuple[str, ...], code: str) -> None:
    doll.write("specs/exercises/neck/nod.yaml", NOD)
    build(doll)
    before = doll.snapshot("specs", "content")
    done = doll.call(*words, "--json")
    assert (done.code, codes(done)) == (2, [code])
    assert done.json["diagnostics"][0]["hint"]
    assert doll.snapshot("specs", "content") == before


def test_neither_takes_a_candidate(doll: Space) -> None:
    assert doll.call("include", BOW, "1").code == 2
    assert not (doll.root / PICKS).exists()


def test_a_stale_picture_is_refused_and_so_is_one_that_is_not_rendered(doll: Space) -> None:
    doll.edit(DOLL, "neck_flexion: 30", "neck_flexion: 20")
    done = include(doll)
    assert (done.code, codes(done)) == (2, ["stale-picture"])
    assert "is stale" in done.json["diagnostics"][0]["message"]
    doll.edit(DOLL, "{id: squat", "{id: kneel")
    assert codes(include(doll, "characters/doll/variations/kneel_01")) == ["not-published"]


def test_so_is_one_that_awaits_a_decision_or_was_edited_by_hand_or_is_gone(doll: Space) -> None:
    doll.edit(DOLL, "{id: bow,", "{id: bow, select: human,")
    assert build(doll).code == 3
    assert codes(include(doll)) == ["awaits-decision"]
    assert f"awaits a decision: `calotype explain {BOW}`" in doll.call("explain", SET).out
    path = manifest_lines(doll)[SQUAT]["path"]
    doll.write(path, b"scribbled")
    assert codes(include(doll, SQUAT)) == ["stale-picture"]
    doll.remove(path)
    assert codes(include(doll, SQUAT)) == ["stale-picture"]
    assert not (doll.root / PICKS).exists()


def test_a_character_without_a_set_says_how_to_begin_one(doll: Space) -> None:
    doll.write(DOLL, SPEC[:SPEC.index("training_set")])
    build(doll)
    done = doll.call("explain", SET, "--json")
    assert (done.code, codes(done)) == (2, ["no-training-set"])
    assert "training_set: {trigger_word: doll}" in done.json["diagnostics"][0]["hint"]
    assert include(doll).code == 0
    (warned,) = agreed(doll).json["diagnostics"]
    assert (warned["code"], warned["file"], warned["line"]) == ("no-training-set", PICKS, 3)
    assert "training_set: {trigger_word: doll}" in warned["hint"]


def test_an_inclusion_of_an_exercise_written_by_hand_is_warned_of(doll: Space) -> None:
    doll.write("specs/exercises/neck/nod.yaml", NOD)
    build(doll)
    line = manifest_lines(doll)["exercises/nod/01"]
    doll.write("specs/picks/nod.yaml", dump_picks([Decision(line["target"], line["action"], line["pixels"], "include")]))
    (warned,) = agreed(doll).json["diagnostics"]
    assert (warned["code"], warned["file"], warned["line"]) == ("no-training-set", "specs/picks/nod.yaml", 3)


def test_a_decision_needs_no_numpy_and_no_pillow(doll: Space) -> None:
    code = ("import sys, calotype.__main__ as program\n"
            "try:\n    program.main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
            "assert not {'numpy', 'PIL', 'torch', 'jinja2'} & sys.modules.keys()")
    doll.edit(DOLL, ", hip_flexion: 90, knee_flexion: 100", "")  # a squat has to be solved for
    build(doll)
    subprocess.run([sys.executable, "-c", code, "include", BOW, "-q"], cwd=doll.root, check=True)
