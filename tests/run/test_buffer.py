"""When results are made durable: by their number, by the work held, or when a place is idle and a flush is cheap."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from calotype.actions.kinds import Output
from calotype.run.buffer import BATCH, COST, FIRST, ResultBuffer


class Store:
    """Takes what it is given, in a time of its own."""

    def __init__(self) -> None:
        self.now, self.cost = 100.0, 0.5
        self.rows: list[Any] = []

    def put(self, data: bytes) -> str:
        return data.decode()

    def sync(self) -> None:
        self.now += self.cost

    def record(self, rows: list[Any]) -> None:
        self.rows += rows

    def unchanged(self, components: Any) -> bool:
        return components != {"edited": True}


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def buffer(store: Store) -> ResultBuffer:
    workspace: Any = SimpleNamespace(cas=store, inputs=store, results=store)
    return ResultBuffer(workspace, lambda: store.now)


def output(components: bytes = b"{}", data: bytes | None = b"blob") -> Output:
    return Output("render", "key", components, {"pixels": "p"}, data)


def test_nothing_is_never_due(buffer: ResultBuffer) -> None:
    assert not buffer and not buffer.is_due(idle=True)


def test_the_first_results_are_due_together_when_a_place_is_idle(buffer: ResultBuffer, store: Store) -> None:
    store.now += 60  # of planning
    buffer.hold(1, output(), {}, 0.01)
    assert not buffer.is_due(idle=True)
    store.now += COST * FIRST
    assert buffer.is_due(idle=True) and not buffer.is_due(idle=False)


def test_an_idle_place_waits_until_flushes_take_a_tenth_of_the_time(buffer: ResultBuffer, store: Store) -> None:
    buffer.hold(1, output(), {}, 0.01)
    buffer.flush()
    buffer.hold(2, output(), {}, 0.01)
    assert not buffer.is_due(idle=True)
    store.now += COST * store.cost
    assert buffer.is_due(idle=True)


def test_so_many_results_are_due_and_so_is_a_second_of_work(buffer: ResultBuffer) -> None:
    for node in range(BATCH):
        assert not buffer.is_due(idle=False)
        buffer.hold(node, output(), {}, 0.001)
    assert buffer.is_due(idle=False)
    buffer.flush()
    buffer.hold(1, output(), {}, 1.5)
    assert buffer.is_due(idle=False)


def test_blobs_join_the_outputs_and_results_without_one_have_none(buffer: ResultBuffer, store: Store) -> None:
    buffer.hold(1, output(), {"device": "cpu"}, 0.25)
    buffer.hold(2, output(data=None), {}, 0.0)
    assert buffer.flush() == [(1, "render", True), (2, "render", True)]
    [first, second] = store.rows
    assert first == ("key", "render", b"{}", {"pixels": "p", "blob": "blob"}, {"device": "cpu", "seconds": 0.25})
    assert second[3] == {"pixels": "p"}


def test_what_was_made_of_an_edited_input_is_recorded_under_no_key(buffer: ResultBuffer, store: Store) -> None:
    buffer.hold(1, output(b'{"edited":true}'), {}, 0.0)
    assert buffer.flush() == [(1, "render", False)] and store.rows == []


class FullDisk(Store):
    """Takes no blob that begins with `no`, as long as it is full."""

    full = True

    def put(self, data: bytes) -> str:
        if self.full and data.startswith(b"no"):
            raise OSError(28, "No space left on device")
        return super().put(data)


def test_what_the_disk_refuses_stays_held_and_what_it_took_is_durable() -> None:
    store = FullDisk()
    workspace: Any = SimpleNamespace(cas=store, inputs=store, results=store)
    buffer = ResultBuffer(workspace, lambda: store.now)
    for node, data in enumerate((b"one", b"no room", b"two")):
        buffer.hold(node, output(data=data), {}, 0.01)
    assert buffer.flush() == [(0, "render", True)]
    assert len(store.rows) == 1 and len(buffer) == 2
    with pytest.raises(OSError, match="No space"):
        buffer.flush()
    store.full = False
    assert [node for node, *_ in buffer.flush()] == [1, 2] and not buffer
