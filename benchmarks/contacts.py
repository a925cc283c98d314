"""`python benchmarks/contacts.py`: processor time of solving the contacts of everyday exercises, one by one.

The exercises are those of the tests. Each is solved three times from nothing, and the least time counts: what else the
machine does can only add to it. Beside it stands the time of placing the same body without solving, which tells how
fast the machine is: it took 1.4 ms for someone on hands and knees where the figures of docs/pose.md were measured.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

EXERCISES = Path(__file__).parents[1] / "tests" / "language" / "pose" / "contact" / "exercises.yaml"
ROUNDS = 3


def least(work: Callable[[], object]) -> float:
    """Milliseconds of processor time of the quickest of some rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(1000 * (time.process_time() - start))
    return min(times)


def main() -> None:
    import yaml

    from calotype.language.pose import resolve
    from calotype.language.pose.contact import solve as solving
    from calotype.language.pose.contact.need import to_solve
    from calotype.language.pose.contact.placing import place

    poses = {name: resolve(pose, "standing", {}) for name, pose in yaml.safe_load(EXERCISES.read_text()).items()}

    def anew(posture: object) -> object:
        solving._solved.cache_clear()
        return solving.solve(posture)  # type: ignore[arg-type]

    times = {name: least(lambda posture=posture: anew(posture)) for name, posture in poses.items()}
    looks = [least(lambda posture=posture: to_solve(posture)) for posture in poses.values()]
    quadruped = least(lambda: place(resolve("quadruped", None, {})))
    for name, milliseconds in sorted(times.items(), key=lambda item: item[1]):
        print(f"{milliseconds:8.1f} ms  {name}")
    middle, most = statistics.median(times.values()), max(times.values())
    print(f"{len(times)} exercises: median {middle:.1f} ms, most {most:.1f} ms")
    print(f"whether there is anything to solve: median {statistics.median(looks):.2f} ms")
    print(f"hands and knees placed without solving: {quadruped:.2f} ms")


if __name__ == "__main__":
    main()
