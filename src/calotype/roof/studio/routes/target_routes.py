"""Targets over HTTP: how they stand, their candidates, why, and what waits for a person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from calotype.api import Project
from calotype.ground.light_dataclass import asdict
from calotype.roof.studio.addresses import page_of
from calotype.roof.studio.builder import Builder
from calotype.roof.studio.problems import READS

MOST_ROWS = 1000
LONGEST = 512
"""Characters of the name of a target, or of a glob."""


class TargetRowModel(BaseModel):
    """One target: its state, title, asset, spec, and what people decided of it."""

    target: str
    kind: str
    state: str
    title: str
    path: str
    spec: str
    renderer: str
    candidates: int
    decision: str
    reason: str


class TargetsModel(BaseModel):
    """Some of the targets, and how many there are in all."""

    total: int
    targets: list[TargetRowModel]


class CandidateModel(BaseModel):
    """A picture that may stand for a target: number (from 1, none for one that was put in by hand), pixel digest, seed,
    scores, and what people and judges said of it."""

    number: int | None
    pixels: str
    seed: int | None
    scores: dict[str, float]
    total: float | None
    picked: bool
    approved: bool
    rejected: bool
    reason: str
    origin: str
    kept_out: str


class DecisionModel(BaseModel):
    """What a person said of a picture, and the line where it stands."""

    decision: str
    pixels: str
    reason: str
    file: str
    line: int | None


class TargetModel(BaseModel):
    """One target as people see it. `page` is the address of its image on the contact sheets."""

    target: str
    state: str
    reason: str
    decision: str
    title: str
    path: str
    size: list[int]
    pixels: str
    origin: str
    low_score: str
    page: str
    candidates: list[CandidateModel]
    decisions: list[DecisionModel]


class ChangeModel(BaseModel):
    """One field that differs, from what to what, and the line that decided it."""

    field: str
    old: Any
    new: Any
    file: str | None
    line: int | None
    why: str


class ExplanationModel(BaseModel):
    """Why a target is not up to date, and what changed when its picture was last replaced."""

    target: str
    status: str
    reason: str
    changes: list[ChangeModel]
    last_build: list[ChangeModel]
    key: str
    candidates: list[str]
    decision: str
    judging: list[str]


class WaitingModel(BaseModel):
    """A target that the latest build left to a person: awaiting, failed or skipped; and where its picture is shown."""

    target: str
    status: str
    page: str


class InboxModel(BaseModel):
    """What waits for a person, in the order of the sheets."""

    waiting: list[WaitingModel]


class GraphModel(BaseModel):
    """The targets, and which starts from which: an edge is two of them, the first of which the second starts from."""

    nodes: list[str]
    edges: list[list[str]]


Name = Annotated[str, Query(min_length=1, max_length=LONGEST)]


def targets(root: Path, builder: Builder) -> APIRouter:
    """Routes that read, of the project at `root`."""
    router = APIRouter(prefix="/api", tags=["targets"], responses=READS)
    project = Project(root)

    @router.get("/targets")
    def list_targets(
        glob: Annotated[str, Query(max_length=LONGEST)] = "", state: Annotated[str, Query(max_length=32)] = "",
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0, limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100,
    ) -> TargetsModel:
        """Lists the targets that `glob` names (all), of one `state` (any)."""
        rows = [row for row in project.list(glob or ()) if state in ("", row.state)]
        return TargetsModel(total=len(rows), targets=[
            TargetRowModel(**_only(asdict(row), TargetRowModel)) for row in rows[offset:offset + limit]])

    @router.get("/target")
    def show_target(name: Name) -> TargetModel:
        """Shows one target with its candidates and decisions."""
        view = asdict(project.show(name))
        return TargetModel(**_only(view, TargetModel), page=page_of(name))

    @router.get("/explanation")
    def explain_target(name: Name) -> ExplanationModel:
        """Explains why a target is not up to date."""
        return ExplanationModel(**_only(asdict(project.explain(name)), ExplanationModel))

    @router.get("/inbox")
    def inbox() -> InboxModel:
        """Lists what waits for a person since the latest build."""
        return InboxModel(waiting=[WaitingModel(target=target, status=status, page=page_of(target))
                                   for target, status in builder.left.items()])

    @router.get("/graph")
    def graph(name: Annotated[str, Query(max_length=LONGEST)] = "") -> GraphModel:
        """The targets that `name` names (all), and what starts from what."""
        found = project.graph(name or ())
        return GraphModel(nodes=list(found.nodes), edges=[list(edge) for edge in found.edges])

    return router


def _only(values: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in model.model_fields}
