"""Specs over HTTP: their text, single values in it, and what is wrong with a text that is being typed."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from calotype.ground.light_dataclass import asdict
from calotype.queries.editing.edited_values import FileChanges, write_values, write_values_of
from calotype.queries.editing.spec_text import SpecText, encoded, read_text, write_text
from calotype.queries.editing.typed_text import diagnose
from calotype.roof.studio.problems import READS, WRITES, DiagnosticModel
from calotype.roof.studio.routes.target_routes import LONGEST

MOST_CHANGES, MOST_FILES = 100, 10
DIGEST = r"^([0-9a-f]{64})?$"

FilePath = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class SpecModel(BaseModel):
    """A file: its path in the project, its text, and the SHA-256 of its bytes."""

    path: str
    text: str
    sha256: str


class SpecRequest(BaseModel):
    """What is to stand in a file. `sha256` is that of what was read; empty for a new file."""

    path: FilePath
    text: str
    sha256: str = Field(pattern=DIGEST)


class TypedRequest(BaseModel):
    """What is being typed into a file."""

    path: FilePath
    text: str


class DiagnosticsModel(BaseModel):
    """What a build would find in it, by line and column."""

    diagnostics: list[DiagnosticModel]


class ValueModel(BaseModel):
    """A place in a file, as keys and indices from 0; and the value there, none to take it out. The place [] is a
    mapping that is the whole file."""

    pointer: list[str | int] = Field(max_length=20)
    value: Any = None


class ValuesRequest(BaseModel):
    """Values to be written into a file. `sha256` is that of what was read."""

    path: FilePath
    sha256: str = Field(pattern=DIGEST)
    changes: list[ValueModel] = Field(min_length=1, max_length=MOST_CHANGES)


class EditsRequest(BaseModel):
    """Values to be written into several files."""

    files: list[ValuesRequest] = Field(min_length=1, max_length=MOST_FILES)


class SpecsModel(BaseModel):
    """The files as they are now, in the order in which they were named."""

    files: list[SpecModel]


def specs(root: Path) -> APIRouter:
    """Routes about the specs of the project at `root`. Writes come one after the other."""
    router = APIRouter(prefix="/api", tags=["specs"])
    turn = Lock()

    @router.get("/spec", responses=READS)
    def read_spec(path: Annotated[str, Query(min_length=1, max_length=LONGEST)]) -> SpecModel:
        """Reads a spec, a pose or calotype.yaml."""
        return _model(read_text(root, path))

    @router.put("/spec", responses=WRITES)
    def write_spec(request: SpecRequest) -> SpecModel:
        """Writes a spec, a pose or calotype.yaml as an editor does, valid or not; not over what has changed since."""
        with turn:
            return _model(write_text(root, request.path, request.text, request.sha256))

    @router.post("/validation", responses=WRITES)
    def validate(request: TypedRequest) -> DiagnosticsModel:
        """Tells what is wrong with a text as it is typed, as a build would; writes nothing."""
        found = diagnose(root, request.path, encoded(request.text, request.path))
        return DiagnosticsModel(diagnostics=[DiagnosticModel(**asdict(each)) for each in found])

    @router.put("/values", responses=WRITES)
    def write(request: ValuesRequest) -> SpecModel:
        """Writes single values into a file, and leaves all else of it as it is; not where it would be invalid then."""
        changes = [(tuple(change.pointer), change.value) for change in request.changes]
        with turn:
            return _model(write_values(root, request.path, request.sha256, changes))

    @router.put("/edits", responses=WRITES)
    def write_all(request: EditsRequest) -> SpecsModel:
        """Writes single values into several files, as values are written into one: all or none."""
        files = [FileChanges(file.path, file.sha256, [(tuple(each.pointer), each.value) for each in file.changes])
                 for file in request.files]
        with turn:
            return SpecsModel(files=list(map(_model, write_values_of(root, files))))

    return router


def _model(spec: SpecText) -> SpecModel:
    return SpecModel(path=spec.path, text=spec.text, sha256=spec.sha256)
