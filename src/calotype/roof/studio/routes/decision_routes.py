"""Decisions over HTTP: the same writes as those of the command line."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from calotype.api import Project
from calotype.ground.diagnostics import Problem, error
from calotype.ground.light_dataclass import asdict
from calotype.language.decisions import Decision
from calotype.project.answers import AskedDecision
from calotype.roof.studio.decider import Decider
from calotype.roof.studio.problems import WRITES
from calotype.roof.studio.routes.target_routes import LONGEST
from calotype.roof.studio.uploads import of_the_upload, suffix_of

_BYTES = {"type": "string", "format": "binary"}
LONGEST_NAME = 255
"""Characters of what a file is called."""
LONGEST_REASON = 4096
"""Characters; what the decision itself may have is told by the one who writes it."""

Kind = Literal["pick", "approve", "reject", "include", "exclude"]


class DecisionRequest(BaseModel):
    """What to decide: `candidate` is a number from 1 or the start of a pixel digest; approve, include and exclude mean
    the published picture without one. A rejection and an exclusion say why."""

    decision: Kind
    target: str = Field(min_length=1, max_length=LONGEST)
    candidate: str | None = Field(default=None, min_length=1, max_length=64)
    reason: str = Field(default="", max_length=LONGEST_REASON)


class UndoRequest(BaseModel):
    """Which decision to take back."""

    decision: Kind
    target: str = Field(min_length=1, max_length=LONGEST)
    candidate: str | None = Field(default=None, min_length=1, max_length=64)


class DecisionsModel(BaseModel):
    """What was decided, or taken back: each with its target, pixel digest and reason."""

    decisions: list[dict[str, str]]


def decisions(root: Path, decider: Decider) -> APIRouter:
    """Routes that write, of the project at `root`. Decisions come one after the other: each reads what the one before
    wrote. A picture that is put in waits for the end of a build, and no decision waits for that."""
    router = APIRouter(prefix="/api", tags=["decisions"], responses=WRITES)
    project = Project(root)

    @router.post("/decisions", status_code=201)
    async def decide(request: DecisionRequest) -> DecisionsModel:
        """Writes a decision to specs/picks/."""
        return _told(await decider.take(_asked(request)))

    @router.post("/undo")
    async def undo(request: UndoRequest) -> DecisionsModel:
        """Takes a decision back."""
        return _told(await decider.take(
            AskedDecision(request.decision, request.target, request.candidate, undo=True)))

    @router.post("/imports", status_code=201, openapi_extra={"requestBody": {
        "required": True, "content": {kind: {"schema": _BYTES} for kind in ("image/png", "image/jpeg", "image/webp")}}})
    async def put_in(
        name: Annotated[str, Query(min_length=1, max_length=LONGEST)], request: Request,
        file: Annotated[str, Query(max_length=LONGEST_NAME)] = "",
    ) -> DecisionsModel:
        """Puts a picture in for a target: PNG, JPEG or WebP, of the size that is asked for, at most 20 MB. `file` is
        what a refusal calls it."""
        data = await request.body()
        return await run_in_threadpool(put_in_now, name, data, f"`{file}`" if file else "the upload")

    def put_in_now(name: str, data: bytes, label: str) -> DecisionsModel:
        suffix = suffix_of(data, label)
        with tempfile.TemporaryDirectory(prefix="calotype-") as folder:
            file = Path(folder) / f"upload{suffix}"
            file.write_bytes(data)
            try:
                return _told([project.pick(name, file)])
            except Problem as problem:
                raise of_the_upload(problem, file, label) from None

    return router


def _asked(request: DecisionRequest) -> AskedDecision:
    """Raises Problem where it lacks what its kind names. Of a published picture no candidate is meant."""
    kind, candidate = request.decision, request.candidate
    if candidate is None and kind in ("pick", "reject"):
        words = {"pick": "a pick names its candidate: a number, or its pixel digest",
                 "reject": "a rejection names its candidate"}
        raise Problem(error("missing-candidate", words[kind]))
    if kind in ("include", "exclude"):
        candidate = None
    return AskedDecision(kind, request.target, candidate if kind != "pick" else _no_file(candidate), request.reason)


def _no_file(candidate: str | None) -> str | None:
    """`candidate`, unless it may be the name of a file of this machine, which a pick on the command line may be."""
    if candidate is not None and not (candidate.isascii() and candidate.isalnum()):
        raise Problem(error("unknown-candidate", "a candidate is a number from 1, or the start of a pixel digest"))
    return candidate


def _told(decided: Sequence[Decision]) -> DecisionsModel:
    names = ("decision", "target", "pixels", "reason")
    return DecisionsModel(decisions=[
        {name: str(value) for name, value in asdict(each).items() if name in names} for each in decided])
