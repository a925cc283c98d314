"""Pictures are decoded within limits, and a picture's digest depends on what is seen alone."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from calotype.ground.diagnostics import Problem
from calotype.ground.digest import pixel_digest
from calotype.ground.images import digest_of, eight_bit, open_image, pixels_of


def picture() -> Image.Image:
    bands = [Image.radial_gradient("L").resize((24, 16)).rotate(90 * turn) for turn in range(3)]
    return Image.merge("RGB", bands)


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def test_the_digest_of_an_rgb_picture_is_that_of_its_samples() -> None:
    assert pixels_of(saved(picture())) == pixel_digest("RGB", 24, 16, picture().tobytes())


def test_metadata_and_compression_change_no_digest() -> None:
    info = PngInfo()
    info.add_text("Title", "another")
    same = {
        pixels_of(saved(picture())),
        pixels_of(saved(picture(), pnginfo=info, compress_level=0, dpi=(300, 300))),
        pixels_of(saved(picture(), "WEBP", lossless=True)),
        pixels_of(saved(picture().convert("RGBA"))),
    }
    assert len(same) == 1


def test_grey_is_one_picture_however_it_is_stored() -> None:
    grey = picture().convert("L")
    twice = bytes(part for value in grey.tobytes() for part in (value, value))
    deep = Image.frombytes("I;16", grey.size, twice)
    forms = [grey, grey.convert("LA"), grey.convert("RGB"), grey.convert("P"), deep]
    assert len({pixels_of(saved(form)) for form in forms}) == 1


def test_a_palette_is_one_way_to_store_colours() -> None:
    few = picture().quantize(8)
    assert pixels_of(saved(few)) == pixels_of(saved(few.convert("RGB")))


def test_black_and_white_is_grey() -> None:
    assert pixels_of(saved(picture().convert("1"))) == pixels_of(saved(picture().convert("1").convert("L")))


def test_transparency_counts_and_a_transparent_colour_is_transparency() -> None:
    seen = picture()
    seen.putpixel((0, 0), (1, 2, 3))
    keyed = pixels_of(saved(seen, transparency=(1, 2, 3)))
    clear = seen.convert("RGBA")
    clear.putdata([(*p[:3], 0) if p[:3] == (1, 2, 3) else p for p in clear.get_flattened_data()])
    assert keyed == pixels_of(saved(clear)) != pixels_of(saved(seen))


def test_a_transparent_palette_entry_is_transparency() -> None:
    few = picture().quantize(8)
    assert eight_bit(open_image(saved(few, transparency=0))).mode == "RGBA"


def test_another_pixel_is_another_digest() -> None:
    other = picture()
    other.putpixel((3, 3), (9, 9, 9))
    assert pixels_of(saved(other)) != pixels_of(saved(picture()))


def test_the_orientation_a_camera_noted_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = ImageOps.exif_transpose(open_image(saved(picture(), exif=exif)))
    assert turned.size == (16, 24)
    assert pixels_of(saved(picture(), exif=exif)) == digest_of(turned)


def test_inks_become_light() -> None:
    assert eight_bit(open_image(saved(picture().convert("CMYK"), "JPEG"))).mode == "RGB"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_every_format_we_read_is_read(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a").write_bytes(saved(picture(), kind))
    assert open_image(tmp_path / "a").size == (24, 16)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_a_truncated_picture_is_refused_or_whole(kind: str) -> None:
    whole = saved(picture(), kind)
    digest = pixels_of(whole)
    for end in range(len(whole)):
        try:
            assert pixels_of(whole[:end], "a") == digest
        except Problem as problem:
            assert problem.exit_code == 2 and problem.diagnostics[0].hint
            message = problem.diagnostics[0].message
            assert message.startswith("`a` is ") and "object at 0x" not in message, message


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"hello", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Problem):
        open_image(data)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(Problem, match="`refs/none"):
        open_image("refs/none.png")


def test_an_lfs_pointer_is_recognised() -> None:
    with pytest.raises(Problem) as caught:
        open_image(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "refs/a.png")
    assert caught.value.diagnostics[0].hint == "run `git lfs pull`"


@pytest.mark.parametrize("side", [8200, 12_000, 60_000])
def test_a_picture_of_too_many_pixels_is_refused_undecoded(side: int) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    with pytest.raises(Problem, match="too many pixels"):
        open_image(b"\x89PNG\r\n\x1a\n" + chunks)


def test_a_flipped_bit_never_escapes_as_another_error() -> None:
    whole = bytearray(saved(picture(), "WEBP") + b"")
    for place in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        try:
            open_image(bytes(damaged))
        except Problem:
            continue
