"""One command decides on several pictures: all of them or none, each file of decisions written once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from kit import build, codes, manifest_lines

import calotype
from calotype.ground.diagnostics import Problem
from calotype.language.decisions import Decision, dump_picks, read_picks
from calotype.queries.decisions import picks_files
from conftest import Run, Space

DOLL, PICKS = "specs/characters/doll.yaml", "specs/picks/characters/doll.yaml"
FRONT, BACK = "characters/doll/anchors/front", "characters/doll/anchors/back"
BOW, SQUAT, LEAN = (f"characters/doll/variations/{name}_01" for name in ("bow", "squat", "lean"))
VARIATIONS, SET = "characters/doll/variations/*", "characters/doll/training_set"
NOD, NODS = "exercises/nod/01", "specs/picks/exercises/nod.yaml"
SPEC = """\
kind: character
id: doll
anchors: {poses: [{id: front, view_angle: anterior, pose: standing}, {id: back, view_angle: posterior, pose: standing}]}
variations:
  - {id: bow, view_angle: lateral, pose: {base: standing, neck_flexion: 30}}
  - {id: squat, view_angle: lateral, pose: {base: standing, hip_flexion: 90, knee_flexion: 100}}
  - {id: lean, view_angle: lateral, pose: {base: standing, hip_flexion: 20}}
training_set: {trigger_word: doll, min: 2}
"""
NOD_SPEC = """\
kind: exercise
id: nod
region: neck
title: Nod
images:
  - {view_angle: lateral, body_position: seated, description: up, candidates: 3}
  - {view_angle: anterior, body_position: seated, description: up}
"""
WHY = "a hand too many"


@pytest.fixture
def doll(space: Space) -> Space:
    """A character of two anchors and three variations, and an exercise of two images, built."""
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [16, 16]}\n")
    space.write(DOLL, SPEC)
    space.write("specs/exercises/neck/nod.yaml", NOD_SPEC)
    assert build(space).code == 0
    return space


def call(space: Space, *words: str) -> Run:
    return space.call(*words, "--json")


def decisions(space: Space, file: str = PICKS) -> dict[str, str]:
    """Target -> decision."""
    if not (space.root / file).exists():
        return {}
    return {decision.target: decision.decision for decision in read_picks((space.root / file).read_bytes(), file)}


def published(space: Space, target: str) -> tuple[str, str]:
    line = manifest_lines(space)[target]
    return line["action"], line["pixels"]


# what is meant


@pytest.mark.parametrize(("words", "targets"), [
    ((BOW, FRONT), [BOW, FRONT]),
    ((VARIATIONS,), [BOW, SQUAT, LEAN]),
    ((BACK, "characters/doll/variations/[bs]*"), [BACK, BOW, SQUAT]),
    (("characters/doll/*",), [FRONT, BACK, BOW, SQUAT, LEAN]),
    (("characters/*/anchors/*", f"{FRONT}/", f"./{BOW}"), [FRONT, BACK, BOW]),
    (("content/images/characters/doll/anchors/*.png",), [FRONT, BACK]),
    ((f"content/images/{BOW}.png", f"content/images/{SQUAT}.png"), [BOW, SQUAT]),
])
def test_names_and_globs_mean_each_image_once(doll: Space, words: tuple[str, ...], targets: list[str]) -> None:
    done = call(doll, "include", *words)
    assert done.code == 0, done.err
    assert [row["target"] for row in done.json["decisions"]] == targets
    assert decisions(doll) == dict.fromkeys(targets, "include")
    assert [(row["action"], row["pixels"]) for row in done.json["decisions"]] == [
        published(doll, target) for target in targets]


def test_files_are_named_from_where_one_stands(doll: Space) -> None:
    folder = doll.root / "content/images/characters/doll/variations"
    assert doll.run("include", "bow_01.png", "squat_01.png", cwd=folder).code == 0
    assert decisions(doll) == {BOW: "include", SQUAT: "include"}


def test_an_export_is_not_taken_by_a_glob(doll: Space) -> None:
    assert call(doll, "export", "training", "doll").code == 0
    done = call(doll, "approve", "characters/doll/*")
    assert SET not in decisions(doll) and len(done.json["decisions"]) == 5
    refused = call(doll, "approve", "characters/doll/train*")
    assert (refused.code, codes(refused)) == (2, ["unknown-target"])
    refused = call(doll, "approve", BOW, SET)
    assert (refused.code, codes(refused)) == (2, ["unknown-target"])
    assert refused.json["diagnostics"][0]["hint"].endswith(f"calotype approve {SET}")


# what is told


def test_one_target_has_the_shape_it_had_and_a_glob_of_one_that_of_several(doll: Space) -> None:
    single = call(doll, "include", BOW).json
    assert single["target"] == BOW and "decisions" not in single
    several = call(doll, "include", "characters/doll/variations/bow*").json
    shared = {name: single[name] for name in ("schema", "diagnostics")}
    assert several == {**shared, "decisions": [
        {name: value for name, value in single.items() if name not in shared}]}


def test_each_picture_is_told_by_a_line_and_what_is_withdrawn_below_it(doll: Space) -> None:
    """A merge left two approvals of one target; what is published is approved, and the other withdrawn."""
    action, pixels = published(doll, NOD)
    other = next(candidate for candidate in manifest_lines(doll)[NOD]["candidates"] if candidate["pixels"] != pixels)
    doll.write(NODS, dump_picks([Decision(NOD, action, pixels, "approve"),
                                 Decision(NOD, other["action"], other["pixels"], "approve")]))
    second = published(doll, "exercises/nod/02")[1]
    assert doll.call("approve", "exercises/nod/*").out == (
        f"2 pictures: approved as published; no build replaces it\n  {NOD}  {pixels[:12]}\n"
        f"    the approval of {other['pixels'][:12]} is withdrawn\n  exercises/nod/02  {second[:12]}\n")
    assert doll.call("exclude", BOW, SQUAT, "--reason", WHY, "-q").out == ""


# all or none


def test_nothing_is_written_where_some_are_refused_and_every_refusal_is_told(doll: Space) -> None:
    doll.edit(DOLL, "neck_flexion: 30", "neck_flexion: 20")
    doll.edit(DOLL, "{id: squat", "{id: kneel")
    before = doll.snapshot("specs", "content")
    done = call(doll, "include", "characters/doll/*", FRONT, "exercises/nod/02", "characters/doll/anchors/bakc",
                "characters/doll", "scenes/*")
    assert done.code == 2
    assert Counter(codes(done)) == {"stale-picture": 1, "not-published": 1, "no-character": 1, "unknown-target": 3}
    assert all(diagnostic["hint"] for diagnostic in done.json["diagnostics"])
    assert doll.snapshot("specs", "content") == before


def test_a_file_that_would_be_too_large_leaves_the_others_unwritten(
    doll: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picks_files, "MAX_BYTES", 400)
    done = call(doll, "approve", "exercises/nod/*", "characters/doll/*")
    assert (done.code, codes(done)) == (2, ["large-picks"])
    assert decisions(doll) == decisions(doll, NODS) == {}


def test_an_invalid_spec_and_an_unreadable_file_of_decisions_decide_nothing(doll: Space) -> None:
    doll.write(PICKS, "schema: 1\ndecisions: [oops]\n")
    assert call(doll, "include", BOW, SQUAT).code == 2
    assert doll.read(PICKS) == "schema: 1\ndecisions: [oops]\n"
    (doll.root / PICKS).unlink()
    doll.edit(DOLL, "kind: character", "kind: charakter")
    done = call(doll, "include", BOW, SQUAT)
    assert done.code == 2 and "unknown-target" not in codes(done)


# approve


def test_approve_takes_a_candidate_of_one_target_and_never_one_among_several(doll: Space) -> None:
    done = call(doll, "approve", NOD, "2")
    assert done.code == 0 and done.json["target"] == NOD
    second = done.json["pixels"]
    done = call(doll, "approve", NOD, second[:6])
    assert (done.code, done.json["pixels"]) == (0, second)
    for words in ((NOD, "exercises/nod/02", "2"), (NOD, "2", "exercises/nod/02"), ("exercises/nod/*", "2"),
                  ("exercises/nod/*", second[:6]), (NOD, "2", "3")):
        refused = call(doll, "approve", *words)
        assert (refused.code, codes(refused)) == (2, ["unused-candidate"]), words
    assert decisions(doll, NODS) == {NOD: "approve"}


def test_a_candidate_stays_one_where_a_file_has_its_name(doll: Space) -> None:
    folder = doll.root / "content/images"
    (folder / "2").write_bytes(b"")
    assert doll.run("approve", NOD, "2", cwd=folder).code == 0
    assert decisions(doll, NODS) == {NOD: "approve"}


def test_what_is_approved_of_several_is_what_is_published(doll: Space) -> None:
    assert call(doll, "approve", "exercises/nod/*", FRONT).code == 0
    after = [*read_picks((doll.root / NODS).read_bytes(), NODS), *read_picks((doll.root / PICKS).read_bytes(), PICKS)]
    assert after == [Decision(target, *published(doll, target), "approve") for target in (NOD, "exercises/nod/02", FRONT)]
    rows = {row["target"]: row["decision"] for row in call(doll, "list").json["targets"]}
    assert [rows[target] for target in (NOD, "exercises/nod/02", FRONT, BACK)] == ["approved"] * 3 + [""]
    assert build(doll).json["renders"] == 0 and doll.call("check").code == 0


# taken back


def test_a_glob_takes_back_what_there_is_and_a_name_must_have_something(doll: Space) -> None:
    call(doll, "include", BOW, SQUAT)
    call(doll, "exclude", LEAN, "--reason", WHY)
    refused = call(doll, "include", BOW, LEAN, "--undo")
    assert (refused.code, codes(refused)) == (2, ["nothing-to-undo"])
    refused = call(doll, "include", LEAN, VARIATIONS, "--undo")
    assert (refused.code, codes(refused)) == (2, ["nothing-to-undo"])
    assert len(decisions(doll)) == 3
    done = call(doll, "include", VARIATIONS, "--undo")
    assert [(row["target"], row["undone"]) for row in done.json["decisions"]] == [(BOW, True), (SQUAT, True)]
    assert decisions(doll) == {LEAN: "exclude"}
    refused = call(doll, "include", VARIATIONS, "--undo")
    assert (refused.code, codes(refused)) == (2, ["nothing-to-undo"])
    assert call(doll, "exclude", "characters/doll/*", "--undo").code == 0
    assert not (doll.root / PICKS).exists()


def test_approvals_of_several_are_taken_back(doll: Space) -> None:
    call(doll, "approve", "characters/doll/*")
    assert call(doll, "approve", FRONT, BACK, "--undo").code == 0
    assert set(decisions(doll)) == {BOW, SQUAT, LEAN}


# the files


def test_each_file_is_written_once_and_decisions_stay_where_they_stood(
    doll: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = "specs/picks/looked_at.yaml"
    doll.write(elsewhere, dump_picks([Decision(BOW, *published(doll, BOW), "include"),
                                      Decision(SQUAT, *published(doll, SQUAT), "include")]))
    written: list[str] = []
    write = picks_files.write_bytes
    monkeypatch.setattr(picks_files, "write_bytes", lambda path, data: (written.append(path.name), write(path, data)))
    assert call(doll, "exclude", "characters/doll/*", "--reason", WHY).code == 0
    assert sorted(written) == ["doll.yaml", "looked_at.yaml"]
    assert decisions(doll, elsewhere) == {BOW: "exclude", SQUAT: "exclude"}
    assert decisions(doll) == dict.fromkeys((FRONT, BACK, LEAN), "exclude")


def test_a_decision_that_spoke_for_several_targets_is_split_or_gone(doll: Space) -> None:
    """Two variations ask for one render; one decision, which names neither, counts for both."""
    doll.edit(DOLL, "  - {id: lean", "  - {id: twin, view_angle: lateral, pose: {base: standing, neck_flexion: 30}}\n  - {id: lean")
    assert build(doll).code == 0
    twin = "characters/doll/variations/twin_01"
    assert published(doll, twin) == published(doll, BOW)
    for words, after in (((BOW, SQUAT), {BOW: "exclude", SQUAT: "exclude", twin: "include"}),
                         ((BOW, twin), {BOW: "exclude", twin: "exclude"})):
        doll.write(PICKS, dump_picks([Decision("characters/doll/variations/gone_01", *published(doll, BOW), "include")]))
        assert call(doll, "exclude", *words, "--reason", WHY).code == 0
        assert decisions(doll) == after


def test_one_pass_reads_a_spec_once_for_all_its_targets(doll: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    from calotype.plan import analysis

    passes: list[Any] = []
    made = analysis.Analysis.__init__
    monkeypatch.setattr(analysis.Analysis, "__init__", lambda *parts: (passes.append(1), made(*parts))[1])
    call(doll, "include", VARIATIONS, FRONT, BACK)
    assert len(passes) == 1


# in Python


def test_python_takes_a_name_or_several(doll: Space) -> None:
    project = calotype.Project.open(doll.root)
    assert project.include(BOW).target == BOW
    assert [decision.target for decision in project.include([SQUAT, "characters/doll/anchors/*"])] == [SQUAT, FRONT, BACK]
    assert [decision.reason for decision in project.exclude((BOW, LEAN), WHY)] == [WHY, WHY]
    assert len(project.approve([VARIATIONS])) == 3
    assert len(project.undo("exclude", ["characters/doll/*"])) == 2
    assert project.include([]) == project.undo("include", []) == ()
    with pytest.raises(Problem, match="one target only"):
        project.approve([BOW], "1")  # type: ignore[call-overload]
    with pytest.raises(Problem, match="not one target"):
        project.include(VARIATIONS)
