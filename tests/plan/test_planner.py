"""A target goes through its stages, and stops at the first that lacks something; what it reads is made again first."""

from __future__ import annotations

import json

import pytest
import sketch

from calotype.engine.rebuild import Need
from calotype.plan.planned import Planned
from calotype.project.overrides import Profile
from calotype.project.workspace import open_workspace
from calotype.queries.status import status_query
from calotype.queries.weights_in_use import workers_in_use
from calotype.results.publish import manifest
from calotype.results.publish.line import Line, from_bytes
from calotype.store.cas import Cas
from conftest import Space

NOD = "specs/exercises/neck/nod.yaml"
MAPS = "controls: [{type: openpose, from: pose}, {type: depth, from: pose}]"
SPEC = """\
kind: exercise
id: nod
region: neck
images:
  - {view_angle: lateral, body_position: standing, description: up, seed: 5, %s}
"""


@pytest.fixture
def sketched(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    """A project whose renderer reads control maps."""
    monkeypatch.syspath_prepend(str(sketch.site()))
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [64, 64]}\n")
    return space


def asks(space: Space, image: str) -> None:
    space.write(NOD, SPEC % image)


def planned(space: Space) -> Planned:
    with status_query(space.root) as query:
        [target] = list(query.targets())
    return target.planned


def kinds(actions: tuple[object, ...]) -> list[str]:
    return [getattr(action, "kind", "") for action in actions]


def lose(space: Space, kind: str) -> None:
    """Removes the blobs of all results of a kind."""
    line = json.loads(space.read("content/manifest/exercises/neck.jsonl"))
    outputs = {one["output"] for one in line["upstream"] if one["kind"] == kind}
    outputs |= {one["pixels"] for one in line["candidates"]} if kind == "render" else set()
    with status_query(space.root) as query:
        results, cas = query.workspace.results, Cas(space.root / "cache")
        for key in [*(one["action"] for one in line["upstream"]), *(one["action"] for one in line["candidates"])]:
            made = results.local(key)
            if made is not None and made.output in outputs and made.blob is not None:
                cas.remove(made.blob)


def test_without_its_maps_a_target_has_no_keys_and_asks_for_the_maps_alone(sketched: Space) -> None:
    asks(sketched, f"{MAPS}, candidates: 2")
    target = planned(sketched)
    assert target.verdict.need is Need.PERFORM and target.actions == () and target.upstream is None
    assert kinds(target.perform) == ["condition", "condition"] and target.ahead == ()
    assert target.foreseen == {"render": 2, "score": 2}
    assert target.missing == ("condition", "render", "score")


def test_renders_are_asked_for_next_and_scores_foreseen(sketched: Space) -> None:
    asks(sketched, "candidates: 2")
    target = planned(sketched)
    assert kinds(target.perform) == ["render", "render"] and target.foreseen == {"score": 2}
    assert target.verdict.actions == target.keys == target.renders


@pytest.mark.parametrize("select", ["human", "first"])
def test_who_does_not_choose_by_score_is_not_scored(sketched: Space, select: str) -> None:
    asks(sketched, f"candidates: 2, select: {select}")
    assert planned(sketched).foreseen == {}


def test_what_stands_says_what_its_choice_rests_on(sketched: Space) -> None:
    asks(sketched, f"{MAPS}, candidates: 2")
    assert sketched.call("build").code == 0
    target = planned(sketched)
    assert target.verdict.need is Need.UP_TO_DATE and target.perform == ()
    assert [action.kind for action, _ in target.used] == ["condition", "condition", "score", "score"]


def test_a_map_that_is_gone_is_drawn_again_only_where_a_picture_must_be_rendered(sketched: Space) -> None:
    asks(sketched, MAPS)
    assert sketched.call("build").code == 0
    lose(sketched, "condition")
    assert planned(sketched).verdict.need is Need.UP_TO_DATE
    sketched.edit(NOD, "seed: 5", "seed: 6")
    target = planned(sketched)
    assert kinds(target.perform) == ["condition", "condition"] and kinds(target.ahead) == ["render"]
    assert target.keys == target.renders, "the renders are known while their maps are drawn again"


def test_a_candidate_whose_bytes_are_gone_is_rendered_before_it_is_scored(sketched: Space) -> None:
    asks(sketched, "candidates: 2, select: first")
    assert sketched.call("build").code == 0
    sketched.edit(NOD, "select: first", "select: best")
    target = planned(sketched)
    assert kinds(target.perform) == ["score", "score"] and target.missing == ("score",)
    lose(sketched, "render")
    target = planned(sketched)
    assert kinds(target.perform) == ["render"] and kinds(target.ahead) == ["score", "score"]


def test_a_file_of_somebody_else_outweighs_everything(sketched: Space) -> None:
    asks(sketched, f"{MAPS}, candidates: 2")
    sketched.write("content/images/exercises/neck/nod_01.png", b"mine")
    target = planned(sketched)
    assert target.verdict.need is Need.REFUSE and target.perform == () and target.foreseen == {}


def test_what_starts_from_a_picture_waits_for_it(sketched: Space) -> None:
    sketched.write("specs/scenes/walk.yaml", (
        "kind: scene\nid: walk\nchain: true\nshots:\n  - {id: a, prompt: go}\n  - {id: b, prompt: stop}\n"))
    with status_query(sketched.root) as query:
        first, second = (target.planned for target in query.targets())
    assert first.verdict.need is Need.PERFORM
    assert second.verdict.need is Need.WAIT and second.upstream == "scenes/walk/a" and second.foreseen == {"render": 1}


def test_the_line_of_a_target_that_stands_is_parsed_once(sketched: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    asks(sketched, "candidates: 1")
    assert sketched.call("build").code == 0
    parsed: list[bytes] = []

    def counted(data: bytes) -> Line:
        parsed.append(data)
        return from_bytes(data)

    monkeypatch.setattr(manifest, "_line_of", counted)
    assert planned(sketched).verdict.need is Need.UP_TO_DATE and len(parsed) == 1


def test_doctor_looks_at_the_scorer_that_keeps_pictures_out_of_a_target_with_one_candidate(
    sketched: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks(sketched, "candidates: 1")
    with open_workspace(sketched.root, Profile()) as workspace:
        assert [name for group, name in workers_in_use(workspace) if group == "scorer"] == []
        monkeypatch.setattr(workspace.renderer("sketch"), "exact", False)
        assert [name for group, name in workers_in_use(workspace) if group == "scorer"] == ["technical"]
