"""Storyboards over HTTP: what is asked for with a sentence becomes a spec, is built, and is told as the guide tells it."""

from __future__ import annotations

import io
import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import verdicts
from PIL import Image

from calotype.ground.images import digest_of
from calotype.ground.lock import build_lock
from conftest import Space
from studio_server import Answer, Server, studio

PROMPT = "Artisan coffee that starts your morning right"
CONFIG = "version: 1\nrenderer: swatch\ndefaults: {size: [64, 64]}\nbase_seed: 12582912\nscoring: {weights: {red: 1}}\n"
EXAMPLES = [
    {"prompt": "Luxury watch advertisement with dramatic lighting", "use_advanced_image_generation": True,
     "advanced_image_num_variations": 6, "advanced_image_max_enhancement_iterations": 4,
     "advanced_image_quality_threshold": 50.0},
    {"prompt": "Artisan coffee for busy professionals", "use_advanced_image_generation": True,
     "advanced_image_num_variations": 4, "advanced_image_max_enhancement_iterations": 4,
     "advanced_image_quality_threshold": 30.0},
    {"prompt": "Tech startup product showcase", "use_advanced_image_generation": True,
     "advanced_image_num_variations": 2, "advanced_image_max_enhancement_iterations": 2,
     "advanced_image_quality_threshold": 20.0},
]
BOUNDARY = "a-boundary-of-parts"


@pytest.fixture
def space(tmp_path: Path) -> Space:
    space = Space(tmp_path / "project")
    (space.root / "specs").mkdir(parents=True)
    space.write("calotype.yaml", CONFIG)
    verdicts.install(tmp_path / "site")
    space.env["PYTHONPATH"] = str(tmp_path / "site")
    return space


@pytest.fixture
def server(space: Space) -> Iterator[Server]:
    with studio(space.root, env=space.env) as server:
        server.wait_for_build()
        yield server


def generate(server: Server, body: Any, **headers: str) -> Answer:
    return server.write("/api/generate", body, **headers)


def picture(size: tuple[int, int] = (96, 64)) -> bytes:
    data = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(data, "PNG")
    return data.getvalue()


def generate_with_image(server: Server, image: bytes | None, **fields: Any) -> Answer:
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
             for name, value in fields.items()]
    if image is not None:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="mine.png"\r\n\r\n'
        parts.append(head.encode() + image + b"\r\n")
    body = b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])
    return server.write("/api/generate-with-image", body, kind=f"multipart/form-data; boundary={BOUNDARY}")


def told(server: Server, generation: str) -> Any:
    return server.ask(f"/api/generations/{generation}").json


def completed(server: Server, generation: str) -> Any:
    return server.wait(lambda: (answer := told(server, generation))["status"] == "completed" and answer, generation)


def spec_of(generation: str) -> str:
    return f"specs/scenes/{generation}.yaml"


def test_a_sentence_becomes_a_storyboard_that_is_told_as_the_guide_tells_it(space: Space, server: Server) -> None:
    accepted = generate(server, {"prompt": PROMPT, "target_duration": 15})
    assert accepted.status == 202 and accepted.json["status"] == "queued"
    generation = accepted.json["generation_id"]
    assert accepted.headers["location"] == f"/api/generations/{generation}"
    answer = completed(server, generation)
    addresses = [scene["reference_image_url"] for scene in answer["storyboard_plan"]["scenes"]]
    assert answer == {
        "generation_id": generation,
        "status": "completed",
        "progress": 100,
        "advanced_image_generation_used": True,
        "storyboard_plan": {
            "advanced_image_generation_used": True,
            "advanced_image_settings": {"quality_threshold": 30.0, "num_variations": 4, "max_enhancement_iterations": 4},
            "scenes": [{"scene_number": number, "reference_image_url": addresses[number - 1], "quality_score": 75.3}
                       for number in (1, 2, 3, 4)],
        },
    }
    assert list(answer) == ["generation_id", "status", "progress", "advanced_image_generation_used", "storyboard_plan"]
    for address in addresses:
        shown = server.ask(address.removeprefix(server.address.rstrip("/")))
        assert shown.status == 200 and shown.headers["content-type"] == "image/png"
    assert space.run("check", "--json").code == 0
    assert json.loads(space.run("list", "--json").out)["targets"][0]["spec"] == spec_of(generation)


ANSWER = """{
  "generation_id": "abc123",
  "status": "completed",
  "progress": 100,
  "advanced_image_generation_used": true,
  "storyboard_plan": {
    "advanced_image_generation_used": true,
    "advanced_image_settings": {
      "quality_threshold": 30.0,
      "num_variations": 4,
      "max_enhancement_iterations": 4
    },
    "scenes": [
      {
        "scene_number": 1,
        "reference_image_url": "https://...",
        "quality_score": 78.2
      }
    ]
  }
}"""
"""As the guide prints it."""


def test_the_answer_is_the_guide_s_to_the_letter(server: Server) -> None:
    generation = generate(server, {"prompt": PROMPT, "target_duration": 4}).json["generation_id"]
    (scene,) = completed(server, generation)["storyboard_plan"]["scenes"]
    text = ANSWER.replace("abc123", generation).replace("https://...", scene["reference_image_url"]).replace("78.2", str(scene["quality_score"]))
    assert json.dumps(json.loads(server.ask(f"/api/generations/{generation}").body), indent=2) == text


@pytest.mark.parametrize("body", EXAMPLES)
def test_the_bodies_of_the_guide_act(space: Space, server: Server, body: dict[str, Any]) -> None:
    generation = generate(server, body).json["generation_id"]
    text = space.read(spec_of(generation))
    assert f"candidates: {body['advanced_image_num_variations']}\n" in text
    assert f"iterations: {body['advanced_image_max_enhancement_iterations']}," in text
    assert f"quality_threshold: {body['advanced_image_quality_threshold']}\n" in text
    answer = completed(server, generation)
    assert answer["storyboard_plan"]["advanced_image_settings"] == {
        "quality_threshold": body["advanced_image_quality_threshold"],
        "num_variations": body["advanced_image_num_variations"],
        "max_enhancement_iterations": body["advanced_image_max_enhancement_iterations"]}


def test_a_picture_below_its_own_threshold_is_warned_of(space: Space, server: Server) -> None:
    generation = generate(server, {"prompt": PROMPT, "quality_threshold": 90, "duration": 4}).json["generation_id"]
    completed(server, generation)
    warned = [each for each in space.run("check", "--json").json["diagnostics"] if each["code"] == "score-low"]
    assert len(warned) == 1 and "below 90" in warned[0]["message"]
    space.write(spec_of(generation), space.read(spec_of(generation)).replace("threshold: 90.0", "threshold: 10"))
    done = space.run("build", "--json").json
    assert done["renders"] == 0 and "score-low" not in json.dumps(done)


def test_simple_mode_enhances_nothing_and_renders_each_shot_once(space: Space, server: Server) -> None:
    body = {"prompt": PROMPT, "advanced": False, "duration": 8}
    generation = generate(server, body).json["generation_id"]
    text = space.read(spec_of(generation))
    assert not any(word in text for word in ("enhance", "chain", "candidates"))
    answer = completed(server, generation)
    assert answer["advanced_image_generation_used"] is False and len(answer["storyboard_plan"]["scenes"]) == 2
    assert answer["storyboard_plan"]["advanced_image_settings"] is None


def test_ones_own_picture_is_the_first_scene(space: Space, server: Server) -> None:
    space.write("calotype.yaml", "version: 1\n")
    accepted = generate_with_image(server, picture(), prompt="Luxury perfume advertisement", target_duration=15)
    assert accepted.status == 202
    generation = accepted.json["generation_id"]
    completed(server, generation)
    with Image.open(space.root / f"content/images/scenes/{generation}/establish.png") as published:
        assert digest_of(published) == digest_of(Image.open(io.BytesIO(picture())))
    builds = server.wait(lambda: not server.state.get("building") and server.ask("/api/builds").json["builds"])
    assert sum(build["outcome"]["renders"] for build in builds) == 12
    assert not list((space.root / "cache/state/generations").glob("*.png"))


def test_a_picture_waits_for_the_build_at_work_and_survives_a_kill(space: Space) -> None:
    with studio(space.root, env=space.env) as server:
        server.wait_for_build()
        with build_lock(space.root):
            accepted = generate_with_image(server, picture(), prompt=PROMPT, target_duration=8)
            assert accepted.status == 202
            generation = accepted.json["generation_id"]
            assert told(server, generation)["status"] == "queued"
            assert not (space.root / spec_of(generation)).exists()
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            server.process.returncode = 130
    with studio(space.root, env=space.env) as server:
        completed(server, generation)
    assert space.run("check").code == 0


def test_the_same_key_is_the_same_generation(space: Space, server: Server) -> None:
    headers = {"Idempotency-Key": "order-66"}
    body = {"prompt": PROMPT, "duration": 4}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: generate(server, body, **headers), range(8)))
    assert {answer.status for answer in answers} == {202}
    assert len({answer.json["generation_id"] for answer in answers}) == 1
    assert len(list((space.root / "specs/scenes").glob("*.yaml"))) == 1
    other = generate(server, {**body, "duration": 8}, **headers)
    assert (other.status, other.codes) == (409, ["idempotency-key"])


def test_without_a_key_each_request_is_a_generation(space: Space, server: Server) -> None:
    first, second = (generate(server, {"prompt": PROMPT, "duration": 4}).json["generation_id"] for _ in range(2))
    assert first != second
    completed(server, first)
    completed(server, second)


def test_what_is_cancelled_is_built_no_more(space: Space, server: Server) -> None:
    space.write("calotype.yaml", CONFIG + "policy: any\n")
    with build_lock(space.root):
        generation = generate(server, {"prompt": PROMPT}).json["generation_id"]
        answer = server.write(f"/api/generations/{generation}", method="DELETE")
        assert answer.status == 200 and answer.json["status"] == told(server, generation)["status"] == "cancelled"
        assert server.write(f"/api/generations/{generation}", method="DELETE").json["status"] == "cancelled"
    server.wait(lambda: not server.state.get("building"), "still building")
    assert not (space.root / spec_of(generation)).exists()
    assert not (space.root / f"content/images/scenes/{generation}").exists()


def test_what_came_with_a_picture_leaves_nothing_when_it_is_cancelled(space: Space, server: Server) -> None:
    with build_lock(space.root):
        generation = generate_with_image(server, picture(), prompt=PROMPT).json["generation_id"]
        assert server.write(f"/api/generations/{generation}", method="DELETE").json["status"] == "cancelled"
    server.wait(lambda: not server.state.get("building"), "still building")
    assert space.run("check", "--json").json["diagnostics"] == []
    assert not list(space.root.glob(f"specs/**/{generation}*")) and not list(space.root.glob(f"content/**/{generation}*"))


def test_what_is_over_or_was_edited_is_not_cancelled(space: Space, server: Server) -> None:
    generation = generate(server, {"prompt": PROMPT, "duration": 4}).json["generation_id"]
    completed(server, generation)
    over = server.write(f"/api/generations/{generation}", method="DELETE")
    assert (over.status, over.codes) == (409, ["generation-over"])
    space.write(spec_of(generation), space.read(spec_of(generation)) + "# mine\n")
    edited = server.write(f"/api/generations/{generation}", method="DELETE")
    assert (edited.status, edited.codes) == (409, ["stale-file"])
    assert space.read(spec_of(generation)).endswith("# mine\n")


def test_a_generation_is_edited_and_told_like_any_scene(space: Space, server: Server) -> None:
    generation = generate(server, {"prompt": PROMPT, "duration": 4}).json["generation_id"]
    completed(server, generation)
    space.write(spec_of(generation), space.read(spec_of(generation)).replace("candidates: 4", "candidates: 2"))
    server.wait(lambda: completed(server, generation)["storyboard_plan"]["advanced_image_settings"]["num_variations"] == 2)
    space.write(spec_of(generation), space.read(spec_of(generation)) + "shots: 1\n")
    server.wait(lambda: told(server, generation)["status"] == "failed")
    assert "diagnostics" in told(server, generation)


@pytest.mark.parametrize(("body", "status"), [
    (b"{", 422), ({}, 422), ({"prompt": ""}, 422), ({"prompt": " \n"}, 422), ({"prompt": "tea\x07"}, 422),
    ({"prompt": "tea " * 600}, 422), ({"prompt": PROMPT, "colour": "red"}, 422), ({"prompt": PROMPT, "target_duration": 0}, 422),
    ({"prompt": PROMPT, "target_duration": "15"}, 422), ({"prompt": PROMPT, "advanced_image_num_variations": 7}, 422),
    ({"prompt": PROMPT, "advanced_image_num_variations": 1}, 422), ({"prompt": PROMPT, "use_advanced_image_generation": 1}, 422),
    ({"prompt": PROMPT, "advanced_image_quality_threshold": 101}, 422), (b'{"prompt": "a", "target_duration": NaN}', 422),
    ({"prompt": PROMPT, "target_duration": 15, "duration": 8}, 422),
])
def test_a_request_that_says_nothing_of_use_leaves_nothing(space: Space, server: Server, body: Any, status: int) -> None:
    assert generate(server, body).status == status
    assert not list(space.root.glob("specs/scenes/*")) and not list(space.root.glob("cache/state/generations/*"))


@pytest.mark.parametrize(("image", "fields", "code"), [
    (None, {"prompt": PROMPT}, "upload"), (b"no picture", {"prompt": PROMPT}, "upload"),
    (picture()[:200], {"prompt": PROMPT}, "image"),
    (picture(), {}, "request"), (picture(), {"prompt": PROMPT, "target_duration": "soon"}, "request"),
    (picture(), {"prompt": PROMPT, "size": "9"}, "request"),
])
def test_a_form_that_cannot_be_used_leaves_nothing(
    space: Space, server: Server, image: bytes | None, fields: dict[str, str], code: str
) -> None:
    answer = generate_with_image(server, image, **fields)
    assert (answer.status, answer.codes) == (422, [code])
    assert str(space.root) not in answer.body.decode() and "cache/state" not in answer.body.decode()
    assert not list(space.root.glob("specs/scenes/*")) and not list(space.root.glob("cache/state/generations/*"))


def test_a_picture_of_any_size_is_brought_to_one_that_shots_can_have(space: Space, server: Server) -> None:
    generation = generate_with_image(server, picture((97, 64)), prompt=PROMPT).json["generation_id"]
    server.wait(lambda: "size" in (space.read(spec_of(generation)) if (space.root / spec_of(generation)).exists() else ""))
    assert "- 96" in space.read(spec_of(generation)) or "[96, 64]" in space.read(spec_of(generation))


def test_more_than_is_taken_is_refused_for_a_while(space: Space, server: Server) -> None:
    with build_lock(space.root):
        answers = [generate(server, {"prompt": PROMPT, "duration": 4}) for _ in range(31)]
    assert [answer.status for answer in answers] == [202] * 30 + [429]
    assert answers[-1].codes == ["busy"] and 0 < int(answers[-1].headers["retry-after"]) <= 61
    assert len(list((space.root / "specs/scenes").glob("*.yaml"))) == 30


def test_who_may_not_write_asks_for_nothing(space: Space, server: Server) -> None:
    for path in ("/api/generate", "/api/generate-with-image"):
        assert server.ask(path, "POST", b"{}", {"Content-Type": "application/json"}).status == 401
    assert server.ask("/api/generations/gen_0123456789abcdef", "DELETE").status == 401
    assert not list(space.root.glob("specs/scenes/*"))


@pytest.mark.parametrize("name", ["gen_0123456789abcdef", "nothing", "..", "%2e%2e%2fstate", "a" * 300, "gen_*"])
def test_a_generation_that_is_none_is_not_there(server: Server, name: str) -> None:
    assert server.ask(f"/api/generations/{name}").status == 404
    assert server.write(f"/api/generations/{name}", method="DELETE").status in (404, 405)


def test_a_record_that_cannot_be_read_is_not_taken_for_absent(space: Space, server: Server) -> None:
    headers = {"Idempotency-Key": "order-66"}
    generation = generate(server, {"prompt": PROMPT, "duration": 4}, **headers).json["generation_id"]
    space.write(f"cache/state/generations/{generation}.json", "{")
    answer = generate(server, {"prompt": PROMPT, "duration": 4}, **headers)
    assert (answer.status, answer.codes) == (422, ["unreadable"])
    assert len(list((space.root / "specs/scenes").glob("*.yaml"))) == 1


def test_without_a_watch_what_is_asked_for_is_built_too(space: Space) -> None:
    with studio(space.root, "--no-watch", env=space.env) as server:
        completed(server, generate(server, {"prompt": PROMPT, "duration": 4}).json["generation_id"])


def test_a_project_whose_settings_are_wrong_takes_nothing(space: Space, server: Server) -> None:
    headers = {"Idempotency-Key": "order-66"}
    space.write("calotype.yaml", CONFIG + "no_such_key: 1\n")
    assert generate(server, {"prompt": PROMPT, "duration": 4}, **headers).status == 422
    assert not list(space.root.glob("cache/state/generations/*"))
    space.write("calotype.yaml", CONFIG)
    completed(server, generate(server, {"prompt": PROMPT, "duration": 4}, **headers).json["generation_id"])
