"""`python benchmarks/mannequin.py`: time and memory of one drawing, beside matplotlib and Skia drawing the same body.

The peers, where they are installed (`pip install matplotlib skia-python`), get the posed triangles for nothing and
only fill them: no contours, no grid, no occlusion but by sorting. Each figure is of a process of its own: processor
time of the median of seven drawings after one to warm up, and the most memory it held. Below the table stands whether
our drawings at 1024 pixels keep within what they are meant to take: that depends on the machine, so no test asks it.
"""

from __future__ import annotations

import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

SIZES = (64, 256, 512, 1024)
OURS = ("calotype line", "calotype mesh", "calotype ghost", "calotype props")
PEERS = {**dict.fromkeys(OURS, ""), "matplotlib": "matplotlib", "skia": "skia"}
ROUNDS = 7
REACH = {"ms": 500.0, "MB": 150.0}
"""The most that one drawing at 1024 pixels is meant to take, on one core."""
MOVEMENT = {
    "base": "standing", "to": {"spine_flexion": 60, "hip_flexion": 40}, "show": ["arrows", "ghost"], "props": ["table"],
}
PROPS = {
    "base": "seated", "shoulder_flexion": 80, "contacts": {"seat": "ball"},
    "props": ["ball", {"band": {"from": "left_hand", "to": "right_hand"}}],
}


def request(size: int, drawing: str) -> dict[str, Any]:
    from calotype.language.pose import resolve

    pose: dict[str, Any] = {"base": "seated", "right": {"shoulder_flexion": 70, "elbow_flexion": 60}}
    if drawing == "ghost":
        pose, drawing = MOVEMENT, "line"
    if drawing == "props":
        pose, drawing = PROPS, "line"
    return {"renderer": "mannequin", "epoch": 1, "seed": 42, "size": [size, size], "drawing": drawing,
            "view": "oblique", "side": "right", "position": pose["base"], "posture": resolve(pose, None, {}),
            "muscles": ["deltoid"] if drawing == "line" else [], "joints": []}


def triangles(size: int) -> tuple[Any, Any]:
    """Corners (T, 3, 3) in pixels and depth, furthest first, and a grey for each."""
    import numpy as np

    from calotype.workers.render.mannequin.scene import compose, figure

    asked = request(size, "line")
    scene, = compose([figure(asked["posture"], (size, size))], "oblique", "right", (), (size, size))
    corners = scene.pixels(scene.mesh.vertices)[scene.mesh.triangles]
    corners = corners[np.argsort(-corners[:, :, 2].mean(axis=1))]
    shade = 120 + 120 * (corners[:, :, 2].mean(axis=1) - corners[:, :, 2].min()) / np.ptp(corners[:, :, 2])
    return corners, shade.astype(int)


def ours(size: int, drawing: str) -> Callable[[], object]:
    from calotype.workers.render.mannequin.draw import draw

    asked = request(size, drawing)
    return lambda: draw(asked)


def matplotlib(size: int) -> Callable[[], object]:
    import matplotlib.pyplot as plt
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    corners, shade = triangles(size)

    def once() -> None:
        figure = plt.figure(figsize=(size / 100, size / 100), dpi=100)
        axes = figure.add_subplot(projection="3d")
        axes.add_collection3d(Poly3DCollection(corners, facecolors=[(one / 255,) * 3 for one in shade]))
        axes.set(xlim=(0, size), ylim=(0, size), zlim=(corners[:, :, 2].min(), corners[:, :, 2].max()))
        figure.canvas.draw()
        plt.close(figure)

    return once


def skia(size: int) -> Callable[[], object]:
    import skia as library

    corners, shade = triangles(size)
    points = [library.Point(float(x), float(y)) for x, y in corners[:, :, :2].reshape(-1, 2)]
    colours = [library.Color(int(one), int(one), int(one)) for one in shade for _ in range(3)]

    def once() -> None:
        surface = library.Surface(size, size)
        with surface as canvas:
            canvas.clear(library.ColorWHITE)
            mesh = library.Vertices(library.Vertices.kTriangles_VertexMode, points, colors=colours)
            canvas.drawVertices(mesh, library.Paint(AntiAlias=True))
        surface.makeImageSnapshot().toarray()

    return once


def measure(name: str, size: int) -> dict[str, float]:
    makers = {"calotype line": lambda: ours(size, "line"), "calotype mesh": lambda: ours(size, "mesh"),
              "calotype ghost": lambda: ours(size, "ghost"), "calotype props": lambda: ours(size, "props"),
              "matplotlib": lambda: matplotlib(size), "skia": lambda: skia(size)}
    once = makers[name]()
    once()
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        once()
        taken.append(time.process_time() - start)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"ms": statistics.median(taken) * 1000, "MB": most}


def main() -> None:
    print(f"{'':16}" + "".join(f"{size:>9} px        " for size in SIZES))
    largest: dict[str, dict[str, float]] = {}
    for name, module in PEERS.items():
        if module and importlib.util.find_spec(module) is None:
            print(f"{name:16}not installed")
            continue
        cells = []
        for size in SIZES:
            line = [sys.executable, __file__, name, str(size)]
            told = subprocess.run(line, capture_output=True, text=True, check=True)
            found = json.loads(told.stdout)
            cells.append(f"{found['ms']:8.1f} ms {found['MB']:4.0f} MB  ")
            largest[name] = found
        print(f"{name:16}" + "".join(cells))
    limits = "".join(f"{unit:>15} {f'<= {most:g}':>12}" for unit, most in REACH.items())
    print(f"\nat {SIZES[-1]} px, one core{limits}")
    for name in OURS:
        found = largest[name]
        said = (f"{found[unit]:15.1f} {'yes' if found[unit] <= most else 'no':>12}" for unit, most in REACH.items())
        print(f"{name:20}" + "".join(said))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
