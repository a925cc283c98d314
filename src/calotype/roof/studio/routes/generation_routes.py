"""Storyboards over HTTP: one is asked for with a sentence, and told as it comes to be."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from calotype.ground.diagnostics import Problem, error
from calotype.project.new_scene import CANDIDATES, LONGEST_BRIEF, SECONDS, SceneOptions
from calotype.queries.storyboard import ShotView, Storyboard
from calotype.roof.studio.builder import Builder
from calotype.roof.studio.feed import Feed
from calotype.roof.studio.problems import READS, DiagnosticModel, answer, documented
from calotype.roof.studio.storyboards.generation_records import GenerationRecord
from calotype.roof.studio.storyboards.generations import Busy, Generations
from calotype.roof.studio.uploads import LARGEST_UPLOAD, suffix_of

MOST_FIELDS = 16
LARGEST_FIELD = 1 << 16
"""Bytes of a field of a form."""
_ADVANCED = "advanced_image"
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=255, pattern=r"^[\x21-\x7e]*$")]


def _named(name: str, short: str, default: Any, **limits: Any) -> Any:
    return Field(default=default, validation_alias=AliasChoices(name, short), **limits)


class GenerationRequest(BaseModel):
    """What is asked for. `target_duration` is in seconds: a shot for each four. Each shot has so many variations;
    without `use_advanced_image_generation` one, and no prompt is enhanced. A picture whose quality is below the
    threshold (0-100) is warned of. Short names: `duration`, `advanced`, `num_variations`, `max_enhancement_iterations`,
    `quality_threshold`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    prompt: str = Field(min_length=1, max_length=LONGEST_BRIEF)
    target_duration: float = _named("target_duration", "duration", SECONDS, gt=0, le=3600, allow_inf_nan=False)
    use_advanced_image_generation: bool = _named("use_advanced_image_generation", "advanced", True)
    advanced_image_num_variations: int = _named(f"{_ADVANCED}_num_variations", "num_variations", CANDIDATES, ge=2, le=6)
    advanced_image_max_enhancement_iterations: int = _named(
        f"{_ADVANCED}_max_enhancement_iterations", "max_enhancement_iterations", SceneOptions().iterations, ge=1, le=20)
    advanced_image_quality_threshold: float | None = _named(
        f"{_ADVANCED}_quality_threshold", "quality_threshold", None, ge=0, le=100, allow_inf_nan=False)

    @property
    def options(self) -> SceneOptions:
        return SceneOptions(
            self.target_duration, not self.use_advanced_image_generation,
            candidates=self.advanced_image_num_variations, iterations=self.advanced_image_max_enhancement_iterations,
            quality_threshold=self.advanced_image_quality_threshold, unique=True)


class AcceptedModel(BaseModel):
    """The generation that was accepted. How it stands is told at /api/generations/ID."""

    generation_id: str
    status: str = "queued"


class SettingsModel(BaseModel):
    """What is in force for the images."""

    quality_threshold: float
    num_variations: int
    max_enhancement_iterations: int


class SceneModel(BaseModel):
    """One shot, counted from 1: the picture that stands for it, once there is one, and what it is worth, 0-100."""

    scene_number: int
    reference_image_url: str | None
    quality_score: float | None


class PlanModel(BaseModel):
    """The shots, in their order."""

    advanced_image_generation_used: bool
    advanced_image_settings: SettingsModel | None
    scenes: list[SceneModel]


class GenerationModel(BaseModel):
    """How a generation stands: `queued`, `processing`, `awaiting` a person, `completed`, `failed` or `cancelled`, with
    how many of a hundred parts are done. `diagnostics` say why one failed."""

    generation_id: str
    status: str
    progress: int
    advanced_image_generation_used: bool
    storyboard_plan: PlanModel
    diagnostics: list[DiagnosticModel] = Field(default_factory=list)


_FORM = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": {
    "type": "object", "required": ["prompt", "image"], "properties": {
        **{name: {"type": "string"} for name in GenerationRequest.model_fields},
        "image": {"type": "string", "format": "binary", "description": "PNG, JPEG or WebP, at most 20 MB"}}}}}}}
_WRITES = documented(401, 403, 404, 409, 413, 422, 429, 500)


def generations_of(generations: Generations, builder: Builder, feed: Feed) -> APIRouter:
    """Routes of what `generations` accepts, which `builder` builds and `feed` tells of."""
    router = APIRouter(prefix="/api", tags=["generations"])

    def accept(
        request: GenerationRequest, key: str, picture: tuple[bytes, str] | None, response: Response,
    ) -> AcceptedModel:
        generation = generations.accept(request.prompt, request.options, key, picture)
        response.headers["location"] = f"/api/generations/{generation}"
        return AcceptedModel(generation_id=generation)

    @router.post("/generate", status_code=202, responses=_WRITES)
    def generate(request: GenerationRequest, response: Response, key: Key = "") -> AcceptedModel:
        """Asks for a storyboard of a sentence: it becomes a spec, which is built. With an Idempotency-Key the same
        request again is the same generation."""
        return accept(request, key, None, response)

    @router.post("/generate-with-image", status_code=202, responses=_WRITES, openapi_extra=_FORM)
    async def generate_with_image(request: Request, response: Response, key: Key = "") -> AcceptedModel:
        """As /api/generate, as a form, with the picture that is the first shot as it is."""
        fields, data = await _form(request)
        return await run_in_threadpool(accept, _checked(fields), key, (data, suffix_of(data)), response)

    @router.get("/generations/{generation_id}", responses=READS, response_model_exclude_unset=True)
    def show(generation_id: str, request: Request) -> GenerationModel:
        """Tells how a generation stands."""
        record = generations.record(generation_id)
        if record is not None and record.state != "written":
            return _unwritten(record)
        try:
            board = generations.board(generation_id)
        except Problem as problem:
            if record is None:
                raise
            reasons = [DiagnosticModel(**diagnostic.as_json()) for diagnostic in problem.diagnostics]
            return _unwritten(record).model_copy(update={"status": "failed", "diagnostics": reasons})
        return _told(generation_id, board, _status(board, builder, feed), str(request.base_url))

    @router.delete("/generations/{generation_id}", responses=_WRITES, response_model_exclude_unset=True)
    def cancel(generation_id: str) -> GenerationModel:
        """Cancels a generation: its spec is removed, and what is rendered of it is taken away by the next build."""
        generations.cancel(generation_id)
        record = generations.record(generation_id)
        assert record is not None
        return _unwritten(record)

    return router


def busy(_: Request, refusal: Exception) -> Response:
    """The answer to who asks for more than is taken."""
    assert isinstance(refusal, Busy)
    refused = answer(429, [error("busy", "more storyboards are asked for than are taken at a time",
                              hint=f"ask again in {refusal.seconds} s")])
    refused.headers["retry-after"] = str(refusal.seconds)
    return refused


async def _form(request: Request) -> tuple[dict[str, str], bytes]:
    """The fields of the form, and the bytes of its picture."""
    async with request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD) as form:
        picture = form.get("image")
        if not isinstance(picture, UploadFile):
            raise Problem(error("upload", "the form has no file called `image`"))
        names = [name for name, _ in form.multi_items()]
        if len(names) != len(set(names)):
            raise Problem(error("request", "a field stands twice in the form"))
        data = await picture.read(LARGEST_UPLOAD + 1)
        return {name: value for name, value in form.items() if isinstance(value, str)}, data


def _checked(fields: dict[str, str]) -> GenerationRequest:
    try:
        return GenerationRequest.model_validate_strings(fields, strict=False)
    except ValidationError as refusal:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in refusal.errors()]) from None


def _status(board: Storyboard, builder: Builder, feed: Feed) -> str:
    if board.done == len(board.shots):
        return "completed"
    left = builder.left
    states = {left.get(shot.target, "") for shot in board.shots if shot.state != "up_to_date"}
    if feed.state.get("building"):
        return "processing"
    return next((state for state in ("failed", "awaiting") if state in states), "queued")


def _told(generation: str, board: Storyboard, status: str, base: str) -> GenerationModel:
    settings = SettingsModel(quality_threshold=board.quality_threshold, num_variations=board.candidates,
                             max_enhancement_iterations=board.iterations)
    return GenerationModel(
        generation_id=generation, status=status, progress=100 * board.done // len(board.shots),
        advanced_image_generation_used=board.enhanced,
        storyboard_plan=PlanModel(
            advanced_image_generation_used=board.enhanced, advanced_image_settings=settings if board.enhanced else None,
            scenes=[_scene(number, shot, base) for number, shot in enumerate(board.shots, start=1)]))


def _scene(number: int, shot: ShotView, base: str) -> SceneModel:
    address = f"{base}{shot.path}?v={shot.pixels[:16]}" if shot.pixels else None
    return SceneModel(scene_number=number, reference_image_url=address,
                      quality_score=None if shot.score is None else round(shot.score, 1))


def _unwritten(record: GenerationRecord) -> GenerationModel:
    """What is told of a generation that has no scene."""
    options = SceneOptions(**record.options)
    settings = None if options.simple else SettingsModel(
        quality_threshold=30.0 if options.quality_threshold is None else options.quality_threshold,
        num_variations=options.candidates, max_enhancement_iterations=options.iterations)
    status = {"accepted": "queued"}.get(record.state, record.state)
    reasons = {"diagnostics": [DiagnosticModel(**each) for each in record.diagnostics]} if record.diagnostics else {}
    return GenerationModel(
        generation_id=record.id, status=status, progress=0, advanced_image_generation_used=not options.simple,
        storyboard_plan=PlanModel(advanced_image_generation_used=not options.simple, advanced_image_settings=settings,
                                  scenes=[]), **reasons)
