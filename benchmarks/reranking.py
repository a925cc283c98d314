"""Candidates ordered anew from recorded scores: whole `calotype plan` processes, after weights of scorers changed."""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
from pathlib import Path

from measure import run

import projects

CALOTYPE = str(projects.BIN / "calotype")
SCORERS = ("tone", "grain", "line", "mass")
MODULE = projects.PLAIN + '''
from calotype.workers.protocol import Scored

class Scorer:
    epoch = 1
    def request(self, image, pixels):
        return {"scorer": self.name, "epoch": 1, "pixels": pixels, "text": image.words().prompt, "weights": "0f" * 32}
    def affinity(self, request):
        return ("plain",)
    def estimate(self, request):
        return Estimate(0.0001)
    def perform(self, batch, inputs, cancel):
        for index, request in enumerate(batch):
            digest = hashlib.sha256((self.name + request["pixels"]).encode()).hexdigest()
            yield Scored(index, int(digest[:6], 16) % 100000 / 1000)
''' + "".join(f"\nclass {name.title()}(Scorer):\n    name = {name!r}\n" for name in SCORERS)
CONFIG = ("version: 1\nrenderer: plain\ndefaults: {{size: [64, 64]}}\n"
          "scoring: {{threshold: 0, weights: {{tone: {tone}, grain: 1, line: 1, mass: 1}}}}\n")
HEAVY = ("torch", "numpy", "PIL")


def reranked(images: int, candidates: int, rounds: int = 5) -> tuple[float, list[str]]:
    """Seconds of a `plan` (the median) that orders the candidates of so many images anew, and what it imports of
    HEAVY: without Pillow nothing is decoded."""
    with tempfile.TemporaryDirectory() as place:
        root, environment = _project(Path(place), images, candidates)
        subprocess.run([CALOTYPE, "build", "-q"], cwd=root, env=environment, check=True)
        seconds = []
        for number in range(rounds):
            (root / "calotype.yaml").write_text(CONFIG.format(tone=number + 2))
            seconds.append(run([CALOTYPE, "plan", "-q"], root, environment).seconds)
        tracing = {**environment, "PYTHONPROFILEIMPORTTIME": "1"}
        traced = subprocess.run(
            [CALOTYPE, "plan", "--json"], cwd=root, env=tracing, check=True, capture_output=True, text=True)
        planned = json.loads(traced.stdout)
        assert planned["renders"] == 0 and planned["actions"]["score"] == 0 and planned["targets"], planned
        modules = {line.rpartition("|")[2].strip() for line in traced.stderr.splitlines() if line.startswith("import")}
    return statistics.median(seconds), sorted(modules.intersection(HEAVY))


def _project(place: Path, images: int, candidates: int) -> tuple[Path, dict[str, str]]:
    site, root = place / "site", place / "project"
    info = site / "calotype_judges-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: calotype-judges\nVersion: 1.0\n")
    points = "".join(f"{name} = calotype_judges:{name.title()}\n" for name in SCORERS)
    (info / "entry_points.txt").write_text(
        f"[calotype.renderers]\nplain = calotype_judges:Plain\n[calotype.scorers]\n{points}")
    (site / "calotype_judges.py").write_text(MODULE)
    for number in range(images):
        region, name = projects.name_of(number)
        path = root / f"specs/exercises/{region}/{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(projects.SPEC.format(
            id=name, region=region, number=number, seed=number * candidates, renderer=f"candidates: {candidates}\n",
            images=projects.IMAGE.format(view="lateral", phase=1, angle=number % 90)))
    (root / "calotype.yaml").write_text(CONFIG.format(tone=1))
    return root, {**projects.ENVIRONMENT, "PYTHONPATH": str(site)}
