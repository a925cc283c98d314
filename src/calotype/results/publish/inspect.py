"""Reads back what an image says of its own making. Must not know the project, nor trust the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem
from calotype.ground.digest import sha256_file
from calotype.ground.images import digest_of, eight_bit, open_image
from calotype.results.publish.embedded_texts import comment_text, of_another_program, parse_parameters
from calotype.results.publish.provenance import (
    CALOTYPE_NAMESPACE,
    IPTC_NAMESPACE,
    PARAMETERS_KEYWORD,
    XMP_KEYWORD,
    XMP_NAMESPACE,
)

MAX_XMP_BYTES = 1024 * 1024
_KEY = re.compile(r"[0-9a-f]{64}")
_EXIF_IFD, _USER_COMMENT = 0x8769, 0x9286
_COMFY_TAGS = 0x010E, 0x010F, 0x0110
"""ImageDescription, Make and Model, in which ComfyUI keeps `prompt: {...}` and `workflow: {...}` of a WebP."""


def inspect(path: str | Path, name: str | None = None) -> dict[str, Any]:
    """What the PNG, JPEG, WebP or AVIF at `path` says of itself; None for what it does not say.

    `size` is [width, height], `pixels` its pixel digest, `parameters` the A1111 text, parsed; `program` names one that
    writes otherwise, and `written` is what it wrote, as it is. Raises Problem for what is not a readable picture.
    """
    picture = open_image(path, name)
    upright = eight_bit(picture)
    properties = read_xmp(_xmp_of(picture.info))
    texts = _texts_of(picture)
    program, written = of_another_program(texts) or (None, None)
    fields = parse_parameters(texts.get(PARAMETERS_KEYWORD)) if program is None else None
    return {
        "file": name or str(path),
        "format": picture.format,
        "mode": upright.mode,
        "size": [upright.width, upright.height],
        "sha256": sha256_file(path),
        "pixels": digest_of(picture),
        "action": properties.get(CALOTYPE_NAMESPACE + "action"),
        "renderer": properties.get(CALOTYPE_NAMESPACE + "renderer"),
        "origin": properties.get(CALOTYPE_NAMESPACE + "origin"),
        "seed": _whole(properties.get(CALOTYPE_NAMESPACE + "seed") or (fields or {}).get("Seed")),
        "creator_tool": properties.get(XMP_NAMESPACE + "CreatorTool"),
        "digital_source_type": properties.get(IPTC_NAMESPACE + "DigitalSourceType"),
        "parameters": fields,
        "program": program,
        "written": written,
    }


def told_action(path: Path) -> str | None:
    """The action key of the render that the PNG at `path` says it is; None where it says nothing."""
    try:
        key = read_xmp(_xmp_of(open_image(path).info)).get(CALOTYPE_NAMESPACE + "action")
    except Problem:
        return None
    return key if key is not None and _KEY.fullmatch(key) else None


def read_xmp(packet: bytes) -> dict[str, str]:
    """Every property of an XMP packet by its full name, written as attribute or element.

    A document type, and with it every entity, is refused: XMP needs none. What cannot be parsed says nothing.
    """
    if not packet or len(packet) > MAX_XMP_BYTES:
        return {}
    from xml.parsers import expat

    properties: dict[str, str] = {}
    open_elements: list[str] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        open_elements.append(name)
        properties.update(attributes)

    def text(data: str) -> None:
        if open_elements and data.strip():
            properties[open_elements[-1]] = properties.get(open_elements[-1], "") + data

    def doctype(*_: object) -> None:
        raise ValueError("XMP has no document type")

    parser = expat.ParserCreate("utf-8", "")
    parser.StartElementHandler, parser.CharacterDataHandler = start, text
    parser.EndElementHandler = lambda _: open_elements.pop() and None
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(packet, True)
    except (expat.ExpatError, ValueError):
        return {}
    return properties


def _xmp_of(info: Mapping[Any, Any]) -> bytes:
    packet = info.get("xmp") or info.get(XMP_KEYWORD) or b""
    return packet.encode(errors="replace") if isinstance(packet, str) else bytes(packet)


def _texts_of(picture: Any) -> dict[str, str]:
    """What is embedded by keyword: a PNG's texts; of JPEG, WebP and AVIF what EXIF holds in their place."""
    texts = {name: text for name, text in picture.info.items() if isinstance(name, str) and isinstance(text, str)}
    try:
        exif = picture.getexif()
        comment = comment_text(exif.get_ifd(_EXIF_IFD).get(_USER_COMMENT))
        tags = [str(exif[tag]) for tag in _COMFY_TAGS if tag in exif]
    except Exception:  # a damaged EXIF block says nothing
        return texts
    for tag in tags:
        name, separator, text = tag.partition(":")
        if separator and name.lower() in ("prompt", "workflow"):
            texts.setdefault(name.lower(), text)
    return texts if comment is None else {PARAMETERS_KEYWORD: comment, **texts}


def _whole(value: str | None) -> int | None:
    return int(value) if value is not None and re.fullmatch(r"\d{1,10}", value) else None
