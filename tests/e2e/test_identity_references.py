"""What a character is known by and cannot be read is told at its place, by every command, before anything is rendered."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from conftest import Space
from faces import EMBEDDING, embedding, face_pack, portrait
from judge_corpus import drawn

SPEC = "specs/characters/ann.yaml"
ANN = """\
kind: character
id: ann
prompt: a girl
identity: {method: arcface, references: [refs/ann.png, refs/ann.npy]}
anchors: {poses: [{id: front, pose: standing}]}
"""
TEA = "kind: scene\nid: tea\ncharacters: [ann]\nshots: [{id: cup, prompt: tea}]\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 2176\n"


@pytest.fixture
def ann(space: Space) -> Space:
    """A pack that no library looks into: what is told here is told without one."""
    face_pack(space.root / "models/squares")
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\nidentity: {pack: models/squares}\n")
    space.write(SPEC, ANN)
    space.write("specs/scenes/tea.yaml", TEA)
    (space.root / "refs").mkdir()
    portrait(1).save(space.root / "refs/ann.png")
    space.write("refs/ann.npy", embedding(EMBEDDING))
    return space


def with_nan() -> np.ndarray:
    return np.concatenate([EMBEDDING[:511], [np.float32("nan")]])


DAMAGED = {
    "is no file of embeddings": b"",
    "is not whole": embedding(EMBEDDING)[:-7],
    "holds Python objects": embedding(np.array([{"face": 1}], dtype=object)),
    "as numpy writes them": pickle.dumps([1.0] * 512),
    "not finite": embedding(with_nan()),
    "of zeros alone": embedding(EMBEDDING * 0),
    "holds int64": embedding(np.arange(512)),
    "of the shape (1, 1, 512)": embedding(EMBEDDING.reshape(1, 1, 512)),
    "Git LFS pointer": POINTER,
}


@pytest.mark.parametrize("reason", DAMAGED)
def test_an_embedding_that_cannot_be_read_is_told_at_its_place_before_anything_is_rendered(ann: Space, reason: str) -> None:
    ann.write("refs/ann.npy", DAMAGED[reason])
    for command in ("validate", "plan", "check", "build"):
        done = ann.call(command, "--json")
        [told] = done.json["diagnostics"]
        assert done.code == 2 and (told["file"], told["line"], told["column"]) == (SPEC, 4, 56)
        assert "`refs/ann.npy`" in told["message"] and reason in told["message"] and told["hint"]
    assert ann.files() == []


def test_a_reference_picture_that_is_cut_off_is_told_by_those_who_only_name_the_character(ann: Space) -> None:
    whole = (ann.root / "refs/ann.png").read_bytes()
    assert ann.call("validate").code == 0
    ann.write("refs/ann.png", whole[:200])
    for words in (("validate",), ("build", "scenes/tea")):
        done = ann.call(*words, "--json")
        assert done.code == 2, words
        [told] = [each for each in done.json["diagnostics"] if each["severity"] == "error"]
        assert (told["file"], told["line"], told["code"]) == (SPEC, 4, "image") and "refs/ann.png" in told["message"]
    ann.write("refs/ann.png", whole)
    assert ann.call("validate").code == 0


def test_embeddings_of_two_widths_are_of_two_models(ann: Space) -> None:
    ann.edit(SPEC, "refs/ann.npy", "refs/ann.npy, refs/other.npy")
    ann.write("refs/other.npy", embedding(EMBEDDING[:511]))
    done = ann.call("validate", "--json")
    [told] = done.json["diagnostics"]
    assert done.code == 2 and told["column"] == 70
    assert "`refs/other.npy` holds embeddings of 511 numbers, and `refs/ann.npy` of 512" in told["message"]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def not_fetched(path: Path) -> None:
    path.write_bytes(POINTER)


@pytest.mark.parametrize(("damage", "reason"), [(cut, "is not whole"), (emptied, "is no ONNX model"),
                                                (not_fetched, "Git LFS pointer")])
def test_a_pack_that_is_not_whole_is_told_before_anything_is_rendered(
    ann: Space, damage: Callable[[Path], None], reason: str,
) -> None:
    damage(ann.root / "models/squares/rec.onnx")
    done = ann.call("build", "--json")
    assert done.code == 2 and done.json["renders"] == 0 and ann.files() == []
    [told] = done.json["diagnostics"]
    assert told["file"] == "models/squares/rec.onnx" and reason in told["message"] and told["hint"]
    examined = ann.call("doctor")
    assert examined.code == 1 and reason in examined.out
    verified = ann.call("models", "verify")
    assert verified.code == 1 and reason in verified.out + verified.err


def test_a_reference_is_read_anew_where_its_file_has_changed_since_a_build(ann: Space) -> None:
    """`build` looks into the specs that name a file of which anything changed."""
    ann.edit(SPEC, "method: arcface", "method: palette")
    ann.edit(SPEC, ", refs/ann.npy", "")
    drawn({"base": "seated"}, drawing="mesh").save(ann.root / "refs/ann.png")
    assert ann.call("build").code in (0, 3)
    ann.settle()
    assert ann.call("build").code in (0, 3)
    ann.write("refs/ann.png", (ann.root / "refs/ann.png").read_bytes()[:60])
    assert ann.call("check").code == ann.call("build").code == 2
