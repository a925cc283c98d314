"""Poses over HTTP: what they may say, how one image is posed, and the figure as it is moved."""

from __future__ import annotations

import base64
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from calotype.ground.light_dataclass import asdict
from calotype.project.specs.shared_files import SharedFiles
from calotype.queries.editing.image_settings import Place, settings_of
from calotype.queries.editing.moved_pose import Moved, show
from calotype.queries.editing.pose_vocabulary import vocabulary
from calotype.roof.studio.problems import READS, WRITES, DiagnosticModel
from calotype.roof.studio.routes.target_routes import LONGEST

Position = Annotated[str, Field(pattern="^[a-z_]{1,32}$")]
Pixels = Annotated[int, Field(ge=64, le=1024)]
Word = Annotated[str, Field(max_length=200)]


class TermsModel(BaseModel):
    """What a pose may say: joints by parts of the body with their ranges and sources, base postures, parts that touch,
    surfaces, props with their options, views, angles that are marked, arrows and measures of a figure; and the bands of
    strengths that have proved themselves."""

    groups: list[dict[str, Any]]
    bases: list[str]
    parts: list[str]
    surfaces: list[str]
    views: list[str]
    props: list[dict[str, Any]]
    arcs: list[str]
    landmarks: list[str]
    paths: list[str]
    shows: list[str]
    figure: dict[str, Any]
    methods: list[str]
    bands: dict[str, dict[str, Any]]


class PlaceModel(BaseModel):
    """Where a value stands or may be put: what it holds for, the file and its SHA-256, the pointer, the value there
    (none: it is not there yet). `implied`: whether the base of a pose may be left out there: the position says it."""

    holds_for: str
    path: str
    sha256: str
    pointer: list[str | int]
    value: Any
    implied: bool = False


class ImageSettingsModel(BaseModel):
    """How one image is posed and drawn. `poses` are the places for its pose, the image's own first; `strengths` those
    of `reference`, `controls` and a variation's `strength`, as far as they stand somewhere; `shared_poses` the ids of
    the project's poses, `nets` the names of its ControlNets."""

    target: str
    view: str
    side: str
    position: str
    size: tuple[int, int]
    drawing: str
    muscles: list[str]
    joints: list[str]
    renderer: str
    own: PlaceModel
    poses: list[PlaceModel]
    strengths: dict[str, PlaceModel]
    shared_poses: list[str]
    nets: list[str]


class DrawingRequest(BaseModel):
    """A pose to be drawn, as a spec writes it. `part` is the phase whose angles are asked for; `thorough` draws it as
    finely as a picture, and asks also which contacts are not met; `implied`: the base that is the position may be left
    out of the YAML."""

    pose: dict[str, Any]
    position: Position = "standing"
    view: Literal["lateral", "anterior", "posterior", "oblique", "close-up"] = "oblique"
    side: Literal["left", "right"] = "right"
    size: tuple[Pixels, Pixels] = (512, 512)
    drawing: Literal["line", "mesh"] = "line"
    part: Literal["", "from", "to"] = ""
    muscles: list[Word] = Field(default=[], max_length=50)
    joints: list[Word] = Field(default=[], max_length=50)
    format: Literal["png", "svg"] = "png"
    thorough: bool = False
    implied: bool = True


class DrawingModel(BaseModel):
    """The figure as a data URL; the pose in as few words, and as YAML; by side (left, right, middle) the angles as it
    comes to rest and those of what it rests on, along each axis; by phase (from, to, "" for the whole) what each part
    of the body touches; warnings."""

    picture: str
    pose: dict[str, Any]
    yaml: str
    angles: dict[str, dict[str, float]]
    base: dict[str, dict[str, float]]
    contacts: dict[str, dict[str, str]]
    diagnostics: list[DiagnosticModel]


def poses(root: Path) -> APIRouter:
    """Routes about poses, in the project at `root`. One figure is drawn at a time."""
    router = APIRouter(prefix="/api", tags=["poses"])
    files, turn = SharedFiles(root), Lock()

    @router.get("/pose/terms", responses=READS)
    def terms() -> TermsModel:
        """Lists what a pose may say, with ranges and their sources."""
        return TermsModel(**vocabulary())

    @router.get("/image", responses=READS)
    def show_image(name: Annotated[str, Query(min_length=1, max_length=LONGEST)]) -> ImageSettingsModel:
        """Shows how an image is posed and drawn, and where that stands."""
        known = settings_of(root, name)
        return ImageSettingsModel(**{
            **asdict(known), "own": _place(known.own),
            "poses": [_place(place, implied) for place, implied in known.poses],
            "strengths": {key: _place(place) for key, place in known.strengths.items()}})

    @router.post("/pose/drawing", responses=WRITES)
    def draw(request: DrawingRequest) -> DrawingModel:
        """Draws a pose, by the code that draws the pictures, and tells its angles and what is to be said of it."""
        moved = Moved(
            request.pose, request.position, request.view, request.side, request.size, request.drawing, request.part,
            tuple(request.muscles), tuple(request.joints), request.format == "svg", request.implied, request.thorough)
        with turn:
            shown = show(root, files, moved)
        kind = "svg+xml" if request.format == "svg" else "png"
        return DrawingModel(
            picture=f"data:image/{kind};base64,{base64.b64encode(shown.picture).decode()}", pose=shown.pose,
            yaml=shown.yaml, angles=shown.angles, base=shown.base,
            contacts={name: dict(each) for name, each in shown.contacts.items()},
            diagnostics=[DiagnosticModel(**asdict(each)) for each in shown.diagnostics])

    return router


def _place(place: Place, implied: bool = False) -> PlaceModel:
    return PlaceModel(
        holds_for=place.holds_for, path=place.path, sha256=place.sha256, pointer=list(place.pointer), value=place.value,
        implied=implied)
