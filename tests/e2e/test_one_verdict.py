"""plan, build --dry-run, check, list and build agree on every state of a project; the shape of what they say."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sketch
from kit import ANSWER_KEYS

from calotype.project.specs import sources
from conftest import Run, Space

NOD, BRIDGE, CAT = "specs/exercises/neck/nod.yaml", "specs/exercises/hip/bridge.yaml", "specs/exercises/back/cat.yaml"
NECK = "content/images/exercises/neck"
CONFIG = "version: 1\ndefaults: {size: [64, 64]}\n"
NOD_SPEC = """\
kind: exercise
id: nod
region: neck
title: Nod
images:
  - {view_angle: lateral, body_position: seated, description: head up}
  - {view_angle: anterior, body_position: seated, description: head level, seed: 9}
  - {view_angle: lateral, body_position: seated, description: head down, pose: {base: seated, neck_flexion: 30}}
"""
BRIDGE_SPEC = """\
kind: exercise
id: bridge
region: hip
title: Bridge
images:
  - {view_angle: lateral, body_position: supine, description: hips up}
"""
CAT_SPEC = """\
kind: exercise
id: cat
region: back
title: Cat
images:
  - {view_angle: lateral, body_position: quadruped, description: back round, candidates: 3}
  - {view_angle: posterior, body_position: quadruped, description: from behind}
"""
FOREIGN = "content/images/exercises/back/cat_01.png"


@pytest.fixture
def built(space: Space) -> Space:
    """Four images in two specs, built long enough after they were written that a change is told by a look."""
    space.write("calotype.yaml", CONFIG)
    space.write(NOD, NOD_SPEC)
    space.write(BRIDGE, BRIDGE_SPEC)
    space.settle()
    assert space.call("build", "--json").json["renders"] == 4
    return space


def human(space: Space, count: int = 3) -> None:
    space.write(CAT, CAT_SPEC.replace("candidates: 3", f"candidates: {count}, select: human"))


def renamed_and_missing(space: Space) -> None:
    space.edit(NOD, "id: nod", "id: bow")
    space.remove(f"{NECK}/nod_01.png")


def swapped(space: Space) -> None:
    """Two specs exchange their ids: each asset's path is owned by the other."""
    space.write("specs/exercises/neck/tilt.yaml", NOD_SPEC.replace("id: nod", "id: tilt").replace("seed: 9", "seed: 5"))
    space.call("build", "-q")
    space.edit(NOD, "id: nod", "id: tilt")
    space.edit("specs/exercises/neck/tilt.yaml", "id: tilt", "id: nod")


def picked_then_more(space: Space) -> None:
    human(space)
    space.call("build", "-q")
    space.call("pick", "exercises/cat/01", "2")
    space.call("build", "-q")
    space.edit(CAT, "candidates: 3", "candidates: 4")


STATES: dict[str, Callable[[Space], object]] = {
    "nothing": lambda space: None,
    "a comment": lambda space: space.write(NOD, "# why\n" + NOD_SPEC),
    "a new spec": lambda space: space.write(CAT, CAT_SPEC),
    "an edited seed": lambda space: space.edit(NOD, "seed: 9", "seed: 10"),
    "metadata alone": lambda space: space.edit(NOD, "title: Nod", "title: Nodding"),
    "a missing asset": lambda space: space.remove(f"{NECK}/nod_02.png"),
    "an edited asset": lambda space: space.write(f"{NECK}/nod_02.png", b"scribble"),
    "an edited asset of an edited image": lambda space: (
        space.write(f"{NECK}/nod_02.png", b"scribble"),
        space.edit(NOD, "seed: 9", "seed: 10"),
    ),
    "a foreign file in the way": lambda space: (space.write(FOREIGN, b"mine"), space.write(CAT, CAT_SPEC)),
    "a folder in the way": lambda space: ((space.root / FOREIGN).mkdir(parents=True), space.write(CAT, CAT_SPEC)),
    "a foreign file nobody asks for": lambda space: space.write(f"{NECK}/mine.png", b"mine"),
    "a removed spec": lambda space: space.remove(NOD),
    "a removed spec and its assets": lambda space: (space.remove(NOD), space.remove(NECK)),
    "a renamed id": lambda space: space.edit(NOD, "id: nod", "id: bow"),
    "a renamed id, one asset missing": renamed_and_missing,
    "a renamed region": lambda space: space.edit(NOD, "region: neck", "region: head"),
    "a renamed file": lambda space: space.move(NOD, "specs/exercises/head.yaml"),
    "two specs with their ids exchanged": swapped,
    "an inserted image": lambda space: space.edit(
        NOD, "images:\n", "images:\n  - {view_angle: posterior, body_position: standing, description: new}\n"
    ),
    "a removed image": lambda space: space.write(NOD, NOD_SPEC[: NOD_SPEC.rindex("  - {view")]),
    "no cache": lambda space: space.remove("cache"),
    "no build folder": lambda space: space.remove("build"),
    "no cache, one asset missing": lambda space: (space.remove("cache"), space.remove(f"{NECK}/nod_02.png")),
    "no cache, one asset edited": lambda space: (space.remove("cache"), space.write(f"{NECK}/nod_02.png", b"scribble")),
    "no cache, a renamed id": lambda space: (space.remove("cache"), space.edit(NOD, "id: nod", "id: bow")),
    "no content": lambda space: space.remove("content"),
    "no content and no cache": lambda space: (space.remove("content"), space.remove("cache")),
    "no manifest": lambda space: (space.remove("content/manifest"), space.remove("content/manifest.json")),
    "no manifest and no cache": lambda space: (space.remove("content/manifest"), space.remove("cache")),
    "the same request in another spec": lambda space: space.write(
        "specs/exercises/neck/twin.yaml", NOD_SPEC.replace("id: nod", "id: twin")
    ),
    "the same new request in two specs": lambda space: [
        space.write(f"specs/exercises/back/{name}.yaml", CAT_SPEC.replace("id: cat", f"id: {name}"))
        for name in ("cat", "cow")
    ],
    "a candidate to be picked, none rendered": human,
    "a candidate to be picked, all rendered": lambda space: (human(space), space.call("build", "-q")),
    "a candidate picked": lambda space: (
        human(space),
        space.call("build", "-q"),
        space.call("pick", "exercises/cat/01", "2"),
    ),
    "more candidates beside the picked one": picked_then_more,
    "more candidates": lambda space: space.write(BRIDGE, BRIDGE_SPEC.replace("up}", "up, candidates: 3}")),
    "another base seed": lambda space: space.write("calotype.yaml", CONFIG + "base_seed: 7\n"),
    "an invalid spec": lambda space: space.edit(NOD, "region: neck", "regoin: neck"),
    "an invalid config": lambda space: space.write("calotype.yaml", "version: one\n"),
    "an asset left in Git LFS": lambda space: space.write(
        f"{NECK}/nod_02.png", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    ),
}


def said(done: Run) -> dict[str, object]:
    """All that a plan or a build said, but for the time it took, the prompts that a dry run tells besides, the plan's
    word for what is to be rendered, and what a build can say of candidates only when they are rendered."""
    value = {name: part for name, part in done.json.items() if name not in ("seconds", "diagnostics", "prompts")}
    targets = [{**one, "status": one["status"].replace("rendered", "render")} for one in value["targets"]]
    return {**value, "targets": [one if one["status"] != "awaiting" else {**one, "reason": ""} for one in targets]}


def codes(done: Run) -> list[str]:
    return sorted(one["code"] for one in done.json["diagnostics"] if one["severity"] == "error")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("known", ["every spec is looked into", "only what changed is looked into"])
def test_every_command_tells_the_same_of_a_project(built: Space, state: str, known: str) -> None:
    STATES[state](built)
    if known == "every spec is looked into":
        (built.root / "cache/state/record").unlink(missing_ok=True)
    before = built.snapshot(".")
    plan, dry, check = (built.call(*words, "--json") for words in (["plan"], ["build", "--dry-run"], ["check"]))
    listed = built.call("list", "--json")
    assert built.snapshot(".") == before
    build = built.call("build", "--json")
    assert said(plan) == said(dry) == said(build)
    assert codes(plan) == codes(build)
    if build.code == 2:
        assert plan.code == dry.code == check.code == listed.code == 2
        return
    assert plan.code == dry.code == 0
    assert check.statuses.keys() == plan.statuses.keys()
    assert {target for target, status in check.statuses.items() if status == "awaiting"} <= {
        target for target, status in plan.statuses.items() if status == "awaiting"
    }
    assert {one["target"]: one["state"] for one in listed.json["targets"] if one["state"] != "up_to_date"} == {
        target: status for target, status in check.statuses.items() if plan.statuses[target] != "removed"
    }
    stands = {"stale", "missing", "modified"} & set(check.statuses.values())
    assert check.code == (1 if stands else 3 if check.json["awaiting"] else 0)
    assert build.code == (1 if build.json["failed"] else 3 if build.json["awaiting"] else 0)
    nothing_is_left_to_do(built, build.code)


def nothing_is_left_to_do(built: Space, code: int) -> None:
    content = built.snapshot("content")
    again, check = built.call("build", "--json"), built.call("check", "--json")
    assert (again.json["renders"], again.json["removed"], again.json["cache_hits"]) == (0, 0, 0)
    assert again.code == check.code == code
    assert built.snapshot("content") == content


@pytest.mark.parametrize("command", [["plan"], ["build", "--dry-run"], ["check"], ["build"], ["list"], ["explain"]])
def test_an_unknown_target_is_bad_usage_for_every_command(built: Space, command: list[str]) -> None:
    before = built.snapshot(".")
    done = built.call(*command, "exercises/nodd", "--json")
    assert done.code == 2
    assert codes(done) == ["unknown-target"]
    assert built.snapshot("specs", "content", "build") == {
        path: stands for path, stands in before.items() if path.split("/")[0] in ("specs", "content", "build")
    }


@pytest.mark.parametrize("style", ["{{ nosuch }}", "{% if %}", "{{ '\\ud800' }}"])
def test_a_style_that_gives_no_prompt_is_told_before_anything_is_rendered(space: Space, style: str) -> None:
    """Also with a renderer that reads no prompt: the manifest and the pages tell it."""
    space.write("calotype.yaml", CONFIG)
    space.write(CAT, CAT_SPEC)
    space.write("templates/styles/medical.j2", style)
    for command in ("validate", "plan", "check", "list", "build"):
        done = space.call(command, "--json")
        assert (done.code, done.json["diagnostics"][0]["code"]) == (2, "style"), (command, done.out)
    assert not (space.root / "content").exists()


# the shape of what is said


def test_build_prints_one_object_with_these_keys(built: Space) -> None:
    built.edit(NOD, "seed: 9", "seed: 10")
    done = built.call("build", "--json")
    assert list(done.json) == ANSWER_KEYS
    assert done.json["schema"] == 1
    assert isinstance(done.json["seconds"], float)
    assert done.json["targets"] == [
        {
            "target": "exercises/nod/02",
            "status": "rendered",
            "path": f"{NECK}/nod_02.png",
            "reason": f"seed: 9 -> 10 ({NOD}:7)",
        }
    ]
    assert [
        list(space.call(*words, "--json").json) for space in [built] for words in (["build"], ["plan"], ["check"])
    ] == [ANSWER_KEYS] * 3
    assert list(built.run("build", "--json").json) == ANSWER_KEYS


def test_a_diagnostic_has_these_keys_and_points_from_one(built: Space) -> None:
    built.edit(NOD, "region: neck", "regoin: neck")
    done = built.call("build", "--json")
    assert list(done.json) == ANSWER_KEYS
    assert all(
        list(one) == ["severity", "code", "message", "file", "line", "column", "hint"]
        for one in done.json["diagnostics"]
    )
    wrong = next(one for one in done.json["diagnostics"] if "regoin" in one["message"])
    assert (wrong["severity"], wrong["file"], wrong["line"], wrong["column"]) == ("error", NOD, 3, 1)
    assert "region" in wrong["hint"]
    assert f"{NOD}:3:1: error[" in done.err and "^" in done.err


# exit codes, in the table's order


def test_an_invalid_spec_comes_before_a_failure_and_a_failure_before_a_decision(built: Space) -> None:
    human(built)
    assert built.call("build").code == 3
    built.write(f"{NECK}/bow_01.png", b"mine")
    built.edit(NOD, "id: nod", "id: bow")
    assert built.call("build").code == 1
    assert built.call("check").code == 1
    built.edit(BRIDGE, "region: hip", "regoin: hip")
    assert (built.call("build").code, built.call("check").code, built.call("plan").code) == (2, 2, 2)


def test_pending_work_is_no_failure_of_those_who_only_tell(built: Space) -> None:
    human(built)
    for words in (["plan"], ["build", "--dry-run"], ["list"], ["explain", "exercises/cat/01"]):
        assert built.call(*words).code == 0
    assert built.call("check").code == 1


# a build of some targets


def test_a_build_of_one_target_does_nothing_else(built: Space) -> None:
    built.edit(NOD, "base: seated", "base: standing")
    built.edit(NOD, "seed: 9", "seed: 10")
    built.remove(BRIDGE)
    built.remove("content/images/exercises/hip/bridge_01.png")
    before = built.snapshot("content/images")
    assert said(built.call("plan", "exercises/nod/02", "--json"))["renders"] == 1
    done = built.call("build", "exercises/nod/02", "--json")
    assert (done.code, done.json["renders"], done.json["removed"]) == (0, 1, 0)
    assert done.statuses == {"exercises/nod/02": "rendered"}
    after = built.snapshot("content/images")
    assert {path for path in after if after[path] != before[path]} == {f"{NECK}/nod_02.png"}
    rest = built.call("build", "--json")
    assert rest.statuses == {"exercises/nod/03": "rendered"}  # of the bridge there was no file left to remove
    assert "bridge" not in "".join(built.read(file) for file in built.files("content/manifest"))


def test_a_build_of_one_target_removes_nothing_outside_it(built: Space) -> None:
    built.remove(BRIDGE)
    done = built.call("build", "exercises/nod", "--json")
    assert (done.code, done.json["removed"]) == (0, 0)
    assert (built.root / "content/images/exercises/hip/bridge_01.png").exists()
    assert built.call("build", "--json").statuses == {"exercises/bridge/01": "removed"}


def test_a_build_of_a_spec_removes_what_that_spec_asks_for_no_more(built: Space) -> None:
    built.write(NOD, NOD_SPEC[: NOD_SPEC.rindex("  - {view")])
    done = built.call("build", "exercises/nod", "--json")
    assert done.statuses == {"exercises/nod/03": "removed"}


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("exercises/*", 5),
        ("exercises/nod", 3),
        ("exercises/nod/", 3),
        ("exercises/*/01", 3),
        ("*/cat/*", 1),
        (NOD, 3),
        (f"{NECK}/nod_02.png", 1),
        ("./exercises/cat", 1),
    ],
)
def test_targets_are_paths_or_globs(space: Space, pattern: str, count: int) -> None:
    space.write("calotype.yaml", CONFIG)
    for file, text in ((NOD, NOD_SPEC), (BRIDGE, BRIDGE_SPEC), (CAT, CAT_SPEC.rpartition("  - {view")[0])):
        space.write(file, text.replace(", candidates: 3", ""))
    assert len(space.call("plan", pattern, "--json").json["targets"]) == count
    assert space.call("build", pattern, "--json").json["renders"] == count


def test_a_plan_looks_into_changed_specs_and_a_question_into_those_it_is_about(
    built: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: set[str] = set()
    read = sources.read
    monkeypatch.setattr(sources, "read", lambda root, file: looked.add(file) or read(root, file))

    def specs(*words: str) -> tuple[Run, set[str]]:
        looked.clear()
        return built.call(*words), {file for file in looked if file.startswith("specs/")}

    done, files = specs("plan", "--json")
    assert (done.json["up_to_date"], files) == (4, set())
    assert specs("explain", "exercises/bridge/01")[1] == specs("list", "exercises/bridge")[1] == {BRIDGE}
    assert specs("check")[1] == set()
    assert specs("list")[1] == specs("check", "--full")[1] == {NOD, BRIDGE}
    built.edit(NOD, "seed: 9", "seed: 10")
    done, files = specs("plan", "--json")
    assert (done.json["up_to_date"], done.json["renders"], files) == (3, 1, {NOD})
    done, files = specs("plan", "exercises/bridge", "--json")
    assert (done.json["up_to_date"], done.json["renders"], files) == (1, 0, {NOD})
    assert specs("list", "exercises/bridge")[1] == {NOD, BRIDGE}
    assert "did you mean `exercises/bridge/01`?" in specs("plan", "exercises/bridg/01")[0].err
    built.write("calotype.yaml", CONFIG + "base_seed: 7\n")
    assert specs("plan")[1] == {NOD, BRIDGE}


def test_an_invalid_spec_stops_also_a_build_of_another(built: Space) -> None:
    built.edit(NOD, "seed: 9", "seed: 10")
    built.write(CAT, "kind: exercise\n")
    before = built.snapshot("content")
    assert built.call("build", "exercises/nod").code == 2
    assert built.snapshot("content") == before


# a clone with nothing but what is committed


@pytest.fixture
def clone(built: Space, tmp_path: Path) -> Space:
    """What Git would hand out: no cache, no build folder."""
    root = tmp_path / "clone"
    root.mkdir()
    for name in ("specs", "content"):
        shutil.copytree(built.root / name, root / name)
    shutil.copy(built.root / "calotype.yaml", root)
    return Space(root)


def everything(space: Space) -> dict[str, int]:
    return {path.relative_to(space.root).as_posix(): path.lstat().st_mtime_ns for path in sorted(space.root.rglob("*"))}


@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["plan"],
        ["build", "--dry-run"],
        ["list"],
        ["explain", "exercises/nod/01"],
        ["graph"],
        ["validate"],
        ["gc", "--dry-run"],
        ["cache", "verify"],
    ],
    ids=" ".join,
)
def test_on_a_bare_clone_those_who_only_tell_write_nothing_at_all(clone: Space, words: list[str]) -> None:
    before = everything(clone)
    assert clone.call(*words).code == 0
    assert everything(clone) == before


def test_a_bare_clone_passes_the_check_and_is_built_already(clone: Space) -> None:
    assert clone.call("check", "--json").json["up_to_date"] == 4
    content = clone.snapshot("content")
    done = clone.call("build", "--json")
    assert (done.code, done.json["renders"], done.json["up_to_date"]) == (0, 0, 4)
    assert clone.snapshot("content") == content


def test_a_read_only_clone_can_be_checked(clone: Space) -> None:
    paths = [clone.root, *clone.root.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert clone.run("check", "--json").json["up_to_date"] == 4
        assert not (clone.root / "cache").exists()
    finally:
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_stale_clone_fails_the_check(clone: Space) -> None:
    clone.edit(NOD, "seed: 9", "seed: 10")
    done = clone.call("check", "--json")
    assert (done.code, done.statuses) == (1, {"exercises/nod/02": "stale"})
    assert done.json["targets"][0]["reason"] == f"seed: 9 -> 10 ({NOD}:7)"


def test_a_weight_that_is_not_on_disk_takes_the_digest_that_is_locked(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(sketch.site()))
    space.write("calotype.yaml", CONFIG + "renderer: sketch\nloras: {luca: {path: loras/luca.safetensors}}\n")
    space.write(BRIDGE, BRIDGE_SPEC.replace("hips up}", "hips up, loras: [{name: luca}]}"))
    assert space.call("plan").code == 2
    space.write("loras/luca.safetensors", b"weights")
    assert space.call("build", "--json").json["renders"] == 1
    for name in ("cache", "build", "loras"):
        space.remove(name)
    assert (space.call("check").code, space.call("build", "--json").json["up_to_date"]) == (0, 1)
    assert space.call("check", "--preset", "draft").code == 1
    space.write("loras/luca.safetensors", b"other weights")
    done = space.call("check", "--json")
    assert (done.code, done.statuses) == (1, {"exercises/bridge/01": "stale"})
