"""The texts that programs embed in their pictures, read back: A1111's, field by field; those of others as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

NEGATIVE = "Negative prompt:"
KNOWN = frozenset((
    "Steps", "Sampler", "Schedule type", "CFG scale", "Seed", "Size", "Model", "Model hash", "VAE", "VAE hash",
    "Version",
    "Denoising strength", "Clip skip", "Lora hashes", "TI hashes", "Hashes", "Hires upscale", "Hires steps",
    "Hires upscaler", "Face restoration", "Variation seed", "Variation seed strength", "Refiner", "Refiner switch at",
    "IP-Adapter",
    "ENSD", "RNG", "Eta", "NGMS", "Mask blur", "Inpaint area", "Token merging ratio", "Batch size", "Batch pos",
    "Created Date", "Civitai resources", "Civitai metadata", "Wildcard prompt", "Template", "Negative Template",
))
"""Names of fields of A1111 and of those who write as it does. Others may stand beside them."""
_ENOUGH = 3
"""Fields of these names that make a line theirs, as in A1111's own reader; fewer do where no other name is there."""
_KEYWORDS = {
    "InvokeAI": ("invokeai_metadata", "invokeai_workflow", "invokeai_graph", "sd-metadata", "Dream"),
    "ComfyUI": ("prompt", "workflow"),
}
_LAST_LINES = 50
_LONGEST_VALUE = 16 * 1024
"""Characters of a value that is JSON: to say where one is wrong takes the longer, the more text it may lie in."""
_NAME = re.compile(r"\s*([A-Za-z][\w \-/]*?):\s*")
_CONTROLNET = re.compile(r"ControlNet \d+")
_DECODER = json.JSONDecoder(strict=False)


def parse_parameters(text: str | None) -> dict[str, str] | None:
    """A1111's text: `prompt`, `negative_prompt`, and its own names (`Steps`, `Seed`, ...) for the rest."""
    if text is None:
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    body, fields = _split(lines)
    before, separator, negative = "\n".join(["", *body]).partition("\n" + NEGATIVE)
    negatives = {"negative_prompt": negative.removeprefix(" ")} if separator else {}
    return {"prompt": before.removeprefix("\n"), **negatives, **fields}


def _split(lines: list[str]) -> tuple[list[str], dict[str, str]]:
    """The lines of the prompts, and the fields behind them; a value in quotes may go over several lines."""
    for start in range(len(lines) - 1, max(-1, len(lines) - 1 - _LAST_LINES), -1):
        name = _NAME.match(lines[start])
        if name is None or not _is_known(name[1]):
            continue
        fields = dict(_fields("\n".join(lines[start:])))
        known = sum(map(_is_known, fields))
        if known >= _ENOUGH or (known == len(fields) and start == len(lines) - 1):
            return lines[:start], fields
    return lines, {}


def _is_known(name: str) -> bool:
    return name in KNOWN or _CONTROLNET.fullmatch(name) is not None


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """`name: value` with commas between; a value that is JSON goes to its end."""
    place = 0
    while place < len(text):
        name = _NAME.match(text, place)
        end = _value_end(text, name.end() if name is not None else place)
        if name is not None:
            yield name[1], _unquoted(text[name.end() : end].strip())
        place = end + 1


def _value_end(text: str, start: int) -> int:
    if text[start : start + 1] in ('"', "{", "["):
        try:
            end = start + int(_DECODER.raw_decode(text[start : start + _LONGEST_VALUE])[1])
        except (ValueError, RecursionError):
            end = start
        rest = re.compile(r"\s*(,|\Z)").match(text, end)
        if end > start and rest is not None:
            return rest.start(1)
    comma = text.find(",", start)
    return comma if comma >= 0 else len(text)


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value, strict=False))
    except ValueError:
        return value


def of_another_program(texts: Mapping[str, str]) -> tuple[str, dict[str, Any]] | None:
    """The program that wrote `texts`, by their keywords, and what it wrote, JSON where it is; None for A1111's text."""
    written = {name: _json(text) for name, text in texts.items()}
    parameters = written.get("parameters")
    if isinstance(parameters, dict):
        swarm = "sui_image_params" in parameters
        fooocus = "fooocus_scheme" in texts or not parameters.keys().isdisjoint(("base_model", "adm_guidance"))
        program = "SwarmUI" if swarm else "Fooocus" if fooocus else "another program"
        return program, parameters
    for program, keywords in _KEYWORDS.items():
        own = {name: written[name] for name in keywords if name in written}
        if own and (program != "ComfyUI" or any(isinstance(value, dict) for value in own.values())):
            return program, own
    return None


def _json(text: str) -> Any:
    """What `text` holds as JSON, else the text itself. JSON has no NaN: ComfyUI's comes back as text."""
    try:
        return json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return text


def comment_text(comment: Any) -> str | None:
    """EXIF's UserComment, without the eight bytes that name its characters. UTF-16 is written in either order: that in
    which more of it is Latin is meant."""
    if not isinstance(comment, bytes):
        return str(comment) if comment else None
    coding, body = comment[:8], comment[8:]
    if coding == b"UNICODE\0":
        little = body.startswith(b"\xff\xfe") or body[1::2].count(0) > body[0::2].count(0)
        return body.decode("utf-16-le" if little else "utf-16-be", errors="replace").strip("\ufeff\0") or None
    if coding in (b"ASCII\0\0\0", b"\0" * 8):
        return body.decode("utf-8", errors="replace").strip("\0") or None
    return None
