"""Specs over HTTP: their text read, checked as it is typed, and written as an editor does, never over what is newer."""

from __future__ import annotations

import hashlib
import os
import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest
from kit import nod_spec

from conftest import Space
from studio_server import NOD, SMALL, Answer, Server, studio, write_project

BOW = "specs/poses/bow.yaml"
LIMIT = 1 << 20


@pytest.fixture
def server(space: Space) -> Iterator[Server]:
    write_project(space, "pose: bow, title: Up", "seed: 1")
    space.write(BOW, "base: standing\nneck_flexion: 20   # a little\n")
    with studio(space.root) as running:
        running.wait_for_build()
        yield running


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Space, Server]]:
    """A project that is built, and a Studio that only builds when it is asked to."""
    space = Space(tmp_path_factory.mktemp("still") / "project")
    space.root.mkdir()
    write_project(space, "pose: bow, title: Up", "seed: 1")
    space.write(BOW, "base: standing\nneck_flexion: 20\n")
    space.write("specs/exercises/neck/turn.yaml", nod_spec("turn", "seed: 4"))
    assert space.call("build", "-q").code == 0
    with studio(space.root, "--no-watch") as running:
        running.wait_for_build()
        yield space, running


def put(server: Server, path: str, text: str, sha256: str = "") -> Answer:
    return server.write("/api/spec", {"path": path, "text": text, "sha256": sha256}, method="PUT")


def get(server: Server, path: str = NOD) -> Any:
    answer = server.ask(f"/api/spec?path={path}")
    assert answer.status == 200, answer.body
    return answer.json


def typed(server: Server, path: str, text: str) -> list[dict[str, Any]]:
    answer = server.write("/api/validation", {"path": path, "text": text})
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["diagnostics"]
    return found


def test_a_text_is_read_and_written_as_it_is(space: Space, server: Server) -> None:
    os.chmod(space.root / NOD, 0o640)
    for text in (space.read(NOD).replace("Nod", "Nød"), "a: [\r\nno yaml", "\ufeff# é\r\n", ""):
        before = get(server)
        assert before["sha256"] == hashlib.sha256((space.root / NOD).read_bytes()).hexdigest()
        answer = put(server, NOD, text, before["sha256"])
        assert answer.status == 200 and (space.root / NOD).read_bytes() == text.encode()
        assert get(server) == {"path": NOD, "text": text, "sha256": answer.json["sha256"]}
    assert (space.root / NOD).stat().st_mode & 0o777 == 0o640
    assert [name for name in os.listdir((space.root / NOD).parent) if name != "nod.yaml"] == []


def test_a_new_spec_is_written_and_built(space: Space, server: Server) -> None:
    made = put(server, "specs/exercises/hip/bend.yaml", nod_spec("bend", "seed: 7"))
    assert made.status == 200
    server.wait(lambda: (space.root / "content/images/exercises/neck/bend_01.png").is_file())
    again = put(server, "specs/exercises/hip/bend.yaml", "x: 1")
    assert (again.status, again.codes) == (409, ["stale-file"]) and "is there already" in str(again.json)


def test_a_file_that_is_another_one_by_now_is_left_alone(space: Space, server: Server) -> None:
    before = get(server)
    space.write(NOD, before["text"] + "# mine\n")
    answer = put(server, NOD, "theirs: 1\n", before["sha256"])
    assert (answer.status, answer.codes) == (409, ["stale-file"]) and space.read(NOD).endswith("# mine\n")
    values = server.write("/api/values", {"path": NOD, "sha256": before["sha256"], "changes": [
        {"pointer": ["title"], "value": "Other"}]}, method="PUT")
    assert (values.status, values.codes) == (409, ["stale-file"]) and "Other" not in space.read(NOD)
    space.remove(NOD)
    gone = put(server, NOD, "theirs: 1\n", before["sha256"])
    assert (gone.status, gone.codes) == (409, ["stale-file"]) and not (space.root / NOD).exists()
    assert (server.ask(f"/api/spec?path={NOD}").status, server.ask(f"/api/spec?path={NOD}").codes) == (404, ["unknown-spec"])


@pytest.mark.parametrize("path", [
    "/etc/passwd", "../out.yaml", "specs/../calotype.yaml", "specs/./nod.yaml", "specs//nod.yaml", "specs", "specs/",
    "specs/exercises", "specs/note.txt", "content/a.yaml", "calotype.yaml/x.yaml", "specs/.hidden.yaml", "specs/a\\b.yaml",
    "C:/specs/a.yaml", "specs/a:b.yaml", "specs/a\nb.yaml", "specs/picks/exercises/nod.yaml", "cache/a.yaml", "specs/.yaml",
    f"specs/{'a' * 600}.yaml"])
def test_other_paths_are_refused(still: tuple[Space, Server], path: str) -> None:
    space, server = still
    before = space.snapshot("specs", "content")
    for answer in (server.write("/api/validation", {"path": path, "text": "a: 1"}), put(server, path, "a: 1")):
        assert answer.status == 422 and answer.codes in (["spec-path"], ["request"]), answer.body
    assert space.snapshot("specs", "content") == before and not (space.root / "../out.yaml").exists()


def test_links_that_lead_out_and_folders_are_refused(space: Space, server: Server) -> None:
    outside = space.root.parent / "outside"
    outside.mkdir()
    (outside / "a.yaml").write_text("a: 1\n")
    (space.root / "specs/link.yaml").symlink_to(outside / "a.yaml")
    (space.root / "specs/away").symlink_to(outside, target_is_directory=True)
    (space.root / "specs/folder.yaml").mkdir()
    for path, code in (("specs/link.yaml", "path-outside"), ("specs/away/a.yaml", "path-outside"),
                       ("specs/away/new.yaml", "path-outside"), ("specs/folder.yaml", "unreadable")):
        answers = server.ask(f"/api/spec?path={path}"), put(server, path, "b: 2\n", hashlib.sha256(b"a: 1\n").hexdigest())
        assert [answer.codes for answer in answers] == [[code], [code]], path
    assert (outside / "a.yaml").read_text() == "a: 1\n" and os.listdir(outside) == ["a.yaml"]
    inner = space.write("specs/exercises/neck/real.yaml", nod_spec("real", "seed: 9"))
    (space.root / "specs/exercises/neck/inner.yaml").symlink_to("real.yaml")
    answer = put(server, "specs/exercises/neck/inner.yaml", "k: 1\n", hashlib.sha256(inner.read_bytes()).hexdigest())
    assert answer.status == 200 and inner.read_text() == "k: 1\n" and (space.root / "specs/exercises/neck/inner.yaml").is_symlink()


def test_what_no_spec_can_hold_is_refused(space: Space, server: Server) -> None:
    sha256, before = get(server)["sha256"], space.read(NOD)
    for text, code in (("x" * 10_000_000, "yaml-limit"), ("x" * (LIMIT + 1), "yaml-limit"), ("a: \0", "yaml-syntax")):
        answer = put(server, NOD, text, sha256)
        assert (answer.status, answer.codes) == (422, [code])
    body = b'{"path": "%b", "sha256": "%b", "text": "%b"}'
    for raw in (b"\\ud800", b"\xff", b"\\u12"):
        answer = server.write("/api/spec", body % (NOD.encode(), sha256.encode(), raw), method="PUT")
        assert answer.status in (400, 422)
    assert put(server, NOD, "a: 1", "nonsense").status == 422
    assert space.read(NOD) == before
    (space.root / NOD).write_bytes(b"kind: \xe9\n")
    answer = server.ask(f"/api/spec?path={NOD}")
    assert (answer.status, answer.codes) == (422, ["yaml-encoding"])
    (space.root / NOD).write_bytes(b"x" * (LIMIT + 1))
    assert server.ask(f"/api/spec?path={NOD}").codes == ["yaml-limit"]


@pytest.mark.parametrize(("path", "text"), [
    (NOD, nod_spec("nod", "pose: bow, title: Up", "seed: 1")), (NOD, nod_spec("nod", "pose: baw", "seed: x")),
    (NOD, nod_spec("nod", "pose: {neck_flexion: 70}", "pose: {left: {knee_flexion: 999}}")), (NOD, "a: [\n"), (NOD, ""),
    (NOD, "<<<<<<< mine\n"), (NOD, "kind: exercise\nid: nod\n\tregion: x\n"), (NOD, nod_spec("nod", "style: none")),
    (NOD, nod_spec("nod", "seed: 1, reference: {image: refs/no.png}")),
    (NOD, nod_spec("nod", "seed: 1, characters: [nobody]")), (NOD, nod_spec("nod", "id: a, seed: 1", "id: a, seed: 2")),
    (BOW, "neck_flexion: 200\n"), (BOW, "base: bow\n"), (BOW, "neck_flexion: 60\n"), ("calotype.yaml", "version: 1\nrenderer: non\n"),
    ("calotype.yaml", "version: [\n"), (NOD, nod_spec("nod", "controls: [{type: openpose, from: pose, start: 0.9, end: 0.2}]"))])
def test_what_is_typed_is_checked_as_the_file_would_be(still: tuple[Space, Server], path: str, text: str) -> None:
    space, server = still
    before = space.snapshot("specs", "content")
    found = typed(server, path, text)
    assert space.snapshot("specs", "content") == before
    old = space.read(path)
    try:
        space.write(path, text)
        told = space.call("validate", "--full", "--json", path).json["diagnostics"]
    finally:
        space.write(path, old)
    assert [each for each in found if each["file"] == path] == [each for each in told if each["file"] == path]


def test_an_id_that_another_spec_has_is_told_where_it_is_typed(still: tuple[Space, Server]) -> None:
    found = typed(still[1], NOD, nod_spec("turn", "seed: 1"))
    assert [(each["code"], each["file"], each["line"]) for each in found if each["severity"] == "error"] == [
        ("duplicate-id", NOD, 2)]


def test_values_are_written_at_their_places_and_never_make_a_spec_invalid(space: Space, server: Server) -> None:
    def write(path: str, *changes: tuple[list[str | int], Any]) -> Answer:
        return server.write("/api/values", {"path": path, "sha256": get(server, path)["sha256"], "changes": [
            {"pointer": pointer, "value": value} for pointer, value in changes]}, method="PUT")

    before = space.read(NOD)
    for value in ({"neck_flexion": 300}, {"base": "nowhere"}, {"knee": 1}, 7, {"left": {"neck_flexion": 3}}):
        answer = write(NOD, (["images", 0, "pose"], value))
        assert answer.status == 422 and space.read(NOD) == before, value
    answer = write(NOD, (["images", 0, "pose"], {"base": "bow", "elbow_flexion": 40}), (["images", 1, "pose"], {"base": "seated"}))
    assert answer.status == 200
    assert space.read(NOD) == before.replace("pose: bow", "pose: {base: bow, elbow_flexion: 40}").replace(
        "seed: 1}", "seed: 1, pose: {base: seated}}")
    assert write(BOW, ([], {"base": "standing", "neck_flexion": 25, "knee_flexion": 5})).status == 200
    assert space.read(BOW) == "base: standing\nneck_flexion: 25   # a little\nknee_flexion: 5\n"
    assert write(NOD, (["images", 0, "pose"], None)).status == 200 and "elbow" not in space.read(NOD)
    assert [write(NOD, (["images", 9, "pose"], None)).codes, write(NOD, ([], 3)).codes] == [["edit-place"], ["edit-place"]]
    before = space.read(NOD)
    space.write("calotype.yaml", "version: 1\nnonsense: 1\n")
    assert write(NOD, (["images", 1, "pose"], {"neck_flexion": 300})).status == 422 and space.read(NOD) == before
    space.write(NOD, "a: [\n")
    assert write(NOD, (["images"], 1)).status == 422 and space.read(NOD) == "a: [\n"


def test_values_of_several_files_are_written_all_or_none(space: Space, server: Server) -> None:
    def edit(path: str, pointer: list[str | int], value: Any) -> dict[str, Any]:
        return {"path": path, "sha256": get(server, path)["sha256"], "changes": [{"pointer": pointer, "value": value}]}

    before = space.read(NOD), space.read(BOW)
    pose, bow = ["images", 0, "pose"], edit(BOW, ["neck_flexion"], 26)
    for files, status in (([edit(NOD, pose, {"base": "nowhere"}), bow], 422), ([bow, bow], 422), ([], 422),
                          ([edit(NOD, pose, {"base": "seated"}), {**bow, "sha256": "0" * 64}], 409)):
        assert server.write("/api/edits", {"files": files}, method="PUT").status == status
        assert (space.read(NOD), space.read(BOW)) == before
    answer = server.write("/api/edits", {"files": [edit(NOD, pose, {"base": "seated"}), bow]}, method="PUT")
    assert answer.status == 200 and [each["path"] for each in answer.json["files"]] == [NOD, BOW]
    assert "neck_flexion: 26" in space.read(BOW) and "base: seated" in space.read(NOD)


def test_a_check_is_quick_among_a_thousand_specs(space: Space) -> None:
    space.write("calotype.yaml", SMALL.replace("64, 64", "16, 16"))
    for number in range(50):
        space.write(f"specs/poses/p{number}.yaml", f"base: seated\nneck_flexion: {number}\n")
    for number in range(1000):
        space.write(f"specs/exercises/neck/e{number:04}.yaml", nod_spec(f"e{number:04}", f"pose: p{number % 50}, seed: {number}"))
    file = "specs/exercises/neck/e0500.yaml"
    with studio(space.root, "--no-watch") as server:
        server.wait_for_build()
        text = space.read(file)
        assert [each["code"] for each in typed(server, file, text.replace("p0", "pp"))] == ["unknown-pose"]
        seconds = []
        for number in range(9):
            started = time.process_time(), time.perf_counter()
            typed(server, file, text.replace("Nod", f"Nod {number}"))
            seconds.append(time.perf_counter() - started[1])
        assert statistics.median(seconds) < 1.5, seconds  # 0.03 on a machine that is not busy
