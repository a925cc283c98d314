"""Pictures that specs refer to: what one sees of them counts, and is what renderers get."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import sketch
from PIL import Image, ImageCms

from conftest import Space

SPEC = """\
kind: scene
id: a
title: A
reference: {image: refs/photo.png, strength: 0.6, method: img2img}
shots: [{id: s, prompt: hello}]
"""
CONFIG = "version: 1\nrenderer: sketch\ndefaults: {size: [64, 64]}\n"
ASSET = "content/images/scenes/a/s.png"


@pytest.fixture
def scene(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    monkeypatch.syspath_prepend(str(sketch.site()))
    space.write("calotype.yaml", CONFIG)
    space.write("specs/scenes/a.yaml", SPEC)
    return space


def cutout(hidden: tuple[int, int, int]) -> bytes:
    """A red square, half of which is transparent over some colour."""
    picture = Image.new("RGBA", (16, 16), (200, 10, 10, 255))
    picture.paste((*hidden, 0), (0, 0, 16, 8))
    return png(picture)


def png(picture: Image.Image, **more: bytes) -> bytes:
    data = io.BytesIO()
    picture.save(data, "PNG", **more)
    return data.getvalue()


def swapped_profile() -> bytes:
    """sRGB with its red and its green the other way round."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"?XYZ", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"?XYZ", b"gXYZ", 1)


def corner(space: Space, at: tuple[int, int] = (2, 1)) -> object:
    """A pixel of the reference as the renderer has drawn it into its picture's corner."""
    return Image.open(space.root / ASSET).getpixel(at)


def planned(space: Space) -> int:
    renders: int = space.call("plan", "--json").json["renders"]
    return renders


def test_a_transparent_reference_is_composed_over_the_matte_and_hidden_colours_void_nothing(scene: Space):
    scene.write("refs/photo.png", cutout((0, 0, 0)))
    assert scene.call("build").code == 0
    assert corner(scene) == (255, 255, 255) and corner(scene, (2, 7)) == (200, 10, 10)
    scene.write("refs/photo.png", cutout((0, 255, 0)))
    assert planned(scene) == 0
    scene.write("calotype.yaml", CONFIG + 'matte: "#102030"\n')
    assert planned(scene) == 1
    scene.call("build")
    assert corner(scene) == (16, 32, 48)


def test_a_profile_counts_and_the_renderer_gets_what_one_sees(scene: Space):
    plain = Image.new("RGB", (16, 16), (200, 10, 10))
    scene.write("refs/photo.png", png(plain))
    scene.call("build")
    assert corner(scene) == (200, 10, 10)
    scene.write("refs/photo.png", png(plain, icc_profile=swapped_profile()))
    assert planned(scene) == 1
    assert scene.call("build").code == 0
    red, green, _ = corner(scene)  # type: ignore[misc]
    assert green > 150 and red < 80
    assert scene.call("check").code == 0


def test_an_srgb_profile_and_another_file_format_void_nothing(scene: Space):
    plain = Image.effect_noise((16, 16), 50).convert("RGB")
    scene.write("refs/photo.png", png(plain))
    scene.call("build")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    scene.write("refs/photo.png", png(plain.convert("RGBA"), icc_profile=srgb))
    assert planned(scene) == 0


def test_what_an_earlier_version_remembered_of_a_file_is_not_taken_for_what_is_used(scene: Space):
    """Old rows hold the digest of samples as they lie in the file."""
    import sqlite3

    scene.write("refs/photo.png", cutout((0, 0, 0)))
    scene.call("build")
    with sqlite3.connect(scene.root / "cache/state/state.db") as database:
        database.execute("UPDATE memo SET pixels = substr(pixels, -64)")
    scene.write("refs/photo.png", cutout((0, 255, 0)))
    assert planned(scene) == 0


def test_an_avif_is_a_reference(scene: Space):
    data = io.BytesIO()
    Image.new("RGB", (16, 16), (200, 10, 10)).save(data, "AVIF")
    scene.write("refs/photo.avif", data.getvalue())
    scene.edit("specs/scenes/a.yaml", "photo.png", "photo.avif")
    assert scene.call("build").code == 0


@pytest.mark.parametrize("name", ["photo.heic", "photo.TIFF", "photo.gif", "photo.bmp"])
def test_a_format_that_is_not_read_is_named_with_what_to_do(scene: Space, name: str):
    scene.write(f"refs/{name}", b"anything")
    scene.edit("specs/scenes/a.yaml", "photo.png", name)
    ran = scene.call("validate", "--json")
    assert ran.code == 2
    (found,) = ran.json["diagnostics"]
    assert (found["line"], found["column"]) == (4, 20)
    kind = {"tiff": "TIFF"}.get(Path(name).suffix[1:].lower(), Path(name).suffix[1:].upper())
    assert f"is a {kind} picture, which is not read here" in found["message"]
    assert "export it as PNG or JPEG" in found["hint"]


def test_a_heic_that_calls_itself_jpeg_is_named_by_the_build(scene: Space):
    scene.write("refs/photo.png", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    ran = scene.call("plan")
    assert ran.code == 2 and "is a HEIC picture" in ran.err and "Most Compatible" in ran.err


@pytest.mark.parametrize("matte", ["white", "#fff", "[1, 2, 3]", "#12345g", "yes"])
def test_a_matte_that_is_no_colour_is_refused(scene: Space, matte: str):
    value = matte if matte.startswith("[") else f'"{matte}"'
    scene.write("calotype.yaml", CONFIG + f"matte: {value}\n")
    ran = scene.call("validate", "--json")
    assert ran.code == 2 and ran.json["diagnostics"][0]["line"] == 4
