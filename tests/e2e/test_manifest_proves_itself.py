"""The manifest proves itself, and what it lost is found again in the assets: no digit changed, no line lost, and no
lossless recompression costs a render, with caches or without."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
from kit import build, codes, manifest_lines, nod_spec, use_sketch, walk_spec
from PIL import Image

from conftest import Space

SHARD = "content/manifest/exercises/neck.jsonl"
NOD = "exercises/nod/01"
WALK = walk_spec("walk", "run")
WALK_SHARD = "content/manifest/scenes/walk.jsonl"
MAPPED = "controls: [{type: openpose, from: pose}], pose: {right: {shoulder_flexion: 80}}"


@pytest.fixture
def walk(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    """An exercise with a map, one without, and a scene whose second shot starts from the first; built by a renderer
    that reads all of it."""
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [64, 64]}\n")
    space.write("specs/exercises/neck/nod.yaml", nod_spec("nod", MAPPED))
    space.write("specs/exercises/neck/tilt.yaml", nod_spec("tilt", "seed: 7"))
    space.write("specs/scenes/walk.yaml", WALK)
    space.settle()
    assert build(space).json["renders"] == 4
    space.settle()
    return space


def forget(space: Space) -> None:
    for name in ("cache", "build"):
        shutil.rmtree(space.root / name)


def content(space: Space) -> dict[str, bytes]:
    return {name: (space.root / name).read_bytes() for name in space.files("content")}


def tamper(space: Space, shard: str, target: str, change: Any) -> None:
    """Changes the line of `target` as a hand might, or a merge."""
    lines = [json.loads(line) for line in space.read(shard).splitlines()]
    for line in lines:
        if line["target"] == target:
            change(line)
    space.write(shard, "".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in lines))


def other(digest: str) -> str:
    digest, mark, look = digest.partition(";")
    return digest[:-1] + ("0" if digest[-1] != "0" else "1") + mark + look


def digit(*path: str | int) -> Any:
    """Changes the last digit of what stands at `path` in a line."""
    def change(line: Any) -> None:
        holder = line
        for part in path[:-1]:
            holder = holder[part]
        value = holder[path[-1]]
        holder[path[-1]] = other(value) if isinstance(value, str) else value + 1
    return change


def says(value: Any, *path: str) -> Any:
    """Puts another value at `path` in a line."""
    def change(line: Any) -> None:
        for part in path[:-1]:
            line = line[part]
        line[path[-1]] = value
    return change


COLD = pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])


@COLD
@pytest.mark.parametrize(("shard", "target", "change"), [
    (WALK_SHARD, "scenes/walk/a", digit("pixels")), (WALK_SHARD, "scenes/walk/a", digit("sha256")),
    (WALK_SHARD, "scenes/walk/a", digit("action")), (WALK_SHARD, "scenes/walk/a", digit("request", "seed")),
    (WALK_SHARD, "scenes/walk/a", digit("candidates", 0, "pixels")),
    (WALK_SHARD, "scenes/walk/a", digit("candidates", 0, "action")),
    (WALK_SHARD, "scenes/walk/a", digit("pick", "candidate")), (WALK_SHARD, "scenes/walk/a", digit("size", 0)),
    (WALK_SHARD, "scenes/walk/b", digit("request", "reference", "pixels")),
    (SHARD, NOD, says("imported", "origin")), (SHARD, NOD, says("drawn", "origin")),
    (SHARD, NOD, digit("upstream", 0, "output")), (SHARD, NOD, digit("upstream", 0, "action")),
], ids=lambda value: value if isinstance(value, str) else "")
def test_one_changed_digit_renders_nothing_and_is_put_right(
    walk: Space, shard: str, target: str, change: Any, cold: bool
) -> None:
    before = content(walk)
    if cold:
        forget(walk)
    tamper(walk, shard, target, change)
    assert walk.call("check", "--json").code == 1
    done = build(walk)
    assert (done.code, done.json["renders"], done.json["failed"]) == (0, 0, 0), done.out
    assert content(walk) == before
    assert walk.call("check", "--json").code == 0
    assert build(walk).json["targets"] == []


@COLD
def test_a_picture_that_a_person_picked_tells_that_it_was_rendered(walk: Space, cold: bool) -> None:
    """Its line does not say so: an imported one is picked by a person too."""
    walk.edit("specs/exercises/neck/tilt.yaml", "seed: 7", "seed: 7, candidates: 2, select: human")
    assert build(walk).code == 3
    assert walk.call("pick", "exercises/tilt/01", "2").code == 0 and build(walk).code == 0
    before = content(walk)
    if cold:
        forget(walk)
    tamper(walk, SHARD, "exercises/tilt/01", says("imported", "origin"))
    told = walk.call("check", "--json").json["diagnostics"]
    assert any("was rendered, and not put in by hand" in fault["message"] for fault in told)
    assert build(walk).json["renders"] == (1 if cold else 0)  # of the candidate that lost, no asset tells
    assert content(walk) == before


@pytest.mark.parametrize("part", ["pixels", "seed", "action"])
@pytest.mark.parametrize("select", ["best", "first"])
def test_one_changed_digit_of_a_candidate_that_lost_is_put_right(walk: Space, part: str, select: str) -> None:
    """While the cache knows better; of one that nobody weighed a line alone tells the pixels."""
    walk.edit("specs/exercises/neck/tilt.yaml", "seed: 7", f"seed: 7, candidates: 3, select: {select}")
    assert build(walk).json["renders"] == 2
    before = content(walk)
    picked = manifest_lines(walk)["exercises/tilt/01"]["pick"]["candidate"] - 1
    tamper(walk, SHARD, "exercises/tilt/01", digit("candidates", (picked + 1) % 3, part))
    if (part, select) != ("pixels", "first"):
        assert walk.call("check", "--json").code == 1
        done = build(walk)
        assert (done.code, done.json["renders"], content(walk)) == (0, 0, before)
    assert walk.call("check", "--json").code == 0


@COLD
@pytest.mark.parametrize("path", [("candidates", 0, "scores", "technical"), ("candidates", 2, "scores", "technical"),
                                  ("upstream", 0, "output"), ("upstream", 0, "action")], ids=lambda path: path[-1])
def test_one_changed_digit_of_a_score_is_put_right(walk: Space, path: tuple[str | int, ...], cold: bool) -> None:
    """Where no cache knows the scores either, the candidates that lost are rendered again to be weighed."""
    walk.edit("specs/exercises/neck/tilt.yaml", "seed: 7", "seed: 7, candidates: 3")
    assert build(walk).json["renders"] == 2
    before, [line] = content(walk), [line for name, line in manifest_lines(walk).items() if name == "exercises/tilt/01"]
    assert {upstream["kind"] for upstream in line["upstream"]} == {"score"}
    if cold:
        forget(walk)
    tamper(walk, SHARD, "exercises/tilt/01", digit(*path))
    assert walk.call("check", "--json").code == 1
    done = build(walk)
    assert (done.code, done.json["failed"]) == (0, 0) and done.json["renders"] <= (2 if cold else 0)
    assert content(walk) == before and walk.call("check", "--json").code == 0


@pytest.mark.parametrize("embed", ["minimal", "none"])
def test_a_picture_that_does_not_tell_its_render_heals_no_line_without_a_cache(walk: Space, embed: str) -> None:
    """Nothing says that it is ours: it is in the way, and stays. The line comes back from the repository's history."""
    walk.write("calotype.yaml", walk.read("calotype.yaml") + f"output: {{embed: {embed}}}\n")
    for folder in ("cache", "build", "content"):
        walk.remove(folder)
    assert build(walk).json["renders"] == 4
    before = content(walk)
    walk.remove(SHARD)
    assert (build(walk).json["renders"], content(walk)) == (0, before)
    walk.remove(SHARD)
    forget(walk)
    done = build(walk)
    assert (done.code, done.json["failed"]) == (1, 2)
    assert {name: before[name] for name in before if name.endswith(".png")} == {
        name: data for name, data in content(walk).items() if name.endswith(".png")}
    walk.write(SHARD, before[SHARD])
    assert (build(walk).json["renders"], content(walk)) == (0, before)


@COLD
def test_another_name_of_a_renderer_in_a_line_is_put_right(walk: Space, cold: bool) -> None:
    before = content(walk)
    if cold:
        forget(walk)
    tamper(walk, SHARD, NOD, lambda line: line.update(renderer="mannequin"))
    assert walk.call("check", "--json").statuses == {NOD: "stale"}
    assert build(walk).json["renders"] == 0
    assert content(walk) == before


@COLD
@pytest.mark.parametrize("left", [0, 120, 700, -40])
def test_a_lost_or_torn_line_heals_from_the_asset_with_no_render(walk: Space, left: int, cold: bool) -> None:
    """Cut off before the line, in its head, in its request, and close to its end."""
    before = content(walk)
    if cold:
        forget(walk)
    first, second = (walk.root / SHARD).read_bytes().splitlines(keepends=True)
    walk.write(SHARD, first + second[:left])
    done = build(walk)
    assert (done.code, done.json["renders"]) == (0, 0), done.out
    assert content(walk) == before
    assert walk.call("check", "--json").code == 0


@COLD
def test_the_line_of_a_picture_from_which_another_starts_heals_too(walk: Space, cold: bool) -> None:
    before = content(walk)
    if cold:
        forget(walk)
    walk.remove(WALK_SHARD)
    done = build(walk)
    assert (done.code, done.json["renders"]) == (0, 0), done.out
    assert content(walk) == before


def test_a_torn_line_of_which_nothing_can_be_made_now_stays_where_it_is(walk: Space) -> None:
    """A build that is asked for another target writes the file, and throws nothing away."""
    first, second = (walk.root / SHARD).read_bytes().splitlines(keepends=True)
    torn = second[:900]
    walk.write(SHARD, first + torn + b"\n")
    walk.edit("specs/exercises/neck/nod.yaml", "title: Nod", "title: Bow")
    done = walk.call("build", NOD, "--json")
    assert (done.code, codes(done)) == (0, ["manifest-damaged"])
    assert torn in (walk.root / SHARD).read_bytes() and "Bow" in walk.read(SHARD)
    assert build(walk).json["renders"] == 0
    assert set(manifest_lines(walk)) == {NOD, "exercises/tilt/01", "scenes/walk/a", "scenes/walk/b"}


@pytest.mark.parametrize("left", [40, 900])
def test_a_torn_line_that_nothing_asks_for_goes_with_a_full_build_once_its_asset_is_gone(walk: Space, left: int) -> None:
    first, second = (walk.root / SHARD).read_bytes().splitlines(keepends=True)
    walk.remove("specs/exercises/neck/tilt.yaml")
    walk.write(SHARD, first + second[:left] + b"\n")
    if left == 900:  # the asset may be the only copy of what the line told
        assert codes(build(walk)) == ["manifest-damaged"]
        assert second[:left] in (walk.root / SHARD).read_bytes()
        walk.remove("content/images/exercises/neck/tilt_01.png")
        walk.write("calotype.yaml", walk.read("calotype.yaml") + "# another day\n")
    assert build(walk).code == 0
    assert (walk.root / SHARD).read_bytes() == first
    assert codes(build(walk)) == []


def test_a_picture_without_a_line_that_tells_of_another_render_is_in_the_way(walk: Space) -> None:
    forget(walk)
    walk.remove(SHARD)
    walk.edit("specs/exercises/neck/tilt.yaml", "seed: 7", "seed: 8")
    picture = (walk.root / "content/images/exercises/neck/tilt_01.png").read_bytes()
    assert walk.call("plan", "--json").statuses["exercises/tilt/01"] == "failed"
    done = build(walk)
    assert (done.code, done.json["renders"], done.statuses["exercises/tilt/01"]) == (1, 0, "failed")
    assert (walk.root / "content/images/exercises/neck/tilt_01.png").read_bytes() == picture


@COLD
@pytest.mark.parametrize("title", [False, True], ids=["as it was", "and a new title"])
def test_an_asset_recompressed_without_loss_costs_no_render_and_has_its_provenance_again(
    walk: Space, title: bool, cold: bool
) -> None:
    before = content(walk)
    if cold:
        forget(walk)
    paths = [manifest_lines(walk)[target]["path"] for target in (NOD, "scenes/walk/a")]
    for path in paths:
        with Image.open(walk.root / path) as picture:
            picture.load()
        picture.convert("P", palette=Image.Palette.ADAPTIVE).convert("RGB")
        picture.save(walk.root / path, optimize=True)
    if title:
        walk.edit("specs/exercises/neck/nod.yaml", "title: Nod", "title: Bow")
    plan = walk.call("plan", "--json")
    assert (plan.json["renders"], plan.statuses) == (0, {NOD: "restored", "scenes/walk/a": "restored"})
    done = build(walk)
    assert (done.code, done.json["renders"], done.statuses) == (0, 0, plan.statuses), done.out
    after = content(walk)
    assert [after[path] for path in paths] == [before[path] for path in paths]
    assert title or after == before
    assert walk.call("check", "--json").code == 0


def test_a_recompressed_asset_moves_with_its_spec(walk: Space) -> None:
    forget(walk)
    path = walk.root / "content/images/exercises/neck/tilt_01.png"
    with Image.open(path) as picture:
        picture.load()
    picture.save(path, optimize=True)
    walk.edit("specs/exercises/neck/tilt.yaml", "id: tilt", "id: lean")
    done = build(walk)
    assert (done.code, done.json["renders"]) == (0, 0), done.out
    assert walk.call("inspect", "content/images/exercises/neck/lean_01.png", "--json").json["action"]


# What git makes of two branches: both sides of a line


def union(walk: Space, *sides: bytes) -> None:
    """What `merge=union` makes of lines that both sides changed: it keeps both."""
    lines = sorted({line for side in sides for line in side.splitlines(keepends=True)})
    walk.write(SHARD, b"".join(lines))


@COLD
def test_of_the_two_lines_of_a_clean_merge_the_one_that_fits_counts(walk: Space, cold: bool) -> None:
    walk.edit("specs/exercises/neck/tilt.yaml", "title: Nod", "title: Tilt")
    assert build(walk).json["renders"] == 0
    titled = (walk.root / SHARD).read_bytes()
    walk.edit("specs/exercises/neck/tilt.yaml", "title: Tilt", "title: Nod")
    walk.edit("specs/exercises/neck/tilt.yaml", "seed: 7", "seed: 8")
    assert build(walk).json["renders"] == 1
    union(walk, titled, (walk.root / SHARD).read_bytes())
    walk.edit("specs/exercises/neck/tilt.yaml", "title: Nod", "title: Tilt")
    if cold:
        forget(walk)
    done = walk.call("check", "--json")
    assert (done.code, set(codes(done))) == (0, {"manifest-merge"}), done.out
    assert walk.call("plan", "--json").json["targets"] == []
    done = build(walk)
    assert (done.code, done.json["renders"], done.json["up_to_date"]) == (0, 0, 4)
    assert walk.read(SHARD).count("exercises/tilt/01") == 1 and "Tilt" in walk.read(SHARD)
    done = walk.call("check", "--json")
    assert (done.code, codes(done)) == (0, [])


@COLD
def test_the_lines_of_images_that_two_branches_removed_are_dropped(walk: Space, cold: bool) -> None:
    both = walk.read(SHARD)
    walk.write("specs/exercises/neck/rise.yaml", nod_spec("rise", "seed: 9"))
    assert build(walk).json["renders"] == 1
    for name in ("nod", "tilt"):
        walk.remove(f"specs/exercises/neck/{name}.yaml")
    assert build(walk).json["removed"] == 2
    if cold:
        forget(walk)
    walk.write(SHARD, both + walk.read(SHARD))
    done = walk.call("check", "--json")
    assert (done.code, codes(done)) == (0, ["manifest-leftover"] * 2), done.out
    assert walk.call("plan", "--json").json["removed"] == 0
    done = build(walk)
    assert (done.code, done.json["removed"]) == (0, 0), done.out
    assert set(manifest_lines(walk)) == {"exercises/rise/01", "scenes/walk/a", "scenes/walk/b"}


# Weights


def locks(space: Space) -> dict[str, str]:
    file = space.root / "content/manifest.json"
    return dict(json.loads(file.read_bytes())["weights"]) if file.exists() else {}


def test_a_build_that_failed_locks_no_weight_and_the_next_one_locks_them_all(walk: Space) -> None:
    before = locks(walk)
    walk.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [64, 64]}\n"
                                "loras: {luca: {path: loras/luca.safetensors}}\n")
    walk.write("loras/luca.safetensors", b"weights")
    walk.write("specs/exercises/hip/lift.yaml", nod_spec("lift", "loras: [{name: luca}]", "id: b, loras: [{name: luca}], seed: 3"))
    walk.write("content/images/exercises/neck/lift_b.png", b"somebody else's")
    done = build(walk)
    assert (done.code, done.json["failed"]) == (1, 1), done.out
    assert locks(walk) == before
    walk.remove("content/images/exercises/neck/lift_b.png")
    assert build(walk).code == 0
    assert "loras/luca.safetensors" in locks(walk)
