"""Figures of `check` and `validate`, beside PyYAML's CSafeLoader over the same specs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from measure import Cost, interleaved, median_ms, ratio, run

import projects

if TYPE_CHECKING:
    from engine import Bench

CALOTYPE = str(projects.BIN / "calotype")
PARSE = """
import pathlib, yaml
for path in pathlib.Path("specs").rglob("*.yaml"):
    yaml.load(path.read_bytes(), yaml.CSafeLoader)
"""
ONE_CORE = """
import os, sys
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.execv(sys.argv[1], sys.argv[1:])
"""
COMMANDS = ("check", "validate")


def bare_clone(bench: Bench) -> None:
    """Every spec and picture is read: there is no cache, no state and no record."""
    built, _ = bench.built("checked", bench.specs)
    root = bench.base / "clone"
    root.mkdir()
    for name in ("specs", "content"):
        shutil.copytree(built / name, root / name)
    shutil.copy(built / "calotype.yaml", root)
    contenders = {"parse": _runs(bench, root, [sys.executable, "-c", PARSE])}
    for name in COMMANDS:
        contenders[name] = _runs(bench, root, [CALOTYPE, name, "-q"])
        contenders[f"{name} on one core"] = _runs(bench, root, [sys.executable, "-c", ONE_CORE, CALOTYPE, name, "-q"])
    costs = interleaved(contenders, min(bench.rounds, 5))
    for name in COMMANDS:
        for words, most in ((name, 2.0), (f"{name} on one core", 3.1)):
            detail = f"{median_ms(costs[words]):.0f} ms against {median_ms(costs['parse']):.0f} ms"
            times = ratio(costs[words], costs["parse"])
            bench.report.add(f"{words}, bare clone / CSafeLoader", times, most, "x", detail)
    _nothing_changed(bench, built)


def _nothing_changed(bench: Bench, root: Path) -> None:
    """The record of the last build proves that nothing changed, or (`--full`) is not believed."""
    contenders = {name: _runs(bench, root, [CALOTYPE, name, "-q"]) for name in COMMANDS}
    costs = interleaved(contenders, bench.rounds)
    for name in COMMANDS:
        bench.report.add(f"{name}, nothing changed", median_ms(costs[name]), 220, " ms")
    full = run([CALOTYPE, "check", "--full", "-q"], root, bench.plain)
    bench.report.add("check, nothing changed / check --full", ratio(costs["check"][:1], [full]), None, "x")


def _runs(bench: Bench, root: Path, command: list[str]) -> Callable[[int], Cost]:
    return lambda _: run(command, root, bench.plain)
