"""The manifest: one line an asset, sharded, merged and damaged by real life, and never wrong."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from calotype.ground.diagnostics import Problem
from calotype.ground.digest import sha256
from calotype.results.publish.line import MAX_LINE, shard_of
from calotype.results.publish.manifest import (
    Candidate,
    Line,
    MadeWith,
    Manifest,
    Pick,
    Upstream,
    from_bytes,
    to_bytes,
)

NECK = "content/manifest/exercises/neck.jsonl"


def digest(text: str) -> str:
    return sha256(text.encode())


def line(target: str = "exercises/chin_tuck/01", region: str = "neck", title: str = "Chin tuck") -> Line:
    kind, name, image = target.split("/", 2)
    folder = f"{kind}/{region}" if kind == "exercises" else f"{kind}/{name}"
    return Line(
        target=target, path=f"content/images/{folder}/{name}_{image.replace('/', '_')}.png",
        sha256=digest(target), pixels=digest(target + "p"), size=(64, 48), action=digest(target + "a"),
        request={"renderer": "mannequin", "epoch": 1, "seed": 42, "posture": {"b": 1.5, "a": 2}},
        candidates=(Candidate(digest(target + "a"), digest(target + "p"), 42, {"technical": 71.25}),),
        pick=Pick("score", 1), upstream=(Upstream("enhance", digest("e"), "a better prompt"),),
        title=title, alt="élan", tags=("posture",), caption="", prompt="", renderer="mannequin",
        origin="rendered", spec="specs/exercises/neck/chin_tuck.yaml",
    )


def made() -> Line:
    """A line of an image that weights touched."""
    return dataclasses.replace(line(), made_with=(MadeWith("render", "org/base:fp16", digest("base")),))


def saved(root: Path, *lines: Line) -> Manifest:
    manifest = Manifest(root)
    manifest.put(lines)
    manifest.save()
    return Manifest(root)


def some(count: int, region: str = "neck") -> list[Line]:
    return [line(f"exercises/e{number:05}/01", region) for number in range(count)]


# The format


def test_a_line_is_written_with_its_fields_in_order_and_its_mappings_sorted() -> None:
    written = to_bytes(made())
    assert list(json.loads(written)) == [field.name for field in dataclasses.fields(Line)]
    assert b'"posture":{"a":2,"b":1.5}' in written
    assert "élan".encode() in written


def test_a_line_reads_back_as_it_was() -> None:
    assert from_bytes(to_bytes(line())) == line()
    assert from_bytes(to_bytes(made())) == made()


def test_a_line_of_an_image_that_no_weights_touched_says_nothing_of_weights() -> None:
    assert b"made_with" not in to_bytes(line())
    assert to_bytes(made()) == to_bytes(line())[:-1] + (
        b',"made_with":[{"kind":"render","name":"org/base:fp16","digest":"' + digest("base").encode() + b'"}]}')


def test_lines_stand_sorted_one_per_row_in_the_shard_of_their_region(tmp_path: Path) -> None:
    saved(tmp_path, line("exercises/b/01"), line("exercises/a/02"), line("exercises/a/01"))
    rows = (tmp_path / NECK).read_bytes()
    assert rows.endswith(b"}\n")
    targets = [json.loads(row)["target"] for row in rows.splitlines()]
    assert targets == ["exercises/a/01", "exercises/a/02", "exercises/b/01"]


@pytest.mark.parametrize(("target", "path", "shard"), [
    ("exercises/chin_tuck/01", "content/images/exercises/neck/chin_tuck_01.png", "exercises/neck"),
    ("exercises/chin_tuck/01", "build/preview/draft/images/exercises/hip/chin_tuck_01.png", "exercises/hip"),
    ("characters/luca/anchors/front", "content/images/characters/luca/anchors/front.png", "characters/luca"),
    ("scenes/coffee/reach", "content/images/scenes/coffee/reach.png", "scenes/coffee"),
])
def test_every_kind_has_its_shards(target: str, path: str, shard: str) -> None:
    assert shard_of(target, path) == shard


def test_the_first_file_holds_schema_config_and_weights_one_a_line(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    manifest.config = digest("config")
    manifest.weights = {"org/b": digest("b"), "loras/a.safetensors": digest("a")}
    manifest.save()
    text = (tmp_path / "content/manifest.json").read_text()
    assert list(json.loads(text)) == ["schema", "config", "weights"]
    assert text.index("loras/a") < text.index("org/b") and text.endswith("}\n")
    assert Manifest(tmp_path).weights == manifest.weights
    assert Manifest(tmp_path).config == digest("config")


def test_a_manifest_may_stand_in_a_preview(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path, "build/preview/draft")
    manifest.put([line()])
    assert "build/preview/draft/manifest/exercises/neck.jsonl" in manifest.save()


# Reading and changing


def test_a_line_is_found_with_and_without_its_path(tmp_path: Path) -> None:
    manifest = saved(tmp_path, line(), line("scenes/coffee/reach"), line("exercises/x/01", "hip"))
    assert manifest.line("exercises/chin_tuck/01") == line()
    assert manifest.line("exercises/chin_tuck/01", line().path) == line()
    assert manifest.line("scenes/coffee/reach") == line("scenes/coffee/reach")
    assert manifest.line("exercises/none/01") is None
    assert manifest.line("scenes/none/01") is None
    assert manifest.line("nonsense") is None


def test_all_lines_come_shard_by_shard(tmp_path: Path) -> None:
    manifest = saved(tmp_path, line(), line("scenes/coffee/reach"), line("characters/luca/anchors/front"))
    assert manifest.shards() == ["characters/luca", "exercises/neck", "scenes/coffee"]
    assert [one.target for one in manifest.lines()] == [
        "characters/luca/anchors/front", "exercises/chin_tuck/01", "scenes/coffee/reach",
    ]
    assert [one.target for one in manifest.lines("scenes/coffee")] == ["scenes/coffee/reach"]


def test_owned_files_are_known_with_their_digests(tmp_path: Path) -> None:
    assert saved(tmp_path, line()).owned() == {line().path: (line().sha256,)}


def test_nothing_changed_is_nothing_written(tmp_path: Path) -> None:
    manifest = saved(tmp_path, line())
    before = (tmp_path / NECK).stat()
    manifest.put([line()])
    assert manifest.save() == []
    assert (tmp_path / NECK).stat() == before


def test_only_shards_that_changed_are_written(tmp_path: Path) -> None:
    manifest = saved(tmp_path, line(), line("exercises/x/01", "hip"))
    manifest.put([line(), line("exercises/x/01", "hip", title="X")])
    assert manifest.save() == ["content/manifest/exercises/hip.jsonl"]
    assert Manifest(tmp_path).line("exercises/x/01") == line("exercises/x/01", "hip", title="X")


def test_one_shard_may_be_written_before_the_others(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    manifest.put([line(), line("scenes/coffee/reach")])
    assert manifest.save(["exercises/neck"]) == [NECK]
    assert Manifest(tmp_path).shards() == ["exercises/neck"]
    assert manifest.save() == ["content/manifest.json", "content/manifest/scenes/coffee.jsonl"]


def test_one_changed_title_changes_one_row(tmp_path: Path) -> None:
    manifest = saved(tmp_path, *some(5))
    before = (tmp_path / NECK).read_bytes().splitlines()
    manifest.put([dataclasses.replace(line("exercises/e00002/01"), title="New")])
    manifest.save()
    after = (tmp_path / NECK).read_bytes().splitlines()
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, True, False, True, True]


def test_a_shard_with_no_line_left_is_removed_with_its_folder(tmp_path: Path) -> None:
    manifest = saved(tmp_path, line(), line("scenes/coffee/reach"))
    manifest.drop("scenes/coffee/reach", line("scenes/coffee/reach").path)
    manifest.save()
    assert not (tmp_path / "content/manifest/scenes").exists()
    assert Manifest(tmp_path).shards() == ["exercises/neck"]


def test_replace_makes_the_lines_the_whole_shard(tmp_path: Path) -> None:
    manifest = saved(tmp_path, *some(3))
    manifest.replace("exercises/neck", [line()])
    manifest.save()
    assert [one.target for one in Manifest(tmp_path).lines()] == [line().target]


def test_what_was_read_can_be_let_go_and_what_changed_cannot(tmp_path: Path) -> None:
    manifest = saved(tmp_path, line())
    manifest.put([line(title="New")])
    manifest.forget()
    assert manifest.line(line().target) == line(title="New")


# Merges


def merged(root: Path, ours: list[Line], theirs: list[Line], base: list[Line] | None = None) -> Manifest:
    (root / NECK).parent.mkdir(parents=True, exist_ok=True)
    rows = [b"<<<<<<< HEAD", *map(to_bytes, ours)]
    rows += [b"||||||| base", *map(to_bytes, base)] if base is not None else []
    rows += [b"=======", *map(to_bytes, theirs), b">>>>>>> other", to_bytes(line("exercises/z/01"))]
    (root / NECK).write_bytes(b"\n".join(rows) + b"\n")
    return Manifest(root)


def test_merge_markers_are_reported_with_their_place(tmp_path: Path) -> None:
    manifest = merged(tmp_path, [], [])
    assert manifest.line("exercises/z/01") == line("exercises/z/01")
    told = manifest.diagnostics[0]
    assert (told.severity, told.code, told.file, told.line) == ("warning", "manifest-merge", NECK, 1)


def test_what_only_one_side_says_is_used(tmp_path: Path) -> None:
    ours, theirs, base = line("exercises/a/01"), line("exercises/b/01"), line("exercises/c/01")
    manifest = merged(tmp_path, [ours], [theirs], [base])
    assert [one.target for one in manifest.lines()] == ["exercises/a/01", "exercises/b/01", "exercises/z/01"]


def test_what_both_sides_say_differently_is_disputed_and_still_owned(tmp_path: Path) -> None:
    theirs = dataclasses.replace(line(), sha256=digest("other"), title="Other")
    manifest = merged(tmp_path, [line()], [theirs])
    assert manifest.line(line().target) is None
    assert manifest.disputed(line().target, line().path) == (line(), theirs)
    assert manifest.owned()[line().path] == (line().sha256, digest("other"))


def test_a_decision_ends_the_dispute_and_the_markers(tmp_path: Path) -> None:
    manifest = merged(tmp_path, [line()], [line(title="Other")])
    manifest.put([line(title="Other")])
    manifest.save()
    again = Manifest(tmp_path)
    assert again.line(line().target) == line(title="Other") and again.line("exercises/z/01")
    assert again.diagnostics == []


def test_an_undecided_dispute_outlives_a_save_of_its_neighbours(tmp_path: Path) -> None:
    manifest = merged(tmp_path, [line()], [line(title="Other")])
    manifest.put([line("exercises/z/01", title="New")])
    manifest.save()
    assert Manifest(tmp_path).disputed(line().target) == (line(), line(title="Other"))


def test_markers_around_what_agrees_are_gone_after_a_build(tmp_path: Path) -> None:
    manifest = merged(tmp_path, [line()], [line()])
    manifest.put([line()])
    assert NECK in manifest.save()
    assert b"<<<" not in (tmp_path / NECK).read_bytes()


def test_a_union_merge_that_left_lines_out_of_order_is_put_in_order(tmp_path: Path) -> None:
    saved(tmp_path, line("exercises/b/01"))
    with open(tmp_path / NECK, "ab") as file:
        file.write(to_bytes(line("exercises/a/01")) + b"\n")
    manifest = Manifest(tmp_path)
    assert manifest.line("exercises/a/01") and manifest.diagnostics == []
    assert manifest.save() == [NECK]
    rows = [to_bytes(line(f"exercises/{name}/01")) + b"\n" for name in "ab"]
    assert (tmp_path / NECK).read_bytes() == b"".join(rows)


def test_merged_weight_locks_keep_what_the_sides_agree_on(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/manifest.json").write_text(
        '{\n  "schema": 1,\n<<<<<<< HEAD\n  "config": "a",\n  "weights": {\n    "x": "1",\n    "y": "2"\n'
        '=======\n  "config": "b",\n  "weights": {\n    "x": "3",\n    "z": "4"\n>>>>>>> other\n  }\n}\n'
    )
    manifest = Manifest(tmp_path)
    assert (manifest.config, manifest.weights) == ("", {"y": "2", "z": "4"})
    assert manifest.diagnostics[0].line == 3


# Damage


def test_truncated_at_every_byte_no_crash_and_no_wrong_line(tmp_path: Path) -> None:
    lines = [line(), line("exercises/b/02", title='quo"te{}'), line("exercises/c/03")]
    saved(tmp_path, *lines)
    whole = (tmp_path / NECK).read_bytes()
    right = {one.target: one for one in lines}
    for end in range(len(whole)):
        (tmp_path / NECK).write_bytes(whole[:end])
        manifest = Manifest(tmp_path)
        found = {one.target: one for one in manifest.lines()}
        assert found.items() <= right.items()
        assert len(found) == whole[:end].count(b"\n") + (whole[end : end + 1] == b"\n")
        assert set(manifest.owned()) == {one.path for one in found.values()}


def test_the_first_file_truncated_at_every_byte_loses_locks_at_most(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    manifest.weights = {"a": digest("a")}
    manifest.save()
    path = tmp_path / "content/manifest.json"
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        again = Manifest(tmp_path)
        assert again.weights == manifest.weights or (again.weights == {} and again.diagnostics)


@pytest.mark.parametrize("garbage", [
    b"{}", b"[]", b"\xff\xfe", b"null", b"{" * 100_000, b'{"a":' * 100_000, b"[" * 200_000,
    b"x" * (MAX_LINE + 1),
    to_bytes(line())[:-1], to_bytes(line()).replace(b'"seed":42', b'"seed":"42"'),
    to_bytes(line()).replace(b"content/images", b"../../elsewhere"),
    to_bytes(line()).replace(b'"path":"content', b'"path":"/content'),
    to_bytes(line()).replace(b'"size":[64,48]', b'"size":[64]'),
    to_bytes(line()).replace(b'71.25', b'NaN'),
    to_bytes(line()).replace(b'"title"', b'"titel"'),
])
def test_a_line_of_garbage_is_ignored_and_reported(tmp_path: Path, garbage: bytes) -> None:
    saved(tmp_path, line("exercises/a/01"))
    with open(tmp_path / NECK, "ab") as file:
        file.write(garbage + b"\n" + to_bytes(line("exercises/d/01")) + b"\n")
    manifest = Manifest(tmp_path)
    assert [one.target for one in manifest.lines()] == ["exercises/a/01", "exercises/d/01"]
    assert [(one.code, one.line) for one in manifest.diagnostics] == [("manifest-damaged", 2)]


def test_lines_that_another_tool_wrote_are_read(tmp_path: Path) -> None:
    (tmp_path / NECK).parent.mkdir(parents=True)
    row = json.dumps(json.loads(to_bytes(line())), sort_keys=True)
    (tmp_path / NECK).write_bytes(row.encode() + b"\r\n\r\n" + to_bytes(line("exercises/d/01")) + b"\r\n")
    manifest = Manifest(tmp_path)
    assert manifest.line(line().target) == line()
    assert manifest.owned()[line().path] == (line().sha256,)
    assert manifest.diagnostics == []


def test_a_newer_schema_is_refused_by_name_and_version(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/manifest.json").write_text('{"schema": 2}')
    with pytest.raises(Problem, match="schema version 2") as caught:
        Manifest(tmp_path)
    assert caught.value.exit_code == 2
    assert caught.value.diagnostics[0].file == "content/manifest.json"


def test_an_older_schema_is_written_again(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/manifest.json").write_text('{"config": "c", "weights": {"a": "b"}}')
    manifest = Manifest(tmp_path)
    assert (manifest.config, manifest.weights) == ("c", {"a": "b"})
    assert manifest.save() == ["content/manifest.json"]


def test_a_shard_left_in_git_lfs_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / NECK).parent.mkdir(parents=True)
    (tmp_path / NECK).write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(Problem) as caught:
        Manifest(tmp_path).line(line().target)
    assert caught.value.diagnostics[0].hint == "run `git lfs pull`"


def test_a_link_out_of_the_project_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    root = tmp_path / "project"
    (root / "content").mkdir(parents=True)
    os.symlink(tmp_path / "elsewhere", root / "content/manifest")
    with pytest.raises(Problem, match="leads out of the project"):
        saved(root, line())
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_a_stopped_build_left_half_written_is_tidied(tmp_path: Path) -> None:
    saved(tmp_path, line())
    (tmp_path / NECK).with_name(".calotype-x.tmp").write_bytes(b"half")
    saved(tmp_path, line(title="New"))
    assert [path.name for path in (tmp_path / NECK).parent.iterdir()] == ["neck.jsonl"]


# Speed


def test_reading_a_shard_of_fifteen_hundred_lines_is_quick(tmp_path: Path) -> None:
    saved(tmp_path, *some(1500))
    started = time.process_time()
    manifest = Manifest(tmp_path)
    assert manifest.line("exercises/e00700/01", line().path) is not None
    manifest.put([line("exercises/e00700/01", title="New")])
    manifest.save()
    assert time.process_time() - started < 0.1


# Kills

REWRITE = """
import sys
from pathlib import Path
from calotype.results.publish.manifest import Manifest
from dataclasses import replace
manifest = Manifest(Path(sys.argv[1]))
manifest.put([replace(line, title="New") for line in manifest.lines()])
manifest.save()
"""


@pytest.mark.parametrize("instant", ["manifest-staged", "manifest-replaced", "manifest-replaced:2"])
def test_killed_while_saving_every_line_is_the_old_or_the_new(tmp_path: Path, instant: str) -> None:
    old = [line(), line("scenes/coffee/reach")]
    saved(tmp_path, *old)
    environment = {**os.environ, "CALOTYPE_KILL_AT": instant}
    command = [sys.executable, "-c", REWRITE, str(tmp_path)]
    assert subprocess.run(command, env=environment, check=False).returncode == -9
    manifest = Manifest(tmp_path)
    assert {one.title for one in manifest.lines()} <= {"Chin tuck", "New"} and manifest.diagnostics == []
    subprocess.run(command, check=True)
    assert [one.title for one in Manifest(tmp_path).lines()] == ["New", "New"]
    assert not list(tmp_path.rglob("*.tmp"))
