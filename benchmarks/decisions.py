"""Figures of decisions: whole processes one after the other, no build between; and what the build after one does."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from measure import median_ms, run

import projects

if TYPE_CHECKING:
    from engine import Bench

CALOTYPE = str(projects.BIN / "calotype")
IN_A_ROW = 80
KINDS = {"pick": ("2",), "approve": ("1",), "reject": ("2", "--reason", "the chin juts")}
LAST = 5
"""So many of a row give its figure."""
SET, SIZE = 30, 1024
VIEWS = ("anterior", "lateral", "posterior")


def decisions(bench: Bench) -> None:
    """People decide on spec after spec, of each the first image with two candidates."""
    count = min(IN_A_ROW, bench.specs)
    root = projects.calotype_project(bench.base / "decided", bench.specs)
    for number in range(count):
        region, name = projects.name_of(number)
        path = root / f"specs/exercises/{region}/{name}.yaml"
        path.write_text(path.read_text().replace("images:\n", "candidates: 2\nimages:\n"))
    for _ in range(2):
        run([CALOTYPE, "build", "-q"], root, bench.plain)
    for kind, words in KINDS.items():
        costs = [run([CALOTYPE, kind, target(number), *words], root, bench.plain) for number in range(count)]
        what = "a decision" if kind == "pick" else kind
        detail = f"the first took {median_ms(costs[:1]):.0f} ms"
        bench.report.add(f"{what}, the {count}th in a row", median_ms(costs[-LAST:]), 400, " ms", detail)
    _after_one(bench, root)
    _exports(bench)


def target(number: int) -> str:
    return f"exercises/{projects.name_of(number)[1]}/01"


def _after_one(bench: Bench, root: Path) -> None:
    """What the next build renders, and writes below specs/, content/ and build/ but for its log."""
    run([CALOTYPE, "build", "-q"], root, bench.plain)
    before = _files(root)
    run([CALOTYPE, "approve", target(0), "--undo"], root, bench.plain)
    command = [CALOTYPE, "build", "--json"]
    done = subprocess.run(command, cwd=root, env=dict(bench.plain), check=True, capture_output=True)
    after = _files(root)
    written = sorted(file for file in after.keys() | before.keys() if after.get(file) != before.get(file))
    bench.report.add("after a decision: renders", json.loads(done.stdout)["renders"], 0, "")
    bench.report.add("after a decision: files written", len(written), 8, "", ", ".join(written))


def _exports(bench: Bench) -> None:
    """A training set of 30 images is exported, and again when nothing has changed."""
    root = bench.base / "exported"
    size = SIZE if bench.specs >= 1000 else 64
    variations = "\n".join(
        f"  - {{id: v{number}, view_angle: {VIEWS[number % 3]}, pose: {{base: standing, hip_flexion: {2 * number}}}}}"
        for number in range(SET - 1))
    for name, text in {
        "calotype.yaml": f"version: 1\ndefaults: {{size: [{size}, {size}], drawing: mesh}}\n",
        "specs/characters/doll.yaml":
            "kind: character\nid: doll\nanchors: {poses: [{id: front, pose: standing}]}\n"
            f"variations:\n{variations}\n"
            f"training_set: {{trigger_word: dolly, min: {SET}, max: {SET}, select: suggest}}\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    run([CALOTYPE, "build", "-q"], root, bench.plain)
    command = [CALOTYPE, "export", "training", "doll", "-q"]
    costs = []
    for _ in range(bench.rounds):
        shutil.rmtree(root / "content/training", ignore_errors=True)
        costs.append(run(command, root, bench.plain))
    what, cpu = f"export of {SET} images of {size} x {size}", statistics.median(cost.cpu for cost in costs)
    bench.report.add(what, median_ms(costs), 2000, " ms", f"{cpu:.1f} s of processor time")
    before = _files(root)
    costs = [run(command, root, bench.plain) for _ in range(bench.rounds)]
    after = _files(root)
    written = sorted(file for file in after.keys() | before.keys() if after.get(file) != before.get(file))
    bench.report.add("export again: files written", len(written), 0, "",
                     f"{median_ms(costs):.0f} ms{', ' if written else ''}{', '.join(written)}")


def _files(root: Path) -> dict[str, tuple[int, int]]:
    """The files that people keep and look at, by their times and sizes."""
    files = (path for folder in ("specs", "content", "build") for path in (root / folder).rglob("*") if path.is_file())
    stats = {path.relative_to(root).as_posix(): path.stat() for path in files}
    return {name: (stat.st_mtime_ns, stat.st_size) for name, stat in stats.items()
            if not name.startswith(("build/logs/", "build/thumbs/"))}
