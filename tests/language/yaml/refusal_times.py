"""How long a hostile YAML file takes to be refused, beside a harmless one: of the kind that takes longest, the least of
seven, in this process. The text comes on the standard input; the ratio is printed.

Run as a program of its own, as `calotype` is: the million objects of other tests, and where they left their memory, would be
measured too.
"""

from __future__ import annotations

import sys
import time

import yaml

from calotype.ground.diagnostics import Problem
from calotype.language.schema.validate import check
from calotype.language.yaml.document import parse

HARMLESS = b"- x\n" * 2**18
TRIES = 7


def harmless_seconds() -> float:
    before = time.process_time()
    assert sum(1 for _ in yaml.parse(HARMLESS, Loader=yaml.CSafeLoader)) > 2**18
    return time.process_time() - before


def refusal_seconds(text: bytes, kind: str) -> float:
    before = time.process_time()
    try:
        diagnostics = check(parse(text, "spec.yaml"), kind)
    except Problem as problem:
        diagnostics = problem.diagnostics
        assert diagnostics
    assert all(diagnostic.line and diagnostic.column for diagnostic in diagnostics) and len(diagnostics) <= 200
    return time.process_time() - before


def slowness(text: bytes, most: float) -> float:
    """The least ratio of all tries, or the first below `most`."""
    best, tries = float("inf"), TRIES
    while best >= most and tries:
        seconds = max(refusal_seconds(text, kind) for kind in ("exercise", "config", "pose"))
        best, tries = min(best, seconds / harmless_seconds()), tries - 1
    return best


if __name__ == "__main__":
    print(slowness(sys.stdin.buffer.read(), float(sys.argv[1])))
