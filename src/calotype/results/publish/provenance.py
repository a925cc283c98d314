"""PNG bytes of a render with its provenance inside. Must not know of titles, paths, versions or the clock.

The bytes are a function of the pixels, the request, the action key, how much is to be told and what LoRAs are called:
two builds of one spec write one file.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from calotype.results.publish.parameters import NAMELESS, parameters

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.PngImagePlugin import PngInfo

Embed = Literal["full", "minimal", "none"]
"""How much an image tells of its making: all; that it was generated; nothing at all."""

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


def encode(
    pixels: Picture, request: Mapping[str, Any], key: str, embed: Embed = "full", names: Mapping[str, str] = NAMELESS
) -> bytes:
    """The PNG file of one render, with `parameters` and XMP embedded. `pixels` is 8-bit L, LA, RGB or RGBA; `names` are
    what LoRAs are called, by digest.

    `minimal` leaves only the XMP that says that the image was generated, and by what tool.

    Deterministic for one build of Pillow. Nothing of `pixels.info` is written: only samples count.
    """
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    if embed == "full":
        texts.add_text(PARAMETERS_KEYWORD, parameters(request, names))
    if embed != "none":
        texts.add_itxt(XMP_KEYWORD, xmp(request, key if embed == "full" else ""))
    return _png(pixels, texts)


def encode_imported(pixels: Picture, embed: Embed = "full") -> bytes:
    """The PNG file of a picture that was put in by hand: it tells that it was, and nothing of what it was made by."""
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    if embed != "none":
        texts.add_itxt(XMP_KEYWORD, _packet({"xmp:CreatorTool": "Calotype", "calotype:origin": "imported"}))
    return _png(pixels, texts)


def _png(pixels: Picture, texts: PngInfo) -> bytes:
    level = _SMALL_LEVEL if pixels.width * pixels.height <= _SMALL else _LEVEL
    nothing_else = {"icc_profile": None, "transparency": None, "exif": None}
    file = io.BytesIO()
    pixels.save(file, "PNG", pnginfo=texts, compress_level=level, **nothing_else)
    return file.getvalue()


def xmp(request: Mapping[str, Any], key: str) -> str:
    """The XMP packet: IPTC's digital source type, the tool and, if a `key` is given, what made the pixels."""
    renderer = str(request.get("renderer", ""))
    attributes = {
        "Iptc4xmpExt:DigitalSourceType": SOURCE_TYPES.get(renderer, TRAINED),
        "xmp:CreatorTool": "Calotype",
    }
    if key:
        attributes |= {
            "calotype:action": key,
            "calotype:renderer": renderer,
            "calotype:seed": str(request.get("seed", "")),
        }
    return _packet(attributes)


def _packet(attributes: Mapping[str, str]) -> str:
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


def _attribute(value: str) -> str:
    """XML has no word at all for most control characters, escaped or not."""
    return escape("".join(letter if letter.isprintable() else " " for letter in value))
