"""Storyboards over HTTP as an enemy, a race, a full disk and a kill meet them: each request is one generation or none,
and what is told of it is true."""

from __future__ import annotations

import json
import struct
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from test_generations import (
    BOUNDARY,
    PROMPT,
    completed,
    generate,
    generate_with_image,
    picture,
    server,
    space,
    spec_of,
    told,
)

from conftest import Space
from small_disk import fill, small_disk
from studio_server import Answer, Server, studio

__all__ = ["server", "space"]

RECORDS = "cache/state/generations"


def left_of(space: Space) -> list[str]:
    return [name for folder in ("specs/scenes", RECORDS) for name in space.files(folder)]


def form(server: Server, *parts: bytes, kind: str = f"multipart/form-data; boundary={BOUNDARY}", end: bool = True) -> Answer:
    body = b"".join(f"--{BOUNDARY}\r\n".encode() + part + b"\r\n" for part in parts) + (f"--{BOUNDARY}--\r\n".encode() if end else b"")
    return server.write("/api/generate-with-image", body, kind=kind)


def part(name: str, data: bytes, more: str = "") -> bytes:
    return f'Content-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + data


def png(width: int, height: int, packed: bytes) -> bytes:
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", packed), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks)


TEXT = part("prompt", PROMPT.encode())
IMAGE = part("image", picture(), '; filename="a.png"')


# races


def test_fifty_at_once_with_one_key_are_one_generation(space: Space, server: Server) -> None:
    headers, body = {"Idempotency-Key": "order-66"}, {"prompt": PROMPT, "duration": 4}
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: generate(server, body, **headers), range(50)))
    assert {answer.status for answer in answers} == {202}
    assert len({answer.json["generation_id"] for answer in answers}) == 1
    assert len(space.files("specs/scenes")) == len(space.files(RECORDS)) == 1


def test_of_fifty_that_ask_for_other_things_with_one_key_one_is_taken(space: Space, server: Server) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda number: generate(
            server, {"prompt": f"{PROMPT} {number}", "duration": 4}, **{"Idempotency-Key": "k"}), range(50)))
    assert sorted({answer.status for answer in answers}) == [202, 409] and [answer.status for answer in answers].count(202) == 1
    assert len(space.files("specs/scenes")) == len(space.files(RECORDS)) == 1


def test_twenty_forms_with_one_key_are_one_generation(space: Space, server: Server) -> None:
    def send(number: int) -> Answer:
        body = b"".join(f"--{BOUNDARY}\r\n".encode() + one + b"\r\n" for one in (TEXT, IMAGE)) + f"--{BOUNDARY}--\r\n".encode()
        return server.write("/api/generate-with-image", body, kind=f"multipart/form-data; boundary={BOUNDARY}", **{"Idempotency-Key": "k"})

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    assert {answer.status for answer in answers} == {202} and len({answer.json["generation_id"] for answer in answers}) == 1
    completed(server, answers[0].json["generation_id"])
    assert left_of(space) == [f"specs/scenes/{answers[0].json['generation_id']}.yaml", f"{RECORDS}/{answers[0].json['generation_id']}.json"]


def test_two_servers_of_one_project_make_one_generation_of_one_key(space: Space, server: Server) -> None:
    with studio(space.root, env=space.env) as other, ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda number: generate(
            (server, other)[number % 2], {"prompt": PROMPT, "duration": 4}, **{"Idempotency-Key": "k"}), range(20)))
        assert {answer.status for answer in answers} == {202}, [answer.body for answer in answers]
        (generation,) = {answer.json["generation_id"] for answer in answers}
        assert left_of(space) == [f"specs/scenes/{generation}.yaml", f"{RECORDS}/{generation}.json"]
        completed(other, generation)


def test_more_than_wait_for_their_build_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A builder that does not build: minutes pass, and nothing is over."""
    from calotype.ground.diagnostics import error
    from calotype.project.new_scene import SceneOptions
    from calotype.roof.studio.builder import Builder
    from calotype.roof.studio.feed import Feed
    from calotype.roof.studio.storyboards.generations import MOST_WAITING, Busy, Generations
    from calotype.roof.watch.watcher import WatchOptions

    space = Space(tmp_path)
    space.write("calotype.yaml", "version: 1\n")
    generations = Generations(tmp_path, Builder(tmp_path, Feed(1), WatchOptions(), print), lambda bug: error("bug", str(bug)))
    minutes = iter(range(10**6))
    monkeypatch.setattr(time, "monotonic", lambda: 61.0 * next(minutes))
    for _ in range(MOST_WAITING):
        generations.accept(PROMPT, SceneOptions(4, unique=True))
    with pytest.raises(Busy) as caught:
        generations.accept(PROMPT, SceneOptions(4, unique=True))
    assert caught.value.seconds == 60 and len(space.files("specs/scenes")) == MOST_WAITING


def test_a_key_whose_record_is_lost_does_not_give_another_scene(space: Space, server: Server) -> None:
    """As who deletes the cache loses it: the scene stays, and is not taken for what is asked for now."""
    headers = {"Idempotency-Key": "order-66"}
    generation = generate(server, {"prompt": PROMPT, "duration": 4}, **headers).json["generation_id"]
    text = space.read(spec_of(generation))
    (space.root / RECORDS / f"{generation}.json").unlink()
    answer = generate(server, {"prompt": "Tea", "duration": 8}, **headers)
    assert (answer.status, answer.codes) == (409, ["idempotency-key"]) and space.read(spec_of(generation)) == text


def test_what_is_cancelled_while_it_is_rendered_leaves_nothing(space: Space) -> None:
    space.write("calotype.yaml", "version: 1\n")
    with studio(space.root, env=space.env) as server:
        server.wait_for_build()
        generation = generate(server, {"prompt": PROMPT, "num_variations": 6}).json["generation_id"]
        server.wait(lambda: told(server, generation)["status"] == "processing")
        assert server.write(f"/api/generations/{generation}", method="DELETE").json["status"] == "cancelled"
        server.wait(lambda: not server.state.get("building") and not space.files(f"content/images/scenes/{generation}"))
        assert told(server, generation)["status"] == "cancelled"
    assert space.run("build", "--json").json["targets"] == [] and not (space.root / spec_of(generation)).exists()


def test_a_restart_in_the_middle_finishes_what_was_begun(space: Space) -> None:
    space.write("calotype.yaml", "version: 1\n")
    with studio(space.root, env=space.env) as server:
        server.wait_for_build()
        generation = generate(server, {"prompt": PROMPT, "duration": 8}).json["generation_id"]
        server.wait(lambda: told(server, generation)["status"] == "processing")
        server.kill()
    with studio(space.root, env=space.env) as server:
        assert told(server, generation)["status"] in ("queued", "processing", "completed")
        completed(server, generation)


def test_a_restart_takes_away_what_was_cancelled_and_not_yet_removed(space: Space) -> None:
    with studio(space.root, env=space.env) as server:
        server.wait_for_build()
        generation = generate(server, {"prompt": PROMPT, "duration": 4}).json["generation_id"]
    record = json.loads(space.read(f"{RECORDS}/{generation}.json"))
    space.write(f"{RECORDS}/{generation}.json", json.dumps({**record, "state": "cancelled"}))
    with studio(space.root, env=space.env) as server:
        server.wait(lambda: not (space.root / spec_of(generation)).exists())
        assert told(server, generation)["status"] == "cancelled"


def test_pictures_of_nobody_are_swept_at_the_start(space: Space) -> None:
    space.write(f"{RECORDS}/gen_0123456789abcdef.png", "half")
    space.write(f"{RECORDS}/upload_0123.webp", "half")
    with studio(space.root, env=space.env) as server:
        server.wait(lambda: space.files(RECORDS) == [])


# what nobody foresaw


def test_a_bug_in_one_generation_holds_up_no_other(space: Space) -> None:
    """A record whose length is a word, as no version writes it."""
    record = {"schema": 1, "key": "", "body": "b", "prompt": PROMPT, "state": "accepted", "spec": "", "diagnostics": []}
    for number, duration in enumerate(("fifteen", 4.0)):
        id = f"gen_{number:016d}"
        space.write(f"{RECORDS}/{id}.json", json.dumps({**record, "id": id, "options": {"duration": duration}}))
    with studio(space.root, env=space.env) as server:
        completed(server, f"gen_{1:016d}")
        answer = told(server, f"gen_{0:016d}")
        assert answer["status"] == "failed" and answer["diagnostics"][0]["code"] == "bug"
        later = generate_with_image(server, picture(), prompt=PROMPT, duration=4).json["generation_id"]
        completed(server, later)


def is_told_of(space: Space, server: Server, generation: str) -> bool:
    """Whether it is written, or was told to have failed."""
    return (space.root / spec_of(generation)).exists() or told(server, generation)["status"] == "failed"


def test_a_full_disk_leaves_each_request_taken_whole_or_not_at_all(tmp_path: Path, space: Space) -> None:
    with small_disk(tmp_path / "disk", "3m") as folder:
        small = Space(folder / "project")
        for name in ("calotype.yaml",):
            small.write(name, space.read(name))
        (small.root / "specs/scenes").mkdir(parents=True)
        with studio(small.root, "--no-watch", env=space.env) as server:
            server.wait_for_build()
            statuses = set()
            for left in range(0, 40_000, 4096):
                fill(folder / "ballast", left)
                answers = [generate(server, {"prompt": PROMPT, "duration": 4})]
                answers.append(generate_with_image(server, picture(), prompt=PROMPT, duration=4))
                statuses |= {answer.status for answer in answers}
                assert all(answer.codes in (["disk-full"], ["no-space"]) for answer in answers if answer.status != 202), answers
                (folder / "ballast").unlink()
                for answer in answers:
                    if answer.status == 202:
                        assert server.wait(lambda id=answer.json["generation_id"]: is_told_of(small, server, id))
            server.wait(lambda: {Path(name).suffix for name in small.files(RECORDS)} <= {".json"})
            records = {Path(name).stem for name in small.files(RECORDS)}
            assert {Path(name).stem for name in small.files("specs/scenes")} <= records
            assert 500 in statuses or not folder.is_mount()


# forms


@pytest.mark.parametrize(("parts", "status"), [
    ((TEXT, IMAGE, IMAGE), (400, 422)), ((TEXT, part("image", picture())), (422,)), ((TEXT, part("image", b"", '; filename="a.png"')), (422,)),
    ((TEXT, part("picture", picture(), '; filename="a.png"')), (422,)), ((IMAGE,), (422,)), ((), (400, 422)),
    ((TEXT, TEXT, IMAGE), (422,)), ((part("prompt", PROMPT.encode(), '; filename="a.txt"'), IMAGE), (400, 422)),
    ((TEXT, part("image", png(50_000, 50_000, b""), '; filename="a.png"')), (422,)),
    ((TEXT, part("image", png(8192, 8192, zlib.compress(bytes(100 << 20), 9)), '; filename="a.png"')), (422,)),
    ((TEXT, part("image", b"GIF89a" + bytes(100), '; filename="a.png"')), (422,)),
    ((TEXT, part("image", b"<svg/>", '; filename="a.png"')), (422,)), ((TEXT, IMAGE, *[part(f"x{n}", b"") for n in range(40)]), (400, 422)),
    ((part("prompt", b"a" * 100_000), IMAGE), (400, 413, 422)),
    ((TEXT, b"no head at all"), (400, 422)), ((TEXT, IMAGE, part("../../etc/passwd", b"x")), (422,)),
    ((TEXT, part("image", picture(), '; filename="../../../evil.yaml"'), part("prompt", b"")), (422,)),
], ids=lambda value: "" if isinstance(value, tuple) else None)
def test_an_odd_form_leaves_nothing(space: Space, server: Server, parts: tuple[bytes, ...], status: tuple[int, ...]) -> None:
    answer = form(server, *parts)
    assert answer.status in status, answer.body
    assert answer.json["diagnostics"] and left_of(space) == []


@pytest.mark.parametrize(("kind", "end"), [
    ("application/json", True), ("multipart/form-data", True), ("multipart/form-data; boundary=", True), ("text/plain", True), ("", True),
    (f"multipart/form-data; boundary={BOUNDARY}", False), (f"multipart/form-data; boundary={'b' * 5000}", True),
    ("application/x-www-form-urlencoded", True)])
def test_what_is_no_form_leaves_nothing(space: Space, server: Server, kind: str, end: bool) -> None:
    answer = form(server, TEXT, IMAGE, kind=kind, end=end)
    assert answer.status in (400, 415, 422), answer.body
    assert answer.json["diagnostics"] and left_of(space) == []


def test_a_name_of_a_file_says_nothing_of_where_it_lies(space: Space, server: Server) -> None:
    answer = form(server, TEXT, part("image", picture(), '; filename="../../../../evil.yaml"'), part("duration", b"4"))
    assert answer.status == 202
    completed(server, answer.json["generation_id"])
    assert not list(space.root.parent.rglob("evil*"))


# prompts


@pytest.mark.parametrize("prompt", [
    "tea " * 25_000, "tea\x00", "tea\x1b[2J", "tea\u202e", "tea\ufeff", "tea\x85", "tea\u2028tea", "\u200b", "   ", "!?.", "\ud800",
])
def test_a_prompt_that_no_spec_holds_is_refused_or_is_one_line(space: Space, server: Server, prompt: str) -> None:
    answer = generate(server, json.dumps({"prompt": prompt, "duration": 4}).encode())
    if answer.status == 202:
        text = space.read(spec_of(answer.json["generation_id"]))
        assert all(character.isprintable() for line in text.split("\n") for character in line)
    else:
        assert answer.status in (400, 422) and left_of(space) == []


@pytest.mark.parametrize("prompt", [
    "tea: hot # and sweet", "- tea", "!!python/object/apply:os.system [tea]", "*tea", "&a tea", "%YAML 1.1 tea", "--- tea", "{{ tea }} {% for %}",
    "tea' \"tea\" `tea`", "> tea", "| tea", "? tea", "yes", "null tea", "<<: tea", "../../etc/tea", "tea\n  candidates: 1000\nid: evil", "@tea", "\t- tea",
    "<script>alert(1)</script> tea", "$(touch tea)", "C:\\tea\\nul", "tea \U0001f375 \u8336 \u0634\u0627\u064a",
])
def test_a_prompt_is_words_and_never_markup(space: Space, server: Server, prompt: str) -> None:
    answer = generate(server, {"prompt": prompt, "duration": 4, "num_variations": 2})
    assert answer.status == 202, answer.body
    generation = answer.json["generation_id"]
    spec = yaml.safe_load(space.read(spec_of(generation)))
    words = " ".join(prompt.split())
    assert (spec["id"], spec["candidates"], spec["title"]) == (generation, 2, words) and len(spec["shots"]) == 1
    completed(server, generation)
    assert space.run("validate", spec_of(generation)).code == 0


@pytest.mark.parametrize("key", ["../../evil", "a b", "k\u00e9y", "x" * 256, "{}", "%2e%2e", "gen_0123456789abcdef"])
def test_an_idempotency_key_is_no_name_of_a_file(space: Space, server: Server, key: str) -> None:
    answer = server.ask("/api/generate", "POST", json.dumps({"prompt": PROMPT, "duration": 4}).encode(), {
        "Authorization": f"Bearer {server.token}", "Content-Type": "application/json", "Idempotency-Key": key.encode().decode("latin-1")})
    assert answer.status in (202, 422)
    assert all(name.rpartition("/")[2].startswith("gen_") for name in left_of(space))


@pytest.mark.parametrize("body", [
    b"[" * 100_000, b'{"prompt": ' * 20_000, b'{"prompt": "a", "prompt": "b"}', b"\xff\xfe", b'{"prompt": 1e999}', b"null", b'"tea"', b"[]",
    b'{"prompt": {"$ref": "#"}}', b'{"prompt": "tea", "target_duration": 1e999}', b'{"prompt": "tea", "target_duration": -0.0}',
    b'{"prompt": "tea", "advanced_image_num_variations": 99999999999999999999999999}', b'{"prompt": "tea", "__proto__": {}}',
])
def test_a_body_that_is_no_request_is_told(space: Space, server: Server, body: bytes) -> None:
    answer = generate(server, body)
    assert answer.status in (400, 422) or (answer.status == 202 and b'"b"' in body), answer.body
    assert answer.status == 202 or (answer.json["diagnostics"] and left_of(space) == [])


def test_a_body_larger_than_any_prompt_is_refused(space: Space, server: Server) -> None:
    assert generate(server, b'{"prompt": "' + b"t" * 200_000 + b'"}').status in (413, 422)
    assert left_of(space) == []


def test_what_a_minute_takes_is_taken_anew_after_it(space: Space, server: Server) -> None:
    """A request that is refused for its form counts for nothing."""
    for _ in range(40):
        assert generate(server, {"prompt": ""}).status == 422
    assert generate(server, {"prompt": PROMPT, "duration": 4}).status == 202
