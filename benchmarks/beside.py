"""Builds beside a watch, which runs them: nothing changed, and one spec edited, in turns with ninja.

It is a part of `benchmarks/watch.py`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from measure import Cost, interleaved, median_ms, ratio, run

import projects
from engine import CALOTYPE, _requests


def beside_a_watch(base: Path, specs: int, rounds: int, environment: dict[str, str]) -> None:
    root = projects.calotype_project(base / "beside", specs, edited=rounds + 1)
    run([CALOTYPE, "build", "-q"], root, environment)
    run([CALOTYPE, "build", "-q"], root, environment)
    ninja = projects.ninja_project(base / "ninja", specs)
    watch = subprocess.Popen([CALOTYPE, "watch", "-q", "-v"], cwd=root, env=environment, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True)
    time.sleep(3 + specs / 2000)
    try:
        build = [CALOTYPE, "build", "-q"]
        costs = interleaved({
            "beside a watch": lambda _: run(build, root, environment),
            "ninja": lambda _: run(ninja, base / "ninja"),
            "python -c pass": lambda _: run([sys.executable, "-c", "pass"], base, environment),
            "python -S -I -c pass": lambda _: run([sys.executable, "-S", "-I", "-c", "pass"], base),
            **_script(base, environment),
        }, rounds)
        _tell("no-op", costs)
        edits = interleaved({
            "beside a watch": _edited(build, root, environment, mannequin=True),
            "ninja": _edited(ninja, base / "ninja", None, mannequin=False),
        }, rounds)
        _tell("one spec edited", edits)
        renders = _seconds_of_renders(root)
        net = [Cost(cost.seconds - renders, 0) for cost in edits["beside a watch"]]
        print(f"{'... less its renders':<22} {median_ms(net):6.1f} ms ({1000 * renders:.1f} ms of renders), "
              f"{ratio(net, edits['ninja']):.2f}x ninja's")
    finally:
        watch.terminate()
        _, told = watch.communicate()
    if told.strip():
        print(f"not all was served: {told}")


def _script(base: Path, environment: dict[str, str]) -> dict[str, Callable[[int], Cost]]:
    """What the installer's own script costs before it comes to Calotype: that of pip before 25.1 imports `re`."""
    if "import re\n" not in Path(CALOTYPE).read_text():
        return {}
    return {"python -c 'import re'": lambda _: run([sys.executable, "-c", "import re"], base, environment)}


def _edited(command: list[str], root: Path, environment: dict[str, str] | None, *,
            mannequin: bool) -> Callable[[int], Cost]:
    def edit_and_run(number: int) -> Cost:
        time.sleep(1)  # the watch has looked at what the last turn left
        projects.write_spec(root, number, 2_000_000 + number, mannequin=mannequin)
        return run(command, root, environment)

    return edit_and_run


def _seconds_of_renders(root: Path) -> float:
    """What the three renders of one spec take in a process that has loaded the renderer."""
    from calotype.workers.render.mannequin import Mannequin

    requests, taken = _requests(root, 3), []
    for _ in range(8):
        begun = time.perf_counter()
        for _picture in Mannequin().perform(requests, {}, lambda: False):
            pass
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def _tell(what: str, costs: dict[str, list[Cost]]) -> None:
    ours = costs["beside a watch"]
    others = ", ".join(f"{name} {median_ms(cost):.1f} ms ({ratio(ours, cost):.2f}x)" for name, cost in costs.items()
                       if cost is not ours)
    print(f"{what:<22} {median_ms(ours):6.1f} ms beside a watch; {others}")
