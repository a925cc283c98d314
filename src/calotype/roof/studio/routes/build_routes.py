"""Builds over HTTP: what they came to, how the one at work goes on, and asking for one."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from calotype.ground.diagnostics import Problem, error
from calotype.roof.studio.builder import Builder, BuildRow
from calotype.roof.studio.feed import MOST_CLIENTS, Feed
from calotype.roof.studio.problems import READS, WRITES

_TEXT = {"type": "string"}


class BuildModel(BaseModel):
    """One build since the start: its number from 1, when it ended (seconds since the epoch), the paths that led to it,
    and what it came to, as `calotype build --json` prints it."""

    number: int
    at: float
    changed: list[str]
    outcome: dict[str, Any]


class BuildsModel(BaseModel):
    """The latest builds, the newest first."""

    builds: list[BuildModel]


class AskedModel(BaseModel):
    """The number of the latest build that is over: the one asked for has a higher one."""

    after: int


class StateModel(BaseModel):
    """How things stand: the newest of what the stream of events tells."""

    state: dict[str, Any] = Field(default_factory=dict)


def builds(builder: Builder, feed: Feed) -> APIRouter:
    """Routes about the builds of `builder`, which are told to `feed`."""
    router = APIRouter(prefix="/api", tags=["builds"])

    @router.get("/builds", responses=READS)
    def list_builds() -> BuildsModel:
        """Lists the latest builds."""
        return BuildsModel(builds=list(map(_model, builder.rows)))

    @router.get("/builds/{number}", responses=READS)
    def show_build(number: int) -> BuildModel:
        """Shows one build."""
        row = next((row for row in builder.rows if row.number == number), None)
        if row is None:
            raise Problem(error("unknown-build", f"there is no build {number}, or it is long ago"))
        return _model(row)

    @router.post("/builds", status_code=202, responses=WRITES)
    def ask_for_build() -> AskedModel:
        """Looks at everything, and builds what is not up to date."""
        after = builder.rows[0].number if builder.rows else 0
        builder.ask()
        return AskedModel(after=after)

    @router.get("/state", responses=READS)
    def state() -> StateModel:
        """How things stand now."""
        return StateModel(state=feed.state)

    @router.get("/events", response_class=StreamingResponse, responses={
        **READS, 200: {"description": "server-sent events", "content": {"text/event-stream": {"schema": _TEXT}}},
        503: {"description": f"{MOST_CLIENTS} pages are listening already"}})
    def events(last_event_id: Annotated[str | None, Header(max_length=32)] = None) -> StreamingResponse:
        """Streams how things stand, when that changes: events `news` of `state` and `notes`, ten a second at most."""
        if feed.clients >= MOST_CLIENTS:
            return StreamingResponse(_nothing(), 503)
        after = int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdecimal() else None
        return StreamingResponse(feed.messages(after), media_type="text/event-stream",
                                 headers={"cache-control": "no-store", "x-accel-buffering": "no"})

    return router


async def _nothing() -> AsyncIterator[str]:
    return
    yield ""


def _model(row: BuildRow) -> BuildModel:
    changed = [os.fsencode(path).decode("utf-8", "replace") for path in row.changed]  # a name may be no UTF-8
    return BuildModel(number=row.number, at=row.at, changed=changed, outcome=row.outcome.as_json())
