"""Poses that rest on one another: a hundred of them work, in a moment, and more are refused."""

from __future__ import annotations

import time
from typing import Any

import pytest

from calotype.language.pose import check, resolve
from calotype.language.pose.chains import MAX_DEPTH
from conftest import Space


def chain(count: int, link: str) -> dict[str, dict[str, Any]]:
    """The poses p1 to p`count`, each resting on the one before it."""
    def pose(before: str) -> dict[str, Any]:
        return {"from": before, "to": before} if link == "movement" else {link: before}

    return {f"p{number}": {**pose(f"p{number - 1}"), "neck_flexion": number % 9} if number > 1
            else {"base": "standing", "left": {"knee_flexion": 20}} for number in range(1, count + 1)}


LINKS = ["base", "mirror_of", "movement"]


@pytest.mark.parametrize("link", LINKS)
def test_a_hundred_poses_rest_on_one_another_at_once(link: str) -> None:
    library = chain(MAX_DEPTH, link)
    began = time.process_time()
    assert check("p100", library) == []
    posture = resolve("p100", "standing", library)
    assert time.process_time() - began < 0.5
    side = "left" if link != "mirror_of" or MAX_DEPTH % 2 else "right"
    assert posture[side]["knee_flexion"] == 20.0 and posture["neck_flexion"] == 1.0


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("count", [101, 150, 3000])
def test_a_longer_chain_is_refused_where_it_is_named(link: str, count: int) -> None:
    library = chain(count, link)
    began = time.process_time()
    (finding, *_) = check({"from": f"p{count}", "to": "standing"}, library)
    assert (finding.severity, finding.code, finding.pointer) == ("error", "pose-depth", ("from",))
    assert finding.hint is not None
    assert check("p100", library) == []
    assert time.process_time() - began < 0.5


def test_phases_that_are_written_out_count_as_poses() -> None:
    library = chain(MAX_DEPTH, "base")
    assert check({"from": "p100", "to": "p99"}, library) == []
    assert [finding.code for finding in check({"from": {"base": "p100"}}, library)] == ["pose-depth"]
    assert check({"base": "p100", "from": {"neck_flexion": 3}}, library) == []
    assert resolve({"base": "p100", "from": {"neck_flexion": 3}}, None, library)["from"]["neck_flexion"] == 3.0


def test_a_circle_of_any_length_is_told_as_one() -> None:
    for count in (1, 2, 60):
        library = {f"p{number}": {"from": f"p{number % count + 1}", "to": f"p{number % count + 1}"}
                   for number in range(1, count + 1)}
        assert {finding.code for finding in check("p1", library)} == {"pose-cycle"}


def test_a_movement_shows_its_own_two_phases_alone() -> None:
    """How a pose came about that is itself a movement is not carried on: it would double at each one."""
    posture = resolve("p30", "standing", chain(30, "movement"))
    assert len(repr(posture)) < 1000
    assert not {"from", "to", "show"} & {*posture["from"], *posture["to"]}


def test_a_chain_that_is_too_long_is_refused_with_its_place(space: Space) -> None:
    for name, pose in chain(101, "movement").items():
        space.write(f"specs/poses/{name}.yaml", "".join(f"{key}: {value}\n" for key, value in pose.items()))
    space.write("specs/exercises/chin.yaml", "kind: exercise\nid: chin\nregion: neck\ntitle: Chin\nimages:\n"
                "  - {view_angle: lateral, body_position: standing, description: chin, pose: p101}\n")
    for command in ("validate", "build"):
        done = space.call(command, "--json")
        assert done.code == 2
        assert [(entry["code"], entry["file"], entry["line"]) for entry in done.json["diagnostics"]] == [
            ("pose-depth", "specs/exercises/chin.yaml", 6)]
