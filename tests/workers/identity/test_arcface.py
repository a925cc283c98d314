"""Faces: a pack of ONNX models, run by insightface itself, tells people apart, and says where it cannot."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from calotype.ground.diagnostics import Problem
from faces import face_pack, portrait
from identities import Library

pytest.importorskip("insightface", reason="the extra `test` brings it")

from calotype.workers.identity import face_pack as pack_of_faces
from calotype.workers.identity.arcface import ArcFace
from calotype.workers.identity.face_pack import providers

PACK = {"pack": "pack"}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    face_pack(tmp_path / "pack")
    return Library(tmp_path)


@pytest.fixture
def arcface() -> ArcFace:
    return ArcFace()


def fault(method: ArcFace, library: Library, **identity: object) -> tuple[str, str, str]:
    with pytest.raises(Problem) as caught:
        library.ask(method, portrait(1), **{"settings": PACK, **identity})
    [found] = caught.value.diagnostics
    return found.code, found.message, found.hint or ""


def test_the_same_person_is_most_alike(library: Library, arcface: ArcFace) -> None:
    reference = library.put("ann", portrait(1))
    same = library.ask(arcface, portrait(1, shade=4), references=(reference,), settings=PACK)
    other = library.ask(arcface, portrait(2), references=(reference,), settings=PACK)
    assert same.parts["similarity"] > 0.9 and same.total == round(100 * same.parts["similarity"], 1)
    assert other.parts["similarity"] < 0.5 and "own" not in other.parts
    assert library.ask(arcface, portrait(1), references=(reference,), settings=PACK).parts["similarity"] == 1.0


def test_insightface_is_handed_blue_first(library: Library, arcface: ArcFace) -> None:
    """In the other order the detector would look for blue: the red face would not be found, and the blue one would."""
    reference = library.put("ann", portrait(1))
    blue = Image.merge("RGB", portrait(1).split()[::-1])
    assert library.ask(arcface, portrait(1), references=(reference,), settings=PACK).total == 100.0
    assert library.ask(arcface, blue, references=(reference,), settings=PACK).total is None


def test_a_picture_without_a_face_tells_nothing(library: Library, arcface: ArcFace) -> None:
    scored = library.ask(arcface, portrait(), references=(library.put("ann", portrait(1)),), settings=PACK)
    assert (scored.total, scored.parts, scored.reason) == (None, {}, "")


def test_of_several_faces_the_one_that_is_most_alike_counts(library: Library, arcface: ArcFace) -> None:
    reference = library.put("ann", portrait(2))
    assert library.ask(arcface, portrait(1, 2), references=(reference,), settings=PACK).parts["similarity"] > 0.99


def test_a_reference_without_a_face_is_named(library: Library, arcface: ArcFace) -> None:
    plain = library.put("plain", portrait())
    code, message, hint = fault(arcface, library, references=(library.put("ann", portrait(1)), plain))
    assert code == "reference-untold" and "no face is found" in message and "references" in hint
    assert library.pixels(plain)[:10] in message


def test_the_best_of_several_references_counts_or_their_mean(library: Library, arcface: ArcFace) -> None:
    references = tuple(library.put(f"r{person}", portrait(person)) for person in (1, 2))
    best = library.ask(arcface, portrait(1), references=references, settings=PACK)
    mean = library.ask(arcface, portrait(1), references=references, settings=PACK, combine="mean")
    assert best.parts["similarity"] == 1.0 > mean.parts["similarity"] > 0.5


def test_three_references_tell_how_alike_they_are_among_themselves(library: Library, arcface: ArcFace) -> None:
    alike = tuple(library.put(f"r{shade}", portrait(1, shade=shade)) for shade in (0, 2, 4))
    own = library.ask(arcface, portrait(2), references=alike, settings=PACK).parts["own"]
    stranger = (*alike[:2], library.put("stranger", portrait(2)))
    assert own > 0.9 > library.ask(arcface, portrait(2), references=stranger, settings=PACK).parts["own"]


def test_anchors_count_where_there_are_no_references(library: Library, arcface: ArcFace) -> None:
    anchors = (library.pixels(library.put("front", portrait(1))),)
    assert library.ask(arcface, portrait(1), anchors=anchors, settings=PACK).total == 100.0
    other = library.put("ann", portrait(2))
    assert library.ask(arcface, portrait(1), references=(other,), anchors=anchors, settings=PACK).total < 60


def test_an_embedding_stands_for_a_picture(library: Library, arcface: ArcFace) -> None:
    from calotype.workers.identity.face_pack import face_pack as loaded

    rows = loaded(library.folder / "pack", "any").embeddings(portrait(1))
    np.save(library.folder / "ann.npy", rows[0].astype(np.float32))
    assert library.ask(arcface, portrait(1), references=("ann.npy",), settings=PACK).total == 100.0


@pytest.mark.parametrize(("values", "words"), [
    (np.ones(511, np.float32), "holds embeddings of 511 numbers, and those of `arcface` have 512 here"),
    (np.array([{}], dtype=object), "Python objects"),
    (np.full(512, np.nan), "not finite"),
    (np.zeros(512), "zeros"),
])
def test_what_is_no_embedding_of_the_pack_is_refused_by_name(
    library: Library, arcface: ArcFace, values: np.ndarray, words: str
) -> None:
    np.save(library.folder / "ann.npy", values, allow_pickle=True)
    code, message, hint = fault(arcface, library, references=("ann.npy",))
    assert code == "embedding" and "`ann.npy`" in message and words in message and "--save" in hint


def test_requests_hold_digests_and_no_order_of_references(library: Library, arcface: ArcFace) -> None:
    paths = [library.put(f"r{person}", portrait(person)) for person in (1, 2, 3)]
    first, again = (library.request(arcface, portrait(1), references=tuple(order), settings=PACK, threshold=threshold)
                    for order, threshold in ((paths, 0.65), (paths[::-1], 0.9)))
    assert first == again and "threshold" not in first
    assert (first["identity"], first["epoch"], first["combine"]) == ("arcface", 1, "best")
    assert all(name not in str(first) for name in (*paths, "'pack/"))


def test_another_model_in_the_pack_is_another_request(library: Library, arcface: ArcFace) -> None:
    before = library.request(arcface, portrait(1), settings=PACK)
    face_pack(library.folder / "pack", seed=1)
    after = library.request(arcface, portrait(1), settings=PACK)
    assert before["pack"] != after["pack"]
    assert library.perform(arcface, [after])[0].total is None


def test_what_a_picture_scores_does_not_depend_on_its_company(library: Library) -> None:
    reference = library.put("ann", portrait(1))
    pictures = [portrait(1, shade=3), portrait(2), portrait(), portrait(3, 1), portrait(2, shade=8)]
    requests = [library.request(ArcFace(), picture, references=(reference,), settings=PACK) for picture in pictures]
    together = library.perform(ArcFace(), requests)
    alone = [library.perform(ArcFace(), [request])[0] for request in reversed(requests)][::-1]
    assert [(each.total, each.parts) for each in together] == [(each.total, each.parts) for each in alone]


def test_no_pack_is_named_so_that_is_said(library: Library, arcface: ArcFace) -> None:
    code, message, hint = fault(arcface, library, settings={})
    assert code == "no-pack" and "`ann`" in message and "identity: {pack:" in hint


@pytest.mark.parametrize(("what", "words"), [
    ("no recogniser", "recognises nobody"), ("no detector", "finds no faces"), ("nothing", "holds no ONNX model"),
    ("cut off", "`rec.onnx` of the pack `pack` is not whole"), ("a page", "`rec.onnx` of the pack `pack` is no ONNX model"),
])
def test_a_pack_that_cannot_tell_faces_is_refused(
    library: Library, arcface: ArcFace, monkeypatch: pytest.MonkeyPatch, what: str, words: str
) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("the network was reached for"))
    pack = library.folder / "pack"
    data = (pack / "rec.onnx").read_bytes()
    if what in ("no recogniser", "nothing"):
        (pack / "rec.onnx").unlink()
    if what in ("no detector", "nothing"):
        (pack / "det.onnx").unlink()
    if what == "cut off":
        (pack / "rec.onnx").write_bytes(data[:-100])
    if what == "a page":
        (pack / "rec.onnx").write_bytes(b"<!doctype html>" * 100)
    _, message, _ = fault(arcface, library, references=(library.put("ann", portrait(1)),))
    assert words in message


def test_a_pack_that_lies_a_folder_deeper_is_told_by_its_name(library: Library, arcface: ArcFace) -> None:
    (library.folder / "pack").rename(library.folder / "inner")
    (library.folder / "pack").mkdir()
    (library.folder / "inner").rename(library.folder / "pack" / "antelopev2")
    _, message, hint = fault(arcface, library, references=(library.put("ann", portrait(1)),))
    assert "holds no ONNX model" in message and "`pack/antelopev2`" in hint


def test_of_a_reference_with_several_faces_the_largest_counts(library: Library, arcface: ArcFace) -> None:
    """The detector is surer of the face of 1, and takes that of 15 for larger."""
    for people in ((1, 15), (15, 1)):
        reference = library.put(f"pair_{people[0]}", portrait(*people))
        alike = [library.ask(arcface, portrait(person), references=(reference,), settings=PACK).parts["similarity"]
                 for person in (1, 15)]
        assert alike[1] > 0.99 and alike[0] < 0.5


def test_the_pack_works_on_the_device_that_is_named() -> None:
    cuda, cpu = "CUDAExecutionProvider", "CPUExecutionProvider"
    both = ("TensorrtExecutionProvider", cuda, cpu)
    assert providers("cpu", both) == providers("mps", both) == [(cpu, {})]
    assert providers("auto", both) == providers("cuda", both) == [(cuda, {"device_id": "0"}), (cpu, {})]
    assert providers("cuda:1", both) == [(cuda, {"device_id": "1"}), (cpu, {})]
    assert providers("cuda", (cpu,)) == [(cpu, {})]


def test_models_device_reaches_the_pack(library: Library, arcface: ArcFace, monkeypatch: pytest.MonkeyPatch) -> None:
    devices: list[str] = []
    monkeypatch.setattr(pack_of_faces, "providers", lambda device, _: devices.append(device) or providers("cpu", ()))
    reference = library.put("ann", portrait(1))
    for settings in ({"device": "cpu"}, {}):
        arcface.configure(settings, silent)
        assert library.ask(arcface, portrait(1), references=(reference,), settings=PACK).parts["similarity"] == 1.0
        arcface.close()
    assert devices == ["cpu", "auto"]


def silent(kind: str, **fields: object) -> None: ...
