"""Every kind of action answers the same questions, and what it leaves is made where it is performed."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
from PIL import Image as Pixels

from calotype.actions.registry import Kinds, encoder
from calotype.actions.scores import said_of, scores_of
from calotype.language.action import make, render_action
from calotype.language.condition import from_picture
from calotype.language.judging.scorer_weights import weighted_total
from calotype.project.outcome import ACTIONS, counted
from calotype.project.overrides import Profile
from calotype.project.workspace import open_workspace
from calotype.store.results import Made
from calotype.workers.protocol import Rendered, Scored
from conftest import Space

POSE = {"epoch": 1, "type": "depth", "posture": {}, "view": "lateral", "side": "right", "size": [8, 8], "joints": [],
        "profile": "openpose"}


def test_the_kinds_that_an_outcome_counts_are_those_there_are(space: Space) -> None:
    with open_workspace(space.root, Profile()) as workspace:
        kinds = list(Kinds(workspace))
    assert {kind.name for kind in kinds} == counted({"identity": 1, "enhance": 1}).keys() > {*ACTIONS}
    assert [kind.stage for kind in kinds] == sorted(kind.stage for kind in kinds)


def test_an_action_names_its_worker_lane_and_affinity(space: Space) -> None:
    with open_workspace(space.root, Profile()) as workspace:
        kinds = Kinds(workspace)
        for action, worker in (
            (make("condition", POSE), "pose"), (make("score", {"scorer": "technical", "epoch": 1, "pixels": "0"}),
                                                "technical"),
            (render_action({"renderer": "mannequin", "epoch": 1, "seed": 1, "size": [8, 8]}), "mannequin"),
        ):
            kind = kinds.of(action)
            assert kind.worker(action).name == worker and kind.affinity(action)[:2] == (action.kind, worker)
            assert kind.lane(action) == "cpu" and kind.lacks(action) == {}


def test_a_detector_without_its_package_is_told_before_the_start(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    from calotype.workers.condition.picture import Canny

    monkeypatch.setattr(Canny, "packages", {"no_such_module": "no-such-package"})
    action = from_picture("canny", "0" * 64, (8, 8), {"name": "canny", "low": 1, "high": 2})
    with open_workspace(space.root, Profile()) as workspace:
        [problem] = Kinds(workspace).of(action).lacks(action)
    assert problem.code == "conditioner-unfit" and "no-such-package" in problem.message


def test_the_encoder_pickles_and_tells_the_key_of_what_it_encodes(tmp_path: Path) -> None:
    encode = pickle.loads(pickle.dumps(encoder(True)))
    picture = Pixels.new("RGB", (8, 8), "red")
    condition = make("condition", POSE)
    drawn = encode(json.loads(condition.components), Rendered(0, picture))
    assert (drawn.kind, drawn.key, drawn.components) == ("condition", condition.key, condition.components)
    request = {"renderer": "mannequin", "epoch": 1, "seed": 1, "size": [8, 8]}
    rendered = encode(request, Rendered(0, picture))
    assert (rendered.kind, rendered.key) == ("render", render_action(request).key)
    assert rendered.outputs["pixels"] == drawn.outputs["pixels"] and rendered.data != drawn.data
    score = make("score", {"scorer": "technical", "epoch": 1, "pixels": "0"})
    scored = encode(json.loads(score.components), Scored(0, 71.25, {"sharpness": 50.0}))
    assert (scored.key, scored.data) == (score.key, None)
    assert scored.outputs == {"output": "71.25", "score": 71.25, "parts": {"sharpness": 50.0}}
    alike = make("identity", {"identity": "dino", "epoch": 1, "pixels": "0", "place": 0})
    found = encode(json.loads(alike.components), Scored(0, 0.0, {"similarity": -0.25, "own": 0.5}))
    assert (found.kind, found.key, found.outputs["output"]) == ("identity", alike.key, "-0.25/0.5")


def test_several_scorers_of_a_picture_are_weighed_alike() -> None:
    used = [(make("score", {"scorer": name, "epoch": 1, "pixels": pixels}), Made(output))
            for name, pixels, output in (("a", "x", "10.0"), ("b", "x", "20.0"), ("a", "y", "12.5"), ("b", "y", "12.5"))]
    used.append((make("condition", POSE), Made("digest")))
    assert scores_of(said_of(used)) == {"x": {"a": 10.0, "b": 20.0}, "y": {"a": 12.5, "b": 12.5}}
    assert [weighted_total(each, {"a": 1, "b": 1}) for each in scores_of(said_of(used)).values()] == [15.0, 12.5]
