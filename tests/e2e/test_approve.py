"""`calotype approve`: what a person vouches for is overwritten by nobody; what is asked for instead waits beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from kit import build, codes, manifest_lines, reason, use_sketch, walk_spec

from calotype.language.decisions import Decision, dump_picks, read_picks
from conftest import Run, Space

NOD, PICKS = "specs/exercises/neck/nod.yaml", "specs/picks/exercises/nod.yaml"
TARGET, ASSET = "exercises/nod/01", "content/images/exercises/neck/nod_01.png"
SPEC = """\
kind: exercise
id: nod
region: neck
title: Nod
images:
  - {view_angle: lateral, body_position: seated, description: up, seed: 40, candidates: 3, select: best}
"""
BOW = "specs/exercises/spine/bow.yaml"
WALK, PICTURES = "specs/scenes/walk.yaml", "content/images"


@pytest.fixture
def nod(space: Space) -> Space:
    """One image with three candidates, built; candidate 2 or 3, not the best by score, is approved and published."""
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [16, 16]}\n")
    space.write(NOD, SPEC)
    assert build(space).json["renders"] == 3
    assert approve(space, str(line(space)["pick"]["candidate"] % 3 + 1)).code == 0
    assert agreed(space).statuses == {TARGET: "cached"}
    return space


@pytest.fixture
def stale(nod: Space) -> Space:
    """An approved image whose request has changed; built."""
    nod.edit(NOD, "lateral", "anterior")
    assert build(nod).code == 3
    return nod


@pytest.fixture
def walk(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    """Three shots, each from the one before; the second is approved."""
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [16, 16]}\n")
    space.write(WALK, walk_spec("one", "two", "three"))
    assert build(space).json["renders"] == 3
    assert approve(space, target="scenes/walk/b").code == 0
    assert agreed(space).statuses == {"scenes/walk/b": "cached"}
    return space


def line(space: Space, target: str = TARGET) -> dict[str, Any]:
    return manifest_lines(space)[target]


def approve(space: Space, *words: str, target: str = TARGET) -> Run:
    return space.call("approve", target, *words, "--json")


def decisions(space: Space, file: str = PICKS) -> tuple[Decision, ...]:
    return read_picks((space.root / file).read_bytes(), file)


def state(space: Space, target: str = TARGET) -> tuple[str, str]:
    (row,) = space.call("list", target, "--json").json["targets"]
    return row["state"], row["decision"]


def agreed(space: Space) -> Run:
    """A build that did what a plan said before, and left what a check finds, quick and in full."""
    plan, done = space.call("plan", "--json"), build(space)
    assert plan.statuses == {target: status.replace("rendered", "render") for target, status in done.statuses.items()}
    assert [plan.json[name] for name in ("renders", "awaiting", "removed")] == [
        done.json[name] for name in ("renders", "awaiting", "removed")]
    quick, full = space.call("check", "--json"), space.call("check", "--full", "--json")
    assert quick.code == full.code == done.code
    assert quick.statuses == full.statuses
    again = build(space)
    assert (again.code, again.json["renders"]) == (done.code, 0)
    return done


# an approval


def test_an_approved_candidate_is_published_and_stays(nod: Space) -> None:
    (decision,) = decisions(nod)
    published = line(nod)
    assert decision == Decision(TARGET, published["action"], published["pixels"], "approve")
    assert published["pick"]["by"] == "human"
    assert state(nod) == ("up_to_date", "approved")
    assert "badge approved" in nod.read("build/exercises/nod.html")
    assert nod.call("explain", TARGET).out.startswith(f"{TARGET}: up to date, approved")


def test_without_a_candidate_what_is_published_is_approved(space: Space) -> None:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [16, 16]}\n")
    space.write(NOD, SPEC)
    build(space)
    published = line(space)
    assert approve(space).json["pixels"] == published["pixels"]
    assert agreed(space).json["renders"] == 0
    assert line(space)["pixels"] == published["pixels"]
    assert "badge approved" in space.read("build/exercises/nod.html")


def test_an_approval_takes_the_place_of_the_pick_and_of_the_approval_before(nod: Space) -> None:
    nod.call("pick", TARGET, "1")
    approve(nod, "2")
    approve(nod, "3")
    (decision,) = decisions(nod)
    assert (decision.decision, decision.pixels) == ("approve", line(nod)["candidates"][2]["pixels"])


def test_an_approval_is_followed_by_its_picture_when_an_image_is_inserted_before(nod: Space) -> None:
    approved = line(nod)["pixels"]
    nod.edit(NOD, "images:\n", "images:\n  - {view_angle: anterior, body_position: standing, description: new}\n")
    assert agreed(nod).code == 0
    assert line(nod, "exercises/nod/02")["pixels"] == approved
    assert (state(nod)[1], state(nod, "exercises/nod/02")[1]) == ("", "approved")


def test_so_it_is_when_images_change_places_and_when_the_spec_is_renamed(nod: Space) -> None:
    nod.edit(NOD, "select: best}\n", "select: best}\n  - {view_angle: anterior, body_position: standing, description: b}\n")
    agreed(nod)
    approve(nod, target="exercises/nod/02")
    agreed(nod)
    before = {number: line(nod, f"exercises/nod/{number}")["pixels"] for number in ("01", "02")}
    head, rows = nod.read(NOD).split("images:\n")
    first, second = rows.splitlines(keepends=True)
    nod.write(NOD, f"{head}images:\n{second}{first}")
    assert agreed(nod).code == 0
    nod.edit(NOD, "id: nod", "id: bow")
    assert agreed(nod).code == 0
    after = {number: line(nod, f"exercises/bow/{number}")["pixels"] for number in ("02", "01")}
    assert list(before.values()) == list(after.values())
    assert [state(nod, f"exercises/bow/{number}")[1] for number in ("01", "02")] == ["approved", "approved"]


# stale, approved


def test_a_changed_request_replaces_no_approved_picture(nod: Space) -> None:
    before, pages = nod.snapshot("content"), nod.read("build/exercises/nod.html")
    nod.edit(NOD, "lateral", "anterior")
    for command in ("plan", "check"):
        done = nod.call(command, "--json")
        assert (done.code, done.statuses) == (3 if command == "check" else 0, {TARGET: "awaiting"})
        assert reason(done, TARGET).startswith('approved, and stale: view: "lateral" -> "anterior" (specs/')
    done = agreed(nod)
    assert (done.code, done.statuses) == (3, {TARGET: "awaiting"})
    assert nod.snapshot("content") == before
    assert state(nod) == ("awaiting", "stale-approved")
    page = nod.read("build/exercises/nod.html")
    assert page != pages
    assert page.count("Approved: ") == 1 and "<dt>view <code>specs/exercises/neck/nod.yaml:6</code></dt>" in page
    assert f"calotype approve {TARGET} NUMBER" in page


def test_the_new_candidates_are_rendered_once_and_wait_beside_it(nod: Space) -> None:
    nod.edit(NOD, "lateral", "anterior")
    assert (build(nod).json["renders"], build(nod).json["renders"]) == (3, 0)
    assert nod.read("build/exercises/nod.html").count('alt="Candidate ') == 4  # one of them beside the approved one


def test_a_stale_picture_cannot_be_approved(stale: Space) -> None:
    pixels, before = line(stale)["pixels"], stale.snapshot("specs")
    for words in ((), (pixels,), (pixels[:8],), (line(stale)["candidates"][0]["pixels"],)):
        done = approve(stale, *words)
        assert (done.code, codes(done)) == (2, ["stale-candidate"])
    assert stale.snapshot("specs") == before


def test_nor_before_the_candidates_of_the_new_request_are_rendered(nod: Space) -> None:
    nod.edit(NOD, "lateral", "anterior")
    assert codes(approve(nod, line(nod)["pixels"])) == ["stale-candidate"]
    assert codes(approve(nod)) == codes(approve(nod, "1")) == ["not-rendered"]


@pytest.mark.parametrize("command", ["approve", "pick"])
def test_a_new_candidate_that_a_person_decides_for_takes_its_place(stale: Space, command: str) -> None:
    assert stale.call(command, TARGET, "2").code == 0
    (decision,) = decisions(stale)
    done = agreed(stale)
    assert (done.code, done.json["renders"], done.statuses) == (0, 0, {TARGET: "cached"})
    assert line(stale)["pixels"] == decision.pixels
    assert state(stale) == ("up_to_date", "approved" if command == "approve" else "picked")
    assert "Approved: " not in stale.read("build/exercises/nod.html")


def test_an_approval_taken_back_gives_the_choice_back(stale: Space) -> None:
    done = approve(stale, "--undo")
    assert (done.code, done.json["undone"]) == (0, True)
    assert not (stale.root / PICKS).exists()
    assert agreed(stale).code == 0
    assert (line(stale)["pick"]["by"], state(stale)) == ("score", ("up_to_date", ""))


def test_the_request_put_back_is_the_approved_one(stale: Space) -> None:
    before = stale.snapshot("content")
    stale.edit(NOD, "anterior", "lateral")
    done = agreed(stale)
    assert (done.code, done.json["targets"], stale.snapshot("content")) == (0, [], before)
    assert "Approved: " not in stale.read("build/exercises/nod.html")


def test_candidates_that_are_rejected_too_leave_it_awaiting(stale: Space) -> None:
    for number in ("1", "2", "3"):
        assert stale.call("reject", TARGET, number, "--reason", f"bad {number}").code == 0
    done = agreed(stale)
    assert (done.code, done.json["renders"]) == (3, 0)
    assert "rejected: 1 (bad 1), 2 (bad 2), 3 (bad 3)" in reason(done, TARGET)


def test_words_about_a_stale_approved_picture_wait_with_it(stale: Space) -> None:
    before = stale.snapshot("content")
    stale.edit(NOD, "title: Nod", "title: Bow")
    assert agreed(stale).code == 3
    assert stale.snapshot("content") == before


def test_it_holds_on_a_bare_clone(stale: Space) -> None:
    before = stale.snapshot("content")
    for folder in ("cache", "build"):
        stale.remove(folder)
    assert stale.call("check", "--json").statuses == {TARGET: "awaiting"}
    done = agreed(stale)
    assert (done.code, done.json["renders"], stale.snapshot("content")) == (3, 3, before)


def test_a_preview_is_of_another_picture_and_awaits_nobody(walk: Space) -> None:
    walk.write("calotype.yaml", walk.read("calotype.yaml") + "presets: {rough: {steps: 12}}\n")
    assert agreed(walk).json["targets"] == []
    for command in ("plan", "build"):
        done = walk.call(command, "--preset", "rough", "--json")
        assert (done.code, done.json["renders"], done.json["awaiting"]) == (0, 3, 0)
    assert walk.call("check", "--preset", "rough").code == 0


# what starts from it


def test_what_starts_from_a_stale_approved_picture_goes_on_with_the_published_pixels(walk: Space) -> None:
    before = manifest_lines(walk)
    walk.edit(WALK, "prompt: two", "prompt: twice")
    done = agreed(walk)
    assert (done.code, done.json["renders"], done.statuses) == (3, 1, {"scenes/walk/b": "awaiting"})
    walk.edit(WALK, "prompt: three", "prompt: thrice")
    done = agreed(walk)
    assert done.statuses == {"scenes/walk/b": "awaiting", "scenes/walk/c": "rendered"}
    assert line(walk, "scenes/walk/c")["request"]["reference"]["pixels"] == before["scenes/walk/b"]["pixels"]
    assert line(walk, "scenes/walk/b") == before["scenes/walk/b"]


def test_so_it_does_while_what_the_approved_one_starts_from_is_rendered(walk: Space) -> None:
    before = manifest_lines(walk)
    walk.edit(WALK, "prompt: one", "prompt: once")
    assert walk.call("check", "--json").statuses == {"scenes/walk/a": "stale", "scenes/walk/b": "awaiting"}
    done = agreed(walk)
    assert done.statuses == {"scenes/walk/a": "rendered", "scenes/walk/b": "awaiting"}
    assert [line(walk, f"scenes/walk/{shot}") for shot in "bc"] == [before[f"scenes/walk/{shot}"] for shot in "bc"]
    approve(walk, "1", target="scenes/walk/b")
    done = agreed(walk)
    assert (done.code, done.statuses) == (0, {"scenes/walk/b": "cached", "scenes/walk/c": "rendered"})


# approved pictures that are gone


def test_an_approved_asset_that_is_gone_is_put_back_though_it_is_stale(stale: Space) -> None:
    before = stale.snapshot("content")[ASSET][0]
    for gone in (True, False):
        if gone:
            stale.remove(ASSET)
        else:
            stale.write(ASSET, b"scribbled")
        told = stale.call("check", "--json")
        assert (told.code, told.statuses) == (1, {TARGET: "missing" if gone else "modified"})
        assert agreed(stale).code == 3
        assert stale.snapshot("content")[ASSET][0] == before


def test_without_a_cache_its_key_is_rendered(stale: Space) -> None:
    before = line(stale)
    stale.remove("cache")
    stale.remove(ASSET)
    done = agreed(stale)
    assert (done.code, done.json["renders"]) == (3, 4)
    assert line(stale) == before and (stale.root / ASSET).exists()


def test_so_it_is_of_one_that_is_current(nod: Space) -> None:
    before = line(nod)
    nod.remove("cache")
    nod.remove(ASSET)
    done = agreed(nod)
    assert (done.code, done.json["renders"]) == (0, 1)
    assert (line(nod), state(nod)) == (before, ("up_to_date", "approved"))


def test_other_pixels_under_the_approved_key_are_not_published(nod: Space) -> None:
    (decision,) = decisions(nod)
    nod.write(PICKS, dump_picks([Decision(TARGET, decision.action, "0123" * 16, "approve")]))
    for folder in ("cache", "content"):
        nod.remove(folder)
    done = build(nod)
    assert (done.code, done.json["renders"], done.statuses) == (3, 3, {TARGET: "awaiting"})
    assert "is lost: its render gives other pixels" in reason(done, TARGET)
    assert nod.files(PICTURES) == []
    assert (agreed(nod).code, nod.files(PICTURES)) == (3, [])


def test_a_stale_approved_picture_moves_with_its_region(stale: Space) -> None:
    before = line(stale)
    stale.edit(NOD, "region: neck", "region: hip")
    stale.remove("cache")
    assert agreed(stale).code == 3
    assert {**line(stale), "path": before["path"]} == before
    assert stale.files(PICTURES) == ["content/images/exercises/hip/nod_01.png"]


RENAMED: dict[str, Callable[[Space], object]] = {
    "in its file": lambda space: None,
    "with its file": lambda space: space.move(NOD, BOW),
    "without the state": lambda space: space.remove("cache/state"),
    "with its file, without a cache": lambda space: (space.move(NOD, BOW), space.remove("cache")),
    "without its picture": lambda space: space.remove(ASSET),
}


@pytest.mark.parametrize("how", RENAMED)
def test_a_stale_approved_picture_follows_its_spec_to_another_id(stale: Space, how: str) -> None:
    before = line(stale)
    stale.edit(NOD, "id: nod", "id: bow")
    RENAMED[how](stale)
    plan = stale.call("plan", "--json")
    assert reason(plan, "exercises/bow/01").startswith('approved, and stale: view: "lateral" -> "anterior" (specs/')
    done = agreed(stale)
    assert (done.code, done.json["removed"], codes(done)) == (3, 0, [])
    file = NOD if (stale.root / NOD).exists() else BOW
    path = "content/images/exercises/neck/bow_01.png"
    assert line(stale, "exercises/bow/01") == {**before, "target": "exercises/bow/01", "path": path, "spec": file}
    assert stale.files(PICTURES) == [path]
    assert state(stale, "exercises/bow/01") == ("awaiting", "stale-approved")


def test_nor_is_it_lost_where_another_decision_contradicts_it(stale: Space) -> None:
    pixels = line(stale)["pixels"]
    other = Decision(TARGET, "4" * 64, "5" * 64, "approve")
    stale.write("specs/picks/merged.yaml", dump_picks([other]))
    stale.edit(NOD, "id: nod", "id: bow")
    stale.edit("specs/picks/merged.yaml", TARGET, "exercises/bow/01")
    for _ in range(2):
        assert codes(agreed(stale)) == ["contradicting-decisions"]
        assert line(stale, "exercises/bow/01")["pixels"] == pixels


def test_a_spec_that_takes_the_place_of_one_that_is_gone_has_none_of_its_pictures(stale: Space) -> None:
    stale.write(BOW, SPEC.replace("id: nod", "id: bow").replace("title: Nod", "title: Bow").replace("seed: 40", "seed: 60"))
    stale.remove(NOD)
    done = agreed(stale)
    assert (done.code, done.json["removed"], codes(done)) == (0, 1, ["unread-decision"])


def test_the_approval_of_a_spec_that_was_renamed_edited_and_removed_is_read_by_nobody(nod: Space) -> None:
    nod.write("specs/exercises/neck/other.yaml", SPEC.replace("nod", "other").replace("seed: 40", "seed: 50"))
    nod.edit(NOD, "id: nod", "id: bow")
    assert agreed(nod).code == 0
    nod.edit(NOD, "lateral", "anterior")
    assert agreed(nod).code == 3
    nod.remove(NOD)
    for command in (("check",), ("check", "--full"), ("build",), ("check",), ("check", "--full")):
        assert codes(nod.call(*command, "--json")) == ["unread-decision"], command


def test_an_approval_that_misnames_another_target_keeps_its_picture(nod: Space) -> None:
    nod.write("specs/exercises/neck/other.yaml", SPEC.replace("nod", "other").replace("seed: 40", "seed: 50"))
    agreed(nod)
    nod.edit(PICKS, TARGET, "exercises/other/01")
    assert agreed(nod).json["targets"] == []
    before = line(nod)
    nod.edit(NOD, "lateral", "anterior")
    assert agreed(nod).statuses == {TARGET: "awaiting"}
    assert line(nod) == before and state(nod) == ("awaiting", "stale-approved")


# after a merge


def test_an_approval_and_another_pick_contradict_each_other(nod: Space) -> None:
    other = next(each for each in line(nod)["candidates"] if each["pixels"] != line(nod)["pixels"])
    nod.write("specs/picks/merged.yaml", dump_picks([Decision(TARGET, other["action"], other["pixels"], "pick")]))
    before = nod.snapshot("content")
    done = agreed(nod)
    (told,) = done.json["diagnostics"]
    assert (done.code, told["code"], told["file"]) == (3, "contradicting-decisions", PICKS)
    assert "specs/picks/merged.yaml:3" in told["message"]
    assert nod.snapshot("content") == before
    assert nod.call("pick", TARGET, "--undo").code == 0
    assert agreed(nod).json["targets"] == []


def test_an_approval_and_a_rejection_of_one_picture_contradict_each_other(nod: Space) -> None:
    (decision,) = decisions(nod)
    nod.write("specs/picks/merged.yaml", dump_picks([Decision(TARGET, decision.action, decision.pixels, "reject", "no")]))
    before = nod.snapshot("content")
    done = agreed(nod)
    (told,) = done.json["diagnostics"]
    assert (done.code, told["code"], told["file"]) == (3, "contradicting-decisions", PICKS)
    assert nod.snapshot("content") == before
    assert nod.call("approve", TARGET, "--undo").code == 0
    assert agreed(nod).code == 0


def test_an_approval_of_a_former_request_contradicts_one_of_today_s(stale: Space) -> None:
    (former,) = decisions(stale)
    approve(stale, "1")
    stale.write("specs/picks/merged.yaml", dump_picks([former]))
    done = agreed(stale)
    assert (done.code, codes(done)) == (3, ["contradicting-decisions"])
    assert approve(stale, "2").code == 0
    assert agreed(stale).code == 0
    assert [each.decision for file in stale.files("specs/picks") for each in decisions(stale, file)] == ["approve"]


# what is refused


def test_nothing_is_approved_where_nothing_is_published(space: Space) -> None:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [16, 16]}\n")
    space.write(NOD, SPEC.replace("select: best", "select: human"))
    assert codes(approve(space)) == ["not-rendered"]
    build(space)
    assert codes(approve(space)) == ["not-published"]
    assert approve(space, "3").code == 0
    assert agreed(space).code == 0


def test_what_is_about_to_be_replaced_is_to_be_named(nod: Space) -> None:
    nod.call("pick", TARGET, str(line(nod)["pick"]["candidate"] % 3 + 1))
    done = approve(nod)
    assert (done.code, codes(done)) == (2, ["stale-candidate"])
    assert f"calotype approve {TARGET} CANDIDATE" in done.json["diagnostics"][0]["hint"]


def test_an_edited_asset_is_not_what_is_approved(nod: Space) -> None:
    nod.write(ASSET, b"scribbled")
    assert codes(approve(nod)) == ["stale-candidate"]


def test_the_api_decides_as_the_command_line_does(nod: Space) -> None:
    from calotype import Project
    from calotype.ground.diagnostics import Problem

    project = Project.open(nod.root)
    assert project.approve(TARGET, "2").decision == "approve"
    with pytest.raises(Problem, match="missing-reason"):
        project.reject(TARGET, "1", " ")
    assert project.reject(TARGET, "1", "blurred").reason == "blurred"
    assert [each.decision for each in project.undo("approve", TARGET)] == ["approve"]
    assert [each.reason for each in project.undo("reject", TARGET, "1")] == ["blurred"]
    assert not (nod.root / PICKS).exists()
