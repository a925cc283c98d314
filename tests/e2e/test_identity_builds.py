"""Candidates that are not the character are kept out, by faces and by colours, with real models; packs are locked."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
from PIL import Image

from conftest import Space
from faces import face_pack, portrait
from judge_corpus import drawn

FRONT = "anchors: {poses: [{id: front, pose: standing}]}\n"
DOLL = "kind: character\nid: doll\nidentity: {method: palette, references: [refs/doll.png]}\n" + FRONT
ANN = "kind: character\nid: ann\nreferences: [refs/ann.png]\nidentity: {method: arcface}\n" + FRONT
MANIFEST = "content/manifest.json"


@pytest.fixture
def dolls(space: Space) -> Space:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [256, 256], drawing: mesh, candidates: 2}\n")
    space.write("specs/characters/doll.yaml", DOLL)
    (space.root / "refs").mkdir()
    drawn({"base": "seated"}, drawing="mesh").save(space.root / "refs/doll.png")
    return space


@pytest.fixture
def faces(space: Space) -> Space:
    pytest.importorskip("insightface", reason="the extra `test` brings it")
    face_pack(space.root / "models/squares")
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [256, 256]}\nidentity: {pack: models/squares}\n")
    space.write("specs/characters/ann.yaml", ANN)
    (space.root / "refs").mkdir()
    portrait(1).save(space.root / "refs/ann.png")
    return space


def blue(space: Space) -> None:
    path = space.root / "refs/doll.png"
    Image.merge("RGB", Image.open(path).convert("RGB").split()[::-1]).save(path)


def test_a_figure_in_its_own_colours_stands_and_one_in_others_awaits(dolls: Space) -> None:
    assert dolls.call("build").code == 0
    blue(dolls)
    done = dolls.call("build", "--json")
    assert done.code == 3 and done.json["renders"] == 0
    reason = dolls.call("explain", "characters/doll/anchors/front").out
    assert "not doll: likeness 0.0" in reason and "below 0.65" in reason


def test_a_threshold_decides_and_asks_nobody_again(dolls: Space) -> None:
    blue(dolls)
    assert dolls.call("build").code == 3
    dolls.edit("specs/characters/doll.yaml", "palette,", "palette, threshold: 0.01,")
    done = dolls.call("build", "--json")
    assert (done.code, done.json["actions"].get("identity", 0)) == (0, 0)


def test_a_pack_is_locked_and_a_bare_clone_needs_none(faces: Space) -> None:
    done = faces.run("build", "--json")
    assert (done.code, done.json["actions"]["identity"]) == (0, 1), done.err
    assert list(json.loads(faces.read(MANIFEST))["weights"]) == ["models/squares"]
    assert "identity-untold" in {each["code"] for each in done.json["diagnostics"]}  # the mannequin has no face
    for name in ("cache", "build", "models"):
        shutil.rmtree(faces.root / name)
    assert faces.run("check").code == 0
    faces.write("look.py", "import sys\nfrom calotype import Project\nProject.open('.').check(full=True)\n"
                           "print(sorted({'torch', 'onnxruntime', 'insightface', 'cv2'} & set(sys.modules)))\n")
    told = subprocess.run([sys.executable, "look.py"], cwd=faces.root, capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


def test_another_model_in_the_pack_has_faces_compared_anew(faces: Space) -> None:
    assert faces.call("build").code == 0
    face_pack(faces.root / "models/squares", seed=1)
    done = faces.call("build", "--json").json
    assert (done["renders"], done["actions"]["identity"]) == (0, 1)
    assert faces.call("build", "--json").json["actions"].get("identity", 0) == 0


def test_models_and_doctor_tell_of_the_pack(faces: Space) -> None:
    [row] = faces.call("models", "--json").json["models"]
    assert (row["name"], row["place"], row["images"]) == ("models/squares", "project", 1)
    assert "identity arcface" in faces.call("doctor").out
    assert faces.call("models", "verify").code == 0


def test_a_pack_that_is_not_here_is_told_where_it_is_asked_for(faces: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("the network was reached for"))
    shutil.rmtree(faces.root / "models")
    done = faces.call("build")
    assert done.code == 2 and "the model `models/squares` is not on this machine" in done.err
    assert faces.files("content") == [] or not any(name.endswith(".png") for name in faces.files("content"))


def test_references_alone_ask_for_no_pack(faces: Space) -> None:
    faces.write("calotype.yaml", "version: 1\ndefaults: {size: [256, 256]}\n")
    faces.edit("specs/characters/ann.yaml", "identity: {method: arcface}\n", "")
    done = faces.call("build", "--json")
    assert (done.code, done.json["actions"].get("identity", 0)) == (0, 0)
