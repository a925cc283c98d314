"""The HTTP API of the Studio: it tells what the command line tells, and writes what that writes."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urljoin

import pytest
from kit import nod_spec
from PIL import Image

import tiny
from calotype.ground.lock import build_lock
from conftest import Space
from studio_server import AWAITING, NOD, SMALL, Server, studio, write_project

TARGET = "exercises/nod/01"
PICKS = "specs/picks/exercises/nod.yaml"


def png(size: tuple[int, int] = (64, 64), colour: str = "red", form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form)
    return out.getvalue()


@pytest.fixture
def awaiting(space: Space) -> Space:
    write_project(space, AWAITING, "seed: 1")
    return space


def twin(space: Space, tmp_path: Path) -> Space:
    """The project as it is now, at another place."""
    shutil.copytree(space.root, tmp_path / "twin")
    return Space(tmp_path / "twin", space.env)


def test_it_tells_what_the_command_line_tells(awaiting: Space) -> None:
    with studio(awaiting.root) as server:
        state = server.wait_for_build()
        assert (state["awaiting"], state["failed"], state["invalid"]) == (1, 0, False)
        rows = server.ask("/api/targets").json
        assert [(row["target"], row["state"]) for row in rows["targets"]] == [
            (TARGET, "awaiting"), ("exercises/nod/02", "up_to_date")] and rows["total"] == 2
        assert server.ask("/api/targets?state=awaiting&limit=1").json["total"] == 1
        assert server.ask("/api/inbox").json == {"waiting": [
            {"target": TARGET, "status": "awaiting", "page": "/build/exercises/nod.html#01"}]}
        view = server.ask(f"/api/target?name={TARGET}").json
        assert [row["number"] for row in view["candidates"]] == [1, 2, 3]
        told = awaiting.call("explain", TARGET, "--json").json
        answer = server.ask(f"/api/explanation?name={TARGET}").json
        assert {name: answer[name] for name in ("status", "reason", "key")} == {
            name: told[name] for name in ("status", "reason", "key")}
        assert server.ask("/api/graph").json["nodes"] == [TARGET, "exercises/nod/02"]
        build = server.ask("/api/builds/1").json
        assert build["outcome"]["renders"] == 4 and server.ask("/api/builds").json["builds"][0]["number"] == 1


@pytest.mark.parametrize(("path", "code"), [
    ("/api/target?name=exercises/nod/99", "unknown-target"), ("/api/explanation?name=x", "unknown-target"),
    ("/api/builds/99", "unknown-build"), ("/api/targets?glob=scenes/none", "unknown-target")])
def test_what_is_not_there_is_said_so(awaiting: Space, path: str, code: str) -> None:
    with studio(awaiting.root, "--no-watch") as server:
        answer = server.ask(path)
        assert (answer.status, answer.codes) == (404, [code])


def test_a_decision_is_the_same_write_as_on_the_command_line(awaiting: Space, tmp_path: Path) -> None:
    assert awaiting.call("build", "-q").code == 3
    other = twin(awaiting, tmp_path)
    pixels = other.call("show", TARGET, "--json").json["candidates"][1]["pixels"]
    words = [("reject", "1", "--reason", "crooked: left > right"), ("pick", "2"), ("approve", "3")]
    asked = [{"decision": "reject", "target": TARGET, "candidate": "1", "reason": "crooked: left > right"},
             {"decision": "pick", "target": TARGET, "candidate": pixels},
             {"decision": "approve", "target": TARGET, "candidate": "3"}]
    with studio(awaiting.root) as server:
        server.wait_for_build()
        for (command, *rest), request in zip(words, asked, strict=True):
            assert other.call(command, TARGET, *rest).code == 0
            assert server.write("/api/decisions", request).status == 201
            assert awaiting.read(PICKS) == other.read(PICKS)
        assert other.call("approve", TARGET, "--undo").code == 0
        assert server.write("/api/undo", {"decision": "approve", "target": TARGET}).status == 200
        assert awaiting.read(PICKS) == other.read(PICKS)
        server.wait(lambda: server.state["awaiting"] == 1 and not server.state.get("building"))
    assert other.call("build", "-q").code == awaiting.call("build", "-q").code == 3


@pytest.mark.parametrize("request_body", [
    {"decision": "pick", "target": TARGET}, {"decision": "reject", "target": TARGET, "candidate": "1"},
    {"decision": "pick", "target": TARGET, "candidate": "9"}, {"decision": "pick", "target": TARGET, "candidate": "/etc/passwd"},
    {"decision": "pick", "target": TARGET, "candidate": "picture.png"}, {"decision": "burn", "target": TARGET},
    {"decision": "exclude", "target": TARGET}, {"decision": "pick", "target": TARGET, "candidate": 1}, {}, [], None, "x",
    {"decision": "reject", "target": TARGET, "candidate": "1", "reason": "x" * 100_000}])
def test_a_decision_that_cannot_be_taken_writes_nothing(awaiting: Space, request_body: object) -> None:
    assert awaiting.call("build", "-q").code == 3
    awaiting.write("picture.png", png())
    with studio(awaiting.root, "--no-watch") as server:
        answer = server.write("/api/decisions", request_body)
        assert answer.status == 422 and all(each["message"] for each in answer.json["diagnostics"])
    assert not (awaiting.root / PICKS).exists()


def test_a_picture_is_put_in_as_its_pixels_alone(awaiting: Space) -> None:
    picture = Image.new("RGB", (64, 64), "blue")
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    picture.save(out, "JPEG", exif=exif)
    with studio(awaiting.root) as server:
        server.wait_for_build()
        answer = server.write(f"/api/imports?name={TARGET}", out.getvalue(), kind="image/jpeg")
        assert answer.status == 201, answer.body
        path = next(awaiting.root.glob("content/images/exercises/neck/nod_01.png"))
        assert b"where I live" not in path.read_bytes()
        server.wait(lambda: server.state.get("awaiting") == 0)
        view = server.ask(f"/api/target?name={TARGET}").json
        assert (view["origin"], view["state"]) == ("imported", "up_to_date")


def test_decisions_wait_neither_for_a_build_nor_for_a_picture_that_does(awaiting: Space) -> None:
    assert awaiting.call("build", "-q").code == 3
    with studio(awaiting.root, "--no-watch") as server, ThreadPoolExecutor() as threads:
        with build_lock(awaiting.root):
            putting = threads.submit(server.write, "/api/imports?name=exercises/nod/02", png(), kind="image/png")
            for candidate in ("1", "2"):
                answer = server.write("/api/decisions", {"decision": "pick", "target": TARGET, "candidate": candidate})
                assert answer.status == 201, answer.body
            assert server.write("/api/undo", {"decision": "pick", "target": TARGET}).status == 200
            assert not putting.done()
        assert putting.result().status == 201
    assert "import" in awaiting.read(PICKS)


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../evil.txt", "x")
    return out.getvalue()


@pytest.mark.parametrize("data", [
    b"", zipped(), b"\x89PNG\r\n\x1a\n", png()[:-60], png((65, 64)), png(form="GIF"), b"RIFF....WEBP", png((30_000, 1)),
    b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n" + bytes(20 << 20)], ids=[
    "empty", "zip", "only the sign", "cut short", "another size", "gif", "no webp", "30,000 wide", "svg", "too large"])
def test_an_upload_that_is_no_picture_of_the_size_changes_nothing(awaiting: Space, data: bytes) -> None:
    assert awaiting.call("build", "-q").code == 3
    before = awaiting.files("content")
    with studio(awaiting.root, "--no-watch") as server:
        answer = server.write(f"/api/imports?name={TARGET}", data, kind="image/png")
        assert answer.status in (413, 422) and b"/tmp" not in answer.body, answer.body
        assert b"object at" not in answer.body, answer.body
        named = server.write(f"/api/imports?name={TARGET}&file=my%20knee.png", data, kind="image/png")
        assert named.status == 413 or "my knee.png" in named.json["diagnostics"][0]["message"], named.body
        refused = server.write("/api/imports?name=../../etc/passwd", png(), kind="image/png")
        assert refused.status == 404
    assert awaiting.files("content") == before and not (awaiting.root / PICKS).exists()


def test_without_a_watch_it_builds_when_it_is_asked(awaiting: Space) -> None:
    with studio(awaiting.root, "--no-watch") as server:
        server.wait_for_build()
        assert not (awaiting.root / "content/images").exists()
        assert server.write("/api/builds").json == {"after": 1}
        assert server.wait_for_build(2)["latest"]["renders"] == 4


def test_errors_are_told_with_the_lines_around_them(awaiting: Space) -> None:
    with studio(awaiting.root) as server:
        server.wait_for_build()
        awaiting.edit(NOD, "seed: 1", "sede: 1")
        state = server.wait(lambda: (state := server.state)["invalid"] and state)
        diagnostic = state["diagnostics"][0]
        assert (diagnostic["file"], diagnostic["line"]) == (NOD, 7)
        assert [line["number"] for line in diagnostic["frame"]] == [5, 6, 7]
        assert server.ask("/content/images/exercises/neck/nod_02.png").status == 200
        awaiting.edit(NOD, "sede: 1", "seed: 1")
        server.wait(lambda: not server.state["invalid"])
        assert server.state["diagnostics"] == []


def test_a_project_that_is_gone_is_told(awaiting: Space, tmp_path: Path) -> None:
    with studio(awaiting.root) as server:
        server.wait_for_build()
        awaiting.root.rename(tmp_path / "moved")
        state = server.wait(lambda: (state := server.state).get("ended") and state)
        assert state["ended"][0]["code"] == "project-gone"
        assert server.ask("/build/index.html").status == 404 or server.ask("/api/targets").status == 422
        assert server.stop() == 1
    (tmp_path / "moved").rename(awaiting.root)


def test_specs_that_are_gone_remove_nothing(awaiting: Space, tmp_path: Path) -> None:
    with studio(awaiting.root) as server:
        server.wait_for_build()
        (awaiting.root / "specs").rename(tmp_path / "specs")
        server.wait(lambda: b"is gone" in b"".join(stream(server, 0.5)))
        assert server.ask("/content/images/exercises/neck/nod_02.png").status == 200
        (tmp_path / "specs").rename(awaiting.root / "specs")


def stream(server: Server, seconds: float) -> list[bytes]:
    """What a client that has heard nothing hears in so many seconds."""
    import socket

    name, _, port = server.host.rpartition(":")
    parts = []
    with socket.create_connection((name, int(port)), timeout=seconds) as connection:
        connection.sendall(f"GET /api/events HTTP/1.1\r\nHost: {server.host}\r\nLast-Event-ID: 0\r\n\r\n".encode())
        try:
            while part := connection.recv(65536):
                parts.append(part)
        except TimeoutError:
            pass
    return parts


def test_who_was_away_is_told_what_was_missed(awaiting: Space) -> None:
    with studio(awaiting.root) as server:
        server.wait_for_build()
        heard = b"".join(stream(server, 0.5))
        assert b"text/event-stream" in heard and b"event: news" in heard and b'"awaiting": 1' in heard
    assert SMALL


def test_a_preview_stands_on_the_page_until_the_picture_is_rendered(space: Space) -> None:
    shutil.copytree(tiny.models() / "base", space.root / "models/base")
    space.write("calotype.yaml", "version: 1\nrenderer: sdxl\ndefaults: {size: [64, 64], preset: slow}\n"
                                 "presets: {slow: {steps: 60, guidance_scale: 5.0}}\n"
                                 "models: {base: models/base, dtype: float32, device: cpu}\n")
    space.write(NOD, nod_spec("nod", "pose: {neck_flexion: 30}", "pose: {neck_flexion: 10}"))
    with studio(space.root, "--preview") as server:
        server.wait(lambda: b"preview: mannequin" in server.ask("/build/exercises/nod.html").body)
        page = server.ask("/build/exercises/nod.html").body.decode()
        picture = re.search(r'src="([^"]*preview/[^"]*)"', page)
        assert picture is not None
        assert server.ask(urljoin("/build/exercises/nod.html", picture.group(1))).headers["content-type"] == "image/png"
        server.wait(lambda: server.state.get("pages", 0) >= 1)
        server.wait_for_build()
        assert b"preview" not in server.ask("/build/exercises/nod.html").body.split(b"</head>")[1]
