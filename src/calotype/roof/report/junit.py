"""A check as JUnit XML: a test case for each target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html import escape

from calotype.project.outcome import Outcome
from calotype.roof.report.entries import Entry, entries


def junit(outcome: Outcome, title: str = "calotype check") -> str:
    report = entries(outcome)
    kinds = Counter(map(_kind, report))
    cases = [*(_case(name) for name in outcome.current), *map(_entry, report)]
    failures, errors, skipped = (kinds[kind] for kind in ("failure", "error", "skipped"))
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="{skipped}"'
    seconds = f'time="{outcome.seconds:.3f}"'
    return "\n".join([
        '<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites {counts} {seconds}>',
        f'<testsuite name="{title}" {counts} {seconds}>', *cases, "</testsuite>", "</testsuites>",
    ])


def _kind(entry: Entry) -> str:
    """The element that stands in the case. A warning about a target is one that awaits a decision."""
    severity = entry.diagnostic.severity
    if entry.target is None:
        return "error" if severity == "error" else "system-out"
    return "skipped" if severity == "warning" else "failure"


def _entry(entry: Entry) -> str:
    diagnostic, kind = entry.diagnostic, _kind(entry)
    text = "\n".join(filter(None, [
        diagnostic.message, entry.place, f"hint: {diagnostic.hint}" if diagnostic.hint else ""]))
    attributes = f' message="{_xml(diagnostic.message)}"' if kind != "system-out" else ""
    if kind in ("error", "failure"):
        attributes = f' type="{_xml(diagnostic.code)}"{attributes}'
    name = entry.target or f"{diagnostic.code} {entry.place}".strip()
    return _case(name, f"<{kind}{attributes}>{_xml(text)}</{kind}>")


def _case(name: str, inner: str = "") -> str:
    kind = name.partition("/")[0] if "/" in name and " " not in name else "project"
    head = f'<testcase classname="{_xml(kind)}" name="{_xml(name)}"'
    return f"{head}>{inner}</testcase>" if inner else f"{head}/>"


def _xml(text: str) -> str:
    """Text for XML 1.0, which has no word at all for most control characters, escaped or not."""
    return escape("".join(_sound(text)))


def _sound(text: str) -> Iterator[str]:
    for letter in text:
        code = ord(letter)
        bad = (code < 32 and letter not in "\t\n\r") or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF)
        yield "\ufffd" if bad else letter
