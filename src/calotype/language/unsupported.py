"""What calotype.yaml may say although this version does nothing about it yet: it is refused."""

from __future__ import annotations

from collections.abc import Iterator

from calotype.ground.diagnostics import Diagnostic
from calotype.language.yaml.document import Document

CODE = "not-in-this-version"


def unsupported_in_config(document: Document) -> Iterator[Diagnostic]:
    """What is said of a calotype.yaml that is valid: a shared cache."""
    if document.data.get("cache", {}).get("remote") is not None:
        yield document.error(CODE, "this version has no shared cache: `remote` would have no effect",
                             ("cache", "remote"), hint="leave it out, or set it to null")
