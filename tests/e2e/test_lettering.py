"""The scorer `text` from the command line: lettering loses, its models are locked, and without the package locks count."""

import json

import pytest

from calotype.models import package_files
from calotype.workers.judge import lettering
from calotype.workers.render.mannequin import draw as drawing
from judge_corpus import lettered

NOD = """kind: exercise
id: nod
title: Nod
region: neck
images:
  - {description: nod, view_angle: lateral, body_position: standing, pose: {neck_flexion: 20}}
"""
CONFIG = "version: 1\ndefaults: {{size: [256, 256], candidates: 2}}\nscoring: {{weights: {{{}: 1}}}}\n"


@pytest.fixture
def nod(space, monkeypatch):
    """A project of which the first candidate comes out with a caption."""
    draw = drawing.draw

    def captioned(request):
        picture = draw(request)
        return lettered(picture, "Fig. 12: nod", 28, at=(8, 8)) if request["seed"] == 42 else picture

    monkeypatch.setattr(drawing, "draw", captioned)
    space.write("specs/exercises/neck/nod.yaml", NOD)
    space.write("calotype.yaml", CONFIG.format("text"))
    return space


def line(space):
    return json.loads(space.read("content/manifest/exercises/neck.jsonl"))


def test_the_candidate_without_lettering_is_picked(nod):
    assert nod.call("build").code == 0
    scores = [candidate["scores"]["text"] for candidate in line(nod)["candidates"]]
    assert scores[0] < 60 and scores[1] == 100 and line(nod)["pick"] == {"by": "score", "candidate": 2}
    locks = json.loads(nod.read("content/manifest.json"))["weights"]
    assert sorted(locks) == sorted(f"package:rapidocr/models/{name}" for name in lettering.MODELS.values())


def test_where_the_package_is_not_installed_the_locks_and_the_recorded_scores_count(nod, monkeypatch):
    nod.call("build")
    monkeypatch.setattr(package_files, "find_spec", lambda name: None)
    monkeypatch.setattr(lettering, "find_spec", lambda name: None)
    nod.remove("cache")
    for command in ("check", "plan", "build"):
        done = nod.call(command, "--json")
        assert done.code == 0 and json.loads(done.out)["up_to_date"] == 1
    assert line(nod)["pick"]["candidate"] == 2


def test_without_package_and_locks_another_scorer_orders(nod, monkeypatch):
    monkeypatch.setattr(package_files, "find_spec", lambda name: None)
    monkeypatch.setattr(lettering, "find_spec", lambda name: None)
    done = nod.call("build")
    assert done.code == 0, done.err
    assert [set(candidate["scores"]) for candidate in line(nod)["candidates"]] == [{"technical"}, {"technical"}]
