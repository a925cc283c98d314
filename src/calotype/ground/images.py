"""Untrusted pictures, decoded within limits, and their pixel digests. Must not know what a picture is for."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.ground.colour import codes_of, from_cmyk, in_srgb
from calotype.ground.diagnostics import Problem, error
from calotype.ground.digest import pixel_digest
from calotype.ground.files import open_file

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_PIXELS = 8192 * 8192
MAX_BYTES = 512 * 1024 * 1024
FORMATS = "PNG, JPEG, WebP and AVIF"
WHITE = "#ffffff"
LFS_POINTER = b"version https://git-lfs.github.com/spec/"

_HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_FOREIGN = (
    ((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "TIFF picture"), ((b"GIF8",), "GIF picture"), ((b"BM",), "BMP picture"),
    ((b"8BPS",), "Photoshop file"), ((b"%PDF",), "PDF"), ((b"<svg", b"<?xml"), "SVG drawing"),
    ((b"\xff\x0a", b"\0\0\0\x0cJXL "), "JPEG XL picture"), ((b"\0\0\0\x0cjP  ",), "JPEG 2000 picture"),
)
_ORIENTATION = 0x0112
_PLAIN = ("L", "LA", "RGB", "RGBA")
_DECODERS = {"PNG": "Png", "JPEG": "Jpeg", "WEBP": "WebP", "AVIF": "Avif"}
_WITH_ALPHA = {"PA": "RGBA", "RGBa": "RGBA", "La": "LA"}


def open_image(source: str | Path | bytes, name: str | None = None) -> Picture:
    """The picture in a file or in bytes, fully decoded, with its metadata in `.info`.

    Raises Problem for a file that is missing, not PNG, JPEG, WebP or AVIF, truncated, damaged, over 512 MiB,
    or over 8192 * 8192 pixels. `name` is what diagnostics call the file. Samples stay as the file has them.
    """
    label = name if name is not None else None if isinstance(source, bytes) else str(source)
    data = source if isinstance(source, bytes) else _read(source, label)
    return _decode(data, _format_of(data, label), label)


def eight_bit(picture: Picture) -> Picture:
    """`picture` upright by its EXIF orientation, as 8-bit L, LA, RGB or RGBA; of 16 bits the high 8."""
    upright = _upright(picture)
    if upright.mode in _PLAIN and "transparency" not in upright.info:
        return upright
    return _converted(upright)


def canonical(picture: Picture) -> Picture:
    """`picture` in the form that is digested: RGB, or RGBA where a pixel is not wholly opaque.

    Encoders drop an opaque alpha channel, store grey as RGB (WebP, AVIF) or colours as a palette: none of
    these makes another picture, so none may give another digest.
    """
    plain = eight_bit(picture)
    if plain.mode in ("LA", "RGBA") and _opaque(plain):
        return plain.convert("RGB")
    return plain.convert({"L": "RGB", "LA": "RGBA"}.get(plain.mode, plain.mode))


def digest_of(picture: Picture) -> str:
    """The pixel digest of a decoded picture: `pixel_digest` of its `canonical` form."""
    form = canonical(picture)
    return pixel_digest(form.mode, form.width, form.height, form.tobytes())


def pixels_of(source: str | Path | bytes, name: str | None = None) -> str:
    """The pixel digest of a picture file. Raises Problem as `open_image` does."""
    return digest_of(open_image(source, name))


def as_seen(picture: Picture) -> Picture:
    """`picture` upright and in sRGB, as 8-bit L, LA, RGB or RGBA. Raises Problem for colours that cannot be brought
    into sRGB."""
    opaque = from_cmyk(_upright(picture)) if picture.mode == "CMYK" else None
    return opaque if opaque is not None else in_srgb(eight_bit(picture), picture)


def as_input(picture: Picture, matte: str = WHITE) -> Picture:
    """`picture` as it is used: RGB in sRGB, composed over the colour `matte` where it is transparent.

    So colours that nobody sees decide nothing, and those of another colour space are the ones that one sees.
    Raises Problem for colours that cannot be brought into sRGB.
    """
    from PIL import Image

    plain = as_seen(picture)
    if plain.mode not in ("LA", "RGBA") or _opaque(plain):
        return plain.convert("RGB")
    colours = plain.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", colours.size, matte), colours).convert("RGB")


def fitted(picture: Picture, size: tuple[int, int]) -> Picture:
    """`picture` scaled to cover `size`, (width, height) in pixels, with what juts out cut off alike on either side."""
    from PIL import Image, ImageOps

    return picture if picture.size == size else ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def _read(path: str | Path, label: str | None) -> bytes:
    try:
        with open_file(path) as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as problem:
        raise _refused(f"cannot be read: {problem.strerror or problem}", label) from None
    if len(data) > MAX_BYTES:
        raise _refused(f"is over {MAX_BYTES // 1024**2} MiB", label)
    return data


def _format_of(data: bytes, label: str | None) -> str:
    """By the first bytes, so that Pillow loads one decoder and no file reaches an unexpected one."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "AVIF"
    if data.startswith(LFS_POINTER):
        raise _refused("is a Git LFS pointer, not a picture", label, "run `git lfs pull`")
    message, hint = _foreign(data)
    raise _refused(message, label, hint)


def _foreign(data: bytes) -> tuple[str, str]:
    """What a file is whose first bytes are of no format that is read, and what to do."""
    brand = data[8:12] if data[4:8] == b"ftyp" else b""
    if brand in _HEIF:
        return "is a HEIC picture, which is not read here", (
            f"export it as PNG or JPEG (iPhones: Settings > Camera > Formats > Most Compatible); {FORMATS} are read")
    name = next((name for signs, name in _FOREIGN if data.startswith(signs)), None)
    if name is None:
        return "is not a picture that can be read here", f"{FORMATS} are read"
    return f"is a {name}, which is not read here", f"export it as PNG; {FORMATS} are read"


def _decode(data: bytes, kind: str, label: str | None) -> Picture:
    from importlib import import_module

    from PIL import Image

    import_module(f"PIL.{_DECODERS[kind]}ImagePlugin")
    # Pillow warns between one and two times its own limit, which is above ours: here it is refused undecoded.
    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
    try:
        picture = Image.open(io.BytesIO(data), formats=(kind,))
        if picture.width * picture.height > MAX_PIXELS:
            raise Image.DecompressionBombError
        picture.load()
        codes = codes_of(data, kind)
        if codes is not None:
            picture.info["cicp"] = codes
    except Image.DecompressionBombError:
        raise _refused("has too many pixels", label, "at most 8192 x 8192 are read") from None
    except MemoryError:
        raise _refused("does not fit in memory", label) from None
    except Exception as problem:  # a decoder fed with damaged bytes may raise anything at all
        hint = "save it again, or restore it from version control"
        raise _refused(f"is damaged or truncated ({_reason(problem, kind)})", label, hint) from None
    return picture


def _reason(problem: Exception, kind: str) -> str:
    """What a decoder has to say. Of what it knows nothing of, Pillow names the object that holds the bytes."""
    from PIL import UnidentifiedImageError

    return f"no {kind} picture can be read in it" if isinstance(problem, UnidentifiedImageError) else str(problem)


def _upright(picture: Picture) -> Picture:
    try:
        turned = picture.getexif().get(_ORIENTATION, 1) not in (0, 1)
    except Exception:  # a damaged EXIF block says nothing about orientation
        return picture
    if not turned:
        return picture
    from PIL import ImageOps

    return ImageOps.exif_transpose(picture)


def _converted(picture: Picture) -> Picture:
    if picture.mode.startswith("I;16"):
        return _high_bytes(picture)
    if "transparency" in picture.info:
        return picture.convert("LA" if picture.mode in ("1", "L") else "RGBA")
    if picture.mode == "1":
        return picture.convert("L")
    return picture.convert(_WITH_ALPHA.get(picture.mode, "RGB"))


def _high_bytes(picture: Picture) -> Picture:
    """Pillow clips 16-bit grey at 255, but takes the high byte of 16-bit colour: this treats both alike."""
    from PIL import Image

    samples = picture.tobytes()
    big_endian = picture.mode == "I;16B"
    return Image.frombytes("L", picture.size, samples[0 if big_endian else 1 :: 2])


def _opaque(picture: Picture) -> bool:
    low, _ = picture.getchannel("A").getextrema()
    return bool(low == 255)


def _refused(message: str, label: str | None, hint: str | None = None) -> Problem:
    subject = f"`{label}`" if label else "the picture"
    return Problem(error("image", f"{subject} {message}", file=label, hint=hint))
