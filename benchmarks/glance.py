"""Times the look that makes a no-op against ninja's, on the same files, whole processes, interleaved.

    python benchmarks/glance.py --specs 10000
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LOOK = """
import sys
from calotype.store.tree.compare import look
sys.exit(not look(sys.argv[1], sys.argv[1] + '/record', b'k').unchanged)
"""


def lay_out(root: Path, specs: int, regions: int = 20) -> None:
    for region in range(regions):
        (root / f"specs/exercises/r{region:02d}").mkdir(parents=True)
        (root / f"content/images/exercises/r{region:02d}").mkdir(parents=True)
    edges = ["rule render", "  command = touch $out"]
    for number in range(specs):
        name = f"r{number % regions:02d}/exercise_{number:06d}"
        (root / f"specs/exercises/{name}.yaml").write_bytes(b"x" * 600)
        images = [f"content/images/exercises/{name}_{image:02d}.png" for image in (1, 2, 3)]
        for image in images:
            (root / image).write_bytes(b"y" * 300)
        edges.append(f"build {' '.join(images)}: render specs/exercises/{name}.yaml")
    (root / "build.ninja").write_text("\n".join(edges) + "\n")


ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds(command: list[str], cwd: Path) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--specs", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    from calotype.store.tree.snapshot import take

    ninja = shutil.which("ninja", path="/usr/bin") or "ninja"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lay_out(root, arguments.specs)
        subprocess.run([ninja, "--quiet"], cwd=root, check=True)
        time.sleep(2)
        take(root, ["specs", "content"], [], root).write(root / "record", b"k", b"")
        ours = [sys.executable, "-c", LOOK, folder]
        pairs = [(seconds(ours, root), seconds([ninja, "--quiet"], root)) for _ in range(arguments.rounds)]
    looks, ninjas = zip(*pairs, strict=True)
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{arguments.specs} specs: look {statistics.median(looks) * 1e3:.0f} ms, "
          f"ninja {statistics.median(ninjas) * 1e3:.0f} ms, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
