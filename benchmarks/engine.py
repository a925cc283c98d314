"""The engine's figures, taken on whole processes against ninja, make and doit, in one run.

    python benchmarks/engine.py --specs 10000                 # every figure but the scaling to 100,000 specs
    python benchmarks/engine.py --specs 10000 --scales 1000 10000 100000
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checks import PARSE, bare_clone
from decisions import decisions
from measure import Cost, interleaved, median_ms, peak_megabytes, ratio, run

import projects
from projects import BIN

CALOTYPE = str(BIN / "calotype")
RENDER = """
import json, sys
from calotype.workers.render.mannequin import Mannequin
requests = json.load(open(sys.argv[1]))
for _ in Mannequin().perform(requests, {}, lambda: False):
    pass
"""


@dataclass
class Report:
    """Figures as they are taken: (what, reach, measured, whether it was reached), and the raw medians."""

    rows: list[tuple[str, str, str, bool | None]] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)

    def add(self, what: str, measured: float, most: float | None, unit: str, detail: str = "") -> None:
        reach = "" if most is None else f"<= {most:g}{unit}"
        reached = None if most is None else measured <= most
        self.rows.append((what, reach, f"{measured:.3g}{unit}" + (f" ({detail})" if detail else ""), reached))
        self.raw[what] = {"measured": measured, "reach": most, "unit": unit, "detail": detail}
        print(f"{what}: {self.rows[-1][2]}", file=sys.stderr, flush=True)

    def markdown(self) -> str:
        marks = {True: "yes", False: "**no**", None: ""}
        lines = ["| what | reach | measured | reached |", "| --- | --- | --- | --- |"]
        lines += [f"| {what} | {reach} | {found} | {marks[reached]} |" for what, reach, found, reached in self.rows]
        return "\n".join(lines)


@dataclass
class Bench:
    """Where the benchmark works, and with how many specs and rounds."""

    base: Path
    specs: int
    rounds: int
    report: Report
    plain: dict[str, str]

    def built(self, name: str, specs: int, edited: int = 0) -> tuple[Path, Cost]:
        root = projects.calotype_project(self.base / name, specs, edited=edited)
        cost = run([CALOTYPE, "build", "-q"], root, self.plain)
        run([CALOTYPE, "build", "-q"], root, self.plain)
        return root, cost


def no_op_and_edit(bench: Bench) -> None:
    """Nothing changed, and one spec changed, against the peers."""
    edits = bench.rounds + 1
    ours, _ = bench.built("calotype", bench.specs, edited=edits)
    peers = {"ninja": projects.ninja_project, "make": projects.make_project, "doit": projects.doit_project}
    commands = {name: (make(bench.base / name, bench.specs), bench.base / name) for name, make in peers.items()}
    commands["calotype"] = ([CALOTYPE, "build", "-q"], ours)
    costs = interleaved({name: _plainly(*command) for name, command in commands.items()}, bench.rounds)
    times = ", ".join(f"{name} {median_ms(cost):.0f} ms" for name, cost in sorted(costs.items()))
    bench.report.add("no-op / ninja's", ratio(costs["calotype"], costs["ninja"]), 1.0, "x", times)
    bench.report.add("no-op / doit's", ratio(costs["calotype"], costs["doit"]), 1 / 8, "x")
    bench.report.add("no-op, peak memory", peak_megabytes([CALOTYPE, "build"], ours), 80, " MB")
    _one_edit(bench, commands)


def _one_edit(bench: Bench, commands: dict[str, tuple[list[str], Path]]) -> None:
    requests = bench.base / "requests.json"
    requests.write_text(json.dumps(_requests(commands["calotype"][1], 3)))
    contenders: dict[str, Callable[[int], Cost]] = {name: _edited(*command) for name, command in commands.items()}
    contenders["renders"] = lambda _: run([sys.executable, "-c", RENDER, str(requests)], bench.base)
    contenders["bare"] = lambda _: run([sys.executable, "-c", "pass"], bench.base)
    costs = interleaved(contenders, bench.rounds)
    times = ", ".join(f"{name} {median_ms(cost):.0f} ms" for name, cost in sorted(costs.items()))
    bench.report.add("one spec edited / ninja's", ratio(costs["calotype"], costs["ninja"]), 3.0, "x", times)
    net = [Cost(ours.seconds - renders.seconds + bare.seconds, 0) for ours, renders, bare in
           zip(costs["calotype"], costs["renders"], costs["bare"], strict=True)]
    bench.report.add("... less the renderer's import and its three renders", ratio(net, costs["ninja"]), 1.3, "x",
                     f"{median_ms(net):.0f} ms")


def _plainly(command: list[str], root: Path) -> Callable[[int], Cost]:
    return lambda _: run(command, root)


def _edited(command: list[str], root: Path) -> Callable[[int], Cost]:
    def edit_and_run(number: int) -> Cost:
        projects.write_spec(root, number, 1_000_000 + number, mannequin=command[0] == CALOTYPE)
        return run(command, root)

    return edit_and_run


def _requests(root: Path, count: int) -> list[Any]:
    """Requests that the mannequin was asked for in a built project."""
    from calotype.store.action_cache import ActionCache

    cache = ActionCache(root / "cache" / "actions.db")
    found = (json.loads(cache.components(key) or b"{}").get("request", {}) for key in list(cache.keys()))
    return [request for request in found if request.get("renderer") == "mannequin"][:count]


def version(bench: Bench) -> None:
    costs = interleaved({"ours": lambda _: run([CALOTYPE, "--version"], bench.base),
                         "bare": lambda _: run([sys.executable, "-c", "pass"], bench.base)}, bench.rounds)
    detail = f"{median_ms(costs['ours']):.0f} ms against {median_ms(costs['bare']):.0f} ms"
    bench.report.add("calotype --version / python -c pass", ratio(costs["ours"], costs["bare"]), 5, "x", detail)


def cold_plan(bench: Bench) -> None:
    """A plan with no cache and no state, against what libyaml takes to parse the specs."""
    root = projects.calotype_project(bench.base / "cold", bench.specs, renderer="mannequin")

    def plan(_: int) -> Cost:
        for folder in ("cache", "build"):
            projects.shutil.rmtree(root / folder, ignore_errors=True)
        return run([CALOTYPE, "plan", "--json"], root)

    costs = interleaved({"plan": plan, "parse": lambda _: run([sys.executable, "-c", PARSE], root)}, 3)
    detail = f"{median_ms(costs['plan']):.0f} ms against {median_ms(costs['parse']):.0f} ms"
    bench.report.add("cold plan / libyaml alone", ratio(costs["plan"], costs["parse"]), 3, "x", detail)


def questions(bench: Bench) -> None:
    """What is asked of a built project, against a check that reads every spec, and a dry run of ninja's."""
    root, _ = bench.built("questions", bench.specs)
    ninja = bench.base / "dry"
    command, target = [*projects.ninja_project(ninja, bench.specs), "-n"], "exercises/exercise_000001"
    asked = {"plan": ["plan"], "explain": ["explain", f"{target}/01"], "list": ["list", target],
             "check": ["check", "--full"]}
    contenders: dict[str, Callable[[int], Cost]] = {
        name: lambda _, words=words: run([CALOTYPE, *words, "-q"], root, bench.plain) for name, words in asked.items()}
    costs = interleaved({**contenders, "ninja -n": _plainly(command, ninja)}, 3)
    times = ", ".join(f"{name} {median_ms(cost):.0f} ms" for name, cost in sorted(costs.items()))
    bench.report.add("plan, nothing changed / check", ratio(costs["plan"], costs["check"]), None, "x", times)
    bench.report.add("explain of a target / check", ratio(costs["explain"], costs["check"]), None, "x")
    bench.report.add("plan, nothing changed / ninja -n", ratio(costs["plan"], costs["ninja -n"]), None, "x")


def overhead(bench: Bench, specs: int) -> None:
    """Processor time of a full build with one job, less that of the same renders alone, for each image."""
    root = projects.calotype_project(bench.base / "overhead", specs, renderer="mannequin")
    build = run([CALOTYPE, "build", "-q", "-j", "1"], root)
    requests = bench.base / "all.json"
    requests.write_text(json.dumps(_requests(root, specs * 3)))
    alone = run([sys.executable, "-c", RENDER, str(requests)], root)
    each = (build.cpu - alone.cpu) / (specs * 3) * 1000
    detail = f"{specs * 3} images: {build.cpu:.1f} s against {alone.cpu:.1f} s"
    bench.report.add("full build, processor time above the renderer's, each image", each, 1.9, " ms", detail)


def scaling(bench: Bench, scales: Sequence[int]) -> None:
    """No-op and full build over sizes: time and memory, and the no-op against ninja's."""
    memory = {}
    for specs in scales:
        root = projects.calotype_project(bench.base / f"scale{specs}", specs)
        memory[specs] = peak_megabytes([CALOTYPE, "build", "-q"], root, bench.plain)
        run([CALOTYPE, "build", "-q"], root)
        ninja = projects.ninja_project(bench.base / f"ninja{specs}", specs)
        costs = interleaved({"ours": _plainly([CALOTYPE, "build"], root),
                             "ninja": _plainly(ninja, bench.base / f"ninja{specs}")}, bench.rounds)
        detail = (f"{median_ms(costs['ours']):.0f} ms against {median_ms(costs['ninja']):.0f} ms; peak "
                  f"{peak_megabytes([CALOTYPE, 'build'], root):.0f} MB, in the full build {memory[specs]:.0f} MB")
        bench.report.add(f"no-op of {specs:,} specs / ninja's", ratio(costs["ours"], costs["ninja"]),
                         0.8 if specs >= 100_000 else 1.0, "x", detail)
    small, large = min(scales), max(scales)
    if small < large:
        each = (memory[large] - memory[small]) * 1024 / ((large - small) * 3)
        bench.report.add("full build, memory of each image", each, 1.5, " kB", f"{small:,} to {large:,} specs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--specs", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=11, help="runs of each contender")
    parser.add_argument("--scales", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--only", nargs="+", choices=["version", "no-op", "cold", "check", "decisions", "questions",
                                                         "overhead", "scaling"])
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--at", type=Path, help="the folder to work in; else a temporary one")
    arguments = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory(dir=arguments.at) as folder:
        base = Path(folder)
        bench = Bench(base, arguments.specs, arguments.rounds, report, projects.plain_renderer(base / "plain"))
        figures: dict[str, Callable[[], None]] = {
            "version": lambda: version(bench), "no-op": lambda: no_op_and_edit(bench),
            "cold": lambda: cold_plan(bench), "check": lambda: bare_clone(bench), "decisions": lambda: decisions(bench),
            "questions": lambda: questions(bench),
            "overhead": lambda: overhead(bench, min(arguments.specs, 1000)),
            "scaling": lambda: scaling(bench, arguments.scales),
        }
        for name in arguments.only or figures:
            figures[name]()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"{arguments.specs:,} specs, medians of {arguments.rounds} interleaved runs\n\n{report.markdown()}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report.raw, indent=2) + "\n")


if __name__ == "__main__":
    main()
