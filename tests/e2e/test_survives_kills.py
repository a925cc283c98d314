"""A build that is killed, at any instant, is a build that goes on: same bytes, no render twice, nothing to clear up."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable

import pytest
from kit import walk_spec

from calotype.run.runner import BATCH
from conftest import REPOSITORY
from survival import KILLED, Studio, at_change, at_point, child, studio

__all__ = ["studio"]

SOURCE = REPOSITORY / "src" / "calotype"
POINTS = sorted({name for file in SOURCE.rglob("*.py")
                 for name in re.findall(r'\bpoint\("([^"]+)"\)', file.read_text(encoding="utf-8"))} - {
                     "picks-removed", "product-begun", "product-recorded", "hosted-intent", "hosted-posted", "hosted-sent",
                     "hosted-fetched", "edit-renamed", "scene-picture-kept", "scene-written",
                     "scene-picture-put-in"})
"""What a build passes; the others are in test_decisions_survive_kills.py, test_exports_survive.py,
test_hosted_survives_kills.py, test_scenes_survive_kills.py and test_several_edits.py."""


WALK = walk_spec("walk", "run", "stop")


def first_build(space: Studio, seed: int) -> None:
    """Nothing is built: four specs, seventeen renders. Whatever was asked for before is no more, and no seed the same."""
    shutil.rmtree(space.root / "specs", ignore_errors=True)
    space.write("calotype.yaml", f"version: 1\nrenderer: painter\nbase_seed: {seed * 1000}\ndefaults: {{size: [16, 16]}}\n")
    space.exercise("chin", *(f"description: chin {n}" for n in range(5)))
    space.exercise("calf", *(f"description: calf {n}" for n in range(5)), region="ankle", folder="exercises/low")
    space.exercise("hip", "description: hip, candidates: 3", "description: two", "description: chin 1", region="hip")
    space.write("specs/scenes/walk.yaml", WALK)


def changes(space: Studio, seed: int) -> None:
    """Built; then an edit, a move, a removal, a title, a hand at an asset, an asset lost, a spec more."""
    first_build(space, seed)
    assert space.call("build").code == 0
    space.settle()
    assert space.call("build").code == 0
    space.edit("specs/exercises/chin.yaml", "description: chin 2", f"description: chin 2, seed: {seed + 9}")
    space.edit("specs/exercises/chin.yaml", "title: chin", "title: Chin")
    space.move("specs/exercises/low/calf.yaml", "specs/exercises/calf.yaml")
    space.edit("specs/exercises/calf.yaml", "region: ankle", "region: foot")
    space.remove("specs/exercises/hip.yaml")
    space.exercise("new", "description: new", "description: newer, candidates: 2", region="hip")
    space.edit("specs/scenes/walk.yaml", "prompt: walk", "prompt: stride")
    space.write("content/images/exercises/neck/chin_01.png", b"touched up")
    space.remove("content/images/exercises/neck/chin_02.png")


def adoption(space: Studio, seed: int) -> None:
    """Built; then the cache is lost, and with it nothing that is published."""
    first_build(space, seed)
    assert space.call("build").code == 0
    space.remove("cache")
    space.edit("specs/exercises/chin.yaml", "description: chin 4", f"description: chin 4, seed: {seed + 9}")


SCENARIOS = (first_build, changes, adoption)


def survive(space: Studio, wanted: Studio, keys: set[str], before: int, kills: int = 1) -> None:
    """The next build ends as a clean one, and paints nothing that had been finished.

    `before` pictures had been painted before the first of so many `kills`.
    """
    finished, painted = space.keys(), space.painted
    assert len(set(painted[before:]) - finished) <= BATCH * kills, "more than a batch was in flight"
    done = space.call("build", "--json")
    assert done.code == 0, done.out + done.err
    again = space.painted[len(painted):]
    assert not finished & set(again), "a finished render was repeated"
    assert len(again) == len(set(again)) == done.json["renders"]
    assert set(painted[before:]) | set(again) <= keys
    assert space.content() == wanted.content()
    assert space.sheets() == wanted.sheets()
    assert space.leftovers("content", "build", "cache/state") == []
    assert space.call("check").code == 0
    assert space.call("build", "--json").json["targets"] == []


def wanted_after(scenario: Callable[[Studio, int], None], space: Studio, seed: int) -> tuple[Studio, set[str]]:
    """What a clean build of the scenario's specs gives, and the requests it takes."""
    scenario(space, seed)
    clean = space.clean()
    return clean, set(clean.painted)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point_the_next_build_ends_as_a_clean_one(studio: Studio, point: str) -> None:
    reached = 0
    for seed, scenario in enumerate(SCENARIOS):
        start_over(studio)
        wanted, keys = wanted_after(scenario, studio, seed)
        before = len(studio.painted)
        ended = child(studio, "build", first=at_point(point))
        assert ended in (KILLED, 0), (studio.notes / "said").read_text()
        reached += ended == KILLED
        survive(studio, wanted, keys, before)
    assert reached, f"no build passes the point {point}"


def start_over(space: Studio) -> None:
    for folder in (space.root, space.notes):
        shutil.rmtree(folder)
        folder.mkdir()


def kill_at_changes(studio: Studio, step: int, offset: int) -> int:
    """Kills builds just before every `step`-th change that they make to the disk; returns how many died."""
    died = 0
    for seed, scenario in enumerate(SCENARIOS):
        number = 1 + offset % step
        while True:
            start_over(studio)
            wanted, keys = wanted_after(scenario, studio, seed)
            before = len(studio.painted)
            ended = child(studio, "build", first=at_change(studio.root, number))
            assert ended in (KILLED, 0), (studio.notes / "said").read_text()
            survive(studio, wanted, keys, before)
            if ended == 0:
                break
            died += 1
            number += step
    return died


def test_killed_before_any_change_to_the_disk_the_next_build_ends_as_a_clean_one(studio: Studio) -> None:
    assert kill_at_changes(studio, 40, 7) >= 5


def kill_at_instants(studio: Studio, deaths: int, seed: int) -> None:
    """One project through many kills at random instants, its specs, assets and cache changing."""
    die = random.Random(seed)
    died = number = 0
    while died < deaths:
        number += 1
        scenario = die.choice(SCENARIOS)
        if die.random() < 0.5:
            start_over(studio)
        wanted, keys = wanted_after(scenario, studio, number)
        before, kills = len(studio.painted), die.choice((1, 1, 2, 3))
        for _ in range(kills):
            died += child(studio, "build", "-j", die.choice("12"), after=die.uniform(0, 0.12)) == KILLED
        survive(studio, wanted, keys, before, kills)


def test_killed_at_random_instants_the_next_build_ends_as_a_clean_one(studio: Studio) -> None:
    kill_at_instants(studio, deaths=20, seed=42)


def test_a_render_that_took_long_is_kept_at_once(studio: Studio) -> None:
    """Killed in the second of two long renders: the first, though no batch was full, is not repeated."""
    studio.exercise("chin", "description: slow", "description: endless")
    studio.order(slow={"seconds": 1.1}, endless={"seconds": 60})
    assert child(studio, "build", "-j", "1", after=1.8) == KILLED
    assert len(studio.painted) == 2 and len(studio.keys()) == 1
    studio.order()
    assert studio.call("build", "--json").json["renders"] == 1
    assert len(studio.painted) == 3
