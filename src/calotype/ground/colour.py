"""Pictures of other colour spaces in sRGB: ICC profiles, cICP (PNG, AVIF), gAMA and cHRM (PNG), in that order of say.

A profile that is broken, or of another kind of colours than the picture's, says nothing, as in browsers.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Curve = Callable[[float], float]
"""From a sample, 0 to 1, to light, 0 to 1."""
Chromaticities = tuple[float, ...]
"""x and y of white, red, green and blue, as PNG's cHRM has them."""

D65 = (0.3127, 0.3290)
_SRGB: Chromaticities = (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_PRIMARIES: dict[int, Chromaticities] = {
    1: _SRGB, 9: (*D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046), 12: (*D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
"""By their codes in ITU-T H.273: BT.709, BT.2020, Display P3."""
_UNSPECIFIED = 2
_SAME = 2
"""Levels of 255 by which a profile may differ from sRGB and still be it: rounding of its curves."""
_ROWS = 256
"""Rows that are converted at once: three doubles a pixel would not fit for a whole large picture."""


def in_srgb(picture: Picture, opened: Picture) -> Picture:
    """`picture`, 8-bit L, LA, RGB or RGBA, in sRGB, by what the file that `opened` came from says of its colours.

    Raises Problem for a transfer function that no 8-bit picture can stand for (PQ, HLG).
    """
    info = opened.info
    if info.get("cicp"):
        return _by_codes(picture, *info["cicp"][:2])
    if info.get("icc_profile"):
        return _by_profile(picture, bytes(info["icc_profile"]))
    if "srgb" in info or "gamma" not in info:
        return picture
    curve, white_and_primaries = _power(1 / info["gamma"]) if info["gamma"] > 0 else None, info.get("chromaticity")
    if curve is None or abs(info["gamma"] - 1 / 2.2) < 0.01:
        curve = _srgb_light
    return _converted(picture, curve, tuple(white_and_primaries or _SRGB))


def from_cmyk(picture: Picture) -> Picture | None:
    """A CMYK picture through its profile; None where it has none that can be used."""
    return _through(bytes(picture.info.get("icc_profile") or b""), picture, "CMYK")


def codes_of(data: bytes, kind: str) -> tuple[int, ...] | None:
    """The cICP codes (ITU-T H.273) of a PNG's chunk or an AVIF's `nclx` box: primaries, transfer, and two more."""
    if kind == "AVIF":
        place = data.find(b"colrnclx", 0, 1 << 16)
        codes = data[place + 8 : place + 14] if place >= 0 else b""
        return (int.from_bytes(codes[:2]), int.from_bytes(codes[2:4]), 0, 1) if len(codes) == 6 else None
    place = data.find(b"cICP") if kind == "PNG" else -1
    return tuple(data[place + 4 : place + 8]) if 0 <= place < data.find(b"IDAT") else None


def _by_codes(picture: Picture, primaries: int, transfer: int) -> Picture:
    if transfer == _UNSPECIFIED or primaries == _UNSPECIFIED:
        return picture
    curve, chromaticities = _CURVES.get(transfer), _PRIMARIES.get(primaries)
    if curve is None or chromaticities is None:
        name = {16: "PQ (HDR)", 18: "HLG (HDR)"}.get(transfer, f"cICP {primaries}/{transfer}")
        raise Problem(error("image", f"the picture's colours are {name}, which is not read here",
                            hint="export it with an sRGB or Display P3 profile"))
    return _converted(picture, curve, chromaticities)


def _by_profile(picture: Picture, profile: bytes) -> Picture:
    grey = picture.mode in ("L", "LA")
    colours = picture.convert("L") if grey else picture.convert("RGB")
    converted = _through(profile, colours, "L") if grey else None
    if converted is None:
        converted = _through(profile, colours.convert("RGB"), "RGB")
    return picture if converted is None else _with_alpha_of(picture, converted)


def _with_alpha_of(picture: Picture, colours: Picture) -> Picture:
    if picture.mode in ("LA", "RGBA"):
        colours.putalpha(picture.getchannel("A"))
    return colours


def _through(profile: bytes, colours: Picture, mode: str) -> Picture | None:
    """`colours`, of `mode`, in sRGB; None where the profile is broken, of other colours, or sRGB itself."""
    from PIL import ImageCms

    transform = _transform(profile, mode)
    return None if transform is None else ImageCms.applyTransform(colours, transform)


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> Any:
    from PIL import Image, ImageChops, ImageCms

    space = {"L": "GRAY"}.get(mode, mode)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != space:
            return None
        transform = ImageCms.buildTransform(
            source, ImageCms.createProfile("sRGB"), mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION)
        if mode == "CMYK":
            return transform
        steps = bytes(range(0, 256, 15))
        cube = Image.frombytes("RGB", (len(steps) ** 2, len(steps)), bytes(
            sample for red in steps for green in steps for blue in steps for sample in (red, green, blue)))
        probe = cube.convert(mode)
        seen = ImageCms.applyTransform(probe, transform)
        furthest = max(ImageChops.difference(seen or probe, probe.convert("RGB")).tobytes())
    except Exception:  # a damaged profile may raise anything at all, and says nothing
        return None
    return transform if furthest > _SAME else None


def _converted(picture: Picture, curve: Curve, chromaticities: Chromaticities) -> Picture:
    """By curve to light, by a matrix to sRGB's primaries, by sRGB's curve to samples."""
    if curve is _srgb_light and all(abs(a - b) < 0.001 for a, b in zip(chromaticities, _SRGB, strict=True)):
        return picture
    import numpy
    from PIL import Image

    light = numpy.array([curve(level / 255) for level in range(256)])
    matrix = numpy.linalg.inv(_to_xyz(_SRGB)) @ _adapted(chromaticities[:2], D65) @ _to_xyz(chromaticities)
    samples = numpy.asarray(picture.convert("RGB"))
    result = numpy.empty_like(samples)
    for row in range(0, len(samples), _ROWS):
        linear = numpy.clip(light[samples[row : row + _ROWS]] @ matrix.T, 0, 1)
        coded = numpy.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
        result[row : row + _ROWS] = (coded * 255 + 0.5).astype(numpy.uint8)
    return _with_alpha_of(picture, Image.fromarray(result))


def _to_xyz(chromaticities: Chromaticities) -> Any:
    """RGB light to CIE XYZ (Lindbloom): the primaries' directions, as strong as makes their sum the white."""
    import numpy

    white, *primaries = (_xyz(x, y) for x, y in zip(chromaticities[::2], chromaticities[1::2], strict=True))
    directions = numpy.stack(primaries, axis=1)
    return directions * numpy.linalg.solve(directions, white)


def _adapted(source: Chromaticities, target: Chromaticities) -> Any:
    """Bradford's chromatic adaptation from one white to another."""
    import numpy

    cone = numpy.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    gains = (cone @ _xyz(*target)) / (cone @ _xyz(*source))
    return numpy.linalg.inv(cone) @ numpy.diag(gains) @ cone


def _xyz(x: float, y: float) -> Any:
    import numpy

    return numpy.array([x / y, 1.0, (1 - x - y) / y])


def _srgb_light(sample: float) -> float:
    return sample / 12.92 if sample <= 0.04045 else math.pow((sample + 0.055) / 1.055, 2.4)


def _power(exponent: float) -> Curve:
    return lambda sample: math.pow(sample, exponent)


_CURVES: dict[int, Curve] = {
    **dict.fromkeys((1, 6, 13, 14, 15), _srgb_light), 4: _power(2.2), 5: _power(2.8), 8: _power(1.0),
}
"""By their codes in H.273. BT.709's own curve describes cameras; what they made is shown, and taken here, as sRGB."""
