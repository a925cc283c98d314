"""`calotype reject`: a picture that nobody wants is chosen never again, by score or by hand; and its reason is kept."""

from __future__ import annotations

from typing import Any

import pytest
from kit import build, codes, explained, manifest_lines, reason

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
  - {view_angle: lateral, body_position: seated, description: up, seed: 40, candidates: 3, select: best}
"""


@pytest.fixture
def nod(space: Space) -> Space:
    """One image with three candidates, of the seeds 40, 41 and 42; built."""
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [16, 16]}\n")
    space.write(NOD, SPEC)
    assert build(space).json["renders"] == 3
    return space


def line(space: Space) -> dict[str, Any]:
    return manifest_lines(space)[TARGET]


def published(space: Space) -> int:
    return int(line(space)["pick"]["candidate"])


def reject(space: Space, candidate: int | str, why: str = "blurred") -> Run:
    return space.call("reject", TARGET, str(candidate), "--reason", why, "--json")


def agreed(space: Space) -> Run:
    """A build that did what a plan said before, and left what a check finds."""
    plan, done = space.call("plan", "--json"), build(space)
    assert plan.statuses == {target: status.replace("rendered", "render") for target, status in done.statuses.items()}
    assert (plan.json["renders"], plan.json["awaiting"]) == (done.json["renders"], done.json["awaiting"])
    assert space.call("check").code == space.call("check", "--full").code == done.code
    assert build(space).json["renders"] == 0
    return done


def test_a_rejected_candidate_gives_way_to_the_next_best(nod: Space) -> None:
    first = published(nod)
    scores = {number: each["scores"]["technical"] for number, each in enumerate(line(nod)["candidates"], 1)}
    assert reject(nod, first).code == 0
    done = agreed(nod)
    assert (done.code, done.json["renders"], done.statuses) == (0, 0, {TARGET: "cached"})
    assert published(nod) == max((number for number in scores if number != first), key=lambda one: (scores[one], -one))
    assert line(nod)["pick"]["by"] == "score"


def test_so_it_does_where_the_first_stands(nod: Space) -> None:
    nod.edit(NOD, "select: best", "select: first")
    reject(nod, 1)
    agreed(nod)
    assert line(nod)["pick"] == {"by": "first", "candidate": 2}


def test_the_rejection_of_another_candidate_moves_nothing(nod: Space) -> None:
    before = nod.snapshot("content")
    assert reject(nod, published(nod) % 3 + 1).code == 0
    assert agreed(nod).json["targets"] == []
    assert nod.snapshot("content") == before


def test_it_is_written_with_its_reason_and_bound_to_render_and_pixels(nod: Space) -> None:
    said = reject(nod, 2, "  the chin juts: \"forward\"  ").json
    candidate = line(nod)["candidates"][1]
    (decision,) = read_picks((nod.root / PICKS).read_bytes(), PICKS)
    assert decision == Decision(TARGET, candidate["action"], candidate["pixels"], "reject", "the chin juts: \"forward\"")
    assert [said[name] for name in ("target", "pixels", "decision", "reason", "undone")] == [
        TARGET, candidate["pixels"], "reject", "the chin juts: \"forward\"", False]


def test_a_rejected_candidate_can_be_picked_or_approved_by_nobody(nod: Space) -> None:
    reject(nod, 2, "the chin juts")
    before = nod.read(PICKS)
    for command in ("pick", "approve"):
        for candidate in ("2", line(nod)["candidates"][1]["pixels"][:8]):
            done = nod.call(command, TARGET, candidate, "--json")
            (told,) = done.json["diagnostics"]
            assert (done.code, told["code"]) == (2, "rejected-candidate")
            assert "the chin juts" in told["message"] and "--undo" in told["hint"]
    assert nod.read(PICKS) == before


def test_a_pick_that_is_rejected_is_no_pick_any_more(nod: Space) -> None:
    other = published(nod) % 3 + 1
    nod.call("pick", TARGET, str(other))
    agreed(nod)
    reject(nod, other)
    assert [each.decision for each in read_picks((nod.root / PICKS).read_bytes(), PICKS)] == ["reject"]
    agreed(nod)
    assert line(nod)["pick"]["by"] == "score" and published(nod) != other


def test_where_all_are_rejected_the_target_awaits_with_the_reasons(nod: Space) -> None:
    for number, why in enumerate(("blurred", "cropped", "three arms"), 1):
        reject(nod, number, why)
    before = nod.snapshot("content")
    done = agreed(nod)
    assert (done.code, done.json["renders"], done.statuses) == (3, 0, {TARGET: "awaiting"})
    assert reason(done, TARGET) == "3 candidates, all rejected; rejected: 1 (blurred), 2 (cropped), 3 (three arms)"
    assert nod.snapshot("content") == before
    nod.remove("cache")
    assert (agreed(nod).code, build(nod).json["renders"]) == (3, 0)


def test_the_reasons_stand_beside_the_next_candidates(nod: Space) -> None:
    pixels = line(nod)["candidates"][1]["pixels"]
    reject(nod, 2, "the chin juts")
    agreed(nod)
    nod.edit(NOD, "lateral", "anterior")
    note = f"rejected: {pixels[:8]} (the chin juts)"
    rejected = [{"candidate": None, "pixels": pixels, "reason": "the chin juts"}]
    for command in ("plan", "check"):
        done = nod.call(command, "--json")
        assert note in reason(done, TARGET)
        assert done.json["targets"][0]["rejected"] == rejected
    assert note in nod.call("plan").out
    assert agreed(nod).json["targets"][0]["rejected"] == rejected
    (row,) = nod.call("list", "--json").json["targets"]
    assert (row["state"], row["rejected"]) == ("up_to_date", rejected)
    assert nod.call("explain", TARGET, "--json").json["rejected"] == rejected
    assert f"{pixels[:12]}  the chin juts" in nod.call("explain", TARGET).out
    assert "the chin juts" in nod.read("build/exercises/nod.html")


def test_the_same_picture_under_another_key_is_rejected_as_well(nod: Space) -> None:
    """Pixels are what was looked at: a renderer's new epoch brings a rejected picture back under another key."""
    first = line(nod)["candidates"][published(nod) - 1]
    nod.write(PICKS, dump_picks([Decision(TARGET, "1" * 64, first["pixels"], "reject", "blurred")]))
    agreed(nod)
    assert line(nod)["pixels"] != first["pixels"]


def test_a_rejection_speaks_of_the_target_that_it_names(nod: Space) -> None:
    nod.write("specs/exercises/neck/twin.yaml", SPEC.replace("id: nod", "id: twin"))
    build(nod)
    before = manifest_lines(nod)["exercises/twin/01"]
    reject(nod, published(nod))
    assert agreed(nod).statuses == {TARGET: "cached"}
    assert manifest_lines(nod)["exercises/twin/01"] == before


def test_a_rejection_holds_on_a_bare_clone(nod: Space) -> None:
    reject(nod, published(nod))
    agreed(nod)
    for folder in ("cache", "build"):
        nod.remove(folder)
    assert nod.call("check").code == 0
    assert agreed(nod).json["targets"] == []
    nod.remove("cache")
    nod.edit(NOD, "lateral", "anterior")
    agreed(nod)
    nod.edit(NOD, "anterior", "lateral")
    first = manifest_lines(nod)[TARGET]["pixels"]
    agreed(nod)
    assert manifest_lines(nod)[TARGET]["pixels"] not in (first, rejected_pixels(nod))


def rejected_pixels(space: Space) -> str:
    return read_picks((space.root / PICKS).read_bytes(), PICKS)[0].pixels


# taking it back


def test_a_rejection_taken_back_leaves_nothing_behind(nod: Space) -> None:
    before, first = nod.snapshot("specs"), published(nod)
    reject(nod, first)
    agreed(nod)
    done = nod.call("reject", TARGET, str(first), "--undo", "--json")
    assert (done.code, done.json["undone"], done.json["reason"]) == (0, True, "blurred")
    assert nod.snapshot("specs") == before
    agreed(nod)
    assert published(nod) == first


def test_of_several_the_one_is_taken_back_that_is_meant(nod: Space) -> None:
    reject(nod, 1, "blurred")
    reject(nod, 2, "cropped")
    vague = nod.call("reject", TARGET, "--undo", "--json")
    assert (vague.code, codes(vague)) == (2, ["unknown-candidate"])
    assert nod.call("reject", TARGET, line(nod)["candidates"][0]["pixels"][:10], "--undo").code == 0
    assert [each.reason for each in read_picks((nod.root / PICKS).read_bytes(), PICKS)] == ["cropped"]
    assert nod.call("reject", TARGET, "--undo").code == 0
    assert not (nod.root / PICKS).exists()


def test_a_rejection_of_a_former_request_can_be_taken_back(nod: Space) -> None:
    pixels = line(nod)["candidates"][1]["pixels"]
    reject(nod, 2)
    nod.edit(NOD, "lateral", "anterior")
    assert nod.call("reject", TARGET, pixels[:8], "--undo").code == 0
    assert not (nod.root / PICKS).exists()


@pytest.mark.parametrize("command", ["pick", "approve", "reject"])
def test_what_is_not_there_cannot_be_taken_back(nod: Space, command: str) -> None:
    for words in ([], ["2"]):
        done = nod.call(command, TARGET, *words, "--undo", "--json")
        assert (done.code, codes(done)) == (2, ["nothing-to-undo"])
        assert done.json["diagnostics"][0]["hint"]
    assert not (nod.root / PICKS).exists()


def test_a_pick_is_taken_back(nod: Space) -> None:
    before, first = nod.snapshot("specs"), published(nod)
    nod.call("pick", TARGET, str(first % 3 + 1))
    agreed(nod)
    assert nod.call("pick", TARGET, "--undo").code == 0
    assert nod.snapshot("specs") == before
    agreed(nod)
    assert (published(nod), line(nod)["pick"]["by"]) == (first, "score")


def test_what_a_shared_decision_says_of_others_stays(nod: Space) -> None:
    nod.write("specs/exercises/neck/twin.yaml", SPEC.replace("id: nod", "id: twin"))
    build(nod)
    candidate = line(nod)["candidates"][0]
    nod.write(PICKS, dump_picks([Decision("exercises/gone/01", candidate["action"], candidate["pixels"], "reject", "no")]))
    assert nod.call("reject", TARGET, "1", "--undo").code == 0
    (left,) = read_picks((nod.root / PICKS).read_bytes(), PICKS)
    assert (left.target, left.reason) == ("exercises/twin/01", "no")


# what is refused


@pytest.mark.parametrize("words, code", [
    (["2"], "missing-reason"), (["2", "--reason", "  "], "missing-reason"),
    (["2", "--reason", "\udcff\x01"], "missing-reason"),
    (["2", "--reason", "long " * 300], "long-reason"), (["--reason", "why"], "missing-candidate"),
    (["4", "--reason", "why"], "unknown-candidate"), (["ffffffff", "--reason", "why"], "unknown-candidate"),
    (["2", "--undo", "--reason", "why"], "unused-reason"),
])
def test_a_rejection_that_says_too_little_or_too_much_is_refused(nod: Space, words: list[str], code: str) -> None:
    done = nod.call("reject", TARGET, *words, "--json")
    assert (done.code, codes(done)) == (2, [code])
    assert done.json["diagnostics"][0]["hint"]
    assert not (nod.root / PICKS).exists()


def test_a_candidate_that_is_not_rendered_cannot_be_rejected(nod: Space) -> None:
    nod.edit(NOD, "lateral", "anterior")
    assert codes(reject(nod, 1)) == ["not-rendered"]
    former = reject(nod, line(nod)["pixels"][:8])
    assert (former.code, codes(former)) == (2, ["stale-candidate"])
    assert explained(nod, TARGET)


# after a merge


def test_a_picture_both_picked_and_rejected_awaits_a_human(nod: Space) -> None:
    candidate = line(nod)["candidates"][published(nod) % 3]
    for kind in ("pick", "reject"):
        name = f"specs/picks/{kind}.yaml"
        nod.write(name, dump_picks([Decision(TARGET, candidate["action"], candidate["pixels"], kind)]))  # type: ignore[arg-type]
    before = nod.snapshot("content")
    done = agreed(nod)
    (told,) = done.json["diagnostics"]
    assert (done.code, told["severity"], told["code"]) == (3, "warning", "contradicting-decisions")
    assert (told["file"], told["line"]) == ("specs/picks/pick.yaml", 3) and "specs/picks/reject.yaml:3" in told["message"]
    assert reason(done, TARGET).startswith("2 decisions contradict each other")
    assert nod.snapshot("content") == before
    assert nod.call("reject", TARGET, "--undo").code == 0
    assert (agreed(nod).code, line(nod)["pick"]["by"]) == (0, "human")


def test_marks_of_a_merge_in_a_picks_file_are_told_with_their_line(nod: Space) -> None:
    reject(nod, 2)
    rows = nod.read(PICKS).splitlines(keepends=True)
    nod.write(PICKS, "".join([*rows[:2], "<<<<<<< ours\n", *rows[2:], "=======\n", *rows[2:], ">>>>>>> theirs\n"]))
    before = nod.snapshot("content")
    for command in ("plan", "check", "build"):
        done = nod.call(command, "--json")
        (told,) = done.json["diagnostics"]
        assert (done.code, told["file"], told["line"]) == (2, PICKS, 3)
    assert nod.snapshot("content") == before
    assert nod.call("reject", TARGET, "1", "--reason", "why").code == 2


def test_a_lone_candidate_that_is_rejected_is_told_as_one(space: Space) -> None:
    space.write(NOD, SPEC.replace("candidates: 3", "candidates: 1"))
    build(space)
    space.call("reject", TARGET, "1", "--reason", "blurred")
    awaiting = space.call("check", "--json")
    assert (awaiting.code, awaiting.json["targets"][0]["reason"]) == (
        3, "its only candidate is rejected; rejected: 1 (blurred)")
