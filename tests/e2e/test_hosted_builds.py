"""Pictures that are bought: what is sent, what it costs, what is refused, and what is never loaded."""

from __future__ import annotations

import base64
import io
import itertools
import subprocess
import sys

import pytest

from calotype.ground.images import pixels_of
from conftest import CALOTYPE, Space
from hosted import Hosted, hosted, service

__all__ = ["hosted", "service"]

NANO = "text: fal-ai/nano-banana, image: fal-ai/nano-banana/edit"
GUIDE = "text: fal-ai/flux-pro/v1.1-ultra, image: fal-ai/flux/dev/image-to-image"
WALK = """\
kind: scene
id: walk
title: Walk
chain: true
shots:
  - {id: a, prompt: she walks}
  - {id: b, prompt: she stops, reference: {strength: 0.4}}
"""
CHARACTER = """\
kind: character
id: ann
prompt: a girl
references: [refs/ann.png]
anchors: {poses: [{id: front, prompt: standing}]}
variations: [{id: wave, prompt: waving, anchor: front, strength: 0.55, count: 2}]
"""


def sent(project: Hosted, number: int = -1) -> dict:
    return project.fal.posts[number]["arguments"]


def pixels(uri: str) -> str:
    head, _, body = uri.partition(",")
    assert head == "data:image/png;base64"
    return pixels_of(base64.b64decode(body))


def published(project: Hosted, path: str) -> str:
    return pixels_of(project.root / path)


def test_every_parameter_is_sent_explicitly(hosted):
    hosted.configure(endpoints=GUIDE)
    hosted.exercise("size: [1280, 720], seed: 7")
    assert hosted.build().code == 0
    assert hosted.fal.posts[0]["path"] == "fal-ai/flux-pro/v1.1-ultra"
    assert sent(hosted).pop("prompt").startswith("anatomical")
    assert {name: value for name, value in sent(hosted).items() if name != "prompt"} == {
        "seed": 7, "num_images": 1, "output_format": "png", "aspect_ratio": "16:9", "enable_safety_checker": True,
        "safety_tolerance": "2", "raw": False, "enhance_prompt": False, "sync_mode": False}


def test_a_chain_sends_the_picture_before_it_and_its_strength(hosted):
    hosted.write("specs/scenes/walk.yaml", WALK)
    assert hosted.build().code == 0
    first, second = hosted.fal.posts
    assert (first["path"], second["path"]) == ("fal-ai/flux/dev", "fal-ai/flux/dev/image-to-image")
    assert pixels(second["arguments"]["image_url"]) == published(hosted, "content/images/scenes/walk/a.png")
    assert second["arguments"]["strength"] == 0.4 and second["arguments"]["num_inference_steps"] == 30
    assert "image_size" not in second["arguments"]


def test_a_picture_of_another_size_is_brought_to_that_of_the_image(hosted):
    from PIL import Image

    hosted.write("refs/wide.png", png(Image.new("RGB", (80, 40), (200, 30, 30))))
    hosted.exercise("size: [64, 96], reference: {image: refs/wide.png, strength: 0.5}")
    assert hosted.build().code == 0
    data = base64.b64decode(sent(hosted)["image_url"].partition(",")[2])
    assert Image.open(io.BytesIO(data)).size == (64, 96)


def png(picture) -> bytes:
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


def test_an_endpoint_of_several_pictures_gets_the_references_of_characters_and_what_it_starts_from(hosted):
    from PIL import Image

    hosted.configure(endpoints=NANO)
    hosted.write("refs/ann.png", png(Image.new("RGB", (40, 40), (20, 130, 30))))
    hosted.write("specs/characters/ann.yaml", CHARACTER)
    assert hosted.build().code == 0
    anchor, *variations = hosted.fal.posts
    reference = published(hosted, "refs/ann.png")
    assert anchor["path"] == "fal-ai/nano-banana/edit"
    assert [pixels(uri) for uri in anchor["arguments"]["image_urls"]] == [reference]
    front = published(hosted, "content/images/characters/ann/anchors/front.png")
    for variation in variations:
        assert [pixels(uri) for uri in variation["arguments"]["image_urls"]] == [front, reference]
        assert "strength" not in variation["arguments"] and variation["arguments"]["aspect_ratio"] == "1:1"
    assert len({variation["arguments"]["seed"] for variation in variations}) == 2


def test_any_endpoint_that_a_project_describes(hosted):
    hosted.write("calotype.yaml", """\
version: 1
renderer: hosted
defaults: {size: [64, 32]}
scoring: {weights: {technical: 1}}
hosted:
  endpoints: {text: someone/their-model/fast}
  models: {someone/their-model/fast: {size: image_size, takes: [negative, steps], arguments: {style: plain}}}
  prices: {someone/their-model/fast: {megapixel: 0.5, date: "2026-11-30"}}
  delay: 0
""")
    hosted.exercise("negative_prompt: blurred")
    assert hosted.call("plan", "--json").json["estimate"]["price"] == 0.5
    assert hosted.build().code == 0
    arguments = sent(hosted)
    assert hosted.fal.posts[0]["path"] == "someone/their-model/fast"
    assert "blurred" in arguments.pop("negative_prompt") and "seed" not in arguments
    assert arguments["style"] == "plain" and arguments["image_size"] == {"width": 64, "height": 32}


def test_what_decides_pixels_is_in_the_key_and_what_does_not_is_not(hosted):
    hosted.exercise("")
    assert hosted.build().code == 0
    for more, renders in (("delay: 0", 0), ("prices: {fal-ai/flux/dev: {image: 1.0}}", 0), ("ceiling: {build: 9}", 0),
                          ("safety: false", 1), ("models: {fal-ai/flux/dev: {arguments: {guidance_scale: 2}}}", 1)):
        more = more if more != "delay: 0" else "wait: 31"
        hosted.configure(more)
        assert hosted.call("plan", "--json").json["renders"] == renders, more
    hosted.configure("models: {fal-ai/flux/dev: {arguments: {guidance_scale: 2}}}")
    told = hosted.call("explain", "exercises/nod/01").out
    assert "guidance_scale" in told and "calotype.yaml" in told


@pytest.mark.parametrize(("image", "config", "said"), [
    ("controls: [{type: openpose, from: pose}]", "", "the renderer `hosted` takes no controls"),
    ("loras: [{name: luca}]", "loras: {luca: {path: loras/luca.safetensors}}", "`fal-ai/flux/dev` takes no LoRAs (luca)"),
    ("reference: {image: refs/a.png, method: controlnet}", "", "knows no `method: controlnet`"),
])
def test_what_no_endpoint_is_told_is_refused_by_name(hosted, image, config, said):
    from PIL import Image

    hosted.write("refs/a.png", png(Image.new("RGB", (32, 32), (200, 30, 30))))
    hosted.write("calotype.yaml", hosted.read("calotype.yaml") + config + "\n")
    hosted.exercise(image)
    for words in ("plan", "build", "check"):
        done = hosted.call(words, "--json")
        assert done.code == 2, done.out
        assert any(said in each["message"] for each in done.json["diagnostics"]), done.json["diagnostics"]


@pytest.mark.parametrize(("hosted_block", "said"), [
    ("endpoints: {text: someone/else}", "what `someone/else` takes is not known"),
    ("endpoints: {text: fal-ai/flux/dv}", "what `fal-ai/flux/dv` takes is not known"),
    ("endpoints: {text: fal-ai/nano-banana/edit}", "takes pictures, and this image starts from none"),
    ("endpoints: {text: '../up'}", "is not an endpoint of fal"), ("ceilng: {}", "ceilng"),
    ("ceiling: {build: -1}", "it must be 0 to 100000"), ("prices: {a/b: {image: 1, megapixel: 2}}", "wants just one of `image` and `megapixel`"),
    ("models: {fal-ai/flux/dev: {arguments: {num_images: 4}}}", "`num_images` is set by Calotype"),
    ("models: {fal-ai/flux/dev: {arguments: {style: .nan}}}", "nan"),
    ("endpoints: {text: a/b}, models: {a/b: {size: aspect_ratio}}, prices: {a/b: {image: 1}}", "which ratios `a/b` takes"),
])
def test_a_block_that_cannot_be_used_is_told(hosted, hosted_block, said):
    hosted.write("calotype.yaml", f"version: 1\nrenderer: hosted\nhosted: {{{hosted_block}}}\n")
    hosted.exercise("")
    done = hosted.build()
    assert done.code == 2 and any(said in f"{each['message']} {each['hint']}" for each in done.json["diagnostics"]), done.err


def test_an_endpoint_without_a_price_is_not_bought_from(hosted):
    hosted.write("calotype.yaml", "version: 1\nrenderer: hosted\nhosted: {endpoints: {text: a/b}, models: {a/b: {takes: [seed]}}}\n")
    hosted.exercise("")
    done = hosted.build()
    assert done.code == 2 and "what `a/b` costs is not known" in done.json["diagnostics"][0]["message"]
    assert hosted.fal.posts == []


def test_without_the_key_nothing_is_begun(hosted, monkeypatch):
    monkeypatch.delenv("FAL_KEY")
    hosted.exercise("")
    done = hosted.build()
    assert done.code == 2 and "`FAL_KEY` is not set" in done.json["diagnostics"][0]["message"]
    assert hosted.call("plan").code == 0
    for key in ("ключ", "a\nb"):
        monkeypatch.setenv("FAL_KEY", key)
        done = hosted.build()
        assert done.code == 1 and "`FAL_KEY` holds no key" in done.json["diagnostics"][-1]["message"]


# money


def test_a_build_stops_before_its_ceiling_is_passed(hosted):
    hosted.configure("ceiling: {build: 0.06}")
    hosted.exercise("seed: 1", "seed: 2", "seed: 3")
    planned = hosted.call("plan", "--json")
    assert [each["code"] for each in planned.json["diagnostics"]] == ["over-ceiling"] and planned.code == 0
    done = hosted.build("-j", "1")
    assert (done.code, done.json["failed"], done.json["renders"]) == (1, 1, 2) and len(hosted.fal.posts) == 2
    assert "the ceiling of 0.06 USD would be passed: 0.05 are spent in this build" in done.json["diagnostics"][-1]["message"]
    assert hosted.build().code == 0 and len(hosted.fal.posts) == 3


def test_a_day_stops_before_its_ceiling_is_passed_whatever_builds_there_are(hosted):
    hosted.configure("ceiling: {day: 0.06}")
    hosted.exercise("seed: 1", "seed: 2", "seed: 3")
    for _ in range(3):
        assert hosted.build().code == 1
    assert len(hosted.fal.posts) == 2
    hosted.configure("ceiling: {day: 0.08}")
    assert hosted.build().code == 0 and len(hosted.fal.posts) == 3


def test_threads_and_processes_keep_within_one_ceiling(hosted):
    hosted.configure("ceiling: {build: 0.1}")
    hosted.exercise(*(f"seed: {number}" for number in range(12)))
    done = hosted.build("-j", "3")
    assert done.code == 1 and len(hosted.fal.posts) == 4
    hosted.configure("ceiling: {build: 0.05}")
    done = hosted.run("build", "--json", "-j", "2", "--executor", "processes")
    assert done.code == 1 and len(hosted.fal.posts) == 6


def test_two_builds_in_two_terminals_keep_within_one_day_and_buy_nothing_twice(hosted):
    hosted.exercise(*(f"seed: {number}" for number in range(8)))
    hosted.configure("ceiling: {day: 0.1}")

    def both() -> list[int]:
        hosted.fal.fail("submit", *["slow"] * 30)
        builds = [subprocess.Popen([str(CALOTYPE), "build", "-q", "-j", "4"], cwd=hosted.root) for _ in range(2)]
        return [build.wait(60) for build in builds]

    assert both() == [1, 1] and len(hosted.fal.posts) == 4
    hosted.configure("ceiling: {day: 10}")
    assert both() == [0, 0] and len(hosted.fal.posts) == 8


def test_requests_are_sent_so_far_apart(hosted):
    import time

    hosted.write("calotype.yaml", hosted.read("calotype.yaml").replace("delay: 0", "delay: 0.3"))
    hosted.exercise("seed: 1", "seed: 2", "seed: 3")
    begun = time.monotonic()
    assert hosted.build("-j", "2").code == 0
    assert time.monotonic() - begun >= 0.6
    sent_at = [event["at"] for event in hosted.journal if event["event"] == "intent"]
    assert all(later - before >= 0.28 for before, later in itertools.pairwise(sent_at))


@pytest.mark.parametrize(("shots", "candidates", "price", "total"), [
    (4, 1, 0.02, 0.08), (6, 1, 0.02, 0.12), (8, 1, 0.02, 0.16), (4, 4, 0.025, 0.40), (6, 4, 0.025, 0.60), (8, 4, 0.025, 0.80)])
def test_the_guide_s_costs_of_scenes_come_out_of_a_plan(space: Space, shots, candidates, price, total):
    """The advanced mode's price of an image holds its share of the enhancement."""
    space.write("calotype.yaml", f"version: 1\nrenderer: hosted\nhosted: {{prices: {{fal-ai/flux-pro/v1.1-ultra: {{image: {price}}}, "
                f"fal-ai/flux/dev/image-to-image: {{image: {price}}}}}}}\n")
    rows = "".join(f"  - {{id: s{number}, prompt: shot {number}, candidates: {candidates}}}\n" for number in range(shots))
    space.write("specs/scenes/ad.yaml", f"kind: scene\nid: ad\ntitle: Ad\nchain: true\nshots:\n{rows}")
    done = space.call("plan", "--json")
    assert done.json["estimate"]["price"] == pytest.approx(total) and done.json["renders"] == shots * candidates
    assert f"{total:.2f} USD" in space.call("plan").out


@pytest.mark.parametrize(("seconds", "words", "price", "images", "total"), [
    (16, ["--simple"], 0.02, 4, 0.08), (24, ["--simple"], 0.02, 6, 0.12), (32, ["--simple"], 0.02, 8, 0.16),
    (16, [], 0.025, 16, 0.40), (24, [], 0.025, 24, 0.60), (32, [], 0.025, 32, 0.80)])
def test_the_guide_s_cost_rows_come_out_of_the_plan_of_a_brief(space: Space, seconds, words, price, images, total):
    space.write("calotype.yaml", f"version: 1\nrenderer: hosted\nhosted: {{prices: {{fal-ai/flux-pro/v1.1-ultra: {{image: {price}}}, "
                f"fal-ai/flux/dev/image-to-image: {{image: {price}}}}}}}\n")
    brief = "Artisan coffee that starts your morning right"
    assert space.call("scene", "new", "ad", "--brief", brief, "--duration", f"{seconds}", *words).code == 0
    plan = space.call("plan", "--json").json
    assert (plan["renders"], plan["estimate"]["price"]) == (images, pytest.approx(total))
    assert f"{total:.2f} USD" in space.call("plan").out


def test_the_guide_s_costs_of_a_character_come_out_of_a_plan_phase_by_phase(space: Space):
    poses = "".join(f"{{id: p{number}, prompt: pose {number}}}, " for number in range(8))
    variations = "".join(f"{{id: v{number}, prompt: doing {number}, anchor: p{number % 8}, count: 10}}, " for number in range(10))
    space.write("specs/characters/ann.yaml", f"kind: character\nid: ann\nprompt: a girl\nanchors: {{candidates: 10, select: human, poses: [{poses}]}}\n"
                f"variations: [{variations}]\n")
    space.write("calotype.yaml", "version: 1\nrenderer: hosted\nhosted: {prices: {fal-ai/flux-pro/v1.1-ultra: {image: 0.04}, "
                "fal-ai/flux/dev/image-to-image: {image: 0.03}}}\n")
    phases = {row["phase"]: (row["images"], row["price"]) for row in space.call("plan", "--json").json["estimate"]["phases"]}
    assert phases == {"anchors": (80, pytest.approx(3.2)), "variations": (100, pytest.approx(3.0))}
    text = space.call("plan").out
    assert "3.20 USD" in text and "3.00 USD" in text


def test_every_packaged_price_has_the_day_on_which_it_was_looked_up_or_says_that_it_never_was(hosted):
    from calotype.workers.render.hosted.endpoints import packaged
    from calotype.workers.render.hosted.hosted_training import trainers

    prices = [row["price"] for table in (packaged(), trainers()) for row in table.values()]
    assert packaged()["fal-ai/flux-pro/v1.1-ultra"]["price"] == {"image": 0.06, "date": "2026-11-29"}
    assert all((price.get("unchecked") is True) is not ("date" in price) for price in prices)
    hosted.configure('prices: {fal-ai/flux/dev: {megapixel: 0.02, date: "2026-11-30"}}')
    hosted.exercise("")
    text = hosted.call("doctor").out
    assert "looked up 2026-11-30: fal-ai/flux/dev; looked up 2026-11-29: fal-ai/flux-pro/v1.1-ultra; never checked" in " ".join(text.split())


# what is never loaded


LOADED = "import sys; from calotype.__main__ import main; code = main(sys.argv[1:]); " \
         "print([name for name in ('fal_client', 'httpx') if name in sys.modules], code)"


@pytest.mark.parametrize("words", [("plan",), ("check",), ("build",), ("hosted", "list"), ("explain", "exercises/nod/01"), ("doctor",)])
def test_fal_client_is_not_loaded_where_nothing_is_bought(hosted, words):
    hosted.exercise("")
    if words[0] == "build":
        assert hosted.build().code == 0
    done = subprocess.run([sys.executable, "-c", LOADED, *words], cwd=hosted.root, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1].startswith("[]"), done.stdout + done.stderr


def test_a_build_after_the_cache_is_lost_buys_nothing(hosted):
    hosted.exercise("")
    assert hosted.build().code == 0
    hosted.remove("cache")
    assert hosted.build().code == 0 and len(hosted.fal.posts) == 1
    hosted.remove("build")
    assert hosted.call("gc").code == 0 and hosted.call("clean").code == 0
    assert hosted.build().code == 0 and len(hosted.fal.posts) == 1


def test_a_picture_that_is_gone_is_fetched_again_and_not_bought(hosted):
    hosted.exercise("")
    assert hosted.build().code == 0
    for folder in ("content", "cache/cas"):
        hosted.remove(folder)
    assert hosted.build().code == 0 and len(hosted.fal.posts) == 1
    assert hosted.fal.calls["picture"] == 2
