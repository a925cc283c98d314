"""Small copies of pictures: which are made, how large, how often."""

from __future__ import annotations

import hashlib
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from calotype.ground.images import pixels_of
from calotype.results.sheet import Picture, ShownCandidate, SpecSheet
from calotype.results.sheet.thumbs import LARGE, SMALL, webp
from sheets import Site


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def painted(root: Path, name: str, size: tuple[int, int], mode: str = "RGB") -> Picture:
    path = root / f"content/images/exercises/neck/{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.effect_noise(size, 40).convert(mode).save(path)
    pixels = pixels_of(path)
    return Picture(f"exercises/bow/{name}", path.relative_to(root).as_posix(), digest(f"file {name}"), pixels, size)


def sheet(*pictures: Picture) -> SpecSheet:
    return SpecSheet("exercises", "bow", "Bow", "specs/exercises/bow.yaml", pictures, "neck")


def copies(root: Path) -> dict[str, tuple[int, int]]:
    sizes = {}
    for path in sorted((root / "build/thumbs").glob("*.webp")):
        with Image.open(path) as picture:
            sizes[path.name] = picture.size
    return sizes


def test_a_card_shows_a_small_webp_named_by_the_pixels(tmp_path: Path) -> None:
    wide = painted(tmp_path, "wide", (1024, 512))
    Site(tmp_path).write_all([sheet(wide)])
    name = f"{wide.pixels[:24]}-{SMALL}.webp"
    assert copies(tmp_path) == {name: (SMALL, SMALL // 2)}
    for page in ("index.html", "exercises-neck.html", "data/exercises-neck.js"):
        assert f"thumbs/{name}" in (tmp_path / "build" / page).read_text()
    assert "thumbs/" not in (tmp_path / "build/exercises/bow.html").read_text()


def test_a_small_picture_stands_for_itself(tmp_path: Path) -> None:
    Site(tmp_path).write_all([sheet(painted(tmp_path, "small", (SMALL, 64)))])
    assert copies(tmp_path) == {}
    assert 'src="../content/images/exercises/neck/small.png?v=' in (tmp_path / "build/index.html").read_text()


def test_a_copy_imports_no_more_of_pillow_than_it_takes(tmp_path: Path) -> None:
    painted(tmp_path, "wide", (640, 640))
    code = f"""if True:
        import sys
        from pathlib import Path
        from calotype.results.sheet.thumbs import webp
        print(len(webp(Path({str(tmp_path)!r}, "content/images/exercises/neck/wide.png"), 320)))
        print(sum(name.endswith("ImagePlugin") for name in sys.modules))"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    size, plugins = map(int, done.stdout.split())
    assert size > 1000 and plugins < 10


def test_a_copy_is_made_once(tmp_path: Path) -> None:
    one = sheet(painted(tmp_path, "wide", (640, 640)))
    Site(tmp_path).write_all([one])
    path = next((tmp_path / "build/thumbs").iterdir())
    before = path.stat().st_mtime_ns
    Site(tmp_path).write_all([one])
    Site(tmp_path).write({one.key: one})
    assert path.stat().st_mtime_ns == before


def test_a_full_writing_keeps_only_what_is_shown(tmp_path: Path) -> None:
    wide, tall = painted(tmp_path, "wide", (640, 320)), painted(tmp_path, "tall", (320, 640))
    Site(tmp_path).write_all([sheet(wide, tall)])
    Site(tmp_path).write_all([sheet(tall)])
    assert list(copies(tmp_path)) == [f"{tall.pixels[:24]}-{SMALL}.webp"]


def test_candidates_are_copied_as_large_as_they_can_be_looked_at(tmp_path: Path) -> None:
    blob = tmp_path / "blob"
    Image.effect_noise((1600, 800), 40).save(blob, "PNG")
    candidates = (ShownCandidate(1, digest("one"), pixels_of(blob), 42), ShownCandidate(2, digest("two"), digest("others"), 43))
    waiting = Picture("exercises/bow/low", state="awaiting", candidates=candidates)
    Site(tmp_path).write_all([sheet(waiting)], lambda action: blob if action == digest("one") else None)
    name = f"{pixels_of(blob)[:24]}-{LARGE}.webp"
    assert copies(tmp_path) == {name: (LARGE, LARGE // 2)}
    page = (tmp_path / "build/exercises/bow.html").read_text()
    assert page.count("in no cache") == 1 and page.count(f'src="../thumbs/{name}"') == 1
    assert f"thumbs/{name}" in (tmp_path / "build/index.html").read_text()


def test_a_disk_that_refuses_a_copy_is_told_and_leaves_the_pages_stale(tmp_path: Path) -> None:
    blob = tmp_path / "blob"
    Image.effect_noise((1024, 1024), 40).save(blob, "PNG")
    waiting = Picture("exercises/bow/low", state="awaiting", candidates=(ShownCandidate(1, digest("one"), pixels_of(blob)),))
    site = Site(tmp_path)
    site.write_all([sheet(painted(tmp_path, "small", (64, 64)))])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))  # all fits but a large copy of noise
        with pytest.raises(OSError, match="File too large"):
            site.write_all([sheet(waiting)], lambda action: blob)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not site.is_current()
    site.write_all([sheet(waiting)], lambda action: blob)
    assert site.is_current() and len(copies(tmp_path)) == 1


def test_a_damaged_picture_has_no_copy_and_stops_nothing(tmp_path: Path) -> None:
    bad, good = painted(tmp_path, "bad", (640, 640)), painted(tmp_path, "good", (640, 640))
    (tmp_path / str(bad.path)).write_bytes(b"\x89PNG\r\n\x1a\nnot a picture")
    Site(tmp_path).write_all([sheet(bad, good)])
    assert list(copies(tmp_path)) == [f"{good.pixels[:24]}-{SMALL}.webp"]


def test_another_picture_in_the_place_of_one_has_no_copy_under_its_name(tmp_path: Path) -> None:
    """A copy is made once: it would stand for the picture on every page to come."""
    one = sheet(painted(tmp_path, "wide", (640, 640)))
    path = tmp_path / str(one.pictures[0].path)
    path.rename(tmp_path / "aside")
    Image.new("RGB", (640, 640), "red").save(path)
    Site(tmp_path).write_all([one])
    assert copies(tmp_path) == {}
    (tmp_path / "aside").rename(path)
    Site(tmp_path).write_all([one])
    assert len(copies(tmp_path)) == 1


def test_a_picture_outside_the_project_has_no_copy(tmp_path: Path) -> None:
    root = tmp_path / "project"
    one = sheet(painted(root, "wide", (640, 640)))
    path = root / str(one.pictures[0].path)
    path.rename(tmp_path / "outside.png")
    path.symlink_to(tmp_path / "outside.png")
    Site(root).write_all([one])
    assert copies(root) == {}


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "LA"])
def test_every_mode_of_picture_has_a_copy_that_looks_like_it(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "picture.png"
    source = Image.linear_gradient("L").resize((700, 700)).convert("RGBA")
    source.convert(mode).save(path)
    (tmp_path / "copy.webp").write_bytes(webp(path, SMALL))
    copy = Image.open(tmp_path / "copy.webp").convert("L")
    assert copy.size == (SMALL, SMALL)
    wanted = source.convert("L").resize((SMALL, SMALL))
    distance = [abs(a - b) for a, b in zip(copy.tobytes(), wanted.tobytes(), strict=True)]
    assert sum(distance) / len(distance) < 4


def test_pages_are_stale_when_a_copy_was_taken_away(tmp_path: Path) -> None:
    one = sheet(painted(tmp_path, "wide", (640, 640)))
    Site(tmp_path).write_all([one])
    next((tmp_path / "build/thumbs").iterdir()).unlink()
    assert not Site(tmp_path).is_current(["build/thumbs"])
    Site(tmp_path).write_all([one])
    assert Site(tmp_path).is_current() and len(copies(tmp_path)) == 1
