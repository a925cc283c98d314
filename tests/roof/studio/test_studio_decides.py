"""Many decide at once, in the Studio and beside it, and go away in the middle: what was answered stands, once."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kit import nod_spec

from calotype.language.decisions import Decision, read_picks
from conftest import Space
from studio_server import AWAITING, SMALL, Server, studio

SPECS = 12
BESIDE = range(SPECS // 2, SPECS)
"""The specs of which the command line decides, while the Studio does of the others."""


def target(number: int) -> str:
    return f"exercises/s{number:02}/01"


@pytest.fixture
def deciding(space: Space) -> Iterator[tuple[Space, Server]]:
    """A Studio of a project with an image in each of SPECS specs that awaits a person."""
    space.write("calotype.yaml", SMALL)
    for number in range(SPECS):
        space.write(f"specs/exercises/neck/s{number:02}.yaml", nod_spec(f"s{number:02}", f"seed: {number}, {AWAITING}"))
    with studio(space.root) as server:
        server.wait_for_build()
        yield space, server


def decided(root: Path) -> list[Decision]:
    return [decision for file in sorted((root / "specs/picks").rglob("*.yaml"))
            for decision in read_picks(file.read_bytes(), str(file))]


def pick(server: Server, number: int, candidate: str) -> int:
    value = {"decision": "pick", "target": target(number), "candidate": candidate}
    return server.write("/api/decisions", value).status


def test_nothing_is_lost_when_many_decide_at_once(deciding: tuple[Space, Server]) -> None:
    space, server = deciding
    with ThreadPoolExecutor(10) as pool:
        routes = [pool.submit(pick, server, number, str(turn % 3 + 1))
                  for turn in range(3) for number in range(SPECS) if number not in BESIDE]
        beside = [pool.submit(space.run, "pick", target(number), "2") for number in BESIDE]
        assert {future.result() for future in routes} == {201}
        assert {future.result().code for future in beside} == {0}
    decisions = decided(space.root)
    assert sorted(decision.target for decision in decisions) == [target(number) for number in range(SPECS)]
    assert {decision.decision for decision in decisions} == {"pick"}


def test_of_ten_who_decide_the_same_target_each_is_answered_and_one_stands(deciding: tuple[Space, Server]) -> None:
    space, server = deciding
    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(lambda turn: pick(server, 0, str(turn % 3 + 1)), range(10)))
        undone = list(pool.map(lambda _: server.write(
            "/api/undo", {"decision": "pick", "target": target(0)}).status, range(10)))
    assert statuses == [201] * 10
    assert sorted(undone) == [200, *[422] * 9]
    assert decided(space.root) == []


def test_what_was_answered_outlives_a_kill(deciding: tuple[Space, Server]) -> None:
    space, server = deciding
    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(lambda number: pick(server, number, "2"), range(SPECS))) == {201}
        server.kill()
    assert [decision.target for decision in decided(space.root)] == [target(number) for number in range(SPECS)]
    done = space.call("build", "--json")
    assert done.code == 0 and done.json["awaiting"] == 0, done.out


def test_who_goes_away_in_the_middle_leaves_whole_files(deciding: tuple[Space, Server]) -> None:
    space, server = deciding
    host, _, port = server.host.rpartition(":")
    for turn in range(50):
        body = json.dumps({"decision": "pick", "target": target(turn % SPECS), "candidate": "1"}).encode()
        head = (f"POST /api/decisions HTTP/1.1\r\nHost: {server.host}\r\nAuthorization: Bearer {server.token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head + body[:len(body) - (turn % 2) * 9])  # every other one is cut short
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert pick(server, 0, "3") == 201
    targets = [decision.target for decision in decided(space.root)]
    assert len(set(targets)) == len(targets) and set(targets) <= {target(number) for number in range(SPECS)}
    assert not [name for name in space.files("specs") if name.endswith(".tmp")]
    server.wait(lambda: not server.state["building"] and server.state["failed"] == 0)
