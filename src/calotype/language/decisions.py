"""Decisions of people about candidates: their YAML, read and written. Must not know which of them count.

The file of a spec is specs/picks/<kind>s/<id>.yaml:

    version: 1
    decisions:
    - target: exercises/chin_tuck/01     # a label for people
      action: <render key>               # 64 hexadecimal digits
      pixels: <pixel digest>
      decision: pick                     # pick | approve | reject
      reason: "the chin is drawn back"   # may be left out
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from calotype.ground.diagnostics import Problem
from calotype.language.schema.validate import check
from calotype.language.yaml.document import Document

VERSION = 1

_PLAIN = re.compile(r"[a-z][a-z0-9_-]*(?:/[a-z0-9_-]+)+|(?![0-9]+$|0b[01]+$)[0-9a-f]{64}")
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of the candidate with this render key and pixel digest. `target` is a label."""

    target: str
    action: str
    pixels: str
    decision: Literal["pick", "approve", "reject"]
    reason: str = ""


def load_picks(document: Document) -> tuple[Decision, ...]:
    """The decisions of a picks file, in its order. Raises Problem with every error, a newer version among
    them."""
    found = check(document, "picks")
    if found:
        raise Problem(found)
    return tuple(Decision(**one) for one in document.data["decisions"])


def dump_picks(decisions: Iterable[Decision]) -> bytes:
    """The picks file of `decisions`: by target, and of one target in the order given. Each stands once,
    where it was last."""
    last = {one: index for index, one in enumerate(decisions)}
    ordered = sorted(last, key=lambda one: (one.target, last[one]))
    lines = [f"version: {VERSION}", "decisions:" if ordered else "decisions: []"]
    for one in ordered:
        lines += _lines(one)
    return ("\n".join(lines) + "\n").encode()


def _lines(one: Decision) -> Iterator[str]:
    yield f"- target: {_scalar(one.target)}"
    yield f"  action: {_scalar(one.action)}"
    yield f"  pixels: {_scalar(one.pixels)}"
    yield f"  decision: {one.decision}"
    if one.reason:
        yield f"  reason: {_scalar(one.reason)}"


def _scalar(text: str) -> str:
    """`text` on one line, plain where YAML would read it as the same text, else in double quotes."""
    if _PLAIN.fullmatch(text):
        return text
    one_line = " ".join(_FORBIDDEN.sub(" ", text).split())
    return json.dumps(unicodedata.normalize("NFC", one_line), ensure_ascii=False)
