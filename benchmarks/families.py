"""What the renderer adds to a bare call of each family's pipeline: an image of 30 steps, tiny models on the CPU.

    python benchmarks/families.py                  # 12 images of each family, by turns; about two minutes
    python benchmarks/families.py --images 4 --steps 10

By turns the same image is made by the renderer and by one call of the plain pipeline, each with a text that it has not
read before. What is told is CPU time, and the median of paired ratios.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "tests")]

import families  # noqa: E402
import sdxl  # noqa: E402
import tiny_families  # noqa: E402

TOLD = {"qwen-image-edit-one": "qwen-image-edit"}
SIZE = 128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=int, default=12)
    parser.add_argument("--steps", type=int, default=30)
    chosen = parser.parse_args()
    print("| family | bare call, CPU ms | renderer / bare, median of pairs |\n| --- | --- | --- |")
    for family in tiny_families.BUILT:
        if family != "qwen-image-edit":  # whose pictures are a megapixel: what the first edition's are as well
            bare, ratio = paired(family, chosen.images, chosen.steps)
            print(f"| {TOLD.get(family, family)} | {bare * 1000:.0f} | {ratio:.3f} |", flush=True)


def paired(family: str, images: int, steps: int) -> tuple[float, float]:
    """The median CPU seconds of a bare call, and the median ratio of the renderer's to it."""
    arguments = {"image": families.picture("photo")} if family in families.EDITS else {}
    renderer, bares, ratios = sdxl.made(), [], []
    for number in range(images + 1):
        wanted = families.request(family, prompt=f"a boy, {number}", seed=number, steps=steps, size=[SIZE, SIZE])
        calls: list[Callable[[], object]] = [
            lambda wanted=wanted: families.draw(wanted, renderer=renderer),  # type: ignore[misc]
            lambda wanted=wanted: families.plain(wanted, **arguments)]  # type: ignore[misc]
        seconds = [0.0, 0.0]
        for place in (0, 1) if number % 2 else (1, 0):
            began = time.process_time()
            calls[place]()
            seconds[place] = time.process_time() - began
        if number:  # the first loads the model
            bares.append(seconds[1])
            ratios.append(seconds[0] / seconds[1])
    return statistics.median(bares), statistics.median(ratios)


if __name__ == "__main__":
    main()
