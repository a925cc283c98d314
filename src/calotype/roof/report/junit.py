"""A check as JUnit XML: a test case for each target. Must not know how to check."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from calotype.project.outcome import Outcome
from calotype.roof.report.located import Entry, entries


def junit(outcome: Outcome, title: str = "calotype check") -> str:
    found = entries(outcome)
    failures = sum(one.level == "error" and one.target is not None for one in found)
    errors = sum(one.level == "error" and one.target is None for one in found)
    skipped = sum(one.level == "warning" and one.target is not None for one in found)
    cases = [*(_case(name) for name in outcome.current), *map(_entry, found)]
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="{skipped}"'
    seconds = f'time="{outcome.seconds:.3f}"'
    return "\n".join([
        '<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites {counts} {seconds}>',
        f'<testsuite name="{title}" {counts} {seconds}>', *cases, "</testsuite>", "</testsuites>",
    ])


def _entry(one: Entry) -> str:
    place = ":".join(str(part) for part in (one.file, one.line) if part is not None)
    text = "\n".join(filter(None, [one.message, place, f"hint: {one.hint}" if one.hint else ""]))
    name = one.target or f"{one.code} {place}".strip()
    if one.target is None:
        kind = "error" if one.level == "error" else "system-out"
    else:
        kind = "skipped" if one.level == "warning" else "failure"
    told = f' type="{_xml(one.code)}" message="{_xml(one.message)}"' if kind in ("error", "failure") else ""
    told = f' message="{_xml(one.message)}"' if kind == "skipped" else told
    return _case(name, f"<{kind}{told}>{_xml(text)}</{kind}>")


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
