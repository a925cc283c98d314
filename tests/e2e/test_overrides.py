"""Builds with another preset or renderer: published beside the others under build/preview/, never in content/."""

from __future__ import annotations

import pytest
import sketch
from kit import build

from conftest import Space

NOD = "specs/exercises/neck/nod.yaml"
TARGETS = ["exercises/nod/01", "exercises/nod/02"]
NAMES = ["images/exercises/neck/nod_01.png", "images/exercises/neck/nod_02.png"]
CONFIG = """\
version: 1
renderer: sketch
defaults: {size: [64, 64]}
presets: {rough: {steps: 12}, fine: {steps: 60}}
"""
SPEC = """\
kind: exercise
id: nod
region: neck
title: Nod
images:
  - {view_angle: lateral, body_position: seated, description: head up}
  - {view_angle: anterior, body_position: seated, description: head down, preset: fine}
"""


@pytest.fixture
def nods(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    """Two images, one of them in another preset than the other; built as their specs say."""
    monkeypatch.syspath_prepend(str(sketch.site()))
    space.write("calotype.yaml", CONFIG)
    space.write(NOD, SPEC)
    assert build(space).json["renders"] == 2
    return space


def pictures(space: Space, profile: str) -> list[str]:
    folder = f"build/preview/{profile}"
    return [path.removeprefix(f"{folder}/") for path in space.files(folder) if path.endswith(".png")]


def test_a_build_in_another_preset_publishes_a_preview_and_leaves_content_alone(nods: Space) -> None:
    content = nods.snapshot("content")
    done = build(nods, "--preset", "rough")
    assert (done.code, done.json["renders"], done.statuses) == (0, 2, dict.fromkeys(TARGETS, "rendered"))
    assert [one["path"] for one in done.json["targets"]] == [f"build/preview/rough/{name}" for name in NAMES]
    assert pictures(nods, "rough") == NAMES
    assert nods.snapshot("content") == content


def test_a_preset_that_an_image_has_already_renders_nothing_for_it(nods: Space) -> None:
    done = build(nods, "--preset", "fine")
    assert (done.json["renders"], done.statuses) == (1, {TARGETS[0]: "rendered", TARGETS[1]: "cached"})
    same = [(nods.root / folder / NAMES[1]).read_bytes() for folder in ("content", "build/preview/fine")]
    assert same[0] == same[1]


def test_an_overridden_build_is_current_until_something_changes(nods: Space) -> None:
    build(nods, "--preset", "rough")
    before = nods.snapshot()
    again = build(nods, "--preset", "rough")
    assert (again.code, again.json["renders"], again.json["up_to_date"]) == (0, 0, 2)
    assert build(nods).json["up_to_date"] == 2
    assert nods.snapshot() == before
    nods.edit(NOD, "head up", "head high")
    assert build(nods, "--preset", "rough").statuses == {TARGETS[0]: "rendered"}
    assert build(nods).statuses == {TARGETS[0]: "rendered"}


def test_plan_and_check_take_the_same_options(nods: Space) -> None:
    before = nods.snapshot(".")
    for words in (["plan"], ["build", "--dry-run"]):
        done = nods.call(*words, "--preset", "rough", "--json")
        assert (done.code, done.json["renders"], done.statuses) == (0, 2, dict.fromkeys(TARGETS, "render"))
    check = nods.call("check", "--preset", "rough", "--json")
    assert (check.code, check.statuses) == (1, dict.fromkeys(TARGETS, "missing"))
    assert nods.snapshot(".") == before
    build(nods, "--preset", "rough")
    assert nods.call("check", "--preset", "rough", "--json").json["up_to_date"] == 2
    assert nods.call("plan", "--preset", "rough", "--json").json["targets"] == []
    nods.write(f"build/preview/rough/{NAMES[0]}", b"scribble")
    assert nods.call("check", "--preset", "rough", "--json").statuses == {TARGETS[0]: "modified"}
    assert nods.call("check").code == 0


def test_profiles_stand_side_by_side(nods: Space) -> None:
    profiles = {
        "rough": ["--preset", "rough"],
        "mannequin": ["--renderer", "mannequin"],
        "rough-mannequin": ["--preset", "rough", "--renderer", "mannequin"],
    }
    for words in profiles.values():
        assert build(nods, *words).code == 0
    for profile, words in profiles.items():
        assert pictures(nods, profile) == NAMES
        assert nods.call("check", *words).code == 0
    rough, mannequin = (
        (nods.root / f"build/preview/{name}" / NAMES[0]).read_bytes() for name in ("rough", "mannequin")
    )
    assert rough != mannequin


def test_another_renderer_reads_what_it_reads(nods: Space) -> None:
    build(nods, "--renderer", "mannequin")
    nods.edit(NOD, "head up", "head high")
    assert nods.call("plan", "--renderer", "mannequin", "--json").json["renders"] == 0
    assert nods.call("plan", "--json").json["renders"] == 1


def test_an_overridden_build_takes_targets(nods: Space) -> None:
    assert build(nods, "--preset", "rough", TARGETS[1]).statuses == {TARGETS[1]: "rendered"}
    assert pictures(nods, "rough") == NAMES[1:]


def test_collecting_garbage_keeps_what_previews_show(nods: Space) -> None:
    build(nods, "--preset", "rough")
    nods.edit(NOD, "head up", "head high")
    build(nods)
    assert nods.call("gc", "--json").json["blobs"] == 1
    nods.remove(f"build/preview/rough/{NAMES[1]}")
    done = build(nods, "--preset", "rough", TARGETS[1])
    assert (done.json["renders"], done.statuses) == (0, {TARGETS[1]: "restored"})


def test_without_its_preview_a_profile_comes_from_the_cache(nods: Space) -> None:
    build(nods, "--preset", "rough")
    nods.call("clean")
    assert pictures(nods, "rough") == []
    done = build(nods, "--preset", "rough")
    assert (done.json["renders"], done.statuses) == (0, dict.fromkeys(TARGETS, "cached"))


def test_a_file_that_is_not_ours_is_not_overwritten_in_a_preview_either(nods: Space) -> None:
    nods.write(f"build/preview/rough/{NAMES[0]}", b"mine")
    done = build(nods, "--preset", "rough")
    assert (done.code, done.statuses) == (1, {TARGETS[0]: "failed", TARGETS[1]: "rendered"})
    assert nods.read(f"build/preview/rough/{NAMES[0]}") == "mine"


@pytest.mark.parametrize("command", [["build"], ["plan"], ["check"], ["build", "--dry-run"]], ids=" ".join)
@pytest.mark.parametrize(
    ("words", "suggestion"),
    [
        (["--preset", "ruogh"], "rough"),
        (["--renderer", "skecth"], "sketch"),
        (["--preset", "../../content"], ""),
        (["--renderer", "../x"], ""),
    ],
)
def test_a_preset_or_renderer_that_does_not_exist_is_bad_usage(
    nods: Space, command: list[str], words: list[str], suggestion: str
) -> None:
    before = nods.snapshot()
    done = nods.call(*command, *words, "--json")
    assert done.code == 2
    assert suggestion in done.err
    assert nods.snapshot() == before
