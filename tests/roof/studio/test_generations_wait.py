"""Storyboards over HTTP whose board an endpoint writes that does not end: nobody waits for it who does not want to."""

from __future__ import annotations

import time

from test_generations import generate, told

from conftest import Space
from llm import dribble, serving
from studio_server import SMALL, studio

LATE = 8.0
"""Seconds, of the 60 for which an endpoint is waited for."""


def test_a_cancelled_board_is_not_waited_for_and_neither_is_one_at_the_end(space: Space) -> None:
    with serving() as llm:
        space.write("calotype.yaml", f"{SMALL}enhance: {{endpoint: {llm.url}, model: writer-1, timeout: 60}}\n")
        llm.faults += [dribble, dribble]
        with studio(space.root) as server:
            first, second = (generate(server, {"prompt": f"a film about {thing}"}).json["generation_id"] for thing in ("tea", "coffee"))
            server.wait(lambda: len(llm.asked) == 1)
            begun = time.monotonic()
            assert server.write(f"/api/generations/{first}", method="DELETE").status < 300
            server.wait(lambda: len(llm.asked) == 2, "the next is asked for")
            assert time.monotonic() - begun < LATE and told(server, first)["status"] == "cancelled"
            begun = time.monotonic()
            assert server.stop() == 130 and time.monotonic() - begun < LATE
        llm.board = lambda question: "no board"
        with studio(space.root) as server:
            server.wait(lambda: told(server, second)["status"] == "failed", "it is gone on with at the next start")
            assert len(llm.asked) == 3
    assert space.files("specs/scenes") == []
