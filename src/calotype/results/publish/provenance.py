"""PNG bytes of a render with its provenance inside. Must not know of titles, paths, versions or the clock.

The bytes are a function of the pixels, the request and the action key: two builds of one spec write one file.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

XMP_KEYWORD = "XML:com.adobe.xmp"
PARAMETERS_KEYWORD = "parameters"
CALOTYPE_NAMESPACE = "urn:x-calotype:provenance:1/"
IPTC_NAMESPACE = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
XMP_NAMESPACE = "http://ns.adobe.com/xap/1.0/"
RDF_NAMESPACE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
ALGORITHMIC = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
SOURCE_TYPES = {"mannequin": ALGORITHMIC}
"""IPTC's term for each renderer that draws by rule; every other renderer is taken for a trained model."""

# Measured with Pillow's zlib-ng: up to 256 x 256, level 2 takes half the CPU of 4 for the same size; a
# photograph of 1024 x 1024 is 10 % smaller at 4 (140 ms, beside seconds of rendering) and no smaller at 9.
_SMALL, _SMALL_LEVEL, _LEVEL = 256 * 256, 2, 4

_NAMES = (
    ("Steps", "steps"), ("Sampler", "scheduler"), ("Sampler", "sampler"), ("CFG scale", "guidance_scale"),
    ("Seed", "seed"), ("Size", "size"), ("Model hash", "model"), ("Denoising strength", "strength"),
)
_HASH_LENGTH = 10  # of A1111's short model hash
_DRAWN = ("drawing", "view", "side", "position")


def encode(pixels: Picture, request: Mapping[str, Any], key: str) -> bytes:
    """The PNG file of one render, with `parameters` and XMP embedded. `pixels` is 8-bit L, LA, RGB or RGBA.

    Deterministic for one build of Pillow. Nothing of `pixels.info` is written: only samples count.
    """
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text(PARAMETERS_KEYWORD, parameters(request))
    texts.add_itxt(XMP_KEYWORD, xmp(request, key))
    level = _SMALL_LEVEL if pixels.width * pixels.height <= _SMALL else _LEVEL
    nothing_else = {"icc_profile": None, "transparency": None, "exif": None}
    file = io.BytesIO()
    pixels.save(file, "PNG", pnginfo=texts, compress_level=level, **nothing_else)
    return file.getvalue()


def parameters(request: Mapping[str, Any]) -> str:
    """The text that A1111 writes into its images, with those of its fields that the request has."""
    lines = [str(request["prompt"]) if request.get("prompt") else _description(request)]
    if request.get("negative_prompt"):
        lines.append(f"Negative prompt: {request['negative_prompt']}")
    lines.append(", ".join(f"{name}: {_quoted(value)}" for name, value in _fields(request)))
    return "\n".join(lines)


def xmp(request: Mapping[str, Any], key: str) -> str:
    """The XMP packet: IPTC's digital source type, the tool, and what made the pixels."""
    renderer = str(request.get("renderer", ""))
    attributes = {
        "Iptc4xmpExt:DigitalSourceType": SOURCE_TYPES.get(renderer, TRAINED),
        "xmp:CreatorTool": "Calotype",
        "calotype:action": key,
        "calotype:renderer": renderer,
        "calotype:seed": str(request.get("seed", "")),
    }
    written = "".join(f'\n   {name}="{_attribute(value)}"' for name, value in attributes.items() if value)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        f' <rdf:RDF xmlns:rdf="{RDF_NAMESPACE}">\n'
        f'  <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{IPTC_NAMESPACE}"\n'
        f'   xmlns:xmp="{XMP_NAMESPACE}" xmlns:calotype="{CALOTYPE_NAMESPACE}"{written}/>\n'
        " </rdf:RDF>\n</x:xmpmeta>\n"
        '<?xpacket end="r"?>'
    )


def _fields(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, field in _NAMES:
        value = request.get(field)
        if value is None:
            continue
        if name == "Size":
            yield name, f"{value[0]}x{value[1]}"
        elif name == "Model hash":
            yield from _model(value)
        else:
            yield name, str(value.get("name", "")) if isinstance(value, Mapping) else str(value)


def _model(value: Any) -> Iterator[tuple[str, str]]:
    """A digest is shortened as A1111 does; anything else is the model's name."""
    base = value.get("base", "") if isinstance(value, Mapping) else value
    text = str(base.get("sha256", "") if isinstance(base, Mapping) else base)
    if len(text) == 64 and all(letter in "0123456789abcdef" for letter in text):
        yield "Model hash", text[:_HASH_LENGTH]
    elif text:
        yield "Model", text


def _quoted(value: str) -> str:
    """A1111 writes a value that holds its own separators as a JSON string."""
    return json.dumps(value, ensure_ascii=False) if any(mark in value for mark in ',:\n"') else value


def _description(request: Mapping[str, Any]) -> str:
    """The first line for a renderer that has no prompt: what it was asked to draw."""
    parts = [str(request.get("renderer", "image"))]
    parts += [f"{name} {request[name]}" for name in _DRAWN if request.get(name)]
    parts += _posture(request.get("posture") or {})
    for name in ("muscles", "joints"):
        if request.get(name):
            parts.append(f"{name} {' and '.join(str(one) for one in request[name])}")
    return ", ".join(" ".join(part.split()) for part in parts)


def _posture(posture: Mapping[str, Any], side: str = "") -> Iterator[str]:
    """`base standing`, `left knee_flexion 40`: names as specs have them, angles in degrees."""
    for name, value in sorted(posture.items()):
        if isinstance(value, Mapping):
            yield from _posture(value, f"{side}{name} ")
        else:
            yield f"{side}{name} {value:g}" if isinstance(value, int | float) else f"{side}{name} {value}"


def _attribute(value: str) -> str:
    """XML has no word at all for most control characters, escaped or not."""
    return escape("".join(letter if letter.isprintable() else " " for letter in value))
