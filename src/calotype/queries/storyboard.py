"""A scene as its storyboard: what was asked of it, and the picture that stands for each shot. Must not write."""

from __future__ import annotations

from pathlib import Path

from calotype.ground.light_dataclass import dataclass
from calotype.language.enhancing.enhancement import ITERATIONS
from calotype.plan.analysis import Found
from calotype.project.workspace import Workspace
from calotype.queries.show import candidates
from calotype.queries.status import status_of, status_query


@dataclass(frozen=True, slots=True)
class ShotView:
    """A shot in its place. `state` is as in a TargetRow; `pixels` is the pixel digest of the picture that is published
    at `path`, empty while there is none, and `score` what it is worth, 0-100, where scorers said so."""

    target: str
    state: str
    path: str
    pixels: str
    score: float | None


@dataclass(frozen=True, slots=True)
class Storyboard:
    """A scene. `spec` is its file, `enhanced` whether its prompts are enhanced, in at most `iterations` rounds; each
    shot has so many `candidates`, and is warned of where its score is below `quality_threshold` (0-100)."""

    spec: str
    enhanced: bool
    iterations: int
    candidates: int
    quality_threshold: float
    shots: tuple[ShotView, ...]

    @property
    def done(self) -> int:
        """Shots whose picture is what is asked for."""
        return sum(shot.state == "up_to_date" for shot in self.shots)


def storyboard(root: Path, scene: str) -> Storyboard:
    """The storyboard of the scene of that id. Raises Problem (unknown-target) where there is none, or what is wrong
    with its spec."""
    with status_query(root, (f"scenes/{scene}",)) as query:
        shots = [found for found in query.targets() if found.planned.image.target.startswith(f"scenes/{scene}/")]
        first = shots[0]
        enhance = first.spec.data.get("enhance")
        return Storyboard(
            first.spec.file, enhance is not None, int((enhance or {}).get("iterations", ITERATIONS)),
            first.planned.image.candidates, float(first.planned.image.scoring["threshold"]),
            tuple(_shot(found, query.workspace) for found in shots))


def _shot(found: Found, workspace: Workspace) -> ShotView:
    planned = found.planned
    line = planned.kept or planned.line
    pixels = line.pixels if line is not None else ""
    score = next((row.total for row in candidates(planned, workspace) if row.pixels == pixels), None)
    return ShotView(planned.image.target, status_of(found), planned.image.path, pixels, score)
