"""A check as SARIF 2.1.0, for code scanning. Must not know how to check.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; GitHub takes 5,000 results, so the worst come first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from calotype.ground.digest import sha256
from calotype.ground.folders import MARKER
from calotype.ground.version import VERSION
from calotype.language.lint.rules import RULES as LINT
from calotype.roof.report.located import RULES, Entry

MOST = 5000
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(found: Sequence[Entry], prefix: str = "") -> str:
    """`prefix` is the project's folder within its repository, with a slash at its end."""
    shown = list(found)[:MOST]
    codes = list(dict.fromkeys(one.code for one in shown))
    run = {
        "tool": {"driver": {
            "name": "Calotype", "version": VERSION, "semanticVersion": VERSION,
            "rules": [_rule(code) for code in codes],
        }},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, codes.index(one.code), prefix) for one in shown],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False)


def _rule(code: str) -> dict[str, Any]:
    plain = code.replace("-", " ").capitalize()
    says = RULES.get(code) or (LINT[code].says if code in LINT else plain)
    return {"id": code, "name": "".join(part.capitalize() for part in code.split("-")),
            "shortDescription": {"text": says}, "help": {"text": says}}


def _result(one: Entry, rule: int, prefix: str) -> Mapping[str, Any]:
    """Code scanning refuses a whole file for one result without a place: what has none is laid at calotype.yaml."""
    hint = f"\n{one.hint}" if one.hint else ""
    identity = f"{one.code}\0{one.target or one.file or ''}\0{one.message if one.target is None else ''}"
    return {
        "ruleId": one.code, "ruleIndex": rule, "level": one.level, "message": {"text": f"{one.message}{hint}"},
        "partialFingerprints": {"calotype/v1": sha256(identity.encode("utf-8", "surrogatepass"))[:32]},
        "locations": [{"physicalLocation": _place(one, f"{prefix}{one.file or MARKER}")}],
    }


def _place(one: Entry, file: str) -> dict[str, Any]:
    from urllib.parse import quote

    place: dict[str, Any] = {"artifactLocation": {"uri": quote(file, errors="surrogatepass"), "uriBaseId": "%SRCROOT%"}}
    if one.line is not None:
        region = {"startLine": one.line}
        place["region"] = {**region, "startColumn": one.column} if one.column is not None else region
    return place
