"""The real reader finds lettering in every size and at every angle, and takes no drawing for lettering."""

import json
import random
import socket
import sys
from pathlib import Path

import pytest
from PIL import Image

from calotype.ground.digest import sha256
from calotype.ground.images import digest_of
from calotype.language.weights import Model
from calotype.models import weight_files
from calotype.workers.judge import lettering
from calotype.workers.judge.lettering import HALF_CLEAN, MODELS, Line, Text, lines, load, score
from conftest import REPOSITORY
from judge_corpus import PICTURES, SIZE, WATERMARK, drawn, lettered, picture

DRAWINGS = sorted((REPOSITORY / "content" / "images").rglob("*_01.png"))
CLEAN = sorted(set(PICTURES) - {"lettering", "watermark", "signature"})


def weights():
    return {role: weight_files.locate(Path(), Model(f"package:rapidocr/models/{name}")) for role, name in MODELS.items()}


@pytest.fixture(scope="module")
def reader():
    return load(weights())


def judged(reader, image):
    return score(lines(reader, image.convert("RGB")), image.size)


def words(scored):
    return " ".join(line["text"] for line in scored.facts["lines"])


@pytest.mark.parametrize("height", [10, 16, 32, 60])
def test_lettering_of_every_size_is_found_and_larger_costs_more(reader, height):
    small, large = (judged(reader, lettered(picture("plain"), "Hip", each, at=(290, 5))) for each in (height, 2 * height))
    assert small.total < 100 and large.total < small.total
    assert small.parts["boxes"] >= 1 and 0 < small.parts["area"] < large.parts["area"]


@pytest.mark.parametrize("angle", [0, 10, 30, 60, 90, 180, 270])
def test_lettering_at_every_angle_is_found(reader, angle):
    assert judged(reader, lettered(drawn(size=SIZE), "Physio plus", 36, angle)).total < 60


@pytest.mark.parametrize("opacity", [0.1, 0.2, 0.4, 1.0])
def test_a_faint_watermark_across_the_figure_is_found(reader, opacity):
    marked = lettered(picture("plain"), WATERMARK, 64, 30, opacity, colour=(90, 90, 90))
    assert judged(reader, marked).total < 40


def test_what_is_read_is_among_the_facts_with_its_place(reader):
    scored = judged(reader, picture("lettering"))
    [line] = scored.facts["lines"]
    assert line["text"] == "Shoulder abduction" and line["confidence"] > 0.9
    (left, top), _, (right, bottom), _ = line["corners"]
    assert abs(left - 40) < 8 and abs(top - 20) < 8 and right - left > 300 and bottom - top < 60
    assert scored.total == pytest.approx(100 / (1 + scored.parts["area"] / 100 / HALF_CLEAN), abs=0.01)


def test_a_signature_costs_less_than_a_caption(reader):
    caption, signature = (judged(reader, picture(name)) for name in ("lettering", "signature"))
    assert caption.total < signature.total < 90 and words(signature) == "A. Painter"


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_no_drawing_is_taken_for_lettering(reader, path):
    with Image.open(path) as drawing:
        drawing = drawing.convert("RGB")
        drawing.thumbnail((512, 512))
        assert words(judged(reader, drawing)) == ""


@pytest.mark.parametrize("base", ["standing", "seated", "supine", "prone", "side_lying", "quadruped", "kneeling", "hanging"])
def test_no_mesh_drawing_is_taken_for_lettering(reader, base):
    assert judged(reader, drawn({"base": base}, drawing="mesh", view="lateral")).total == 100


@pytest.mark.parametrize("name", CLEAN)
def test_no_other_fault_is_taken_for_lettering(reader, name):
    assert judged(reader, picture(name)).total == 100


def test_grain_and_texture_are_not_taken_for_lettering(reader):
    rng = random.Random(1)
    for cells in (512, 64, 16):
        texture = Image.frombytes("RGB", (cells, cells), rng.randbytes(cells * cells * 3)).resize(SIZE)
        assert judged(reader, texture).total == 100


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (2, 40), (16, 8192), (8192, 16), (1536, 640)])
def test_every_size_has_a_score(reader, size):
    assert judged(reader, Image.new("RGB", size, "red")).total == 100


def test_few_letters_and_unsure_ones_do_not_count():
    corners = ((0, 0), (10, 0), (10, 10), (0, 10))
    assert score([Line("0", 0.98, corners), Line("abc", 0.69, corners), Line("- . -", 0.99, corners)], (20, 20)).total == 100
    scored = score([Line("abc", 0.7, corners)], (20, 20))
    assert scored.parts == {"area": 25.0, "boxes": 1.0} and scored.total == pytest.approx(100 / 13.5, abs=0.001)


def test_a_score_is_the_same_in_any_company_and_order(reader, tmp_path):
    names = ["lettering", "plain", "watermark", "signature"]
    by_digest = {}
    for name in names:
        picture(name).save(tmp_path / f"{name}.png")
        by_digest[digest_of(picture(name))] = tmp_path / f"{name}.png"
    paths = {sha256(path.read_bytes()): path for path in weights().values()}
    digests = {role: sha256(path.read_bytes()) for role, path in weights().items()}

    def performed(scorer, pixels):
        batch = [{"scorer": "text", "epoch": 1, "pixels": each, "weights": digests} for each in pixels]
        return {pixels[each.index]: (each.total, dict(each.parts), json.dumps(dict(each.facts)))
                for each in scorer.perform(batch, {**by_digest, **paths}, lambda: False)}

    together = performed(Text(), list(by_digest))
    alone = {}
    for pixels in reversed(by_digest):
        alone |= performed(Text(), [pixels])
    assert together == alone and len({total for total, _, _ in alone.values()}) == 4


def test_nothing_is_fetched(reader, monkeypatch):
    def refused(*_, **__):
        raise AssertionError("reached for the net")

    monkeypatch.setattr(socket.socket, "connect", refused)
    assert judged(load(weights()), picture("lettering")).total < 50


def test_a_request_holds_the_digests_of_the_models_and_nothing_is_imported_for_it():
    class Wish:
        def weights(self, model):
            return f"digest of {model}"

    request = Text().request(Wish(), "p")
    assert request == {
        "scorer": "text", "epoch": 1, "pixels": "p",
        "weights": {role: f"digest of package:rapidocr/models/{name}" for role, name in MODELS.items()},
    }
    assert not getattr(Text(), "gates", False)


def test_without_its_packages_it_says_what_to_install(monkeypatch):
    assert Text().unavailable_reason() is None
    monkeypatch.setattr(lettering, "find_spec", lambda name: None if name == "onnxruntime" else object())
    assert Text().unavailable_reason() == ("`onnxruntime` is not installed", "pip install 'calotype[text]'")


def test_a_damaged_model_is_a_failure_and_no_clean_picture(tmp_path):
    damaged = {**weights(), "detector": tmp_path / "damaged.onnx"}
    damaged["detector"].write_bytes(weights()["detector"].read_bytes()[:1000])
    with pytest.raises(Exception, match=r"damaged\.onnx"):
        judged(load(damaged), picture("lettering"))
    assert "rapidocr" in sys.modules
