"""What open pages are told: the newest state, what they missed, and nothing that a slow one could pile up."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from threading import Thread
from typing import Any

from calotype.roof.studio.feed import EVERY, NOTES, Feed


async def next_news(stream: AsyncIterator[str]) -> tuple[int, dict[str, Any]]:
    """The id and the data of the next event that tells something."""
    while True:
        text = await asyncio.wait_for(anext(stream), 5)
        if "data: " in text:
            lines = dict(line.split(": ", 1) for line in text.strip().splitlines())
            return int(lines["id"]), json.loads(lines["data"])


def test_a_client_is_told_the_newest_state_at_once_and_then_what_changes() -> None:
    async def listen() -> None:
        feed = Feed()
        feed.set(builds=1)
        stream = feed.messages()
        _, first = await next_news(stream)
        feed.set(builds=2)
        _, second = await next_news(stream)
        assert (first["state"], second["state"]) == ({"builds": 1}, {"builds": 2})

    asyncio.run(listen())


def test_what_changes_faster_than_it_is_told_comes_as_one() -> None:
    async def listen() -> None:
        feed = Feed()
        stream = feed.messages()
        await next_news(stream)
        writer = Thread(target=lambda: [feed.set(builds=number) for number in range(1000)])
        writer.start()
        count, began = 0, time.monotonic()
        while True:
            count += 1
            _, news = await next_news(stream)
            if news["state"]["builds"] == 999:
                break
        writer.join()
        assert count <= 2 + (time.monotonic() - began) / EVERY

    asyncio.run(listen())


def test_the_same_state_again_is_no_news() -> None:
    async def listen() -> None:
        feed = Feed()
        feed.set(builds=1)
        stream = feed.messages()
        version, _ = await next_news(stream)
        feed.set(builds=1)
        feed.note("watch", message="a")
        later, news = await next_news(stream)
        assert later == version + 1 and news["notes"] == [{"kind": "watch", "message": "a"}]

    asyncio.run(listen())


def test_who_comes_back_is_told_the_notes_since() -> None:
    async def listen() -> None:
        feed = Feed()
        for number in range(5):
            feed.note("watch", message=str(number))
        _, news = await next_news(feed.messages(after=2))
        assert [note["message"] for note in news["notes"]] == ["2", "3", "4"]
        _, fresh = await next_news(feed.messages())
        assert fresh["notes"] == []
        _, of_another_start = await next_news(feed.messages(after=10**9))
        assert of_another_start["notes"] == []

    asyncio.run(listen())


def test_who_was_told_by_an_earlier_start_is_told_how_things_stand_now() -> None:
    async def listen() -> None:
        earlier, feed = Feed(1_000), Feed(2_000)
        earlier.set(builds=1)
        told, _ = await next_news(earlier.messages())
        feed.note("watch", message="a")
        for after in (told, 2_000, 0):
            _, news = await next_news(feed.messages(after=after))
            assert [note["message"] for note in news["notes"]] == ["a"]
        _, of_a_later_start = await next_news(Feed(1_000).messages(after=told + 10**9))
        assert of_a_later_start == {"state": {}, "notes": []}

    asyncio.run(listen())


def test_one_that_never_reads_costs_nothing_and_holds_nobody_up() -> None:
    async def listen() -> None:
        feed = Feed()
        idle = feed.messages()
        await next_news(idle)
        began = time.monotonic()
        for number in range(NOTES * 20):
            feed.note("watch", message="x" * 100)
            feed.set(builds=number)
        assert time.monotonic() - began < 5
        _, news = await next_news(idle)
        assert len(news["notes"]) == NOTES

    asyncio.run(listen())


def test_all_streams_end_when_it_is_closed_and_those_who_left_are_forgotten() -> None:
    async def listen() -> None:
        feed = Feed()
        feed.set(builds=1)
        staying, leaving = feed.messages(), feed.messages()
        await next_news(staying)
        await next_news(leaving)
        assert feed.clients == 2
        await leaving.aclose()  # type: ignore[attr-defined]
        assert feed.clients == 1
        asyncio.get_running_loop().call_later(0.05, feed.close)
        assert [text async for text in staying if "data" in text] == []
        assert feed.clients == 0

    asyncio.run(listen())
