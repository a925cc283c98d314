"""Damaged and lost files of the cache, the state and the manifest: no crash, no wrong hit, all mended and said."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from calotype.ground.digest import sha256
from survival import Studio, studio

__all__ = ["studio"]


@pytest.fixture
def small(studio: Studio) -> Iterator[Studio]:
    """Two specs in two regions, built and at rest."""
    studio.exercise("chin", "description: chin 1", "description: chin 2, candidates: 2")
    studio.exercise("hip", "description: hip 1", region="hip")
    assert studio.call("build").code == 0
    studio.settle()
    assert studio.call("build").code == 0
    yield studio


FIRST = "content/images/exercises/neck/chin_01.png"


def blob_of(studio: Studio, asset: str) -> Path:
    digest = sha256((studio.root / asset).read_bytes())
    return studio.root / "cache/cas" / digest[:2] / digest[2:]


def flip(file: Path, at: int = 100) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 4
    file.write_bytes(data)


# blobs


def test_a_flipped_bit_in_a_blob_that_is_needed_is_a_miss_repaired_and_reported(small: Studio) -> None:
    before, blob = small.content(), blob_of(small, FIRST)
    digest = blob.parent.name + blob.name
    flip(blob)
    small.remove(FIRST)
    done = small.call("build", "--json")
    assert done.code == 0, done.out
    assert done.json["renders"] == 1 and list(done.statuses) == ["exercises/chin/01"]
    assert small.content() == before
    assert sha256(blob.read_bytes()) == digest
    (told,) = done.json["diagnostics"]
    assert told["severity"] == "warning" and digest in told["message"] and digest in done.err
    assert told["file"] == blob.relative_to(small.root).as_posix()
    assert small.call("cache", "verify").code == 0
    assert small.call("build", "--json").json["targets"] == []


def test_a_blob_cut_off_or_gone_is_made_again(small: Studio) -> None:
    before = small.content()
    for left in (50, 0, None):
        blob = blob_of(small, FIRST)
        os.unlink(blob) if left is None else os.truncate(blob, left)
        small.remove(FIRST)
        done = small.call("build", "--json")
        assert done.code == 0 and done.json["renders"] == 1
        assert small.content() == before


def test_a_damaged_blob_whose_asset_stands_is_taken_from_there(small: Studio) -> None:
    blob = blob_of(small, FIRST)
    flip(blob)
    found = small.call("cache", "verify", "--json")
    assert found.code == 1 and found.json["damaged"] == [blob.parent.name + blob.name]
    assert small.call("cache", "verify").code == 0
    small.edit("specs/exercises/chin.yaml", "title: chin", "title: Chin")
    done = small.call("build", "--json")
    assert done.code == 0 and done.json["renders"] == 0
    small.remove(FIRST)
    assert small.call("build", "--json").json["renders"] == 0


def test_an_asset_and_its_blob_damaged_alike_are_made_again_and_the_damaged_asset_is_kept(small: Studio) -> None:
    before = small.content()
    flip(blob_of(small, FIRST))
    flip(small.root / FIRST, 60)
    done = small.call("build", "--json")
    assert done.code == 0 and done.json["renders"] == 1
    assert small.content() == before
    assert small.files("build/edited") == [f"build/edited/{FIRST}"]


def test_every_blob_damaged_costs_nothing_while_the_assets_stand(small: Studio) -> None:
    for file in small.files("cache/cas"):
        flip(small.root / file)
    before = small.content()
    small.edit("specs/exercises/hip.yaml", "title: hip", "title: Hip")
    done = small.call("build", "--json")
    assert done.code == 0 and done.json["renders"] == 0
    assert small.call("check").code == 0
    found = small.content()
    assert [name for name in before if before[name] != found[name]] == ["content/manifest/exercises/hip.jsonl"]


def test_a_renderer_that_gives_other_pixels_mends_what_it_lost(studio: Studio) -> None:
    """A GPU need not give the same bytes twice: the new ones take the place of those that nobody has any more."""
    studio.exercise("chin", "description: chin 1", "description: chin 2")
    studio.order(everything={"do": "vary"})
    assert studio.call("build").code == 0
    before = studio.content()
    os.unlink(blob_of(studio, FIRST))
    studio.remove(FIRST)
    done = studio.call("build", "--json")
    assert done.code == 0 and done.json["renders"] == 1, done.out
    found = studio.content()
    assert {name for name in before if before[name] != found[name]} == {FIRST, "content/manifest/exercises/neck.jsonl"}
    assert studio.call("check").code == 0
    again = studio.call("build", "--json")
    assert again.json["targets"] == [] and studio.content() == found
    studio.remove(FIRST)
    assert studio.call("build", "--json").json["renders"] == 0
    assert studio.content() == found


# state, record, manifest, action cache: cut off anywhere

FILES = ("cache/state/state.db", "cache/state/record", "cache/actions.db", "content/manifest.json",
         "content/manifest/exercises/neck.jsonl", "content/manifest/exercises/hip.jsonl")


def cut_off(small: Studio, file: str, offsets: list[int]) -> None:
    """Cuts `file` off at each offset; a build must end as if it had been whole, and render nothing."""
    content, sheets = small.content(), small.sheets()
    whole = (small.root / file).read_bytes()
    for at in offsets:
        (small.root / file).write_bytes(whole[:at])
        if file.endswith(".db"):
            (small.root / f"{file}-journal").unlink(missing_ok=True)
        checked = small.call("check", "--json")
        assert checked.code in (0, 1), (at, checked.err)
        assert checked.code == 0 or file.startswith("content/manifest/"), (at, checked.out)
        os.utime(small.root / "specs/exercises/chin.yaml")  # else one look answers, and no database is opened
        done = small.call("build", "--json")
        assert done.code == 0, (at, done.out, done.err)
        assert done.json["renders"] == 0, (at, done.out)
        assert small.content() == content, at
        assert small.sheets() == sheets, at
        assert small.call("build", "--json").json["targets"] == [], at


def offsets_of(small: Studio, file: str, count: int) -> list[int]:
    """`count` offsets, the ends and their neighbours among them, the others by chance."""
    size = (small.root / file).stat().st_size
    edges = {at for at in (0, 1, 15, 16, 99, 100, size // 2, size - 1) if at < size}
    chosen = random.Random(file).sample(range(size), min(size, count))
    return sorted(edges | set(chosen))


@pytest.mark.parametrize("file", FILES)
def test_a_file_cut_off_anywhere_costs_no_render_and_no_byte(small: Studio, file: str) -> None:
    cut_off(small, file, offsets_of(small, file, 20))


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("part", [0.2, 0.5, 0.67, 0.9])
def test_an_edit_is_built_right_also_while_a_file_is_cut_off(small: Studio, file: str, part: float) -> None:
    """No wrong hit: what the damaged file used to say is not taken for the truth about the edited spec."""
    whole = (small.root / file).read_bytes()
    (small.root / file).write_bytes(whole[: int(len(whole) * part)])
    small.exercise("chin", "description: chin 1, seed: 7", "description: chin 2, candidates: 2")
    done = small.call("build", "--json")
    assert done.code == 0 and done.json["renders"] == 1, (file, done.out)
    assert small.content() == small.clean().content(), file
    assert small.call("check").code == 0


@pytest.mark.parametrize("file", ["cache/state/state.db", "cache/actions.db"])
def test_a_damaged_database_is_reported_and_kept_aside(small: Studio, file: str) -> None:
    data = (small.root / file).read_bytes()
    small.write(file, data[:16] + bytes(200) + data[216:])
    small.edit("specs/exercises/hip.yaml", "title: hip", "title: Hip")
    done = small.call("build", "--json")
    assert done.code == 0 and done.json["renders"] == 0
    (told,) = [one for one in done.json["diagnostics"] if one["code"] == "cache-damaged"]
    assert told["severity"] == "warning" and told["file"] == file
    assert Path(file).name in {path.name for path in (small.root / "cache").rglob("damaged/*")}
    assert small.call("build", "--json").json["diagnostics"] == []


@pytest.mark.parametrize("gone", [
    "cache/state", "cache/actions.db", "cache/cas", "cache", "build", "content/manifest.json"])
def test_whatever_can_be_made_again_may_be_deleted(small: Studio, gone: str) -> None:
    content, sheets = small.content(), small.sheets()
    small.remove(gone)
    done = small.call("build", "--json")
    assert done.code == 0 and done.json["renders"] == 0
    assert small.content() == content and small.sheets() == sheets


def test_the_manifest_lost_costs_no_render(small: Studio) -> None:
    content = small.content()
    shutil.rmtree(small.root / "content/manifest")
    done = small.call("build", "--json")
    assert done.code == 0 and done.json["renders"] == 0
    assert small.content() == content
