"""What specs and calotype.yaml may say although this version does nothing about it yet, and how it answers.

What would change a build that does not know it is refused; what only adds to one is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.diagnostics import Diagnostic, warning
from calotype.ground.troubleshooting import ITERATIONS, see
from calotype.language.yaml.document import Document, Pointer

CODE = "not-in-this-version"

SPEC_KEYS: Mapping[str, str] = {"enhance": "no prompt is enhanced"}
HEADINGS = {"enhance": ITERATIONS}
"""Of the page about troubles, what such a key is there to cure."""
_KEPT = "it may stay: a later version reads it"


def unsupported_in_spec(data: Mapping[str, Any], document: Document) -> Iterator[Diagnostic]:
    """A warning for each key of a spec that has no effect yet."""
    for key, consequence in SPEC_KEYS.items():
        if key in data:
            message = f"`{key}` has no effect in this version: {consequence}"
            yield _warning(document, (key,), message, HEADINGS.get(key))


def unsupported_in_config(document: Document) -> Iterator[Diagnostic]:
    """What is said of a calotype.yaml that is valid: a shared cache."""
    if document.data.get("cache", {}).get("remote") is not None:
        yield document.error(CODE, "this version has no shared cache: `remote` would have no effect",
                             ("cache", "remote"), hint="leave it out, or set it to null")


def _warning(document: Document, pointer: Pointer, message: str, heading: str | None) -> Diagnostic:
    line, column = document.place(pointer, key=True)
    return warning(CODE, message, file=document.file, line=line, column=column,
                   hint=f"{_KEPT}; {see(heading)}" if heading else _KEPT)
