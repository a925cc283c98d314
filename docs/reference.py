"""The reference of specs, written from the JSON Schemas with the site.

Must not repeat what specs.md explains.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.target_names import DOCUMENT_KINDS

PAGE, HERE = "reference/specs", "<!-- from the schemas -->"
Schema = Mapping[str, Any]


def fill(app: object, page: str, source: list[str]) -> None:
    """Sphinx has read a page: the reference gets its tables."""
    if page == PAGE:
        source[0] = source[0].replace(HERE, "\n".join(line for kind in DOCUMENT_KINDS for line in document(kind)))


def literal(app: object, context: object, lines: list[str]) -> None:
    """The examples of a command are shown as they are typed."""
    examples = [line.strip() for line in lines if line.strip(" \b")]
    lines[:] = ["::", "", *(f"    {line}" for line in examples), ""] if examples else []


def plain(app: object, context: object, lines: list[str]) -> None:
    """A star in a help text is a star."""
    lines[:] = [line.replace("*", "\\*") for line in lines]


def document(kind: str) -> Iterator[str]:
    """The sections of one kind of document: its own fields, then the parts that it is made of."""
    command = [sys.executable, "-m", "calotype", "schema", kind]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    schema = json.loads(done.stdout)
    parts = schema.get("$defs", {})
    yield f"## {kind}\n\n{text(schema.get('description', ''))}\n"
    yield from table(schema, parts)
    for name, part in sorted(parts.items()):
        if "properties" in part:
            title = part.get("title", name).removeprefix("an ").removeprefix("a ")
            yield f"### {kind}: {title}\n\n{text(part.get('description', ''))}\n"
            yield from table(part, parts)


def table(schema: Schema, parts: Mapping[str, Schema]) -> Iterator[str]:
    required = schema.get("required", ())
    yield "| field | value | what it is |\n| --- | --- | --- |"
    for name, field in schema.get("properties", {}).items():
        needed = ", required" if name in required else ""
        meant = parts.get(str(field.get("$ref", "")).rpartition("/")[2], {})
        said = field.get("description") or meant.get("description", "")
        yield f"| `{name}` | {text(value(meant if is_plain(meant) else field))}{needed} | {text(said)} |"
    yield ""


def is_plain(part: Schema) -> bool:
    """Whether a part says no more than its kind and bounds: then these are told in its place."""
    return "enum" in part or "minimum" in part or "maximum" in part


def value(field: Schema) -> str:
    """What may stand there, in words."""
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return ", ".join(f"`{one}`" for one in field["enum"])
    if "$ref" in field:
        return field["$ref"].rpartition("/")[2].replace("_", " ")
    if "anyOf" in field or "oneOf" in field:
        return " or ".join(dict.fromkeys(value(one) for one in field.get("anyOf") or field["oneOf"]))
    if field.get("type") == "array":
        return f"list of {value(field.get('items', {}))}"
    return bounds(str(field.get("type", "anything")), field)


def bounds(kind: str, field: Schema) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    if low is None and high is None:
        return kind
    both = low is not None and high is not None
    return f"{kind}, {low} to {high}" if both else f"{kind}, {low if high is None else high}"


def text(words: str) -> str:
    """Words of a schema as Markdown that stays in its cell."""
    return words.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("\n", " ")
