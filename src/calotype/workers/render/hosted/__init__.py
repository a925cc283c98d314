"""Pictures made by fal, for money: from a request to a picture that was bought once.

fal_client is imported by the first `perform` alone.

    endpoints        what endpoints take and cost                 (data, with dates)
    hosted_request   what decides a picture, and what is sent for it
    buying           journal, prices and ceilings                 (settings)
    purchasing       one purchase: intent, id, answer
    picture_orders   a batch: buying, waiting, fetching
    queue_client     fal's queue, asked once                      (imports fal_client)
    limited          answers no longer than they may be
    downloads        the picture itself, from fal's hosts alone
    sent_pictures    the pictures that are sent along
    hosted_readiness whether it can work here: for `calotype doctor`
    faults           what can go wrong
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from calotype.workers.protocol import Cancel, Estimate, Failure, Inputs, Lane, Rendered, Request
from calotype.workers.render.hosted.buying import KEY, Buying
from calotype.workers.render.hosted.hosted_request import EPOCH, NAME, request_of

if TYPE_CHECKING:
    from calotype.ground.finding import Finding
    from calotype.language.image import Image
    from calotype.workers.render.hosted.purchasing import Pace
    from calotype.workers.render.hosted.queue_client import Queue

_SECONDS = 10.0
"""Of one picture, as long as none is recorded."""


class Hosted:
    """One object per process; batches of several threads share its pace."""

    name = NAME
    epoch = EPOCH
    lane: Lane = "network"
    section = "hosted"
    journal = "hosted.jsonl"
    prompt_limit: int | None = None

    def __init__(self) -> None:
        self._buying = Buying()
        self._queue: Queue | None = None
        self._pace: Pace | None = None
        self._turn = Lock()

    def request(self, image: Image) -> Request:
        return request_of(image)

    def affinity(self, request: Request) -> tuple[str, ...]:
        return NAME, request["endpoint"]

    def estimate(self, request: Request) -> Estimate:
        return Estimate(_SECONDS, self._buying.price(request) or 0.0)

    def unavailable_reason(self) -> tuple[str, str] | None:
        import os
        from importlib.util import find_spec

        if find_spec("fal_client") is None:
            return "fal_client is not installed", "pip install 'calotype[hosted]'"
        if not os.environ.get(KEY, "").strip():
            return f"`{KEY}` is not set", f"export {KEY}=...: the key of your account at fal.ai"
        return None

    def lacks(self, request: Request) -> Iterator[tuple[str, str, str]]:
        if self._buying.price(request) is None:
            name = request["endpoint"]
            yield ("endpoint", f"what `{name}` costs is not known, so no ceiling could hold",
                   f"say it in calotype.yaml: hosted: {{prices: {{{name}: {{image: 0.05}}}}}}")

    def diagnose(self, presets: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
        from calotype.workers.render.hosted.hosted_readiness import findings

        return findings(self._buying, self.unavailable_reason())

    def configure(self, settings: Mapping[str, Any], tell: Callable[..., None]) -> None:
        self._buying = Buying.of(settings)

    def close(self) -> None:
        with self._turn:
            if self._queue is not None:
                self._queue.close()
                self._queue = None

    def perform(self, batch: Sequence[Request], inputs: Inputs, cancel: Cancel) -> Iterator[Rendered | Failure]:
        from functools import partial

        from calotype.store.hosted_journal import Journal
        from calotype.workers.render.hosted.picture_orders import PictureOrders
        from calotype.workers.render.hosted.purchasing import Purchasing
        from calotype.workers.render.hosted.sent_pictures import arguments_with

        assert self._buying.journal is not None, "it was not configured"
        queue, pace = self._connected()
        purchasing = Purchasing(self._buying, Journal(self._buying.journal), queue, pace, cancel)
        arguments = partial(arguments_with, inputs=inputs, upload=queue.upload)
        yield from PictureOrders(self._buying, purchasing, arguments, cancel).run(batch)

    def _connected(self) -> tuple[Queue, Pace]:
        from calotype.workers.render.hosted.purchasing import Pace
        from calotype.workers.render.hosted.queue_client import Queue

        with self._turn:
            if self._queue is None:
                self._queue = Queue(self._buying.timeout)
            if self._pace is None:
                self._pace = Pace(self._buying.delay)
            return self._queue, self._pace
