"""From a brief to a finished board: four shots of four candidates each with the mannequin, and a rebuild of it.

    python benchmarks/storyboard.py               # every figure; half a minute
    python benchmarks/storyboard.py --rounds 9

Whole processes: `calotype scene new`, then `calotype build` of 16 pictures of 1024 x 1024 with their scores and page,
then the same build again; `rebuild` says what such a build does and imports. `enhance` is the embedded enhancement of
one shot inside a process, modules loaded.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

SERVICES = ("openai", "httpx2", "fal_client")
BRIEF = "Artisan coffee that starts your morning right"


def boards(rounds: int) -> None:
    """Prints what a board costs, by the clock and of the processor, and what a rebuild does."""
    from measure import Cost, run

    program = str(Path(sys.executable).with_name("calotype"))
    begun: list[Cost] = []
    built: list[Cost] = []
    again: list[Cost] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "calotype.yaml").write_text("version: 1\n")
            (root / "specs").mkdir()
            begun.append(run([program, "scene", "new", "coffee", "--brief", BRIEF, "-q"], root))
            built.append(run([program, "build", "-q", "-j", "2"], root))
            again.append(run([program, "build", "-q"], root))
            rebuilt = rebuild(root)
            pictures = len(list(root.glob("content/images/scenes/coffee/*.png")))
            assert pictures == 4, pictures
    for name, costs in (("scene new", begun), ("build of 4 x 4", built), ("build again", again)):
        print(f"{name}: {statistics.median(cost.seconds for cost in costs):.2f} s,"
              f" {statistics.median(cost.cpu for cost in costs):.2f} s of the processor")
    print(f"rebuild: {rebuilt}")


def rebuild(root: Path) -> str:
    """What a build of a finished board performs, and which libraries of endpoints and services it imports."""
    code = ("import sys, calotype\n"
            "outcome = calotype.Project.open('.').build()\n"
            "imported = sum(name in sys.modules for name in sys.argv[1:])\n"
            "print(outcome.actions.get('enhance', 0), 'prompts,', outcome.renders, 'renders,', imported, 'of',"
            " ', '.join(sys.argv[1:]), 'imported')")
    done = subprocess.run([sys.executable, "-c", code, *SERVICES], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def enhancement(rounds: int) -> None:
    """Prints how long the embedded enhancer takes for a shot."""
    from calotype.language.board.board import board_of
    from calotype.language.enhancing.enhancement import enhancement_of
    from calotype.workers.enhance.embedded_enhancer import Embedded

    board = board_of(BRIEF, 8)
    markers = tuple(board.markers.values())
    worker, seconds = Embedded(), []
    for _ in range(rounds):
        for beat in board.beats:
            prompt = ", ".join([beat.prompt, *markers])
            request = worker.request(enhancement_of({}, {}, beat.prompt, ", ".join(markers), markers), prompt)
            start = time.perf_counter()
            list(worker.perform([request], {}, lambda: False))
            seconds.append(time.perf_counter() - start)
    print(f"enhance: {1000 * statistics.median(seconds):.1f} ms a shot, at most {1000 * max(seconds):.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    boards(rounds)
    enhancement(rounds)


if __name__ == "__main__":
    main()
