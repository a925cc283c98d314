"""`calotype pick TARGET FILE`: a picture of one's own stands for its target, published at once, and no build replaces it."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from kit import build, codes, explained, manifest_lines, reason, use_sketch, walk_spec
from PIL import Image

from calotype.ground.images import pixels_of
from calotype.language.action import import_action
from calotype.language.decisions import read_picks
from conftest import Run, Space

NOD, PICKS = "specs/exercises/neck/nod.yaml", "specs/picks/exercises/nod.yaml"
TARGET, ASSET = "exercises/nod/01", "content/images/exercises/neck/nod_01.png"
SPEC = """\
kind: exercise
id: nod
region: neck
title: Nod
images:
  - {view_angle: lateral, body_position: seated, description: up, seed: 40, candidates: 3}
"""
SIZE = (32, 32)


def picture(space: Space, name: str = "mine.png", colour: str = "orange", size: tuple[int, int] = SIZE, **save: Any) -> str:
    """Writes a picture beside the project's folders and returns its full path."""
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, Path(name).suffix.strip(".").upper().replace("JPG", "JPEG"), **save)
    return str(space.write(name, data.getvalue()))


def put_in(space: Space, file: str, target: str = TARGET) -> Run:
    return space.call("pick", target, file, "--json")


def line(space: Space, target: str = TARGET) -> dict[str, Any]:
    return manifest_lines(space)[target]


def kinds(space: Space, file: str = PICKS) -> list[str]:
    path = space.root / file
    return [decision.decision for decision in read_picks(path.read_bytes(), file)] if path.exists() else []


def row(space: Space, target: str = TARGET) -> tuple[str, str]:
    (found,) = space.call("list", target, "--json").json["targets"]
    return found["state"], found["decision"]


def agreed(space: Space) -> Run:
    """A build that did what a plan said before, and left what a check finds, quick and in full."""
    plan, done = space.call("plan", "--json"), build(space)
    assert plan.statuses == {target: status.replace("rendered", "render") for target, status in done.statuses.items()}
    quick, full = space.call("check", "--json"), space.call("check", "--full", "--json")
    assert quick.code == full.code == done.code, done.out + quick.out
    assert quick.statuses == full.statuses
    again = build(space)
    assert (again.code, again.json["renders"]) == (done.code, 0)
    return done


@pytest.fixture
def nod(space: Space) -> Space:
    """One image of three candidates, built."""
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [32, 32]}\n")
    space.write(NOD, SPEC)
    assert build(space).json["renders"] == 3
    return space


@pytest.fixture
def own(nod: Space) -> Space:
    """The same, with a picture put in, and built."""
    assert put_in(nod, picture(nod)).code == 0
    assert agreed(nod).statuses == {}
    return nod


@pytest.fixture
def walk(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    """Three shots, each from the one before, by a renderer that reads references."""
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [32, 32]}\n")
    space.write("specs/scenes/walk.yaml", walk_spec("one", "two", "three"))
    return space


# put in


def test_it_is_published_at_once_with_its_line_and_its_decision(nod: Space) -> None:
    file = picture(nod)
    done = put_in(nod, file)
    assert (done.code, done.json["decision"], done.json["path"]) == (0, "import", ASSET)
    published = line(nod)
    assert published["pixels"] == pixels_of(file) == pixels_of(nod.root / ASSET) == done.json["pixels"]
    assert (published["origin"], published["pick"]) == ("imported", {"by": "human", "candidate": 1})
    assert published["action"] == import_action(published["pixels"]).key
    assert kinds(nod) == ["import"]
    assert nod.call("check", "--json").code == 0
    assert agreed(nod).statuses == {}
    assert row(nod) == ("up_to_date", "imported")


def test_a_project_that_was_never_built_takes_one_and_renders_nothing(space: Space) -> None:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [32, 32]}\n")
    space.write(NOD, SPEC)
    assert put_in(space, picture(space)).code == 0
    assert space.call("check", "--json").code == 0
    assert build(space).json["renders"] == 0


@pytest.mark.parametrize("name", ["mine.jpg", "mine.webp", "mine.avif", "mine.png"])
def test_every_format_that_is_read_is_kept_as_png_without_its_metadata(nod: Space, name: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    file = picture(nod, name, exif=exif)
    assert put_in(nod, file).code == 0
    data = (nod.root / ASSET).read_bytes()
    assert data.startswith(b"\x89PNG") and b"secret" not in data
    assert pixels_of(file) == line(nod)["pixels"]
    told = nod.call("inspect", str(nod.root / ASSET), "--json").json
    assert (told["origin"], told["action"], told["parameters"]) == ("imported", None, None)


def test_a_photograph_lies_as_its_exif_says_before_its_size_counts(nod: Space) -> None:
    nod.edit(NOD, "seed: 40", "size: [32, 64], seed: 40")
    build(nod)
    exif = Image.Exif()
    exif[0x0112] = 6
    assert put_in(nod, picture(nod, "turned.jpg", size=(64, 32), exif=exif)).code == 0
    with Image.open(nod.root / ASSET) as kept:
        assert kept.size == (32, 64) and "exif" not in kept.info


def test_colours_of_another_space_are_those_that_one_sees(nod: Space) -> None:
    file = nod.root / "grey.png"
    Image.linear_gradient("L").resize(SIZE).convert("CMYK").convert("RGB").save(file)
    assert put_in(nod, str(file)).code == 0
    with Image.open(nod.root / ASSET) as kept:
        assert kept.mode == "RGB" and "icc_profile" not in kept.info


def test_a_relative_path_is_read_from_where_one_stands(nod: Space, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    Image.new("RGB", SIZE, "navy").save(outside / "mine.png")
    done = nod.run("--help", cwd=outside)
    assert done.code == 0
    done = nod.run("pick", TARGET, "mine.png", "--project", str(nod.root), "--json", cwd=outside)
    assert done.code == 0, done.err
    assert line(nod)["pixels"] == pixels_of(outside / "mine.png")


def test_a_file_without_suffix_is_one_and_a_number_stays_a_number(nod: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(nod.root)
    for name in ("portrait", "2"):
        nod.write(name, Path(picture(nod)).read_bytes())
    assert put_in(nod, "2").json["decision"] == "pick"
    assert put_in(nod, "portrait").json["decision"] == "import"
    nod.call("pick", TARGET, "1")
    assert put_in(nod, "./2").json["decision"] == "import"


def test_what_was_published_before_is_kept_and_shown_beside_it(nod: Space) -> None:
    before = line(nod)["pixels"]
    nod.remove("cache")
    put_in(nod, picture(nod))
    build(nod)
    page = nod.read("build/exercises/nod.html")
    assert ">imported<" in page and "Now:" in page
    assert nod.call("pick", TARGET, "--undo").code == 0
    assert agreed(nod).code == 0
    assert line(nod)["pixels"] == before and line(nod)["origin"] == "rendered"


def test_another_picture_and_the_same_again(own: Space) -> None:
    done = put_in(own, picture(own, "second.png", "navy"))
    assert done.code == 0
    assert [former["decision"] for former in done.json["withdrawn"]] == ["import"]
    assert agreed(own).statuses == {}
    assert kinds(own) == ["import"]


# what cannot be put in


def files(space: Space) -> dict[str, tuple[str, int]]:
    """All but the lock that every decision takes."""
    every = space.snapshot("specs", "content", "build", "cache")
    return {name: row for name, row in every.items() if not name.endswith((".lock", "cache/.gitignore"))}


def refused(space: Space, file: str, code: str = "image", target: str = TARGET) -> str:
    """The message and the hint of a refusal that wrote nothing."""
    before = files(space)
    done = put_in(space, file, target)
    assert done.code == 2, done.out
    assert codes(done) == [code]
    assert files(space) == before
    (diagnostic,) = done.json["diagnostics"]
    assert diagnostic["hint"]
    return f"{diagnostic['message']}; {diagnostic['hint']}"


def test_another_size_is_refused_with_both(nod: Space) -> None:
    words = refused(nod, picture(nod, size=(64, 32)))
    assert "64 x 32" in words and "32 x 32" in words


def test_what_is_animated_is_refused(nod: Space) -> None:
    frames = [Image.new("RGB", SIZE, colour) for colour in ("red", "blue")]
    for name in ("a.png", "a.webp", "a.avif"):
        frames[0].save(nod.root / name, save_all=True, append_images=frames[1:])
        assert "is animated" in refused(nod, str(nod.root / name))
    frames[0].save(nod.root / "a.gif", save_all=True, append_images=frames[1:])
    assert "GIF" in refused(nod, str(nod.root / "a.gif"))


def test_a_bomb_is_refused_before_it_is_decoded(nod: Space) -> None:
    bomb = bytearray(Path(picture(nod)).read_bytes())
    bomb[16:24] = struct.pack(">II", 60_000, 60_000)
    bomb[29:33] = struct.pack(">I", zlib.crc32(bytes(bomb[12:29])))
    assert "too many pixels" in refused(nod, str(nod.write("bomb.png", bytes(bomb))))


def test_what_is_no_picture_is_refused(nod: Space) -> None:
    whole = Path(picture(nod)).read_bytes()
    for name, data in (("text.png", b"not one"), ("cut.png", whole[:60]), ("empty.png", b""),
                       ("lfs.png", b"version https://git-lfs.github.com/spec/v1\n")):
        refused(nod, str(nod.write(name, data)))


def test_what_is_no_file_of_its_own_is_refused(nod: Space, tmp_path: Path) -> None:
    file = Path(picture(nod))
    (nod.root / "link.png").symlink_to(file)
    (nod.root / "nowhere.png").symlink_to("gone.png")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.png").write_bytes(file.read_bytes())
    (nod.root / "out").symlink_to(elsewhere)
    (nod.root / "pictures.png").mkdir()
    assert "is a link" in refused(nod, str(nod.root / "link.png"))
    assert "is a link" in refused(nod, str(nod.root / "nowhere.png"))
    assert "leads out" in refused(nod, str(nod.root / "out/mine.png"))
    assert "is a folder" in refused(nod, str(nod.root / "pictures.png"))
    assert "cannot be read" in refused(nod, str(nod.root / "absent.png"))
    assert "cannot be read" in refused(nod, str(file / "below.png"))


def test_a_pipe_is_refused_and_not_waited_for(nod: Space) -> None:
    os.mkfifo(nod.root / "pipe.png")
    assert "it is no file" in refused(nod, str(nod.root / "pipe.png"))


def test_what_is_published_or_a_candidate_unchanged_is_refused(nod: Space) -> None:
    number = line(nod)["pick"]["candidate"]
    assert f"calotype pick {TARGET} {number}" in refused(nod, str(nod.root / ASSET), "known-picture")
    assert put_in(nod, picture(nod)).code == 0
    assert f"calotype approve {TARGET}" in refused(nod, str(nod.root / ASSET), "known-picture")


def test_what_was_rendered_for_a_former_request_is_put_in_by_nobody(nod: Space) -> None:
    nod.edit(NOD, "lateral", "anterior")
    assert "former request" in refused(nod, str(nod.root / ASSET), "known-picture")


def test_a_rejected_picture_is_put_in_by_nobody(own: Space) -> None:
    pixels = line(own)["pixels"]
    assert own.call("reject", TARGET, pixels[:12], "--reason", "not this one").code == 0
    assert kinds(own) == ["reject"]
    assert agreed(own).statuses == {TARGET: "cached"}
    assert "--undo" in refused(own, str(own.root / "mine.png"), "rejected-candidate")
    assert own.call("reject", TARGET, pixels[:12], "--undo").code == 0
    assert put_in(own, str(own.root / "mine.png")).code == 0


def test_an_unknown_target_is_refused(nod: Space) -> None:
    refused(nod, picture(nod), "unknown-target", "exercises/nod/07")


def test_a_refusal_in_a_project_that_was_never_built_leaves_nothing(space: Space) -> None:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [32, 32]}\n")
    space.write(NOD, SPEC)
    file = picture(space, size=(64, 64))
    before = files(space)
    assert put_in(space, file).code == 2
    assert files(space) == before


def test_what_is_not_ours_in_its_place_is_not_overwritten(space: Space) -> None:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [32, 32]}\n")
    space.write(NOD, SPEC)
    space.write(ASSET, b"somebody else's")
    assert codes(done := put_in(space, picture(space))) == ["in-the-way"] and done.code == 1
    assert space.read(ASSET) == "somebody else's" and kinds(space) == []


# how it stands


def test_when_the_request_changes_it_stays_and_a_person_is_awaited(own: Space) -> None:
    before = own.snapshot("content")
    own.edit(NOD, "lateral", "anterior")
    done = agreed(own)
    assert (done.code, done.statuses, done.json["renders"]) == (3, {TARGET: "awaiting"}, 3)
    assert reason(done, TARGET).startswith('imported, and stale: view: "lateral" -> "anterior"')
    assert own.snapshot("content") == before
    assert row(own) == ("awaiting", "stale-imported")
    page = own.read("build/exercises/nod.html")
    assert "Imported, and what is asked for now" in page and f"calotype pick {TARGET} NUMBER" in page
    own.edit(NOD, "anterior", "lateral")
    assert agreed(own).code == 0


def test_a_stale_one_is_put_in_again_or_gives_way_to_a_candidate(own: Space) -> None:
    own.edit(NOD, "lateral", "anterior")
    assert build(own).code == 3
    assert put_in(own, str(own.root / ASSET)).code == 0
    assert agreed(own).statuses == {}
    own.edit(NOD, "anterior", "posterior")
    assert build(own).code == 3
    done = own.call("pick", TARGET, "2", "--json")
    assert [former["decision"] for former in done.json["withdrawn"]] == ["import"]
    assert agreed(own).statuses == {TARGET: "cached"}
    assert line(own)["origin"] == "rendered"


def test_a_stale_one_cannot_be_approved(own: Space) -> None:
    own.edit(NOD, "lateral", "anterior")
    build(own)
    done = own.call("approve", TARGET, "--json")
    assert (done.code, codes(done)) == (2, ["stale-candidate"])
    assert f"calotype pick {TARGET} {ASSET}" in done.json["diagnostics"][0]["hint"]


def test_it_is_approved_and_the_approval_taken_back(own: Space) -> None:
    for words in ((), (line(own)["pixels"][:10],)):
        assert own.call("approve", TARGET, *words).code == 0
        assert sorted(kinds(own)) == ["approve", "import"]
        assert agreed(own).statuses == {} and row(own) == ("up_to_date", "approved")
        undone = own.call("pick", TARGET, "--undo", "--json")
        assert (undone.code, codes(undone)) == (2, ["approved"])
        assert own.call("approve", TARGET, "--undo").code == 0
        assert kinds(own) == ["import"]
    assert own.call("approve", TARGET).code == 0
    own.edit(NOD, "lateral", "anterior")
    assert reason(agreed(own), TARGET).startswith("approved, and stale")


def test_undone_the_best_candidate_takes_its_place(own: Space) -> None:
    assert own.call("pick", TARGET, "--undo").out.endswith("is taken back; `calotype build` goes by what remains\n")
    assert reason(agreed(own), TARGET).startswith("pick: \"imported")
    assert line(own)["origin"] == "rendered" and kinds(own) == []


def test_an_image_inserted_before_and_a_renamed_spec_take_it_with_them(own: Space) -> None:
    pixels = line(own)["pixels"]
    own.edit(NOD, "images:\n", "images:\n  - {view_angle: anterior, body_position: standing, description: new}\n")
    assert agreed(own).code == 0
    assert (line(own, "exercises/nod/02")["pixels"], line(own)["origin"]) == (pixels, "rendered")
    own.edit(NOD, "id: nod", "id: bow")
    assert agreed(own).code == 0
    assert line(own, "exercises/bow/02")["pixels"] == pixels
    assert row(own, "exercises/bow/02") == ("up_to_date", "imported")


def test_another_target_that_asks_for_the_same_render_gets_the_render(own: Space) -> None:
    own.write("specs/exercises/neck/bow.yaml", SPEC.replace("nod", "bow").replace("Nod", "Bow"))
    for _ in range(2):
        assert agreed(own).code == 0
        assert line(own, "exercises/bow/01")["origin"] == "rendered"
        assert line(own)["origin"] == "imported"
        own.remove("cache")


def test_a_title_is_told_anew_and_the_picture_stands(own: Space) -> None:
    own.edit(NOD, "title: Nod", "title: A nod")
    assert agreed(own).statuses == {TARGET: "cached"}
    assert (line(own)["title"], line(own)["origin"]) == ("A nod", "imported")
    assert explained(own, TARGET) == []


# what hangs on it


def test_what_starts_from_it_is_rendered_from_it(walk: Space) -> None:
    assert build(walk).json["renders"] == 3
    file = picture(walk)
    assert put_in(walk, file, "scenes/walk/a").code == 0
    assert walk.call("check", "--json").code == 1
    assert agreed(walk).statuses == {"scenes/walk/b": "rendered", "scenes/walk/c": "rendered"}
    assert line(walk, "scenes/walk/b")["request"]["reference"]["pixels"] == pixels_of(file)
    assert walk.call("pick", "scenes/walk/a", "--undo").code == 0
    assert agreed(walk).json["renders"] == 0


def test_a_first_shot_is_put_in_by_hand_and_never_rendered(walk: Space) -> None:
    assert put_in(walk, picture(walk), "scenes/walk/a").code == 0
    assert agreed(walk).statuses == {"scenes/walk/b": "rendered", "scenes/walk/c": "rendered"}


def test_a_shot_whose_start_is_not_known_says_what_to_build_first(walk: Space) -> None:
    done = put_in(walk, picture(walk), "scenes/walk/b")
    assert (done.code, codes(done)) == (2, ["no-pick"])
    assert "scenes/walk/a" in done.json["diagnostics"][0]["hint"]


def test_one_amid_a_chain_is_held_when_the_shot_before_changes(walk: Space) -> None:
    build(walk)
    assert put_in(walk, picture(walk), "scenes/walk/b").code == 0
    assert build(walk).json["renders"] == 1
    walk.edit("specs/scenes/walk.yaml", "prompt: one", "prompt: other")
    assert agreed(walk).statuses == {"scenes/walk/a": "rendered", "scenes/walk/b": "awaiting"}


# where it is kept


def test_a_bare_clone_holds_it_and_takes_it_into_the_cache(own: Space) -> None:
    own.remove("cache")
    own.remove("build")
    assert own.call("check", "--json").code == 0
    assert build(own).json["targets"] == []
    own.remove(ASSET)
    assert agreed(own).statuses == {TARGET: "restored"}


def test_collecting_and_verifying_the_cache_keep_it(own: Space) -> None:
    own.call("pick", TARGET, "1")
    build(own)
    assert put_in(own, str(own.root / "mine.png")).code == 0
    own.edit(NOD, "lateral", "anterior")
    assert build(own).code == 3
    assert own.call("gc").code == 0
    own.remove(ASSET)
    assert own.call("check").code == 1
    assert build(own).statuses == {TARGET: "awaiting"}
    assert pixels_of(own.root / ASSET) == pixels_of(own.root / "mine.png")


def test_a_damaged_blob_costs_nothing_as_long_as_the_asset_is_there(own: Space) -> None:
    sha256 = line(own)["sha256"]
    (own.root / f"cache/cas/{sha256[:2]}/{sha256[2:]}").write_bytes(b"damaged")
    assert own.call("cache", "verify").code == 1
    assert agreed(own).code == 0
    own.edit(NOD, "title: Nod", "title: A nod")
    assert agreed(own).code == 0
    own.remove(ASSET)
    assert agreed(own).statuses == {TARGET: "restored"}


def test_an_edited_asset_is_moved_aside_and_put_back(own: Space) -> None:
    own.write(ASSET, Path(picture(own, "other.png", "navy")).read_bytes())
    assert own.call("check", "--json").statuses == {TARGET: "modified"}
    assert agreed(own).statuses == {TARGET: "restored"}
    assert pixels_of(own.root / "build/edited" / ASSET) == pixels_of(own.root / "other.png")


@pytest.mark.parametrize("manifest", [True, False], ids=["with its line", "without its line"])
def test_a_lost_one_is_awaited_and_never_rendered_over(own: Space, manifest: bool) -> None:
    own.remove("cache")
    own.remove(ASSET)
    if not manifest:
        own.remove("content")
    done = agreed(own)
    assert (done.code, done.statuses, done.json["renders"]) == (3, {TARGET: "awaiting"}, 0)
    assert "is lost" in reason(done, TARGET) and f"calotype pick {TARGET} FILE" in reason(done, TARGET)
    assert not (own.root / ASSET).exists()
    assert put_in(own, str(own.root / "mine.png")).code == 0
    assert agreed(own).statuses == {}


def test_without_its_line_it_is_known_by_its_pixels(own: Space) -> None:
    for name in ("cache", "build", "content/manifest", "content/manifest.json"):
        own.remove(name)
    assert agreed(own).json["renders"] == 0
    assert line(own)["origin"] == "imported"


def test_a_recompressed_asset_is_the_same_picture(own: Space) -> None:
    own.remove("cache")
    with Image.open(own.root / ASSET) as kept:
        kept.load()
        kept.save(own.root / ASSET, compress_level=0)
    assert agreed(own).code == 0
    assert line(own)["origin"] == "imported"


def test_two_that_contradict_each_other_await_a_person(own: Space) -> None:
    pixels = "ab" * 32
    text = own.read(PICKS)
    own.write("specs/picks/other.yaml", text.replace(line(own)["pixels"], pixels))
    done = build(own)
    assert (done.code, done.statuses) == (3, {TARGET: "awaiting"})
    assert "contradicting-decisions" in codes(done)


# approvals that are withdrawn


def test_what_withdraws_an_approval_says_so(nod: Space) -> None:
    assert nod.call("approve", TARGET, "2").code == 0
    done = nod.call("pick", TARGET, "1")
    assert "the approval of" in done.out and "is withdrawn" in done.out
    assert nod.call("approve", TARGET, "1").code == 0
    done = put_in(nod, picture(nod))
    assert [former["decision"] for former in done.json["withdrawn"]] == ["approve"]
    assert nod.call("approve", TARGET, "--json").json["withdrawn"] == []


def test_a_numbered_image_that_is_removed_leaves_its_picture_to_its_number(own: Space) -> None:
    """As of an approval: the image that moves up awaits a person, and what was published of it comes along."""
    own.edit(NOD, "candidates: 3}\n", "candidates: 3}\n  - {view_angle: anterior, body_position: standing, description: b}\n")
    assert agreed(own).code == 0
    lines = own.read(NOD).splitlines(keepends=True)
    own.write(NOD, "".join([*lines[:-2], lines[-1]]))
    assert agreed(own).statuses == {TARGET: "awaiting", "exercises/nod/02": "removed"}
    assert own.call("pick", TARGET, "--undo").code == 0
    assert agreed(own).code == 0


def test_a_pick_by_number_loads_no_image_library(nod: Space) -> None:
    words = "import sys; from calotype.__main__ import main; main(['pick', 'exercises/nod/01', '2', '-q'])"
    done = subprocess.run(
        [sys.executable, "-c", f"{words}; print(sorted({{'PIL', 'numpy', 'jinja2'}} & set(sys.modules)))"],
        cwd=nod.root, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
