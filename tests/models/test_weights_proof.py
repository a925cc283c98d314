"""Weights that are not whole are refused before anything is rendered, by every command, and no lock is written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from calotype.models.weights_proof import fault, is_pointer
from conftest import Space

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 6938040682\n"
BASE, LORA = "models/base.safetensors", "loras/luca.safetensors"
SPEC = """\
kind: exercise
id: nod
region: neck
images:
  - {view_angle: lateral, body_position: standing, description: up, loras: [{name: luca}]}
"""


def headed(rows: object) -> bytes:
    header = json.dumps(rows).encode()
    return len(header).to_bytes(8, "little") + header


def weights(data: bytes = bytes(8)) -> bytes:
    """A file of one tensor of four 16-bit numbers, as safetensors lays it out."""
    return headed({"__metadata__": {"format": "pt"}, "t": {
        "dtype": "F16", "shape": [4], "data_offsets": [0, len(data)]}}) + data


WHOLE = weights()
DAMAGED = {
    "a pointer": POINTER, "cut off": WHOLE[:-3], "cut off in its header": WHOLE[:40], "with more behind it": WHOLE + b"more",
    "empty": b"", "a few bytes": b"abc", "a pickle": b"\x80\x02}q\x00." * 40, "an archive": b"PK\x03\x04" + bytes(400),
    "a page of HTML": b"<!doctype html><title>404</title>" * 20, "no tensors": WHOLE[:8] + b"x" * (len(WHOLE) - 8),
    "a header of no rows": headed([]), "notes that are no texts by name": headed({"__metadata__": "by us"}),
    "a list of notes": headed({"__metadata__": [1, 2]}), "a note that is a number": headed({"__metadata__": {"a": 1}}),
    "an end that is no number": headed({"t": {"data_offsets": [0, float("nan")]}}),
}


@pytest.fixture
def luca(space: Space) -> Space:
    space.write("calotype.yaml", "version: 1\nrenderer: sdxl\nloras: {luca: {path: loras/luca.safetensors}}\n"
                                 "models: {base: models/base.safetensors, config: models/config}\n")
    space.write("specs/exercises/nod.yaml", SPEC)
    space.write("models/config/model_index.json", "{}")
    space.write(BASE, WHOLE)
    space.write(LORA, WHOLE)
    return space


def test_whole_weights_are_taken(luca: Space) -> None:
    assert fault(luca.root / LORA) is None
    done = luca.call("plan", "--json")
    assert (done.code, done.json["renders"]) == (0, 1), done.err


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("file", [BASE, LORA])
def test_weights_that_are_not_whole_are_refused_by_every_command(luca: Space, file: str, name: str) -> None:
    luca.write(file, DAMAGED[name])
    for command in ("validate", "plan", "check", "build"):
        done = luca.call(command, "--json")
        assert done.code == 2, (command, done.out)
        [told] = [one for one in done.json["diagnostics"] if one["severity"] == "error"]
        assert (told["file"], told["code"]) == (file, "lfs" if name == "a pointer" else "weights-damaged")
        assert "`git lfs pull`" in told["hint"] if name == "a pointer" else "calotype models verify" in told["hint"]
    assert not (luca.root / "content").exists()


def test_a_pipe_in_the_place_of_a_file_of_a_model_is_named(luca: Space) -> None:
    place = luca.root / "models/config/model_index.json"
    place.unlink()
    os.mkfifo(place)
    for command in ("validate", "plan", "check", "build"):
        done = luca.call(command, "--json")
        assert (done.code, [each["file"] for each in done.json["diagnostics"]]) == (2, ["models/config/model_index.json"])
    told = luca.call("models", "verify")
    assert told.code == 1 and f"{place}\n  `model_index.json` is no file: put it there again" in told.out
    assert "`model_index.json` is no file\n" in luca.call("doctor").out


def test_a_pointer_is_told_from_weights(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(POINTER)
    assert is_pointer(path)
    path.write_bytes(WHOLE)
    assert not is_pointer(path)


def test_a_face_that_is_no_embedding_is_refused_by_every_command(luca: Space) -> None:
    luca.edit("calotype.yaml", "models: {", "models: {ip_adapter: {model: models/faceid, file: a.safetensors, encoder: null}, ")
    luca.write("models/faceid/a.safetensors", WHOLE)
    luca.write("specs/characters/luca.yaml", "kind: character\nid: luca\nprompt: a boy\nreferences: [refs/face.npy]\n")
    luca.edit("specs/exercises/nod.yaml", "region: neck", "region: neck\ncharacters: [luca]")
    luca.write("refs/face.npy", b"\x80\x02}q\x00." * 40)
    for command in ("validate", "plan", "check", "build"):
        done = luca.call(command, "--json")
        [told] = [one for one in done.json["diagnostics"] if one["severity"] == "error"]
        assert (done.code, told["file"], told["line"], told["code"]) == (2, "specs/characters/luca.yaml", 4, "embedding")
        assert "`refs/face.npy` is no file of embeddings" in told["message"]
