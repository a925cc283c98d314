"""Many candidates of one image: the work beside rendering them grows as they do, and not with their square."""

from __future__ import annotations

import pytest

from calotype.plan import planner
from calotype.run import replanning
from conftest import Space


def test_an_image_is_not_planned_again_for_each_batch_of_its_candidates(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = []

    def counted(*words: object) -> object:
        plans.append(1)
        return planner.plan_image(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(replanning, "plan_image", counted)
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [16, 16]}\n")
    space.write("specs/exercises/chin.yaml", "kind: exercise\nid: chin\nregion: neck\ntitle: Chin\nimages:\n"
                "  - {view_angle: lateral, body_position: standing, description: chin, candidates: 150}\n")
    done = space.call("build", "--json", "--jobs", "1")
    assert (done.code, done.json["renders"]) == (0, 150)
    assert len(plans) <= 6
