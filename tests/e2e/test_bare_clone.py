"""A clone without caches: what the manifest tells is as good as what a cache held, and plan says what build does."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable

import pytest
from kit import nod_spec, use_sketch

from conftest import Space

NOD = "specs/exercises/neck/nod.yaml"
MAPS = "controls: [{type: openpose, from: pose}, {type: depth, from: pose}]"


@pytest.fixture
def sketched(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    """A project whose renderer reads control maps."""
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [64, 64]}\n")
    return space


def built(space: Space, *images: str) -> Space:
    space.write(NOD, nod_spec("nod", *images))
    done = space.call("build", "--json")
    assert done.code == 0, done.out + done.err
    return space


def bare(space: Space) -> None:
    for folder in ("cache", "build"):
        shutil.rmtree(space.root / folder)


def renamed(space: Space) -> None:
    space.edit(NOD, "id: nod", "id: bow")


def twinned(space: Space) -> None:
    space.write("specs/exercises/neck/twin.yaml", space.read(NOD).replace("id: nod", "id: twin"))


def planned_and_built(space: Space) -> list[tuple[int, int]]:
    """(renders, removed) as plan says it and as build does it."""
    counts = []
    for command in ("plan", "build"):
        done = space.call(command, "--json")
        assert done.code == 0, done.out + done.err
        counts.append((done.json["renders"], done.json["removed"]))
    return counts


CHANGES = {"renamed": renamed, "twinned": twinned}
IMAGES = {
    "several candidates": "candidates: 3", "maps": MAPS, "several candidates with maps": f"candidates: 3, {MAPS}",
}


@pytest.mark.parametrize("image", IMAGES.values(), ids=IMAGES)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("adopted", [False, True], ids=["at once", "after a build"])
def test_a_renamed_or_twinned_spec_renders_nothing(
    sketched: Space, image: str, change: Callable[[Space], None], adopted: bool
) -> None:
    built(sketched, image)
    bare(sketched)
    if adopted:
        assert sketched.call("build", "--json").json["renders"] == 0
    change(sketched)
    assert planned_and_built(sketched) == [(0, 0), (0, 0)]
    assert sketched.call("check").code == 0


def test_more_candidates_render_only_those_that_are_new(sketched: Space) -> None:
    built(sketched, "candidates: 1")
    bare(sketched)
    sketched.edit(NOD, "candidates: 1", "candidates: 3")
    assert planned_and_built(sketched) == [(2, 0), (2, 0)]


def test_the_candidates_of_a_pick_that_was_withdrawn_are_rendered_and_then_scored(sketched: Space) -> None:
    """A human's pick needs no scores, so none are published: the pictures that lost are made again to be weighed."""
    built(sketched, "candidates: 3")
    assert sketched.call("pick", "exercises/nod/01", "2").code == 0
    assert sketched.call("build").code == 0
    bare(sketched)
    sketched.remove("specs/picks")
    assert planned_and_built(sketched) == [(2, 0), (2, 0)]
    assert sketched.call("check").code == 0


@pytest.mark.parametrize("output", ["abc", "nan", "-1", "1e9", ""])
def test_a_score_in_the_manifest_that_is_none_is_taken_anew(sketched: Space, output: str) -> None:
    built(sketched, "candidates: 3")
    shard = "content/manifest/exercises/neck.jsonl"
    written = sketched.read(shard)
    spoilt = re.sub(r'("kind": ?"score", ?"action": ?"[0-9a-f]{64}", ?"output": ?)"[^"]*"', rf'\1"{output}"', written)
    assert spoilt != written
    bare(sketched)
    sketched.write(shard, spoilt)
    for command in ("plan", "check", "build"):
        done = sketched.call(command, "--json")
        assert done.code in (0, 1), done.err
        assert done.json["renders"] <= 2, "the candidates that lost are at nobody's hand"
    assert sketched.call("check").code == 0
