"""What went wrong, as an HTTP answer: the diagnostics that the command line prints, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.refusals import refused
from calotype.roof.studio.bugs import Bugs
from calotype.roof.studio.guard import TooLarge

UNKNOWN = ("unknown-target", "unknown-build", "no-training-set", "unknown-spec", "unknown-generation")
"""The codes of what is not there: 404."""
CONFLICTS = ("stale-file", "generation-over", "idempotency-key")
"""The codes of what has changed meanwhile, or been asked for before: 409."""


class DiagnosticModel(BaseModel):
    """One finding: what, where (`line` and `column` from 1), and what to do about it."""

    severity: str
    code: str
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    hint: str | None = None


class ProblemModel(BaseModel):
    """Why a request was refused."""

    diagnostics: list[DiagnosticModel]


def documented(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The refusals that a route may answer with, for the OpenAPI document: 400 always."""
    words = {400: "not a request that can be read, or to another host", 401: "without the token",
             403: "from another site", 404: "not there", 409: "changed meanwhile", 413: "too large",
             422: "refused, with the reasons", 429: "too much at a time; Retry-After says when",
             500: "the disk refused, or a bug"}
    return {code: {"model": ProblemModel, "description": words[code]} for code in (400, *codes)}


WRITES = documented(401, 403, 404, 409, 413, 422, 500)
READS = documented(404, 422, 500)


def install(application: FastAPI, bugs: Bugs) -> None:
    """Has every refusal of `application` answered alike."""

    @application.exception_handler(Problem)
    def on_problem(_: Request, problem: Problem) -> Response:
        codes = [diagnostic.code for diagnostic in problem.diagnostics]
        status = 404 if codes[:1] and codes[0] in UNKNOWN else 409 if codes[:1] and codes[0] in CONFLICTS else 422
        return answer(status, problem.diagnostics)

    @application.exception_handler(OSError)
    def on_refusal(_: Request, refusal: OSError) -> Response:
        return answer(500, [refused(refusal)])

    @application.exception_handler(TooLarge)
    def on_too_large(_: Request, __: TooLarge) -> Response:
        return answer(413, [error("too-large", "the request is too large")])

    @application.exception_handler(ClientDisconnect)
    def on_disconnect(_: Request, __: ClientDisconnect) -> Response:
        return answer(400, [error("request", "the request ended before all of it was there")])

    @application.exception_handler(Exception)
    def on_bug(_: Request, bug: Exception) -> Response:
        return answer(500, [bugs.take(bug)])

    @application.exception_handler(HTTPException)
    def on_http(_: Request, refusal: HTTPException) -> Response:
        response = answer(refusal.status_code, [error("http", str(refusal.detail))])
        response.headers.update(refusal.headers or {})
        return response

    @application.exception_handler(RequestValidationError)
    def on_invalid(request: Request, refusal: RequestValidationError) -> Response:
        found = [error("request", f"{'.'.join(map(str, each['loc']))}: {each['msg']}", hint=_hint(request, each))
                 for each in refusal.errors()]
        return answer(422, found)


def _hint(request: Request, fault: Mapping[str, Any]) -> str | None:
    """What to do about a field that cannot be read, where that is no matter of its value."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if tuple(fault["loc"]) == ("body",) and kind != "application/json":
        return f"send it with Content-Type: application/json, not {kind or 'none'}"
    return "the fields are described at /openapi.json" if fault["type"] == "extra_forbidden" else None


def answer(status: int, diagnostics: Sequence[Diagnostic]) -> Response:
    """The refusal as JSON. What is no character, as in a file's name that is no UTF-8, is told as the escape of it."""
    body = json.dumps({"diagnostics": [diagnostic.as_json() for diagnostic in diagnostics]})
    return Response(body, status, media_type="application/json")
