"""The application: the API, the sheets, and what stands before both."""

from __future__ import annotations

from fastapi import FastAPI

from calotype.ground.version import VERSION
from calotype.roof.studio import problems
from calotype.roof.studio.credentials import Credentials
from calotype.roof.studio.guard import Application, Guard
from calotype.roof.studio.heads import heads_of_gets
from calotype.roof.studio.routes.build_routes import builds
from calotype.roof.studio.routes.decision_routes import decisions
from calotype.roof.studio.routes.generation_routes import busy, generations_of
from calotype.roof.studio.routes.pose_routes import poses
from calotype.roof.studio.routes.spec_routes import specs
from calotype.roof.studio.routes.target_routes import targets
from calotype.roof.studio.routes.training_routes import training
from calotype.roof.studio.site import site
from calotype.roof.studio.storyboards.generations import Busy
from calotype.roof.studio.tickets import Ticket, opening
from calotype.roof.studio.works import Works


def application(works: Works, hosts: list[str], credentials: Credentials, ticket: Ticket) -> Application:
    """The ASGI application of the project of `works`. `hosts` are the Host headers that mean this server; `ticket`
    opens it in a browser."""
    fast = FastAPI(
        title="Calotype", version=VERSION, docs_url=None, redoc_url=None, telemetry={"auto_configure": False},
        description="Builds, targets, candidates, decisions, storyboards of a project. A write wants a bearer token.")
    root, builder, feed = works.root, works.builder, works.feed
    problems.install(fast, works.bugs)
    fast.add_exception_handler(Busy, busy)
    fast.include_router(targets(root, builder))
    fast.include_router(builds(builder, feed))
    fast.include_router(decisions(root, works.decider))
    fast.include_router(specs(root))
    fast.include_router(poses(root))
    fast.include_router(training(root))
    fast.include_router(generations_of(works.generations, builder, feed))
    fast.include_router(opening(ticket, credentials.token))
    fast.include_router(site(root, builder))  # it takes every path that is left
    return Guard(heads_of_gets(fast, "/api/"), hosts, credentials, works.bugs.take)
