"""YAML text to plain data with places. Must not know any kind of spec, nor where the text came from.

The data is what PyYAML's safe loader reads, or a refusal with its place and reason: JSON values only, text
in NFC, keys that are text and stand once, integers of 64 bits, finite numbers, no control characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.light_dataclass import dataclass
from calotype.language.yaml.plain import read_plain

if TYPE_CHECKING:
    from calotype.language.yaml.nodes import Node

Pointer = tuple[str | int, ...]
MAX_BYTES = 1 << 20


@dataclass(frozen=True)
class Document:
    """One YAML document. `data` holds plain dict, list, str, int, float, bool and None; the root is a
    dict."""

    data: Mapping[str, Any]
    file: str
    text: bytes

    def place(self, pointer: Pointer, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value at `pointer` (or of its key). What is not there has its
        parent's."""
        from calotype.language.yaml.places import mark_of

        mark = mark_of(self._root, pointer, key)
        return mark.line + 1, mark.column + 1

    def written(self, pointer: Pointer) -> str:
        """The scalar at `pointer` as its author wrote it, quotes off: `yes`, not True. Empty for what is no
        scalar."""
        from calotype.language.yaml.places import text_of

        return text_of(self._root, pointer)

    def error(
        self, code: str, message: str, pointer: Pointer, *, key: bool = False, hint: str | None = None
    ) -> Diagnostic:
        line, column = self.place(pointer, key)
        return error(code, message, file=self.file, line=line, column=column, hint=hint)

    @cached_property
    def _root(self) -> Node:
        from calotype.language.yaml.nodes import compose

        root = compose(self.text)
        assert root is not None, "a document has a root"
        return root


def parse(text: bytes, file: str) -> Document:
    """Reads one YAML document whose root is a mapping. `file` is what diagnostics call it.

    Raises Problem: too large (1 MiB), too deep (100), not UTF-8, not YAML, or holding what a spec cannot
    hold.
    """
    clean = _clean(text, file)
    data = read_plain(clean)
    if data is None:
        from calotype.language.yaml.values import read

        data = read(clean, file)
    return Document(data, file, clean)


def _clean(text: bytes, file: str) -> bytes:
    if len(text) > MAX_BYTES:
        raise Problem(
            error(
                "yaml-limit",
                f"{len(text):,} bytes; a file may hold {MAX_BYTES:,}",
                file=file,
                line=1,
                column=1,
                hint="split it into several files",
            )
        )
    text = text.removeprefix(b"\xef\xbb\xbf")
    if text.isascii():
        return text
    try:
        return unicodedata.normalize("NFC", text.decode()).encode()
    except UnicodeDecodeError as cause:
        line = text.count(b"\n", 0, cause.start) + 1
        column = len(text[text.rfind(b"\n", 0, cause.start) + 1 : cause.start].decode()) + 1
        raise Problem(
            error(
                "yaml-encoding",
                f"byte {text[cause.start]:#04x} is not UTF-8",
                file=file,
                line=line,
                column=column,
                hint="save the file as UTF-8",
            )
        ) from None
