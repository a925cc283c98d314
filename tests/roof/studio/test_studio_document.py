"""The OpenAPI document of the Studio: every answer of every route is one that it tells of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from conftest import Space
from studio_server import AWAITING, Server, studio, write_project

ENDLESS = "/api/events"
"""What is answered as long as one listens."""
NOT_OURS = [unsupported_method, positive_data_acceptance]
"""A method that no route has is a write without its path: 401. What a document cannot say, a project can refuse: 422."""
AT_RANDOM = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    space = Space(tmp_path_factory.mktemp("document") / "project")
    space.root.mkdir()
    write_project(space, AWAITING, "seed: 1")
    with studio(space.root) as server:
        server.wait_for_build()
        yield server


def operations(server: Server) -> Iterator[schemathesis.APIOperation]:
    schema = schemathesis.openapi.from_url(f"{server.address}openapi.json").exclude(path=ENDLESS)
    for found in schema.get_all_operations():
        yield found.ok()


def test_every_answer_is_documented(documented: Server) -> None:
    labels = []
    for operation in operations(documented):
        @settings(AT_RANDOM, max_examples=25)
        @given(case=operation.as_strategy())
        def holds(case: schemathesis.Case) -> None:
            token = {"Authorization": f"Bearer {documented.token}"}
            case.call_and_validate(headers=token, excluded_checks=NOT_OURS)

        holds()
        labels.append(operation.label)
    assert len(labels) >= 17
    assert {"POST /api/generate", "POST /api/generate-with-image", "GET /api/generations/{generation_id}",
            "DELETE /api/generations/{generation_id}"} <= set(labels)


def test_every_route_that_writes_wants_the_token(documented: Server) -> None:
    for operation in operations(documented):
        @settings(AT_RANDOM, max_examples=3)
        @given(case=operation.as_strategy())
        def holds(case: schemathesis.Case) -> None:
            answer = case.call(headers={"Authorization": "Bearer none"})
            assert answer.status_code < 500 if case.method == "GET" else answer.status_code == 401

        holds()


def test_it_needs_no_token_and_names_what_it_is_about(documented: Server) -> None:
    document = documented.ask("/openapi.json").json
    tags = {tag for path in document["paths"].values() for route in path.values() for tag in route["tags"]}
    assert tags == {"targets", "builds", "decisions", "training", "specs", "poses", "generations"}
    assert all("400" in route["responses"] for path in document["paths"].values() for route in path.values())
