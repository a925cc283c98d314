"""`calotype inspect` tells how a picture came about, by its pixels and the project, whatever its file is called."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
import verdicts
from PIL import Image
from test_judging import BLUE, CHARACTER, CONFIG, RED, SPEC, VARIATION, candidates, nod

from calotype import Project
from conftest import Space

ASSET = "content/images/exercises/neck/nod_01.png"
TARGET = "exercises/nod/01"


@pytest.fixture
def judged(space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Space:
    verdicts.install(tmp_path / "site")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    space.env["PYTHONPATH"] = str(tmp_path / "site")
    space.write("calotype.yaml", CONFIG)
    space.write(SPEC, nod(candidates(RED, 3)))
    return space


def told(space: Space, file: str | Path, code: int = 0) -> Any:
    done = space.run("inspect", str(file), "--json")
    assert done.code == code, done.err
    return done.json


def plain(space: Space, file: str, name: str = "elsewhere.webp") -> Path:
    """The pixels of `file` alone, in another format and beside the project."""
    copy = space.root.parent / name
    with Image.open(space.root / file) as picture:
        Image.frombytes(picture.mode, picture.size, picture.tobytes()).save(copy, lossless=True)
    return copy


def test_a_published_picture_is_known_by_its_pixels(judged: Space) -> None:
    judged.run("build", "-q")
    copy = plain(judged, ASSET)
    facts = told(judged, copy)
    assert (facts["format"], facts["size"], facts["parameters"], facts["action"]) == ("WEBP", [64, 64], None, None)
    [use] = facts["uses"]
    assert (use["role"], use["target"], use["path"], use["spec"]) == ("published", TARGET, ASSET, SPEC)
    assert (use["candidate"], use["candidates"], use["picked"], use["origin"]) == (1, 3, True, "rendered")
    assert (use["seed"], use["renderer"]) == (RED, "swatch") and "up" in use["prompt"]
    assert use["scores"]["red"] == pytest.approx(94.117, abs=0.01) and use["decisions"] == []
    text = judged.run("inspect", str(copy)).out
    assert "says of itself nothing" in text and f"{TARGET}: published, candidate 1 of 3" in text
    assert f"seed {RED}  by swatch" in text and f"asked for by {SPEC}" in text
    [same] = Project.open(judged.root).inspect(judged.root / ASSET).uses
    assert same.scores == use["scores"] and same.target == TARGET


def test_another_candidate_is_told_with_what_was_decided_on_it(judged: Space) -> None:
    judged.run("build", "-q")
    assert judged.run("show", TARGET, "--candidates", "-o", str(judged.root.parent / "out")).code == 0
    second = judged.root.parent / "out/nod_01_02.png"
    [use] = told(judged, second)["uses"]
    assert (use["role"], use["candidate"], use["seed"], use["picked"]) == ("candidate", 2, RED + 1, False)
    assert judged.run("reject", TARGET, "2", "--reason", "too dull").code == 0
    [use] = told(judged, second)["uses"]
    [row] = use["decisions"]
    assert (row["decision"], row["reason"], row["file"]) == ("reject", "too dull", "specs/picks/exercises/nod.yaml")
    judged.write(SPEC, nod(candidates(BLUE, 2)))
    judged.run("build", "-q")
    [use] = told(judged, second)["uses"]
    assert (use["role"], use["target"], use["decisions"][0]["reason"]) == ("decided", TARGET, "too dull")
    assert "decided on, and no candidate now" in judged.run("inspect", str(second)).out


def test_a_candidate_that_awaits_a_pick_is_told_and_why_it_is_kept_out(judged: Space) -> None:
    judged.write("calotype.yaml", CONFIG.replace("green: 1", "no_blue: 1"))
    judged.write(SPEC, nod(candidates(BLUE, 2) + ", select: human"))
    assert judged.run("build", "-q").code == 3
    assert judged.run("show", TARGET, "--candidates", "-o", str(judged.root.parent / "out")).code == 0
    [use] = told(judged, judged.root.parent / "out/nod_01_01.png")["uses"]
    assert (use["role"], use["candidate"], use["candidates"], use["seed"]) == ("candidate", 1, 2, BLUE)
    assert (use["kept_out"], use["renderer"], use["path"]) == ("is blue all over", "swatch", ASSET)
    assert "kept out: is blue all over" in judged.run("inspect", str(judged.root.parent / "out/nod_01_01.png")).out
    assert told(judged, judged.root.parent / "out/nod_01_02.png")["uses"][0]["kept_out"] == ""


def test_a_picture_that_others_start_from_says_so(judged: Space) -> None:
    judged.write("specs/characters/ann.yaml", CHARACTER % 0xC00000)
    judged.run("build", "-q")
    uses = told(judged, "content/images/characters/ann/anchors/front.png")["uses"]
    assert [(use["role"], use["target"]) for use in uses] == [
        ("published", "characters/ann/anchors/front"), ("published", TARGET), ("reference", VARIATION)]
    assert f"{VARIATION}: its render read this picture" in judged.run(
        "inspect", "content/images/characters/ann/anchors/front.png").out


def test_a_picture_that_was_put_in_by_hand_is_told(judged: Space) -> None:
    judged.run("build", "-q")
    mine = judged.root.parent / "mine.png"
    Image.new("RGB", (64, 64), "white").save(mine)
    assert told(judged, mine)["uses"] == []
    assert judged.run("pick", TARGET, str(mine)).code == 0
    [use] = told(judged, mine)["uses"]
    assert (use["role"], use["origin"], use["candidate"], use["seed"], use["prompt"]) == (
        "published", "imported", None, None, "")
    assert [row["decision"] for row in use["decisions"]] == ["import"]
    assert f"{TARGET}: published, put in by hand" in judged.run("inspect", str(mine)).out


def test_an_edited_copy_is_told_by_what_it_claims(judged: Space) -> None:
    judged.run("build", "-q")
    edited = judged.root.parent / "edited.png"
    with Image.open(judged.root / ASSET) as picture:
        from PIL.PngImagePlugin import PngInfo

        texts = PngInfo()
        texts.add_itxt("XML:com.adobe.xmp", picture.info["XML:com.adobe.xmp"])
        picture.putpixel((0, 0), (1, 2, 3))
        picture.save(edited, pnginfo=texts)
    [use] = told(judged, edited)["uses"]
    assert (use["role"], use["target"], use["path"]) == ("claimed", TARGET, ASSET)
    assert "its pixels are others" in judged.run("inspect", str(edited)).out


def test_an_unknown_picture_is_said_to_be_with_what_it_says(judged: Space) -> None:
    judged.run("build", "-q")
    foreign = judged.root.parent / "foreign.png"
    foreign.write_bytes(png(text(b"parameters", b"a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, Seed: 7")))
    facts = told(judged, foreign)
    assert facts["uses"] == [] and facts["seed"] == 7
    assert facts["parameters"] == {"prompt": "a cat", "negative_prompt": "dog", "Steps": "20", "Sampler": "Euler a", "Seed": "7"}
    shown = judged.run("inspect", str(foreign))
    assert shown.code == 0 and "unknown here: no image of the project is this picture" in shown.out
    assert "prompt: a cat" in shown.out and "negative prompt: dog" in shown.out
    assert "Steps: 20, Sampler: Euler a, Seed: 7" in shown.out


def test_without_a_project_only_the_picture_speaks(tmp_path: Path) -> None:
    space = Space(tmp_path / "nowhere")
    space.root.mkdir(exist_ok=True)
    (tmp_path / "a.png").write_bytes(png())
    facts = told(space, tmp_path / "a.png")
    assert facts["uses"] is None and facts["size"] == [8, 8]
    assert "unknown" not in space.run("inspect", str(tmp_path / "a.png")).out
    assert space.run("inspect", str(tmp_path / "a.png"), "--project", str(tmp_path)).code == 2


def test_what_is_amiss_in_the_project_is_told_beside_what_is_known(judged: Space) -> None:
    judged.run("build", "-q")
    judged.write("specs/exercises/neck/bow.yaml", "kind: exercise\n")
    facts = told(judged, judged.root / ASSET, code=2)
    assert [use["role"] for use in facts["uses"]] == ["published"]
    assert {each["file"] for each in facts["diagnostics"]} == {"specs/exercises/neck/bow.yaml"}
    judged.write("calotype.yaml", "version: 1\nrendrer: swatch\n")
    facts = told(judged, judged.root / ASSET, code=2)
    assert facts["uses"] == [] and facts["action"] and facts["diagnostics"]
    assert "what is amiss may hide it" in judged.run("inspect", ASSET).out


@pytest.mark.parametrize("chunk", [
    b"zTXt" + b"parameters\0\0" + zlib.compress(b"A" * 100_000_000),
    b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0),
], ids=["a text of 100 MB", "ten thousand million pixels"])
def test_a_picture_that_is_too_much_is_refused(judged: Space, chunk: bytes) -> None:
    file = judged.root.parent / "bomb.png"
    file.write_bytes(png(made(chunk[:4], chunk[4:])))
    done = judged.run("inspect", str(file), "--json")
    assert done.code == 2 and "bomb.png" in done.json["diagnostics"][0]["message"]


def test_a_hostile_text_reaches_no_terminal_and_a_long_one_is_cut(judged: Space) -> None:
    file = judged.root.parent / "evil.png"
    words = b"\x1b[31mred\x07 ::error::x\n" + b"word " * 60_000 + b"\nSteps: 1, Sampler: x, Seed: 99999999999999999999"
    file.write_bytes(png(text(b"parameters", words), text(b"workflow", b"\x1b]0;x")))
    done = judged.run("inspect", str(file))
    assert done.code == 0 and "\x1b" not in done.out and "\x07" not in done.out and len(done.out) < 4000
    assert "characters; --json holds all)" in done.out
    facts = told(judged, file)
    assert facts["parameters"]["prompt"].count("word") == 60_000 and facts["seed"] is None


def png(*chunks: bytes) -> bytes:
    rows = zlib.compress(b"".join(b"\0" + bytes(8) for _ in range(8)))
    header = made(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
    first = b"" if any(chunk[4:8] == b"IHDR" for chunk in chunks) else header
    return b"\x89PNG\r\n\x1a\n" + first + b"".join(chunks) + made(b"IDAT", rows) + made(b"IEND", b"")


def text(name: bytes, words: bytes) -> bytes:
    return made(b"tEXt", name + b"\0" + words)


def made(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
