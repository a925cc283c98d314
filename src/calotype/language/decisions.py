"""Decisions of people about candidates: their YAML, read and written. Must not know which of them count.

They stand in files below specs/picks/:

    version: 1
    decisions:
    - target: exercises/chin_tuck/01     # the target's name when it was decided
      action: <render key>               # 64 hexadecimal digits
      pixels: <pixel digest>
      decision: pick                     # pick | approve | reject | include | exclude | import
      reason: "the chin is drawn back"   # may be left out
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from calotype.ground.diagnostics import Problem
from calotype.ground.light_dataclass import dataclass
from calotype.language.schema.validate import check
from calotype.language.yaml.document import MAX_BYTES, Document, parse

VERSION = 1
CURATION = frozenset(("include", "exclude"))
"""The decisions about a picture's place in a training set; the others are about the picture itself."""
_HEAD = f"version: {VERSION}\ndecisions:\n".encode()

_PLAIN = re.compile(r"[a-z][a-z0-9_-]*(?:/[a-z0-9_-]+)+|(?![0-9]+$|0b[01]+$)[0-9a-f]{64}")
_WRITTEN = re.compile(
    rb"- target: ([a-z][a-z0-9_/-]{,500})\n  action: ([0-9a-f]{64})\n  pixels: ([0-9a-f]{64})\n"
    rb"  decision: (pick|approve|reject|include|exclude|import)\n(?:  reason: (\".{,5000}\")\n)?")
"""A decision as `dump_picks` writes it, within the schema's bounds."""
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of the candidate with this render key and pixel digest. `target` is the name that its target had
    then. A picture that was put in by hand (`import`) is bound to the render in whose place it stands."""

    target: str
    action: str
    pixels: str
    decision: Literal["pick", "approve", "reject", "include", "exclude", "import"]
    reason: str = ""


def read_picks(text: bytes, file: str) -> tuple[Decision, ...]:
    """The decisions written in `text`, in its order. Raises Problem with every error, a newer version among them.

    What `dump_picks` wrote is read by one expression, thirty times as fast as YAML, and proved by writing it again.
    """
    if text.startswith(_HEAD) and len(text) <= MAX_BYTES:
        decisions = tuple(_decision(match) for match in _WRITTEN.finditer(text))
        if dump_picks(decisions) == text:
            return decisions
    return load_picks(parse(text, file))


def load_picks(document: Document) -> tuple[Decision, ...]:
    """The decisions of a picks file, in its order. Raises Problem with every error, a newer version among them."""
    diagnostics = check(document, "picks")
    if diagnostics:
        raise Problem(diagnostics)
    return tuple(Decision(**row) for row in document.data["decisions"])


def dump_picks(decisions: Iterable[Decision]) -> bytes:
    """The picks file of `decisions`: by target, and of one target in the order given. Each stands once,
    where it was last."""
    last = {decision: index for index, decision in enumerate(decisions)}
    ordered = sorted(last, key=lambda decision: (decision.target, last[decision]))
    lines = [_HEAD.decode().rstrip()] if ordered else [f"version: {VERSION}", "decisions: []"]
    for decision in ordered:
        lines += _lines(decision)
    return ("\n".join(lines) + "\n").encode()


def _decision(match: re.Match[bytes]) -> Decision:
    target, action, pixels, decision, reason = match.groups()
    try:
        words = json.loads(reason) if reason else ""
    except ValueError:
        words = ""
    kind: Any = decision.decode()
    return Decision(target.decode(), action.decode(), pixels.decode(), kind, str(words))


def _lines(decision: Decision) -> Iterator[str]:
    yield f"- target: {_scalar(decision.target)}"
    yield f"  action: {_scalar(decision.action)}"
    yield f"  pixels: {_scalar(decision.pixels)}"
    yield f"  decision: {decision.decision}"
    if decision.reason:
        yield f"  reason: {_scalar(decision.reason)}"


def on_one_line(text: str) -> str:
    """`text` as it is kept: without what YAML forbids, and without line breaks."""
    return unicodedata.normalize("NFC", " ".join(_FORBIDDEN.sub(" ", text).split()))


def _scalar(text: str) -> str:
    """`text` on one line, plain where YAML would read it as the same text, else in double quotes."""
    if _PLAIN.fullmatch(text):
        return text
    return json.dumps(on_one_line(text), ensure_ascii=False)
