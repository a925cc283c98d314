"""Broken and hostile files through the whole command line: refused in words, quickly, and nothing else is touched."""

from __future__ import annotations

import json
import os
import random
import shutil
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import Run
from survival import Studio, no_longer_than, studio

__all__ = ["studio"]

CHIN = "specs/exercises/chin.yaml"
NECK = "content/manifest/exercises/neck.jsonl"
SECOND = 1.0
WALK = """\
kind: scene
id: walk
title: Walk
chain: true
characters: [ann]
shots:
  - {id: a, prompt: walk, pose: {left: {knee_flexion: 20}}}
  - {id: b, prompt: run}
"""
ANN = """\
kind: character
id: ann
prompt: a woman
anchors:
  poses:
    - {id: front, prompt: front, pose: {base: standing}}
"""


@pytest.fixture
def rich(studio: Studio) -> Iterator[Studio]:
    """A built project with one file of every kind that people write."""
    studio.exercise("chin", "description: chin 1, pose: bow, title: I", "description: chin 2, candidates: 2, id: low")
    studio.write("specs/scenes/walk.yaml", WALK)
    studio.write("specs/characters/ann.yaml", ANN)
    studio.write("specs/poses/bow.yaml", "base: standing\nneck_flexion: 30\n")
    studio.write("calotype.yaml", "version: 1\nrenderer: painter\nbase_seed: 7\ndefaults: {size: [16, 16]}\n"
                                  "presets: {standard: {steps: 20}}\n")
    assert studio.call("build").code == 0
    assert studio.call("pick", "exercises/chin/low", "1").code == 0
    assert studio.call("build").code == 0
    yield studio


def timed(space: Studio, *words: str) -> tuple[Run, float]:
    began = time.process_time()
    with no_longer_than(10):
        done = space.call(*words)
    return done, time.process_time() - began


def quickly(space: Studio, *words: str) -> Run:
    """The command, which may take a second of processor time: told by two calls, since others may slow down one."""
    done, took = timed(space, *words)
    assert took < SECOND or timed(space, *words)[1] < SECOND, f"{words} took too long"
    assert done.code in (0, 1, 2, 3), done.err
    assert "Traceback" not in done.err and "this is a bug" not in done.err
    return done


def refused(space: Studio, code: str, *, file: str | None = None) -> None:
    """validate, plan, check and build all refuse, name the file, and touch nothing."""
    before = space.snapshot(".")
    for words in (("validate", "--json"), ("plan", "--json"), ("check", "--json"), ("build", "--json")):
        done = quickly(space, *words)
        assert done.code == 2, (words, done.code, done.out)
        found = [one for one in done.json["diagnostics"] if one["code"] == code]
        assert found, (words, done.out)
        assert file is None or file in [one["file"] for one in found], (words, found)
    assert {name: one[0] for name, one in space.snapshot("specs", "content").items()} == {
        name: one[0] for name, one in before.items() if name.startswith(("specs/", "content/"))}


# mutations


TOKENS = [
    b"- ", b": ", b"? ", b"[", b"]", b"{", b"}", b"&a ", b"*a", b"!!python/object:os.system ", b"|\n", b">\n", b"'", b'"',
    b"---\n", b"\t", b"\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"<<: ", b"yes", b"~", b"1e999", b".nan", b"-1", b"0x",
    b"2024-01-01", b"../../etc/passwd", b"/etc/passwd", b"con", b"a" * 70, "e\u0301".encode(), b"9" * 400, b"pose: ",
    b"id: ", b"seed: ", b"candidates: 1000000\n", b"size: [8192, 8192]\n", b"{{ prompt }}", b"{% for a in b %}",
    b"file: a\\b"]


def mutated(text: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """`text` with one to five edits: bytes flipped, cut, doubled, tokens put in, lines swapped or taken from elsewhere."""
    for _ in range(chance.randint(1, 5)):
        at, to = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
        lines = text.split(b"\n")
        text = chance.choice([
            lambda at=at, text=text: text[:at] + chance.choice(TOKENS) + text[at:],
            lambda at=at, text=text: text[:at] + chance.choice(TOKENS) + text[at + 3:],
            lambda at=at, text=text: text[:at] + bytes([chance.randrange(256)]) + text[at + 1:],
            lambda at=at, to=to, text=text: text[:at] + text[to:],
            lambda at=at, to=to, text=text: text[:to] + text[at:],
            lambda lines=lines: b"\n".join(chance.sample(lines, len(lines))),
            lambda lines=lines: b"\n".join([*lines, chance.choice(chance.choice(others).split(b"\n"))]),
        ])()
    return text


def endure(rich: Studio, count: int, seed: int) -> None:
    """`count` mutations, each of one file, through validate and plan; some that make a spec invalid through build."""
    chance = random.Random(seed)
    names = [CHIN, "specs/scenes/walk.yaml", "specs/characters/ann.yaml", "specs/poses/bow.yaml",
             "specs/picks/exercises/chin.yaml", "calotype.yaml"]
    texts = {name: (rich.root / name).read_bytes() for name in names}
    before = rich.snapshot("content")
    invalid = 0
    for number in range(count):
        name = names[number % len(names)]
        text = mutated(texts[name], list(texts.values()), chance)
        (rich.root / name).write_bytes(text)
        try:
            validated = quickly(rich, "validate", "--json")
            planned = quickly(rich, "plan", "--json")
        except BaseException as error:
            error.add_note(f"mutation {number} of {name}: {text!r}")
            raise
        errors = [one for one in validated.json["diagnostics"] if one["severity"] == "error"]
        assert (validated.code, planned.code == 2) == (2 if errors else 0, bool(errors)), (name, text, planned.err)
        invalid += bool(errors)
        if errors and number % 10 == 0:
            assert quickly(rich, "build").code == 2
        assert rich.snapshot("content") == before
        for other, whole in texts.items():
            assert other == name or (rich.root / other).read_bytes() == whole
        (rich.root / name).write_bytes(texts[name])
    assert count // 3 < invalid < count
    assert rich.call("build", "--json").json["targets"] == []


def test_mutated_files_are_read_or_refused_and_nothing_else_is_touched(rich: Studio) -> None:
    endure(rich, 300, seed=1)


@pytest.mark.parametrize(("file", "text", "code"), [
    ("calotype.yaml", "version: 1\ndefaults: {preset: none}\n", "unknown-preset"),
    ("calotype.yaml", "version: 1\ndefaults: {pose: none}\n", "unknown-pose"),
    ("calotype.yaml", "version: 1\ndefaults: {loras: [{name: none}]}\n", "unknown-lora"),
    ("calotype.yaml", "version: 1\ndefaults: {characters: [none]}\n", "unknown-character"),
    ("calotype.yaml", "version: 1\nstyle: none\n", "unknown-style"),
    ("calotype.yaml", "version: 1\nrenderer: none\n", "unknown-renderer"),
    ("specs/poses/bow.yaml", "base: none\n", "unknown-pose"),
])
def test_what_is_wrong_in_a_file_that_specs_share_is_told_once(rich: Studio, file: str, text: str, code: str) -> None:
    rich.write(file, text)
    refused(rich, code)
    told = [one for one in rich.call("plan", "--json").json["diagnostics"] if one["code"] == code]
    assert len(told) == 1 or len({one["line"] for one in told}) == len(told)


# ways out of the project


@pytest.mark.parametrize("name", ["../../../tmp/out", "/etc/passwd", "a/b", "..", "con", "a\\b", "A", "é", "a" * 65])
@pytest.mark.parametrize("field", ["id", "region"])
def test_a_name_that_would_lead_elsewhere_is_refused(rich: Studio, field: str, name: str) -> None:
    text = "\n".join(line for line in rich.read(CHIN).splitlines() if not line.startswith(f"{field}:"))
    rich.write(CHIN, f"{text}\n{field}: {json.dumps(name)}\n")
    before = rich.snapshot("content")
    done = quickly(rich, "build", "--json")
    assert done.code == 2 and {one["file"] for one in done.json["diagnostics"]} == {CHIN}
    assert rich.snapshot("content") == before


@pytest.mark.parametrize("path", ["../secret.png", "/etc/passwd", "refs/../../secret.png", "refs/out.png", "C:/x.png",
                                  "refs\\x.png", "refs/dir/out/secret.png"])
def test_a_reference_that_leads_out_of_the_project_is_refused(rich: Studio, path: str) -> None:
    shutil.copy(rich.root / "content/images/exercises/neck/chin_01.png", rich.root.parent / "secret.png")
    (rich.root / "refs/dir").mkdir(parents=True)
    (rich.root / "refs/out.png").symlink_to(rich.root.parent / "secret.png")
    (rich.root / "refs/dir/out").symlink_to(rich.root.parent)
    rich.edit(CHIN, "pose: bow,", f"pose: bow, reference: {{image: {json.dumps(path)}}},")
    done = quickly(rich, "build", "--json")
    assert done.code == 2, done.out
    assert any(path in one["message"] or one["file"] == path for one in done.json["diagnostics"])


def trusted(space: Studio) -> None:
    """The record of the last build trusts every file: their times lie well behind the clock."""
    space.settle()
    assert space.call("build").code == 0


def test_a_spec_that_is_a_link_out_of_the_project_is_refused(rich: Studio) -> None:
    trusted(rich)
    outside = rich.root.parent / "outside.yaml"
    shutil.move(rich.root / CHIN, outside)
    (rich.root / CHIN).symlink_to(outside)
    refused(rich, "path-outside", file=CHIN)


def test_a_folder_of_specs_that_becomes_a_link_is_not_taken_for_what_it_was(rich: Studio) -> None:
    trusted(rich)
    outside = rich.root.parent / "outside"
    shutil.move(rich.root / "specs/exercises", outside)
    (rich.root / "specs/exercises").symlink_to(outside)
    refused(rich, "path-outside", file="specs/exercises")


def test_a_folder_of_specs_that_is_a_link_is_not_followed_out_of_the_project(rich: Studio) -> None:
    outside = rich.root.parent / "others"
    outside.mkdir()
    shutil.copy(rich.root / CHIN, outside / "other.yaml")
    (rich.root / "specs/exercises/linked").symlink_to(outside)
    refused(rich, "path-outside", file="specs/exercises/linked")


def test_a_link_within_the_project_is_followed(rich: Studio) -> None:
    shutil.move(rich.root / CHIN, rich.root / "specs/chin.txt")
    (rich.root / CHIN).symlink_to("../chin.txt")
    done = quickly(rich, "build", "--json")
    assert done.code == 0 and done.json["renders"] == 0


@pytest.mark.parametrize("folder", ["content", "content/images", "content/images/exercises", "content/manifest"])
def test_content_that_leads_out_of_the_project_is_never_written_through(rich: Studio, folder: str) -> None:
    outside = rich.root.parent / "outside"
    shutil.move(rich.root / folder, outside)
    (rich.root / folder).symlink_to(outside)
    before = {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()}
    rich.edit(CHIN, "chin 1", "chin one")
    rich.remove("specs/scenes/walk.yaml")
    done = quickly(rich, "build", "--json")
    assert done.code in (1, 2), done.out
    assert "leads out of the project" in done.out or "not a path inside" in done.out, done.out
    assert {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()} == before


def test_a_cache_that_leads_out_of_the_project_is_not_used(rich: Studio) -> None:
    """Whoever wrote the project chose where the link leads: to have the cache on another disk, it is mounted there."""
    outside = rich.root.parent / "large"
    shutil.move(rich.root / "cache", outside)
    (rich.root / "cache").symlink_to(outside)
    before = {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()}
    refused(rich, "path-outside", file="cache")
    assert {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/hostname", "specs/exercises/chin.yaml",
                                  "content/images/../../specs/exercises/chin.yaml", "calotype.yaml"])
def test_a_manifest_that_claims_a_file_of_somebody_elses_cannot_have_it_removed(rich: Studio, path: str) -> None:
    """A line that nothing asks for has its asset removed: it must be one."""
    outside = rich.root.parent / "outside.txt"
    outside.write_text("mine")
    shard = rich.root / NECK
    line = json.loads(shard.read_text().splitlines()[0])
    from calotype.ground.digest import sha256

    victim = Path(os.path.normpath(rich.root / path))
    line |= {"target": "exercises/zzz/01", "path": path, "sha256": sha256(victim.read_bytes())}
    shard.write_text(shard.read_text() + json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n")
    text = victim.read_bytes()
    done = quickly(rich, "build", "--json")
    assert victim.read_bytes() == text
    assert done.code in (0, 1)
    assert rich.files("build/edited") == [] if (rich.root / "build/edited").exists() else True


# bombs


def png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


BOMBS = {
    "too many pixels": lambda: png(60_000, 60_000, b"\0" * 1_000_000),
    "too wide": lambda: png(2**31 - 1, 2, b"\0"),
    "no width": lambda: png(0, 5, b"\0"),
    "fewer rows than it says": lambda: png(4000, 4000, b"\0" * 10),
    "text": lambda: b"this is no picture",
    "empty": lambda: b"",
    "svg": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "gif": lambda: b"GIF89a" + bytes(100),
    "lfs pointer": lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_an_image_bomb_as_a_reference_is_refused(rich: Studio, bomb: str) -> None:
    rich.write("refs/bomb.png", BOMBS[bomb]())
    rich.edit(CHIN, "pose: bow,", "pose: bow, reference: {image: refs/bomb.png},")
    before = rich.snapshot("content")
    for words in (("validate", "--json"), ("plan", "--json"), ("build", "--json")):
        done = quickly(rich, *words)
        assert done.code == 2, (words, done.out)
        assert "refs/bomb.png" in [one["file"] for one in done.json["diagnostics"]], (words, done.out)
    assert rich.snapshot("content") == before


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["a folder", "a pipe"])
@pytest.mark.parametrize("place", [
    CHIN, "refs/first.png", "specs/poses/nod.yaml", "content/images/exercises/neck/chin_01.png", "calotype.yaml", NECK,
    "specs/picks/exercises/chin.yaml", "templates/styles/medical.j2", "templates/sheets/card.html.j2"])
def test_what_is_no_file_where_a_file_should_be_stops_no_command_for_ever(
    rich: Studio, place: str, make: Callable[[Path], None]
) -> None:
    rich.edit(CHIN, "pose: bow,", "pose: bow, reference: {image: refs/first.png},")
    rich.write("refs/first.png", png(16, 16, bytes(17 * 16)))
    assert quickly(rich, "build").code == 0
    (rich.root / place).unlink(missing_ok=True)
    (rich.root / place).parent.mkdir(parents=True, exist_ok=True)
    make(rich.root / place)
    for words in (("validate",), ("plan",), ("check",), ("build",), ("list",)):
        quickly(rich, *words)


DEEP = {
    "lists": "[" * 100_000, "closed lists": "[" * 100_000 + "]" * 100_000, "mappings": "{a: " * 100_000,
    "dashes": "- " * 100_000,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("file", [CHIN, "calotype.yaml", "specs/poses/bow.yaml", "specs/picks/exercises/chin.yaml"])
def test_nesting_a_hundred_thousand_deep_is_refused(rich: Studio, file: str, text: str) -> None:
    rich.write(file, f"images: {text}" if text[0] != "-" else f"images:\n{text}")
    before = rich.snapshot("content")
    for words in (("validate", "--json"), ("plan", "--json"), ("check", "--json"), ("build", "--json")):
        done = quickly(rich, *words)
        assert done.code == 2, (words, done.out[:300])
        assert "yaml-limit" in {one["code"] for one in done.json["diagnostics"]}, (words, done.out[:300])
    assert rich.snapshot("content") == before


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
@pytest.mark.parametrize("file", ["content/manifest.json", NECK])
def test_a_manifest_nested_a_hundred_thousand_deep_is_written_anew(rich: Studio, file: str, text: str) -> None:
    before = rich.content()
    rich.write(file, text + "\n")
    done = quickly(rich, "build", "--json")
    assert done.code == 0 and done.json["renders"] == 0
    assert rich.content() == before


def test_a_spec_that_asks_for_more_than_there_may_be_is_refused(rich: Studio) -> None:
    images = "\n".join("  - {view_angle: lateral, body_position: standing, description: x, candidates: 100001}"
                       for _ in range(3))
    rich.write(CHIN, f"kind: exercise\nid: chin\nregion: neck\ntitle: x\nimages:\n{images}\n")
    done = quickly(rich, "build", "--json")
    assert done.code == 2 and {one["line"] for one in done.json["diagnostics"]} == {6, 7, 8}


@pytest.mark.parametrize("words", [
    ("build", "--project", "/etc"), ("build", "--project", "/nonexistent"), ("validate", "../../../etc/passwd"),
    ("inspect", "/etc/passwd"), ("inspect", "specs"), ("inspect", CHIN), ("pick", "../../x", "1"),
    ("pick", "exercises/chin/01", "../../x"), ("explain", "../.."), ("build", "../../*"), ("schema", "../x"),
    ("build", "\0"), ("build", "--renderer", "os"), ("build", "--executor", "../x"), ("build", "--preset", "../../x"),
    ("plan", "--renderer", "../../x"), ("init", CHIN)])
def test_a_hostile_command_line_is_refused_and_nothing_is_touched(rich: Studio, words: tuple[str, ...]) -> None:
    before = {name: one[0] for name, one in rich.snapshot("specs", "content").items()}
    beside = sorted(path.name for path in rich.root.parent.iterdir())
    assert quickly(rich, *words).code in (1, 2)
    assert {name: one[0] for name, one in rich.snapshot("specs", "content").items()} == before
    assert sorted(path.name for path in rich.root.parent.iterdir()) == beside


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is text")
@pytest.mark.parametrize("folder", ["specs/exercises", "specs/picks", "specs/poses"])
@pytest.mark.parametrize("warm", [False, True])
def test_a_name_that_is_no_text_is_told(studio: Studio, folder: str, warm: bool) -> None:
    studio.exercise("nod", "description: up")
    if warm:
        studio.settle()
        assert studio.call("build").code == 0
    name = os.fsencode(studio.root / folder) + b"/\xff.yaml"
    os.makedirs(os.path.dirname(name), exist_ok=True)
    Path(os.fsdecode(name)).write_text("a: b\n")
    for command in ("check", "plan", "validate", "build"):
        done = studio.call(command, "--json")
        assert done.code == 2
        assert [(one["message"], one["file"]) for one in done.json["diagnostics"] if one["severity"] == "error"] == [
            ("the name is not UTF-8", f"{folder}/\ufffd.yaml")]
