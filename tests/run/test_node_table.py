"""What becomes of a run's targets when the actions that they wait for fail, or end with nothing."""

from __future__ import annotations

import pytest

from calotype.engine.schedule import Schedule, State
from calotype.ground.diagnostics import error
from calotype.ground.digest import sha256
from calotype.run.node_table import Act, Nodes, TargetRun

KEY = bytes.fromhex(sha256(b"key"))


def entry(name: str, *wants: bytes) -> TargetRun:
    return TargetRun(name, f"{name}.png", "specs/a.yaml", 0, "new", wants)


@pytest.fixture
def schedule() -> Schedule:
    return Schedule()


@pytest.fixture
def nodes(schedule: Schedule) -> Nodes:
    return Nodes(schedule)


def test_a_failed_action_fails_who_wants_it_and_skips_what_starts_from_them(nodes: Nodes, schedule: Schedule) -> None:
    first, next_shot = entry("a", KEY), entry("b")
    act = nodes.add_act(Act("render", KEY, first), ("sketch",), "cpu")
    target = nodes.add_target(first, [act])
    nodes.add_target(next_shot, [target])
    schedule.next_batch()
    nodes.fail(act, "no paint", error("render-failed", "a: no paint"))
    assert (first.status, first.reason) == ("failed", "no paint")
    assert (next_shot.status, next_shot.reason) == ("skipped", "what it starts from failed")
    assert [diagnostic.code for diagnostic in nodes.diagnostics] == ["render-failed"]


def test_an_action_that_ends_with_nothing_may_be_asked_for_again_once(nodes: Nodes, schedule: Schedule) -> None:
    wanting = entry("a", KEY)
    act = nodes.add_act(Act("render", KEY, wanting), ("sketch",), "cpu")
    target = nodes.add_target(wanting, [act])
    schedule.next_batch()
    assert nodes.end_with_nothing(act) and nodes.find(KEY) is None
    assert list(schedule.ready()) == [target]
    again = nodes.add_act(Act("render", KEY, wanting), ("sketch",), "cpu")
    schedule.wait_for(target, [again])
    schedule.next_batch()
    assert not nodes.end_with_nothing(again)
    assert schedule.state(again) is State.RUNNING and nodes.find(KEY) == again


def test_what_starts_from_a_target_awaits_a_human_with_it(nodes: Nodes, schedule: Schedule) -> None:
    first, next_shot = entry("a"), entry("b")
    target = nodes.add_target(first, [])
    nodes.add_target(next_shot, [target])
    list(schedule.ready())
    nodes.await_human(target)
    assert first.status == next_shot.status == "awaiting"
    assert [one.target for one in nodes.targets] == ["a", "b"]
