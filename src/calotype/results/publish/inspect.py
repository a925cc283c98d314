"""Reads back what an image says of its own making. Must not know the project, nor trust the file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem
from calotype.ground.digest import sha256_file
from calotype.ground.images import digest_of, eight_bit, open_image
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
_PAIR = re.compile(r'\s*([A-Za-z][\w \-/]*?):\s*("(?:\\.|[^"\\])*"|\{[^{}]*\}|[^,]*)(?:,|$)')


def inspect(path: str | Path, name: str | None = None) -> dict[str, Any]:
    """What the PNG, JPEG, WebP or AVIF at `path` says of itself; None for what it does not say.

    `size` is [width, height], `pixels` its pixel digest, `parameters` the A1111 text, parsed. Raises Problem
    for a file that is not a readable picture.
    """
    picture = open_image(path, name)
    upright = eight_bit(picture)
    properties = read_xmp(_xmp_of(picture.info))
    written = parse_parameters(_parameters_of(picture))
    return {
        "file": name or str(path),
        "format": picture.format,
        "mode": upright.mode,
        "size": [upright.width, upright.height],
        "sha256": sha256_file(path),
        "pixels": digest_of(picture),
        "action": properties.get(CALOTYPE_NAMESPACE + "action"),
        "renderer": properties.get(CALOTYPE_NAMESPACE + "renderer"),
        "seed": _whole(properties.get(CALOTYPE_NAMESPACE + "seed") or (written or {}).get("Seed")),
        "creator_tool": properties.get(XMP_NAMESPACE + "CreatorTool"),
        "digital_source_type": properties.get(IPTC_NAMESPACE + "DigitalSourceType"),
        "parameters": written,
    }


def told_action(path: Path) -> str | None:
    """The action key of the render that the PNG at `path` says it is; None where it says nothing."""
    try:
        key = read_xmp(_xmp_of(open_image(path).info)).get(CALOTYPE_NAMESPACE + "action")
    except Problem:
        return None
    return key if key is not None and _KEY.fullmatch(key) else None


def parse_parameters(text: str | None) -> dict[str, str] | None:
    """A1111's text: `prompt`, `negative_prompt`, and its own names (`Steps`, `Seed`, ...) for the rest."""
    if text is None:
        return None
    body, _, last = text.rpartition("\n")
    pairs = _PAIR.findall(last)
    if not pairs:
        body, pairs = text, []
    prompt, separator, negative = body.partition("\nNegative prompt: ")
    parsed = {"prompt": prompt, **({"negative_prompt": negative} if separator else {})}
    return parsed | {name: _unquoted(value.strip()) for name, value in pairs}


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


def _parameters_of(picture: Any) -> str | None:
    text = picture.info.get(PARAMETERS_KEYWORD)
    return str(text) if text else _user_comment(picture)


def _user_comment(picture: Any) -> str | None:
    """Where A1111 keeps the text in JPEG and WebP: EXIF, after an eight-byte name of the character set."""
    try:
        comment = picture.getexif().get_ifd(_EXIF_IFD).get(_USER_COMMENT)
    except Exception:  # a damaged EXIF block says nothing
        return None
    if not isinstance(comment, bytes):
        return comment or None
    coding = {b"UNICODE\0": "utf-16-be", b"ASCII\0\0\0": "ascii"}.get(comment[:8])
    return comment[8:].decode(coding, errors="replace") if coding else None


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        return value


def _whole(value: str | None) -> int | None:
    return int(value) if value is not None and re.fullmatch(r"\d{1,10}", value) else None
