"""A check as SARIF 2.1.0, for code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; GitHub takes 5,000 results, so the worst come first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from calotype.ground.diagnostics import Diagnostic
from calotype.ground.digest import sha256
from calotype.ground.folders import MARKER
from calotype.ground.version import VERSION
from calotype.language.lint.rules import RULES as LINT
from calotype.roof.report.entries import RULES, Entry

MOST = 5000
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(report: Sequence[Entry], prefix: str = "") -> str:
    """`prefix` is the project's folder within its repository, with a slash at its end."""
    shown = report[:MOST]
    codes = list(dict.fromkeys(entry.diagnostic.code for entry in shown))
    run = {
        "tool": {"driver": {
            "name": "Calotype", "version": VERSION, "semanticVersion": VERSION,
            "rules": [_rule(code) for code in codes],
        }},
        "columnKind": "unicodeCodePoints",
        "results": [_result(entry, codes.index(entry.diagnostic.code), prefix) for entry in shown],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False)


def _rule(code: str) -> dict[str, Any]:
    plain = code.replace("-", " ").capitalize()
    says = RULES.get(code) or (LINT[code].says if code in LINT else plain)
    return {"id": code, "name": "".join(part.capitalize() for part in code.split("-")),
            "shortDescription": {"text": says}, "help": {"text": says}}


def _result(entry: Entry, rule: int, prefix: str) -> Mapping[str, Any]:
    """Code scanning refuses a whole file for one result without a place: what has none is laid at calotype.yaml."""
    diagnostic, target = entry.diagnostic, entry.target
    hint = f"\n{diagnostic.hint}" if diagnostic.hint else ""
    identity = f"{diagnostic.code}\0{target or diagnostic.file or ''}\0{diagnostic.message if target is None else ''}"
    return {
        "ruleId": diagnostic.code, "ruleIndex": rule, "level": diagnostic.severity,
        "message": {"text": f"{diagnostic.message}{hint}"},
        "partialFingerprints": {"calotype/v1": sha256(identity.encode("utf-8", "surrogatepass"))[:32]},
        "locations": [{"physicalLocation": _place(diagnostic, f"{prefix}{diagnostic.file or MARKER}")}],
    }


def _place(diagnostic: Diagnostic, file: str) -> dict[str, Any]:
    from urllib.parse import quote

    place: dict[str, Any] = {"artifactLocation": {"uri": quote(file, errors="surrogatepass"), "uriBaseId": "%SRCROOT%"}}
    if diagnostic.line is not None:
        region = {"startLine": diagnostic.line}
        place["region"] = region if diagnostic.column is None else {**region, "startColumn": diagnostic.column}
    return place
