"""`calotype identity`: pictures from anywhere are held against a character, and its embedding is written."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from calotype import Project
from calotype.models.embedding_file import embeddings_in
from conftest import REPOSITORY, Space
from faces import face_pack, portrait
from judge_corpus import OTHER_TROUSERS, coloured, drawn

ANN = """\
kind: character
id: ann
references: [refs/ann.png]
identity: {method: arcface, threshold: 0.6}
"""
DOLL = "kind: character\nid: doll\nidentity: {method: palette}\nanchors: {poses: [{id: front, pose: standing}]}\n"


@pytest.fixture
def faces(space: Space, tmp_path: Path) -> Space:
    """A project with a face, a pack, and pictures beside it."""
    pytest.importorskip("insightface", reason="the extra `test` brings it")
    face_pack(space.root / "models/squares")
    space.write("calotype.yaml", "version: 1\nidentity: {pack: models/squares}\n")
    space.write("specs/characters/ann.yaml", ANN)
    (space.root / "refs").mkdir()
    portrait(1).save(space.root / "refs/ann.png")
    for name, picture in {"she": portrait(1, shade=3), "other": portrait(2), "nobody": portrait()}.items():
        picture.save(tmp_path / f"{name}.png")
    return space


@pytest.fixture
def doll(space: Space) -> Space:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [256, 256], drawing: mesh}\n")
    space.write("specs/characters/doll.yaml", DOLL)
    return space


def pictures(tmp_path: Path) -> list[str]:
    return [str(tmp_path / f"{name}.png") for name in ("she", "other", "nobody")]


def test_pictures_are_kept_that_show_her(faces: Space, tmp_path: Path) -> None:
    done = faces.run("identity", "ann", *pictures(tmp_path))
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["kept", "out", "untold"]
    assert lines[3] == "kept 1 of 3 (ann by arcface, threshold 0.6)"


def test_json_tells_of_each_picture_what_a_gate_would(faces: Space, tmp_path: Path) -> None:
    she, other, nobody = pictures(tmp_path)
    value = faces.call("identity", "characters/ann", she, other, nobody, "--json").json
    assert (value["kept"], value["of"], value["method"], value["own"], value["saved"]) == (1, 3, "arcface", None, None)
    first, second, third = value["images"]
    assert first.pop("similarity") > 0.9 and second.pop("similarity") < 0.5
    assert first == {"image": she, "is_match": True, "threshold": 0.6, "method": "arcface"}
    assert second == {"image": other, "is_match": False, "threshold": 0.6, "method": "arcface"}
    assert third == {
        "image": nobody, "is_match": None, "similarity": None, "threshold": 0.6, "method": "arcface"}


def test_with_q_only_the_paths_of_those_kept_are_printed(faces: Space, tmp_path: Path) -> None:
    assert faces.call("identity", "ann", *pictures(tmp_path), "-q").out.splitlines() == [str(tmp_path / "she.png")]


def test_method_and_threshold_hold_in_place_of_the_specs(faces: Space, tmp_path: Path) -> None:
    she = str(tmp_path / "she.png")
    assert faces.call("identity", "ann", she, "--threshold", "1", "--json").json["kept"] == 0
    assert faces.call("identity", "ann", she, "--method", "palette", "--json").json["method"] == "palette"
    done = faces.call("identity", "ann", she, "--method", "palete")
    assert done.code == 2 and "did you mean `palette`?" in done.err
    for wrong in ("1.5", "half", "nan"):
        assert faces.call("identity", "ann", she, "--threshold", wrong).code == 2


def test_the_embedding_is_written_and_read_again_as_a_reference(faces: Space, tmp_path: Path) -> None:
    portrait(1, shade=2).save(faces.root / "refs/ann_2.png")
    faces.edit("specs/characters/ann.yaml", "[refs/ann.png]", "[refs/ann.png, refs/ann_2.png]")
    done = faces.call("identity", "ann", "--save", str(faces.root / "refs/ann.npy"))
    assert done.code == 0 and done.out.strip().endswith("refs/ann.npy")
    [row] = embeddings_in((faces.root / "refs/ann.npy").read_bytes())
    assert row.shape == (512,) and row.dtype == np.float32 and np.linalg.norm(row) == pytest.approx(1, abs=1e-6)
    faces.edit("specs/characters/ann.yaml", "[refs/ann.png, refs/ann_2.png]", "[refs/ann.npy]")
    value = faces.call("identity", "ann", *pictures(tmp_path), "--json").json
    assert [match["is_match"] for match in value["images"]] == [True, False, None]


@pytest.mark.parametrize(("where", "words"), [
    ("refs/ann.txt", "is called otherwise"), ("content/ann.npy", "is in content/"), ("specs/ann.npy", "is in specs/"),
    ("refs/notes.npy", "is no embedding: it is left as it is"),
])
def test_nothing_is_lost_by_saving(faces: Space, where: str, words: str) -> None:
    faces.write("refs/notes.npy", "notes")
    before = faces.snapshot("refs", "specs")
    done = faces.call("identity", "ann", "--save", str(faces.root / where))
    assert done.code == 2 and words in done.err and faces.snapshot("refs", "specs") == before


def test_what_is_known_of_faceless_figures_is_what_their_anchors_show(doll: Space, tmp_path: Path) -> None:
    done = doll.call("identity", "doll", str(tmp_path / "x.png"))
    assert done.code == 2 and "nothing is known of how `doll` looks" in done.err and "specs/characters/doll.yaml" in done.err
    assert doll.call("build").code == 0
    mesh = drawn({"base": "seated"}, drawing="mesh")
    mesh.save(tmp_path / "seated.png")
    Image.merge("RGB", mesh.split()[::-1]).save(tmp_path / "blue.png")
    shutil.copy(doll.root / "content/images/characters/doll/anchors/front.png", tmp_path / "front.png")
    value = doll.call("identity", "doll", *(str(tmp_path / f"{name}.png") for name in ("seated", "blue", "front")), "--json").json
    assert [match["is_match"] for match in value["images"]] == [True, False, True]
    assert value["images"][2]["similarity"] == 1.0


def test_auto_is_how_alike_the_references_are_among_themselves(doll: Space, tmp_path: Path) -> None:
    poses = [{"base": "standing"}, {"base": "seated"}, {"base": "standing", "shoulder_abduction": 90}]
    (doll.root / "refs").mkdir()
    for number, pose in enumerate(poses):
        coloured(drawn(pose)).save(doll.root / f"refs/{number}.png")
    coloured(drawn(poses[0], seed=4)).save(tmp_path / "same.png")
    coloured(drawn(poses[0]), trousers=OTHER_TROUSERS).save(tmp_path / "trousers.png")
    shown = [str(tmp_path / "same.png"), str(tmp_path / "trousers.png")]
    names = ", ".join(f"refs/{number}.png" for number in range(3))
    doll.edit("specs/characters/doll.yaml", "{method: palette}", f"{{method: palette, threshold: auto, references: [{names}]}}")
    value = doll.call("identity", "doll", *shown, "--json").json
    assert value["calibrated"] and value["threshold"] == value["own"] > 0.65
    assert [match["is_match"] for match in value["images"]] == [True, False]
    assert "that of the references among themselves" in doll.call("identity", "doll", *shown).out
    doll.edit("specs/characters/doll.yaml", f"[{names}]", "[refs/0.png]")
    done = doll.call("identity", "doll", *shown)
    assert done.code == 2 and "`auto` needs three references of `doll` or more" in done.err


def test_a_reference_without_a_face_is_named_by_its_path(faces: Space, tmp_path: Path) -> None:
    portrait().save(faces.root / "refs/plain.png")
    faces.edit("specs/characters/ann.yaml", "[refs/ann.png]", "[refs/ann.png, refs/plain.png]")
    done = faces.call("identity", "ann", str(tmp_path / "she.png"))
    assert done.code == 2 and "in the reference `refs/plain.png` no face is found" in done.err


def test_a_pack_is_found_where_insightface_keeps_its_own(faces: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faces.write("calotype.yaml", "version: 1\nidentity: {pack: buffalo_x}\n")
    she = str(tmp_path / "she.png")
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("the network was reached for"))
    done = faces.call("identity", "ann", she)
    assert done.code == 2 and "the model `buffalo_x` is not on this machine" in done.err
    shutil.move(faces.root / "models/squares", tmp_path / "home/models/buffalo_x")
    monkeypatch.setenv("INSIGHTFACE_HOME", str(tmp_path / "home"))
    assert faces.call("identity", "ann", she, "--json").json["kept"] == 1
    monkeypatch.delenv("INSIGHTFACE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "home").rename(tmp_path / ".insightface")
    assert faces.call("identity", "ann", she, "--json").json["kept"] == 1


def test_a_damaged_pack_is_told_before_anything_is_compared(faces: Space, tmp_path: Path) -> None:
    model = faces.root / "models/squares/rec.onnx"
    model.write_bytes(model.read_bytes()[:-9])
    done = faces.call("identity", "ann", str(tmp_path / "she.png"))
    assert done.code == 2 and "models/squares/rec.onnx" in done.err and "is not whole" in done.err


@pytest.mark.parametrize(("words", "said"), [
    (["anne", "x.png"], "did you mean `ann`?"), (["ann", "nowhere.png"], "nowhere.png"), (["ann"], "name the images"),
])
def test_what_cannot_be_asked_is_told(faces: Space, words: list[str], said: str) -> None:
    done = faces.call("identity", *words)
    assert done.code == 2 and said in done.err and "Traceback" not in done.err


def test_a_character_with_references_and_no_pack_is_told_what_it_lacks(faces: Space, tmp_path: Path) -> None:
    faces.write("calotype.yaml", "version: 1\n")
    faces.edit("specs/characters/ann.yaml", "identity: {method: arcface, threshold: 0.6}\n", "")
    assert faces.call("validate").code == 0
    done = faces.call("identity", "ann", str(tmp_path / "she.png"))
    assert done.code == 2 and "no pack of models is named" in done.err


def test_nothing_is_written_but_what_is_asked_for(faces: Space, tmp_path: Path) -> None:
    before = faces.snapshot("specs", "content", "build", "refs")
    faces.call("identity", "ann", *pictures(tmp_path))
    assert faces.snapshot("specs", "content", "build", "refs") == before


def test_from_python_it_is_the_same(faces: Space, tmp_path: Path) -> None:
    report = Project.open(faces.root).identity("ann", pictures(tmp_path))
    assert report.kept == (str(tmp_path / "she.png"),)
    told = faces.call("identity", "ann", *pictures(tmp_path), "--json").json
    assert json.loads(json.dumps([match.similarity for match in report.images])) == [each["similarity"] for each in told["images"]]


def test_the_functions_of_the_guides_in_ten_lines(faces: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (REPOSITORY / "docs/identity.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    monkeypatch.chdir(faces.root)
    she, other, nobody = pictures(tmp_path)
    assert names["filter_consistent_images"]("ann", [she, other, nobody]) == [she]
    match = names["verify_character_match"]("ann", other, threshold=0.7)
    assert (match["is_match"], match["threshold"]) == (False, 0.7) and -1 <= match["similarity"] < 0.5
    assert names["verify_character_match"]("ann", she)["is_match"] is True
