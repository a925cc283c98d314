"""Pictures as they are used: the colours that one sees, over the matte where nothing is seen."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageCms

from calotype.ground.diagnostics import Problem
from calotype.ground.images import as_input, digest_of, open_image

COLOURS = [(250, 40, 10), (20, 200, 90), (10, 30, 240), (128, 128, 128), (255, 255, 255), (0, 0, 0)]


def picture() -> Image.Image:
    made = Image.new("RGB", (len(COLOURS), 2))
    for x, colour in enumerate(COLOURS):
        made.putpixel((x, 0), colour)
        made.putpixel((x, 1), colour)
    return made


def png(made: Image.Image, **more: Any) -> bytes:
    data = io.BytesIO()
    made.save(data, "PNG", **more)
    return data.getvalue()


def with_chunk(name: bytes, body: bytes) -> bytes:
    """`picture` as a PNG with one more chunk before its samples."""
    data = png(picture())
    chunk = struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return data[:33] + chunk + data[33:]


def used(data: bytes, **more: Any) -> Image.Image:
    return as_input(open_image(data, "refs/a.png"), **more)


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile() -> bytes:
    """sRGB with its red and its green the other way round: a profile that nobody can overlook."""
    return srgb_profile().replace(b"rXYZ", b"?XYZ", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"?XYZ", b"gXYZ", 1)


def furthest(one: Image.Image, other: Image.Image) -> int:
    return max(high for _, high in ImageChops.difference(one, other).getextrema())


def test_what_nobody_sees_decides_nothing():
    clear = picture().convert("RGBA")
    for x in (0, 1):
        clear.putpixel((x, 0), (1, 2, 3, 0))
    other = clear.copy()
    other.putpixel((0, 0), (200, 100, 50, 0))
    assert digest_of(used(png(clear))) == digest_of(used(png(other)))
    assert used(png(clear)).getpixel((0, 0)) == (255, 255, 255)
    assert used(png(clear), matte="#102030").getpixel((1, 0)) == (16, 32, 48)
    assert used(png(clear)).getpixel((2, 0)) == COLOURS[2]


def test_half_a_colour_is_mixed_with_the_matte():
    assert used(png(Image.new("RGBA", (1, 1), (0, 0, 0, 128)))).getpixel((0, 0)) == (127, 127, 127)
    assert used(png(Image.new("LA", (1, 1), (0, 0)))).getpixel((0, 0)) == (255, 255, 255)


def test_an_opaque_picture_without_profile_keeps_its_digest():
    assert digest_of(used(png(picture()))) == digest_of(picture())
    assert digest_of(used(png(picture().convert("RGBA")))) == digest_of(picture())


def test_a_profile_counts_and_its_colours_are_brought_into_srgb():
    red, green, blue = used(png(picture(), icc_profile=swapped_profile())).crop((0, 0, 1, 1)).getpixel((0, 0))  # type: ignore[misc]
    assert green > 240 and red < 60 and blue < 20


@pytest.mark.parametrize("mode", ["RGBA", "L", "LA", "P"])
def test_a_profile_is_read_in_every_mode(mode: str):
    plain = picture().convert(mode)
    seen = used(png(plain, icc_profile=swapped_profile()))
    assert (furthest(seen, used(png(plain))) > 50) is (mode in ("RGBA", "P"))


@pytest.mark.parametrize("profile", [srgb_profile(), b"broken", srgb_profile()[:200], b"\0" * 128])
def test_srgb_itself_and_a_profile_that_is_broken_change_nothing(profile: bytes):
    assert digest_of(used(png(picture(), icc_profile=profile))) == digest_of(picture())


def test_a_gamma_is_read_and_that_of_srgb_changes_nothing():
    linear = used(with_chunk(b"gAMA", struct.pack(">I", 100_000)))
    assert linear.getpixel((3, 0)) == (188, 188, 188)
    assert linear.getpixel((4, 0)) == (255, 255, 255)
    assert digest_of(used(with_chunk(b"gAMA", struct.pack(">I", 45_455)))) == digest_of(picture())


def test_a_white_of_another_light_is_white():
    """PNG's gAMA and cHRM with sRGB's primaries and the white of D50: what is grey stays grey (Bradford's adaptation)."""
    places = [0.3457, 0.3585, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06]
    chromaticities = struct.pack(">8I", *(round(place * 100_000) for place in places))
    data = with_chunk(b"cHRM", chromaticities)
    gamma = with_chunk(b"gAMA", struct.pack(">I", 45_455))[33:33 + 16]
    seen = used(data[:33] + gamma + data[33:])
    for x, grey in ((3, 128), (4, 255), (5, 0)):
        assert max(abs(sample - grey) for sample in seen.getpixel((x, 0))) <= 1
    assert furthest(seen.crop((0, 0, 3, 1)), picture().crop((0, 0, 3, 1))) > 5


def test_codes_of_display_p3_give_what_its_primaries_say():
    wide = used(with_chunk(b"cICP", bytes((12, 13, 0, 1))))
    assert wide.getpixel((3, 0)) == (128, 128, 128) and wide.getpixel((4, 0)) == (255, 255, 255)
    red, green, _ = wide.getpixel((1, 0))  # type: ignore[misc]
    assert red == 0 and green > 200
    assert digest_of(used(with_chunk(b"cICP", bytes((1, 13, 0, 1))))) == digest_of(picture())


def test_colours_that_no_8_bit_picture_holds_are_refused_by_name():
    with pytest.raises(Problem) as caught:
        used(with_chunk(b"cICP", bytes((9, 16, 0, 1))))
    (found,) = caught.value.diagnostics
    assert "PQ (HDR)" in found.message and "sRGB" in (found.hint or "")


def test_the_codes_of_an_avif_are_read():
    data = io.BytesIO()
    picture().resize((64, 64), Image.Resampling.NEAREST).save(data, "AVIF", quality=100, subsampling="4:4:4")
    plain = data.getvalue()
    assert b"colrnclx\0\x01\0\x0d" in plain
    wide = plain.replace(b"colrnclx\0\x01\0\x0d", b"colrnclx\0\x0c\0\x0d")
    assert digest_of(used(plain)) == digest_of(open_image(plain)) != digest_of(used(wide))


def test_a_cmyk_picture_is_read():
    data = io.BytesIO()
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(data, "JPEG", quality=100)
    red, green, blue = used(data.getvalue()).getpixel((8, 8))  # type: ignore[misc]
    assert red > 200 and green < 60 and blue < 60


@pytest.mark.parametrize(("data", "name"), [
    (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC picture"), (b"\0\0\0\x18ftypmif1\0\0\0\0", "a HEIC picture"),
    (b"II*\0rest", "a TIFF picture"), (b"MM\0*rest", "a TIFF picture"), (b"GIF89arest", "a GIF picture"),
    (b"BMrest", "a BMP picture"), (b"8BPSrest", "a Photoshop file"), (b"\xff\x0arest", "a JPEG XL picture"),
])
def test_a_picture_of_another_format_is_named_with_what_to_do(data: bytes, name: str):
    with pytest.raises(Problem) as caught:
        open_image(data, "refs/a.png")
    (found,) = caught.value.diagnostics
    assert f"is {name}, which is not read here" in found.message
    assert "export it as" in (found.hint or "")
