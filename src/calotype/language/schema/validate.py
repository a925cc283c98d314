"""JSON Schemas of every kind of file, and the check of a document against the one of its kind.

Two validators read the same schemas. jsonschema-rs accepts or refuses in microseconds; where it refuses, jsonschema,
the reference, tells what is wrong. It takes milliseconds, and is imported only then. Files and what they refer to are
checked elsewhere.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Diagnostic, Problem, did_you_mean
from calotype.ground.target_names import DOCUMENT_KINDS, SPEC_KINDS
from calotype.language.schema.pose_schema import pose_schema
from calotype.language.yaml.document import Document, Pointer

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

FOLDER = Path(__file__).parent
MAX_ERRORS = 200

Schema = dict[str, Any]


def check(document: Document, kind: str) -> list[Diagnostic]:
    """What keeps `document` from being of `kind`: every error, by place; of very many, the first
    `MAX_ERRORS`."""
    validator = _validator(kind)
    if validator.is_valid(document.data):
        return []
    from calotype.language.schema.reference import errors, errors_at
    from calotype.language.schema.violations import diagnostics

    schema = json_schema(kind)
    faults = diagnostics(document, schema, errors(schema, document.data), MAX_ERRORS)
    if faults:
        return faults
    pointer, message = _first_error(validator, document.data)
    faults = diagnostics(document, schema, errors_at(schema, document.data, pointer), MAX_ERRORS)
    return faults or [document.error("schema", message, pointer)]


def _first_error(validator: Draft202012Validator, data: Any) -> tuple[Pointer, str]:
    """Where the quick validator finds the first error, and what it says of it."""
    from jsonschema_rs import ValidationError

    try:
        validator.validate(data)
    except ValidationError as cause:
        return tuple(cause.instance_path), cause.message
    raise AssertionError("what was refused is valid")


def spec_kind(document: Document) -> str:
    """The `kind` a spec says it is of. Raises Problem when it says none, or one that is not known."""
    kind = document.data.get("kind")
    if isinstance(kind, str) and kind in SPEC_KINDS:
        return kind
    kinds = ", ".join(SPEC_KINDS)
    if "kind" not in document.data:
        raise Problem(
            document.error("missing-key", "the spec lacks `kind`", (), hint=f"begin with `kind:` and one of {kinds}")
        )
    raise Problem(
        document.error(
            "unknown-kind",
            f"`kind` is `{document.written(('kind',))}`; it may be {kinds}",
            ("kind",),
            hint=did_you_mean(str(kind), SPEC_KINDS),
        )
    )


@cache
def json_schema(kind: str) -> Schema:
    """The JSON Schema (2020-12) of `kind`, complete in itself. Not to be changed. Raises KeyError for an
    unknown kind."""
    if kind not in DOCUMENT_KINDS:
        raise KeyError(kind)
    shared, schema = _read("shared"), _read(kind)
    definitions = {**shared["$defs"], "pose": pose_schema(), **schema.pop("$defs", {})}
    definitions = {name: _included(definition, shared["properties"]) for name, definition in definitions.items()}
    body = _included(schema, shared["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:calotype:schema:{kind}:1",
        **body,
        "$defs": {name: definitions[name] for name in sorted(_needed(body, definitions))},
    }


@cache
def _validator(kind: str) -> Draft202012Validator:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(json_schema(kind))


def _read(name: str) -> Schema:
    schema: Schema = json.loads((FOLDER / f"{name}.json").read_bytes())
    return schema


def _included(schema: Any, groups: Schema) -> Any:
    """`schema` with every `"$include": [group, ...]` among properties replaced by the properties of those
    groups."""
    if isinstance(schema, list):
        return [_included(part, groups) for part in schema]
    if not isinstance(schema, dict):
        return schema
    whole: Schema = {}
    for key, value in schema.items():
        if key == "$include":
            for group in value:
                whole.update(groups[group])
        else:
            whole[key] = _included(value, groups)
    return whole


def _needed(schema: Any, known: Schema) -> set[str]:
    """The names of the definitions that `schema` refers to, and those refer to."""
    needed: set[str] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            waiting += part.values()
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in needed:
                needed.add(name)
                waiting.append(known[name])
    return needed
