"""`python benchmarks/sheets.py`: what contact sheets cost a build, and how fast they are in a browser.

Specs of three images each in twenty regions (and once more in a single one), written as a full build does and as the
build of one edited spec does; that one also in a fresh process, which imports what only sheets need (Jinja2 is there
for the prompts). What is remembered of an edit goes to the disk with what the build remembers of the spec: the second
figure is that of a build that had nothing else to remember. Small copies are measured apart, on pictures of
1024 x 1024. Chromium opens the pages as files.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from calotype.results.sheet import Picture, SpecSheet, write_all_sheets, write_sheets
from calotype.results.sheet.thumbs import SMALL, webp
from calotype.store.page_memory import PageMemory
from calotype.store.state import State

IMAGES = 3
PROMPT = "anatomical diagram, physiotherapy illustration, clean simple lines, lateral view from the side, on white"
QUERIES = ("exercise 77", "seen from the side", "tag:tag7 caption", "region_03 number 4", "e", "no such words")


def spec(number: int, regions: int, version: int = 0) -> SpecSheet:
    name, region = f"exercise_{number:05d}", f"region_{number % regions:02d}"
    pictures = tuple(picture(name, region, shot, f"{number}.{shot}.{version}") for shot in range(1, IMAGES + 1))
    tags = ("posture", f"tag{number % 50}")
    return SpecSheet("exercises", name, f"Exercise {number}", f"specs/exercises/{name}.yaml", pictures, region, tags)


def picture(name: str, region: str, shot: int, content: str) -> Picture:
    digest = hashlib.sha256(content.encode()).hexdigest()
    return Picture(
        f"exercises/{name}/{shot:02d}", f"content/images/exercises/{region}/{name}_{shot:02d}.png",
        digest, digest, (64, 64), alt=f"A person standing, seen from the side, number {content}",
        caption=f"Caption of {content}", prompt=PROMPT, seed=42, renderer="mannequin")


def project(root: Path, specs: int, regions: int) -> list[SpecSheet]:
    return sorted((spec(number, regions) for number in range(specs)), key=lambda one: one.group)


def clocked(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds by the clock and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3


def memory_of(root: Path) -> PageMemory:
    return State(root / "cache/state/state.db").pages


def edit(root: Path, sheet: SpecSheet, memory: PageMemory, durable: bool = False) -> None:
    written = write_sheets(root, {sheet.key: sheet}, memory)
    if durable:
        memory.put(written.update)


def writing(root: Path, specs: int, regions: int, rounds: int) -> None:
    sheets, memory = project(root, specs, regions), memory_of(root)
    full = clocked(lambda: write_all_sheets(root, sheets, memory))
    print(f"  full, an image        {full[0] / specs / IMAGES:7.2f} ms   cpu {full[1] / specs / IMAGES:7.2f} ms")
    number = int(sheets[specs // 2].id.rpartition("_")[2])
    gc.freeze()  # the sheets of the full build are this program's own, and no build holds them
    for durable, name in ((False, "one spec edited      "), (True, "... and remembered   ")):
        edits = [clocked(lambda sheet=sheet, durable=durable: edit(root, sheet, memory, durable))
                 for sheet in (spec(number, regions, 2 * version + durable) for version in range(1, rounds + 1))]
        print(f"  {name} {median(edits, 0):7.1f} ms   cpu {median(edits, 1):7.1f} ms")
    fresh = [in_a_fresh_process(root, number, regions, 3 * rounds + version) for version in range(1, rounds + 1)]
    print(f"  ... in a new process  {statistics.median(fresh):7.1f} ms   the sheets' own imports included")
    added = spec(specs + 5, regions)
    wall, _ = clocked(lambda: edit(root, added, memory))
    print(f"  one spec added        {wall:7.1f} ms")


def in_a_fresh_process(root: Path, number: int, regions: int, version: int) -> float:
    code = (f"import sys, time; sys.path.insert(0, {str(Path(__file__).parent)!r}); from pathlib import Path\n"
            f"from sheets import edit, memory_of, spec; import jinja2.sandbox\n"
            f"root, sheet = Path({str(root)!r}), spec({number}, {regions}, {version}); memory = memory_of(root)\n"
            f"start = time.perf_counter(); edit(root, sheet, memory); print((time.perf_counter() - start) * 1e3)\n")
    return float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


def median(costs: list[tuple[float, float]], which: int) -> float:
    return statistics.median(cost[which] for cost in costs)


def copies(folder: Path, rounds: int) -> None:
    source = folder / "picture.png"
    Image.effect_noise((1024, 1024), 20).convert("RGB").save(source)
    costs = [clocked(lambda: webp(source, SMALL)) for _ in range(rounds)]
    print(f"  a copy of 1024 x 1024 {median(costs, 0):7.1f} ms   cpu {median(costs, 1):7.1f} ms, once a picture")


def browsing(root: Path) -> None:
    """First paint of pages, and searches, in Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        tab = browser.new_page()
        for page in ("index.html", "exercises-region_00.html", "exercises/exercise_00000.html"):
            tab.goto((root / "build" / page).as_uri())
            tab.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
            paint = tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            print(f"  first paint           {paint:7.0f} ms   {page}")
        start = time.perf_counter()
        tab.fill("#Search", "weight")
        tab.wait_for_function("document.querySelector('#Found [role=status]')?.textContent !== 'Reading …'")
        print(f"  all shards read       {(time.perf_counter() - start) * 1e3:7.0f} ms   when a search begins")
        for query in QUERIES:
            tab.evaluate("performance.clearMeasures('search')")
            tab.fill("#Search", query)
            took = tab.evaluate("performance.getEntriesByName('search')[0].duration")
            print(f"  search                {took:7.1f} ms   {query}: {tab.inner_text('#Found [role=status]')}")
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--specs", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for regions in (20, 1):
            print(f"{options.specs:,} specs, {options.specs * IMAGES:,} images, regions: {regions}")
            writing(Path(folder) / str(regions), options.specs, regions, options.rounds)
        copies(Path(folder), options.rounds)
        browsing(Path(folder) / "20")


if __name__ == "__main__":
    main()
