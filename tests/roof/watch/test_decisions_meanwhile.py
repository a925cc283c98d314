"""Decisions while a watch is at work on a long render: taken at once, acted on as any edit."""

from __future__ import annotations

import time

import pytest
from watching import watching

from survival import Studio, studio

__all__ = ["studio"]

NOD = "exercises/nod/01"


@pytest.fixture
def nods(studio: Studio) -> Studio:
    studio.exercise("nod", "description: nod, candidates: 3, select: human", "description: bow, candidates: 2, select: human")
    return studio


def statuses(build: dict) -> dict[str, str]:
    return {target["target"]: target["status"] for target in build["targets"]}


def test_a_pick_during_a_long_render_is_published_next_and_the_picture_in_work_is_finished(nods: Studio) -> None:
    nods.order(slow={"seconds": 3})
    with watching(nods, "-j", "1") as watcher:
        before = len(nods.painted)
        nods.exercise("slow", "description: slow", "description: slower", region="hip")
        watcher.wait(lambda: len(nods.painted) == before + 1, "the long render begins")
        began = time.monotonic()
        done = nods.call("pick", NOD, "2")
        assert done.code == 0, done.err
        assert time.monotonic() - began < 2 and len(nods.painted) == before + 1
        watcher.wait(lambda: any(statuses(build).get(NOD) == "cached" for build in watcher.builds), "the pick is acted on")
        watcher.wait(lambda: statuses(watcher.builds[-1]).get("exercises/slow/02") in ("rendered", "cached"))
        assert nods.repeated == 0, "what was in work was begun again"
    done = nods.call("build", "--json")
    assert done.json["renders"] == 0 and NOD not in statuses(done.json)


def test_many_picks_during_a_render_are_all_kept_and_published(nods: Studio) -> None:
    nods.order(slow={"seconds": 3})
    with watching(nods) as watcher:
        before = len(nods.painted)
        nods.exercise("slow", "description: slow", region="hip")
        watcher.wait(lambda: len(nods.painted) == before + 1)
        for candidate in ("1", "3", "2"):
            assert nods.call("pick", NOD, candidate).code == 0
        assert nods.call("pick", "exercises/nod/02", "2").code == 0
        watcher.wait(lambda: {*(target for build in watcher.builds[1:] for target, status in statuses(build).items()
                                if status == "cached")} >= {NOD, "exercises/nod/02"})
        watcher.wait(lambda: not watcher.builds[-1]["diagnostics"])
        assert nods.repeated == 0
    shown = nods.call("show", NOD, "--json").json
    assert [each["picked"] for each in shown["candidates"]] == [False, True, False]
