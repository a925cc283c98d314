"""The reference of specs, written from the JSON Schemas, and of the Python API, from its own words, with the site.

Must not repeat what specs.md explains.
"""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from calotype import Project
from calotype.ground.target_names import DOCUMENT_KINDS

PAGE, HERE = "reference/specs", "<!-- from the schemas -->"
OF_PYTHON, METHODS = "reference/python", "<!-- from the docstrings -->"
WIDEST = 84
"""Columns of code that the site shows without a bar."""
Schema = Mapping[str, Any]


def fill(app: object, page: str, source: list[str]) -> None:
    """Sphinx has read a page: the reference gets its tables."""
    if page == PAGE:
        source[0] = source[0].replace(HERE, "\n".join(line for kind in DOCUMENT_KINDS for line in document(kind)))
    elif page == OF_PYTHON:
        source[0] = source[0].replace(METHODS, "\n".join(method(name) for name in methods()))


def methods() -> list[str]:
    """What a project offers, in the order of its classes."""
    names = dict.fromkeys(name for each in Project.__mro__ for name in vars(each))
    return [name for name in names if not name.startswith("_")]


def method(name: str) -> str:
    """The section of one method: how it is called, and its docstring, whose lines are Markdown already."""
    function = getattr(Project, name)
    signature = inspect.signature(function)
    parameters = [re.sub(r": '([^']*)'", r": \1", str(parameter), count=1)
                  for parameter in signature.parameters.values() if parameter.name != "self"]
    first = next((place for place, parameter in enumerate(signature.parameters.values())
                  if parameter.kind is inspect.Parameter.KEYWORD_ONLY), None)
    if first is not None:
        parameters.insert(first - 1, "*")
    called, returned = f"{name}({', '.join(parameters)})", f" -> {signature.return_annotation}"
    if len(called + returned) > WIDEST:
        called = f"{name}(\n    " + ",\n    ".join(parameters) + ",\n)"
    return f"## {name}\n\n```python\n{called}{returned}\n```\n\n{inspect.getdoc(function)}\n"


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
