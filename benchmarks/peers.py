"""Calotype beside ninja, make, doit, DVC and Snakemake: the same project, what each event costs and what it makes anew.

    python benchmarks/peers.py                         # sixty specs; five minutes, nearly all DVC's and Snakemake's
    python benchmarks/peers.py --specs 1000 --only calotype ninja make doit

DVC and Snakemake are installed into a throw-away environment of their own, or used from the one at `--peers`. Every
spec has three outputs, made by one command that costs next to nothing; each event is timed as a whole process, and the
commands that it ran are counted. All start from a project that is built.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import projects
from projects import BIN, ENVIRONMENT, edges

STEP = 'echo . >> "$PWD/runs.log"\nspec=$1\nshift\nfor out; do cksum < "$spec" > "$out"; done\n'
ROUNDS = 3


@dataclass(frozen=True)
class Peer:
    """`command` builds everything; `lost` are patterns of what it remembers its work by."""

    command: list[str]
    environment: Mapping[str, str]
    lost: tuple[str, ...]


def calotype(root: Path, specs: int, _: Path) -> Peer:
    projects.calotype_project(root, specs)
    return Peer([str(BIN / "calotype"), "build", "--json"], projects.plain_renderer(root.parent / "plain"), ("cache",))


def ninja(root: Path, specs: int, _: Path) -> Peer:
    _tree(root, specs)
    lines = ["rule render", "  command = sh step.sh $in $out"]
    lines += [f"build {' '.join(images)}: render {spec}" for spec, images in edges(specs)]
    (root / "build.ninja").write_text("\n".join(lines) + "\n")
    ninja = shutil.which("ninja") or str(BIN / "ninja")
    return Peer([ninja, "-j1", "--quiet"], ENVIRONMENT, (".ninja_log", ".ninja_deps"))


def make(root: Path, specs: int, _: Path) -> Peer:
    _tree(root, specs)
    rules = [(" ".join(images), spec) for spec, images in edges(specs)]
    text = "all: " + " ".join(images for images, _ in rules) + "\n"
    text += "".join(f"{images} &: {spec}\n\t@sh step.sh {spec} {images}\n" for images, spec in rules)
    (root / "Makefile").write_text(f"MAKEFLAGS += --no-builtin-rules\n.SUFFIXES:\n{text}")
    return Peer(["make", "--silent"], ENVIRONMENT, ())


def doit(root: Path, specs: int, _: Path) -> Peer:
    _tree(root, specs)
    (root / "dodo.py").write_text(f"""import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from projects import edges

def task_render():
    for spec, images in edges({specs}):
        step = " ".join(["sh step.sh", spec, *images])
        yield {{"name": spec, "file_dep": [spec], "targets": images, "actions": [step]}}
""")
    return Peer([str(BIN / "doit"), "--verbosity", "0", "--reporter", "zero"], ENVIRONMENT, (".doit.db*",))


def dvc(root: Path, specs: int, tools: Path) -> Peer:
    _tree(root, specs)
    stages = {f"e{number}": {"cmd": f"sh step.sh {spec} {' '.join(images)}", "deps": [spec], "outs": images}
              for number, (spec, images) in enumerate(edges(specs))}
    (root / "dvc.yaml").write_text(json.dumps({"stages": stages}))
    environment = {**ENVIRONMENT, "DVC_NO_ANALYTICS": "1", "PATH": f"{tools}{os.pathsep}{ENVIRONMENT['PATH']}"}
    subprocess.run([str(tools / "dvc"), "init", "--no-scm", "--quiet"], cwd=root, env=environment, check=True)
    return Peer([str(tools / "dvc"), "repro", "--quiet"], environment, (".dvc/cache", ".dvc/tmp"))


def snakemake(root: Path, specs: int, tools: Path) -> Peer:
    _tree(root, specs)
    wanted = [image for _, images in edges(specs) for image in images]
    outs = ", ".join(f'"content/images/exercises/{{region}}/{{name}}_{number:02d}.png"' for number in (1, 2, 3))
    (root / "Snakefile").write_text(
        f"rule all:\n    input: {wanted!r}\n\nrule render:\n"
        f'    input: "specs/exercises/{{region}}/{{name}}.yaml"\n    output: {outs}\n'
        '    shell: "sh step.sh {input} {output}"\n')
    environment = {**ENVIRONMENT, "PATH": f"{tools}{os.pathsep}{ENVIRONMENT['PATH']}"}
    return Peer([str(tools / "snakemake"), "--cores", "1", "--quiet", "all"], environment, (".snakemake",))


MAKERS: Mapping[str, Callable[[Path, int, Path], Peer]] = {
    "calotype": calotype, "ninja": ninja, "make": make, "doit": doit, "dvc": dvc, "snakemake": snakemake,
}


def _tree(root: Path, specs: int) -> None:
    for folder in ("specs/exercises", "content/images/exercises"):
        for number in range(projects.REGIONS):
            (root / folder / projects.name_of(number)[0]).mkdir(parents=True, exist_ok=True)
    for number in range(specs):
        projects.write_spec(root, number, number, mannequin=False)
    (root / "step.sh").write_text(STEP)


def measure(root: Path, peer: Peer, specs: int) -> dict[str, tuple[float, int | None]]:
    """Event -> (median seconds, commands run; None where the tool failed)."""
    spec = root / next(edges(specs))[0]
    found = {"first build": _run(root, peer)}
    events: dict[str, Callable[[int], None]] = {
        "nothing": lambda turn: None,
        "one spec edited": lambda turn: projects.write_spec(root, 0, 10_000 + turn, mannequin=False),
        "one spec touched": lambda turn: os.utime(spec),
        "a comment added to one spec": lambda turn: _append(spec, f"# remark {turn}\n"),
        "one output deleted": lambda turn: (root / next(edges(specs))[1][0]).unlink(),
        "one output edited by hand": lambda turn: _append(root / next(edges(specs))[1][0], "x"),
        "its own memory lost": lambda turn: _lose(root, peer),
    }
    for event, happen in events.items():
        turns = []
        for turn in range(ROUNDS):
            time.sleep(0.05)
            happen(turn)
            turns.append(_run(root, peer))
        counts = [count for _, count in turns]
        found[event] = statistics.median(seconds for seconds, _ in turns), None if None in counts else max(counts)  # type: ignore[type-var]
    return found


def _run(root: Path, peer: Peer) -> tuple[float, int | None]:
    log = root / "runs.log"
    log.unlink(missing_ok=True)
    started = time.perf_counter()
    done = subprocess.run(peer.command, cwd=root, env=dict(peer.environment), capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if done.returncode:
        return seconds, None
    if peer.command[1] == "build":
        return seconds, json.loads(done.stdout)["renders"] // 3 if json.loads(done.stdout)["renders"] else 0
    return seconds, len(log.read_text().splitlines()) if log.exists() else 0


def _append(path: Path, text: str) -> None:
    mode = path.stat().st_mode
    path.chmod(mode | 0o200)  # DVC write-protects what it links into its cache
    with path.open("a") as file:
        file.write(text)


def _lose(root: Path, peer: Peer) -> None:
    for pattern in peer.lost:
        for path in root.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _tools(place: Path | None, folder: Path) -> Path:
    if place is None:
        place = folder / "peers"
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([str(place / "bin/pip"), "install", "--quiet", "dvc", "snakemake"], check=True)
    return place / "bin"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--specs", type=int, default=60)
    parser.add_argument("--only", nargs="+", choices=list(MAKERS), default=list(MAKERS))
    parser.add_argument("--peers", type=Path, help="an environment with dvc and snakemake; else one is made")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tools = _tools(arguments.peers, folder) if {"dvc", "snakemake"} & set(arguments.only) else folder
        results = {}
        for peer in arguments.only:
            (folder / peer).mkdir()
            root = folder / peer / "project"
            root.mkdir()
            results[peer] = measure(root, MAKERS[peer](root, arguments.specs, tools), arguments.specs)
            print(peer, results[peer], file=sys.stderr, flush=True)
    print(f"{arguments.specs} specs of three outputs: seconds (commands run)\n")
    print("| event | " + " | ".join(results) + " |\n| --- |" + " --- |" * len(results))
    for event in next(iter(results.values())):
        cells = [f"{seconds:.2f} ({'failed' if count is None else count})"
                 for seconds, count in (found[event] for found in results.values())]
        print(f"| {event} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
