"""What a published image says of its own making, and that it is read back from any format."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from PIL import Image

from calotype.ground.diagnostics import Problem
from calotype.ground.images import digest_of
from calotype.results.publish.embedded_texts import parse_parameters
from calotype.results.publish.inspect import inspect, read_xmp
from calotype.results.publish.provenance import ALGORITHMIC, TRAINED, Embed, encode, parameters, xmp

KEY = "ab" * 32
SDXL = {
    "renderer": "sdxl", "epoch": 1, "seed": 43, "size": [64, 48],
    "prompt": "a figure, seated: calm\nsecond line",
    "negative_prompt": "text, labels", "steps": 30, "scheduler": "DPM++ 2M, Karras", "guidance_scale": 7.5,
    "model": "cd" * 32,
}
MANNEQUIN = {
    "renderer": "mannequin", "epoch": 1, "seed": 42, "size": [64, 64], "view": "lateral",
    "position": "seated", "posture": {"base": "seated", "left": {"knee_flexion": 40.0}},
    "drawing": "line", "muscles": ["suboccipital muscles"], "joints": [],
}


def picture(mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> Image.Image:
    return Image.radial_gradient("L").resize(size).convert(mode)


def test_the_same_render_gives_the_same_bytes() -> None:
    assert encode(picture(), SDXL, KEY) == encode(picture(), dict(reversed(SDXL.items())), KEY)


def test_what_the_pixels_carried_along_does_not_reach_the_file() -> None:
    laden = picture()
    laden.info |= {"icc_profile": b"x", "transparency": (0, 0, 0), "dpi": (72, 72), "exif": b"Exif\0\0"}
    assert encode(laden, SDXL, KEY) == encode(picture(), SDXL, KEY)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_pixels_come_back_as_they_were(tmp_path: Path, mode: str) -> None:
    (tmp_path / "a.png").write_bytes(encode(picture(mode), SDXL, KEY))
    with Image.open(tmp_path / "a.png") as back:
        assert back.mode == mode
        assert back.tobytes() == picture(mode).tobytes()


def test_parameters_are_those_of_a1111() -> None:
    assert parameters(SDXL) == (
        "a figure, seated: calm\nsecond line\nNegative prompt: text, labels\n"
        'Steps: 30, Sampler: "DPM++ 2M, Karras", CFG scale: 7.5, Seed: 43, Size: 64x48, '
        "Model hash: cdcdcdcdcd"
    )


def test_parameters_tell_what_led_the_rendering_by_hashes() -> None:
    request = {
        "renderer": "sdxl", "seed": 7, "size": [1024, 768], "prompt": "a boy", "negative": "text", "steps": 30,
        "guidance_scale": 7.0, "clip_skip": 1,
        "scheduler": {"name": "DPMSolverMultistepScheduler", "args": {"use_karras_sigmas": True}},
        "models": {"base": "ab" * 32}, "loras": [{"weights": "cd" * 32, "weight": 0.8}],
        "controls": [{"weights": "ef" * 32, "pixels": "01" * 32, "strength": 0.5, "start": 0.0, "end": 0.8}],
        "start": {"pixels": "23" * 32, "strength": 0.6},
    }
    assert parameters(request) == (
        "a boy <lora:cdcdcdcdcd:0.8>\nNegative prompt: text\n"
        "Steps: 30, Sampler: DPM++ 2M Karras, CFG scale: 7.0, Seed: 7, Size: 1024x768, Model hash: ababababab, "
        "Denoising strength: 0.6, Clip skip: 2, "
        'ControlNet 0: "Model: efefefefef, Weight: 0.5, Guidance Start: 0.0, Guidance End: 0.8", '
        'Lora hashes: "cdcdcdcdcd: cdcdcdcdcd", '
        'Hashes: {"model": "ababababab", "lora:cdcdcdcdcd": "cdcdcdcdcd"}'
    )


def test_loras_are_called_as_their_project_calls_them() -> None:
    request = {"seed": 7, "prompt": "a boy", "models": {"base": "ab" * 32, "vae": "12" * 32, "refiner": "34" * 32},
               "loras": [{"weights": "cd" * 32, "weight": 0.8}, {"weights": "ef" * 32, "weight": 0.35}],
               "faces": {"weights": "56" * 32, "scale": 0.6}, "refiner_start": 0.8}
    assert parameters(request, {"cd" * 32: "luca"}) == (
        "a boy <lora:luca:0.8> <lora:efefefefef:0.35>\n"
        "Seed: 7, Model hash: ababababab, VAE hash: 1212121212, Refiner: 3434343434, Refiner switch at: 0.8, "
        'IP-Adapter: "Model: 5656565656, Weight: 0.6", '
        'Lora hashes: "luca: cdcdcdcdcd, efefefefef: efefefefef", '
        'Hashes: {"model": "ababababab", "vae": "1212121212", "lora:luca": "cdcdcdcdcd", "lora:efefefefef": "efefefefef"}'
    )


@pytest.mark.parametrize(("embed", "told", "kept"), [
    ("full", [b"parameters", b"trainedAlgorithmicMedia", KEY.encode()], []),
    ("minimal", [b"trainedAlgorithmicMedia"], [b"parameters", KEY.encode(), b"seated"]),
    ("none", [], [b"parameters", b"trainedAlgorithmicMedia", KEY.encode()]),
])
def test_an_image_tells_as_much_as_it_is_asked_to(embed: Embed, told: list[bytes], kept: list[bytes]) -> None:
    data = encode(picture(), SDXL, KEY, embed)
    assert all(one in data for one in told) and not any(one in data for one in kept)


def test_a_renderer_without_a_prompt_says_what_it_drew() -> None:
    assert parameters(MANNEQUIN) == (
        "mannequin, drawing line, view lateral, position seated, base seated, left knee_flexion 40, "
        "muscles suboccipital muscles\n"
        "Seed: 42, Size: 64x64"
    )


def test_the_source_type_tells_a_trained_model_from_a_drawing_by_rule() -> None:
    assert TRAINED in xmp(SDXL, KEY)
    assert ALGORITHMIC in xmp(MANNEQUIN, KEY)
    assert TRAINED in xmp({"renderer": "somebody's own"}, KEY)


def test_inspect_reads_a_png_back(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encode(picture(), SDXL, KEY))
    found = inspect(path, "content/a.png")
    assert found["file"] == "content/a.png"
    assert (found["format"], found["mode"], found["size"]) == ("PNG", "RGB", [64, 48])
    assert (found["renderer"], found["seed"], found["action"]) == ("sdxl", 43, KEY)
    assert found["digital_source_type"] == TRAINED
    assert found["creator_tool"] == "Calotype"
    assert found["pixels"] == digest_of(picture())
    assert found["parameters"]["prompt"] == SDXL["prompt"]
    assert found["parameters"]["negative_prompt"] == "text, labels"
    assert found["parameters"]["Sampler"] == "DPM++ 2M, Karras"
    assert found["parameters"]["Size"] == "64x48"


@pytest.mark.parametrize("suffix", ["jpg", "webp", "avif"])
def test_inspect_reads_other_formats_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + parameters(SDXL).encode("utf-16-be")
    picture().save(path, xmp=xmp(SDXL, KEY).encode(), exif=exif.tobytes())
    found = inspect(path)
    assert (found["renderer"], found["seed"], found["action"]) == ("sdxl", 43, KEY)
    assert found["digital_source_type"] == TRAINED
    assert found["parameters"]["Steps"] == "30"


def test_an_image_of_somebody_else_says_nothing(tmp_path: Path) -> None:
    picture().save(tmp_path / "a.png")
    found = inspect(tmp_path / "a.png")
    assert found["renderer"] is found["action"] is found["seed"] is found["parameters"] is None


def test_a_file_that_is_no_image_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("hello")
    with pytest.raises(Problem, match="not a picture"):
        inspect(tmp_path / "a.png")


def test_properties_written_as_elements_are_read_too() -> None:
    packet = xmp({"renderer": "sdxl"}, KEY).replace('calotype:renderer="sdxl"/>', "><calotype:renderer>sdxl"
                                                    "</calotype:renderer></rdf:Description>")
    assert read_xmp(packet.encode())["urn:x-calotype:provenance:1/renderer"] == "sdxl"


def test_entities_in_xmp_are_refused() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbb">]>' + xmp(SDXL, KEY).partition("?>")[2]
    assert read_xmp(bomb.encode()) == {}
    assert read_xmp(b"<a" * 10) == {}
    assert read_xmp(b" " * 2_000_000) == {}


def test_a_hostile_name_stays_inside_its_attribute() -> None:
    hostile = '"><!--\x00&\ud800'
    packet = xmp({"renderer": hostile, "seed": 1}, KEY)
    assert read_xmp(packet.encode())["urn:x-calotype:provenance:1/renderer"] == '"><!-- & '


def test_text_without_parameters_is_a_prompt() -> None:
    assert parse_parameters("just words") == {"prompt": "just words"}
    assert parse_parameters(None) is None


def test_encoding_a_small_image_is_cheap() -> None:
    small = picture("RGB", (64, 64))
    encode(small, MANNEQUIN, KEY)
    started = time.process_time()
    for _ in range(100):
        encode(small, MANNEQUIN, KEY)
    assert (time.process_time() - started) / 100 < 0.001


def test_every_weight_of_a_request_stands_in_the_text() -> None:
    request = {
        "renderer": "sdxl", "seed": 7, "size": [64, 64], "prompt": "a boy", "steps": 30, "refiner_start": 0.8,
        "models": {"base": "ab" * 32, "vae": "12" * 32, "refiner": "34" * 32},
        "loras": [{"weights": "cd" * 32, "weight": 0.8}, {"weights": "56" * 32, "weight": 1.0}],
        "faces": {"weights": "78" * 32, "scale": 0.6},
    }
    found = parse_parameters(parameters(request))
    assert found is not None
    assert found["prompt"] == "a boy <lora:cdcdcdcdcd:0.8> <lora:5656565656:1>"
    assert (found["VAE hash"], found["Refiner"], found["Refiner switch at"]) == ("1212121212", "3434343434", "0.8")
    assert found["IP-Adapter"] == "Model: 7878787878, Weight: 0.6"
    hashes = json.loads(found["Hashes"])
    assert hashes == {"model": "ababababab", "vae": "1212121212", "lora:cdcdcdcdcd": "cdcdcdcdcd",
                      "lora:5656565656": "5656565656"}


def test_the_hashes_of_loras_are_read_back() -> None:
    request = {**SDXL, "loras": [{"weights": "cd" * 32, "weight": 0.8}]}
    found = parse_parameters(parameters(request))
    assert found is not None
    assert found["Hashes"] == '{"model": "cdcdcdcdcd", "lora:cdcdcdcdcd": "cdcdcdcdcd"}'
    assert found["Lora hashes"] == "cdcdcdcdcd: cdcdcdcdcd"
