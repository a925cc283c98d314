"""Figures of `check` and `validate`, beside PyYAML's CSafeLoader over the same specs."""

from __future__ import annotations

import shutil
import subprocess
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
    _since(bench, root)


def _since(bench: Bench, root: Path) -> None:
    """One spec and its pictures differ from the commit before: what their review costs beyond a check."""
    (root / ".gitignore").write_text("build/\ncache/\n")
    _commit(root, "init", "-q")
    region, name = projects.name_of(0)
    path = root / f"specs/exercises/{region}/{name}.yaml"
    path.write_text(path.read_text().replace("seed: 0\n", "seed: 900000\n"))
    run([CALOTYPE, "build", "-q"], root, bench.plain)
    _commit(root)
    run([CALOTYPE, "build", "-q"], root, bench.plain)
    since = ["check", "-q", "--since", "HEAD~1"]
    costs = interleaved({words[0] + words[-1]: _runs(bench, root, [CALOTYPE, *words])
                         for words in (["check", "-q"], since)}, bench.rounds)
    plain, review = (median_ms(each) for each in costs.values())
    detail = f"{review:.0f} ms against {plain:.0f} ms"
    bench.report.add("check --since, one spec changed, beyond check", review - plain, 250, " ms", detail)


def _commit(root: Path, *before: str) -> None:
    who = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
    for words in (*((before,) if before else ()), ("add", "-A"), (*who, "commit", "-q", "-m", "bench")):
        subprocess.run(["git", *words], cwd=root, check=True)


def _runs(bench: Bench, root: Path, command: list[str]) -> Callable[[int], Cost]:
    return lambda _: run(command, root, bench.plain)
