"""Which candidate stands for a target: by rule, by score, by a human; what becomes of decisions as specs change."""

from __future__ import annotations

from typing import Any

import pytest
import sketch
from kit import build, manifest_lines

from conftest import Space

NOD, PICKS = "specs/exercises/neck/nod.yaml", "specs/picks/exercises/nod.yaml"
TARGET, ASSET = "exercises/nod/01", "content/images/exercises/neck/nod_01.png"
CONFIG = "version: 1\ndefaults: {size: [64, 64]}\n"
SPEC = """\
kind: exercise
id: nod
region: neck
title: Nod
images:
  - {view_angle: lateral, body_position: seated, description: head up, seed: 40, candidates: 3, select: best}
"""


@pytest.fixture
def nod(space: Space) -> Space:
    """One image with three candidates, of the seeds 40, 41 and 42; built."""
    space.write("calotype.yaml", CONFIG)
    space.write(NOD, SPEC)
    assert build(space).json["renders"] == 3
    return space


def line(space: Space, target: str = TARGET) -> dict[str, Any]:
    """The manifest's line of a target."""
    return manifest_lines(space)[target]


def seed_of_pick(space: Space, target: str = TARGET) -> int:
    found = line(space, target)
    return int(found["request"]["seed"])


def loser(space: Space) -> int:
    """The number of a candidate that does not stand for the target."""
    return int(line(space)["pick"]["candidate"]) % 3 + 1


# by rule and by score


def test_the_best_by_score_stands_and_the_manifest_says_why(nod: Space) -> None:
    found = line(nod)
    scores = [one["scores"]["technical"] for one in found["candidates"]]
    assert [one["seed"] for one in found["candidates"]] == [40, 41, 42]
    assert found["pick"] == {"by": "score", "candidate": scores.index(max(scores)) + 1}
    assert found["pixels"] == found["candidates"][found["pick"]["candidate"] - 1]["pixels"]
    assert {one["kind"] for one in found["upstream"]} == {"score"} and len(found["upstream"]) == 3


def test_select_first_takes_the_first_whatever_its_score(nod: Space) -> None:
    nod.edit(NOD, "select: best", "select: first")
    assert build(nod).json["renders"] == 0
    assert line(nod)["pick"] == {"by": "first", "candidate": 1}
    assert seed_of_pick(nod) == 40


def test_a_lone_candidate_is_weighed_against_nobody(nod: Space) -> None:
    nod.edit(NOD, "candidates: 3", "candidates: 1")
    assert build(nod).json["renders"] == 0
    assert line(nod)["pick"] == {"by": "only", "candidate": 1}
    assert line(nod)["upstream"] == []


def test_more_candidates_render_only_the_new_ones(nod: Space) -> None:
    nod.edit(NOD, "candidates: 3", "candidates: 5")
    done = build(nod)
    assert (done.code, done.json["renders"]) == (0, 2)
    assert [one["seed"] for one in line(nod)["candidates"]] == [40, 41, 42, 43, 44]


def test_fewer_candidates_render_nothing(nod: Space) -> None:
    nod.edit(NOD, "candidates: 3", "candidates: 2")
    assert build(nod).json["renders"] == 0
    assert [one["seed"] for one in line(nod)["candidates"]] == [40, 41]


def test_with_no_cache_the_manifest_s_scores_rank_the_candidates(nod: Space) -> None:
    before = nod.snapshot("content")
    nod.remove("cache")
    assert nod.call("check").code == 0
    assert build(nod).json["renders"] == 0
    assert nod.snapshot("content") == before
    seed = line(nod)["candidates"][0]["seed"]
    nod.edit(NOD, f"seed: {seed}, candidates: 3", f"seed: {seed}, candidates: 2")
    best = max(line(nod)["candidates"][:2], key=lambda one: one["scores"]["technical"])
    renders = 0 if best["action"] == line(nod)["action"] else 1
    assert build(nod).json["renders"] == renders
    assert line(nod)["action"] == best["action"]


def test_only_the_candidate_that_stands_is_rendered_when_its_bytes_are_gone(nod: Space) -> None:
    number = loser(nod)
    nod.call("pick", TARGET, str(number))
    nod.remove("cache")
    assert nod.call("plan", "--json").json["renders"] == 1
    done = build(nod)
    assert (done.code, done.json["renders"]) == (0, 1)
    assert seed_of_pick(nod) == 39 + number
    assert len(line(nod)["candidates"]) == 3


# by a human


def test_the_first_pick_of_an_image_is_told_as_a_pick(space: Space) -> None:
    space.write("calotype.yaml", CONFIG)
    space.write(NOD, SPEC.replace("select: best", "select: human"))
    assert build(space).code == 3
    assert space.call("pick", TARGET, "2").code == 0
    for command in ("plan", "build"):
        (told,) = space.call(command, "--json").json["targets"]
        assert (told["status"], told["reason"]) == ("cached", f"picked ({PICKS})")


@pytest.mark.parametrize("how", ["number", "digest", "start of the digest"])
def test_a_pick_by_number_or_by_pixels_is_published_without_a_render(nod: Space, how: str) -> None:
    number = loser(nod)
    pixels = line(nod)["candidates"][number - 1]["pixels"]
    said = nod.call("pick", TARGET, {"number": str(number), "digest": pixels}.get(how, pixels[:10]), "--json")
    assert (said.code, said.json["pixels"], said.json["decision"]) == (0, pixels, "pick")
    done = build(nod)
    assert (done.code, done.json["renders"], done.statuses) == (0, 0, {TARGET: "cached"})
    assert line(nod)["pick"] == {"by": "human", "candidate": number}
    assert line(nod)["pixels"] == pixels
    assert build(nod).json["targets"] == []


def test_a_pick_writes_its_file_and_nothing_else(nod: Space) -> None:
    before = nod.snapshot(".")
    nod.call("pick", TARGET, "2")
    after = nod.snapshot(".")
    assert {path for path in after.keys() ^ before.keys() if not path.startswith("cache/")} == {PICKS}
    assert {path for path in before if after[path] != before[path] and not path.startswith("cache/")} == set()


def test_the_last_pick_counts_and_takes_the_place_of_the_one_before(nod: Space) -> None:
    for number in ("1", "3", "2"):
        nod.call("pick", TARGET, number)
    assert nod.read(PICKS).count("decision: pick") == 1
    build(nod)
    assert seed_of_pick(nod) == 41


def test_a_pick_of_what_stands_already_is_recorded_as_a_human_s(nod: Space) -> None:
    number = line(nod)["pick"]["candidate"]
    before = nod.snapshot("content/images")
    nod.call("pick", TARGET, str(number))
    done = build(nod)
    assert (done.json["renders"], done.statuses) == (0, {TARGET: "cached"})
    assert line(nod)["pick"] == {"by": "human", "candidate": number}
    assert nod.snapshot("content/images") == before


def test_a_pick_removed_gives_the_choice_back_to_the_score(nod: Space) -> None:
    before = line(nod)
    nod.call("pick", TARGET, str(loser(nod)))
    build(nod)
    nod.remove(PICKS)
    assert build(nod).json["renders"] == 0
    assert line(nod) == before


def test_a_pick_follows_its_picture_when_an_image_is_inserted_before(nod: Space) -> None:
    nod.call("pick", TARGET, str(loser(nod)))
    build(nod)
    picked = line(nod)
    nod.edit(NOD, "images:\n", "images:\n  - {view_angle: anterior, body_position: standing, description: new}\n")
    done = build(nod)
    assert done.json["renders"] == 1
    moved = line(nod, "exercises/nod/02")
    assert (moved["pixels"], moved["pick"]) == (picked["pixels"], picked["pick"])
    assert line(nod)["pick"] == {"by": "only", "candidate": 1}


def test_a_pick_follows_its_picture_when_its_number_changes(nod: Space) -> None:
    nod.call("pick", TARGET, "2")
    build(nod)
    nod.edit(NOD, "seed: 40", "seed: 39")
    done = build(nod)
    assert (done.json["renders"], done.statuses) == (1, {TARGET: "rendered"})
    assert line(nod)["pick"] == {"by": "human", "candidate": 3}
    assert seed_of_pick(nod) == 41


def test_a_pick_follows_its_picture_under_another_id(nod: Space) -> None:
    nod.call("pick", TARGET, "2")
    build(nod)
    nod.edit(NOD, "id: nod", "id: bow")
    nod.move(PICKS, "specs/picks/exercises/bow.yaml")
    done = build(nod)
    assert (done.json["renders"], done.json["removed"]) == (0, 0)
    assert line(nod, "exercises/bow/01")["pick"] == {"by": "human", "candidate": 2}


def test_a_pick_for_a_request_that_is_asked_for_no_more_waits_until_it_is_again(nod: Space) -> None:
    number = loser(nod)
    nod.call("pick", TARGET, str(number))
    build(nod)
    nod.edit(NOD, "lateral", "anterior")
    assert build(nod).json["renders"] == 3
    assert line(nod)["pick"]["by"] == "score"
    nod.edit(NOD, "anterior", "lateral")
    assert build(nod).json["renders"] == 0
    assert line(nod)["pick"] == {"by": "human", "candidate": number}


def test_a_pick_of_other_pixels_than_those_rendered_does_not_count(nod: Space) -> None:
    nod.call("pick", TARGET, str(loser(nod)))
    pixels = next(row.split()[1] for row in nod.read(PICKS).splitlines() if "pixels:" in row)
    nod.edit(PICKS, pixels, "0123" * 16)
    assert build(nod).json["targets"] == []
    assert line(nod)["pick"]["by"] == "score"


def test_a_pick_stands_on_a_bare_clone(nod: Space) -> None:
    nod.call("pick", TARGET, str(loser(nod)))
    build(nod)
    nod.remove("cache")
    nod.remove("build")
    assert nod.call("check").code == 0
    assert build(nod).json["up_to_date"] == 1


@pytest.mark.parametrize(
    ("target", "candidate", "code"),
    [
        (TARGET, "4", "unknown-candidate"),
        (TARGET, "0", "unknown-candidate"),
        (TARGET, "ffffffff", "unknown-candidate"),
        (TARGET, "abc", "unknown-candidate"),
        ("exercises/nod", "1", "unknown-target"),
        ("exercises/nodd/01", "1", "unknown-target"),
    ],
)
def test_a_pick_of_nothing_is_bad_usage(nod: Space, target: str, candidate: str, code: str) -> None:
    done = nod.call("pick", target, candidate, "--json")
    assert (done.code, [one["code"] for one in done.json["diagnostics"]]) == (2, [code])
    assert not (nod.root / PICKS).exists()


@pytest.mark.parametrize("digits", ["", "abc"])
def test_the_start_of_a_digest_may_be_too_short_to_mean_a_candidate(nod: Space, digits: str) -> None:
    refused = nod.call("pick", TARGET, digits)
    assert refused.code == 2 and "is too short for the start of a pixel digest" in refused.err


def test_a_pick_among_candidates_that_are_not_rendered_is_refused(nod: Space) -> None:
    nod.edit(NOD, "lateral", "anterior")
    done = nod.call("pick", TARGET, "1", "--json")
    assert (done.code, done.json["diagnostics"][0]["code"]) == (2, "not-rendered")
    assert "calotype build" in done.json["diagnostics"][0]["hint"]


def test_a_picks_file_that_cannot_be_read_is_told_with_its_place(nod: Space) -> None:
    nod.call("pick", TARGET, "2")
    nod.edit(PICKS, "decision: pick", "decision: pic")
    before = nod.snapshot("content")
    done = build(nod)
    assert done.code == 2
    assert (done.json["diagnostics"][0]["file"], done.json["diagnostics"][0]["line"]) == (PICKS, 6)
    assert nod.snapshot("content") == before


# a human is awaited


def test_a_human_is_awaited_until_there_is_a_pick(space: Space) -> None:
    space.write("calotype.yaml", CONFIG)
    space.write(NOD, SPEC.replace("select: best", "select: human"))
    first, second = build(space), build(space)
    assert (first.code, first.json["renders"], first.json["awaiting"], first.statuses) == (
        3,
        3,
        1,
        {TARGET: "awaiting"},
    )
    assert (second.code, second.json["renders"], second.json["awaiting"]) == (3, 0, 1)
    assert (space.call("check").code, space.call("plan").code) == (3, 0)
    assert space.files("content/images") == []
    space.call("pick", TARGET, "2")
    done = build(space)
    assert (done.code, done.json["renders"], done.statuses) == (0, 0, {TARGET: "cached"})
    assert seed_of_pick(space) == 41
    assert space.call("check").code == 0


def test_the_candidates_that_a_human_looks_at_are_rendered_again_when_they_are_gone(space: Space) -> None:
    space.write("calotype.yaml", CONFIG)
    space.write(NOD, SPEC.replace("select: best", "select: human"))
    build(space)
    space.remove("cache")
    assert (build(space).json["renders"], build(space).json["renders"]) == (3, 0)


def test_what_is_published_stays_while_a_human_is_awaited(nod: Space) -> None:
    before = nod.snapshot("content")
    nod.edit(NOD, "select: best", "select: human")
    done = build(nod)
    assert (done.code, done.json["renders"], done.statuses) == (3, 0, {TARGET: "awaiting"})
    assert nod.snapshot("content") == before


def test_what_starts_from_a_picture_awaits_its_pick_and_nothing_else_does(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(sketch.site()))
    space.write("calotype.yaml", CONFIG + "renderer: sketch\n")
    space.write(
        "specs/scenes/tea.yaml",
        """\
kind: scene
id: tea
chain: true
shots:
  - {id: pour, prompt: pouring tea}
  - {id: sip, prompt: a sip, candidates: 2, select: human}
  - {id: smile, prompt: a smile}
  - {id: leave, prompt: an empty chair}
""",
    )
    space.write(NOD, SPEC)
    plan, done = space.call("plan", "--json"), build(space)
    shots = {name: f"scenes/tea/{name}" for name in ("pour", "sip", "smile", "leave")}
    waiting = dict.fromkeys([shots["sip"], shots["smile"], shots["leave"]], "awaiting")
    assert done.statuses == {TARGET: "rendered", shots["pour"]: "rendered", **waiting}
    assert plan.statuses == {TARGET: "render", shots["pour"]: "render", **waiting}
    assert (done.code, done.json["renders"], plan.json["renders"]) == (3, 6, 6)
    assert space.call("check", "--json").statuses == waiting
    assert (space.call("check").code, build(space).code, build(space).json["renders"]) == (3, 3, 0)
    assert space.call("pick", shots["sip"], "2").code == 0
    done = build(space)
    assert (done.code, done.json["renders"]) == (0, 2)
    assert done.statuses == {shots["sip"]: "cached", shots["smile"]: "rendered", shots["leave"]: "rendered"}
