"""How the work of a build grows with what it is of: processor time for n, 2n and 4n of each kind.

Renders cost next to nothing, and are counted.

    python benchmarks/growth.py                            # candidates to 1,000 a target, images to 10,000
    python benchmarks/growth.py --only chained --sizes 125 250 500
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from measure import peak_megabytes, run

import projects
from engine import CALOTYPE, Report

MOST = 2.3
"""Times as much for twice as many; a square gives four."""
CANDIDATES, IMAGES = (250, 500, 1000), (2500, 5000, 10000)
CONFIG = """version: 1
renderer: plain
defaults: {size: [16, 16]}
controlnets: {canny: {model: org/net}}
"""
SHOT = "  - {{id: s{number}, prompt: phase {number}, candidates: {count}{more}}}\n"
IMAGE = "  - {view_angle: lateral, body_position: standing, description: up}\n"
Kind = Callable[[int], Mapping[str, str]]


def scene(*shots: str, chain: bool = True) -> Mapping[str, str]:
    head = f"kind: scene\nid: film\ntitle: Film\nchain: {str(chain).lower()}\nshots:\n"
    return {"specs/scenes/film.yaml": head + "".join(shots)}


def shot(number: int, count: int = 1, more: str = "") -> str:
    return SHOT.format(number=number, count=count, more=more)


def candidates(count: int) -> Mapping[str, str]:
    """One image of so many candidates."""
    return scene(shot(1, count), chain=False)


def chained(count: int) -> Mapping[str, str]:
    """Two shots of so many candidates, the second of which starts from the pick of the first."""
    return scene(shot(1, count), shot(2, count))


def mapped(count: int) -> Mapping[str, str]:
    """As `chained`, through a map that a detector makes of the pick."""
    return scene(shot(1, count), shot(2, count, ", reference: {method: controlnet, control: canny}"))


def images(count: int) -> Mapping[str, str]:
    """So many images, a hundred a spec."""
    specs = {}
    for number in range(0, count, 100):
        name = f"spec_{number:06d}"
        rows = "".join(IMAGE for _ in range(min(100, count - number)))
        specs[f"specs/exercises/{name}.yaml"] = (
            f"kind: exercise\nid: {name}\nregion: neck\ntitle: Up\nseed: {number}\nimages:\n{rows}")
    return specs


def chain(count: int) -> Mapping[str, str]:
    """Scenes of a hundred shots, each shot starting from the pick of the one before."""
    scenes = {}
    for number in range(0, count, 100):
        text = "".join(shot(place) for place in range(min(100, count - number)))
        scenes[f"specs/scenes/film_{number:06d}.yaml"] = (
            f"kind: scene\nid: film_{number:06d}\ntitle: Film\nchain: true\nseed: {number}\nshots:\n{text}")
    return scenes


KINDS: Mapping[str, tuple[Kind, Sequence[int]]] = {
    "candidates": (candidates, CANDIDATES), "chained": (chained, CANDIDATES), "mapped": (mapped, CANDIDATES),
    "images": (images, IMAGES), "chain": (chain, IMAGES),
}


def written(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in {"calotype.yaml": CONFIG, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def measure(
        kind: str, sizes: Sequence[int], rounds: int, base: Path, plain: Mapping[str, str], report: Report) -> None:
    """One row for each doubling: the processor time of a build beyond that of one image, the least of all rounds."""
    command = [CALOTYPE, "build", "-q", "-j", "1"]

    def cost(size: int) -> float:
        root = written(base / f"{kind}_{size}", KINDS[kind][0](size))
        cpu = run(command, root, plain).cpu
        shutil.rmtree(root)
        return cpu

    one, *least = [min(cost(size) for _ in range(rounds)) for size in (1, *sizes)]
    costs = {size: cpu - one for size, cpu in zip(sizes, least, strict=True)}
    for small, large in pairwise(sizes):
        report.add(f"{kind}, {large:,} against {small:,}", costs[large] / costs[small], MOST, "x",
                   f"{costs[small]:.1f} s, {costs[large]:.1f} s of processor time")
    last = written(base / f"{kind}_last", KINDS[kind][0](sizes[-1]))
    report.add(f"{kind}, peak memory of {sizes[-1]:,}", peak_megabytes(command, last, plain), 500, " MB")
    shutil.rmtree(last)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(KINDS))
    parser.add_argument("--sizes", type=int, nargs="+", help="each twice the one before")
    parser.add_argument("--rounds", type=int, default=2, help="of which the least counts")
    arguments = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        plain = projects.plain_renderer(base / "plain")
        for kind in arguments.only or KINDS:
            measure(kind, arguments.sizes or KINDS[kind][1], arguments.rounds, base, plain, report)
    print(report.markdown())


if __name__ == "__main__":
    main()
