"""Training sets over HTTP: who is in one and why, and handing it out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from calotype.api import Project
from calotype.ground.light_dataclass import asdict
from calotype.roof.studio.problems import READS, WRITES, DiagnosticModel

LONGEST = 128
"""Characters of the id of a character."""


class MemberModel(BaseModel):
    """An image of a set, and who chose it (human, suggest, anchor)."""

    target: str
    path: str
    pixels: str
    by: str
    why: str


class LeftOutModel(BaseModel):
    """An image of the character that is not in its set, and why."""

    target: str
    state: str
    reason: str


class TrainingSetModel(BaseModel):
    """The training set of a character. `lacking` says why it cannot be used; empty where it can."""

    character: str
    trigger_word: str
    minimum: int
    maximum: int
    members: list[MemberModel]
    left_out: list[LeftOutModel]
    lacking: str


class ExportRequest(BaseModel):
    """Whose set to hand out: the id of a character."""

    character: str = Field(min_length=1, max_length=LONGEST)


class ExportModel(BaseModel):
    """What became of it: exported, up_to_date, awaiting (a person), failed or skipped; the zip's path; and in sentences
    what the set shows and lacks."""

    status: str
    path: str
    summary: list[str]
    diagnostics: list[DiagnosticModel]


def training(root: Path) -> APIRouter:
    """Routes about the training sets of the project at `root`."""
    router = APIRouter(prefix="/api", tags=["training"])
    project = Project(root)

    @router.get("/training-set", responses=READS)
    def show_set(character: Annotated[str, Query(min_length=1, max_length=LONGEST)]) -> TrainingSetModel:
        """Shows the training set of a character."""
        return TrainingSetModel(**asdict(project.training_set(character)))

    @router.post("/exports", responses=WRITES)
    def export(request: ExportRequest) -> ExportModel:
        """Writes a training set to content/training/, when its images are built."""
        exported = project.export_training(request.character)
        diagnostics = [DiagnosticModel(**diagnostic.as_json()) for diagnostic in exported.outcome.diagnostics]
        return ExportModel(status=exported.status, path=exported.path, diagnostics=diagnostics,
                           summary=list(exported.report.get("summary", ())))

    return router
