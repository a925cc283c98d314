"""POST /api/generate -> 202 while a build runs: the first after the start, the median, the 99th of a hundred, beside a
route that only answers.

    python benchmarks/generations.py               # four rounds of 25; about a minute
    python benchmarks/generations.py --rounds 1

Each round starts a Studio of a project with pictures of 1024 x 1024 to draw, and asks for storyboards while it draws
them: each over a connection of its own, and after each the state, which is in memory. Twenty-five are asked for in a
round, since thirty are taken in a minute.
"""

from __future__ import annotations

import argparse
import http.client
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

IN_A_ROUND, MOST = 25, 50
BODY = {"prompt": "Artisan coffee that starts your morning right", "target_duration": 15}
IMAGE = ("  - {{view_angle: lateral, body_position: standing, description: head bowed, size: [1024, 1024],"
         " seed: {number}, pose: {{neck_flexion: {angle}}}}}\n")


def project(root: Path) -> None:
    """Pictures for longer than a round takes."""
    (root / "specs/exercises").mkdir(parents=True)
    (root / "calotype.yaml").write_text("version: 1\n")
    rows = "".join(IMAGE.format(number=number, angle=number % 30) for number in range(400))
    (root / "specs/exercises/nods.yaml").write_text(
        f"kind: exercise\nid: nods\nregion: neck\ntitle: Nods\nimages:\n{rows}")


def a_round() -> tuple[list[float], list[float]]:
    """Milliseconds of requests for storyboards, and of those for the state, in the order in which they were sent."""
    from studio import Studio

    generate, trivial = [], []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        project(root)
        studio = Studio(root, dict(os.environ))
        try:
            while not studio.read("/api/state")["state"].get("building"):
                time.sleep(0.01)
            for _ in range(IN_A_ROUND):
                begun = time.perf_counter()
                status = studio.write(http.client.HTTPConnection(studio.host, studio.port), "/api/generate", BODY)
                generate.append(1000 * (time.perf_counter() - begun))
                assert status == 202, status
                begun = time.perf_counter()
                state = studio.read("/api/state")["state"]
                trivial.append(1000 * (time.perf_counter() - begun))
                assert state.get("building"), "the build was over: draw more pictures"
                time.sleep(0.1)
        finally:
            studio.stop()
    return generate, trivial


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    rounds = [a_round() for _ in range(parser.parse_args().rounds)]
    first = [generate[0] for generate, _ in rounds]
    later = sorted(each for generate, _ in rounds for each in generate[1:])
    trivial = sorted(each for _, states in rounds for each in states)
    beside = statistics.median(trivial)
    for name, value in (("the first after the start", statistics.median(first)), ("median", statistics.median(later)),
                        ("99th of a hundred", later[int(0.99 * (len(later) - 1))])):
        print(f"POST /api/generate, {name}: {value:.1f} ms (at most {MOST}), {value / beside:.1f} x GET /api/state")
    print(f"GET /api/state: median {beside:.1f} ms, 99th {trivial[int(0.99 * (len(trivial) - 1))]:.1f} ms")


if __name__ == "__main__":
    main()
