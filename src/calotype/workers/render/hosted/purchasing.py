"""Buys one thing at a time of a service, or finds what was bought before: the journal is ahead of every step.

An intent is written before the request is sent, the service's id before it is waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol

from calotype.ground.atomic import point
from calotype.store.hosted_journal import OVER, AlreadyBought, CeilingReached, Journal, Purchase
from calotype.store.undecided import told
from calotype.workers.protocol import Cancel
from calotype.workers.render.hosted.buying import Buying
from calotype.workers.render.hosted.faults import Lost, MadeNothing, NotTaken, Refused, Unknown

TRIES = 4
"""Times that something is asked for which may be had later."""
_TICK = 0.05


class Service(Protocol):
    """Where things are bought: see `queue_client.Queue`."""

    def submit(self, endpoint: str, arguments: dict[str, Any]) -> str: ...

    def is_done(self, endpoint: str, request: str) -> bool: ...

    def result(self, endpoint: str, request: str) -> Any: ...


class Pace:
    """Keeps requests `delay` seconds apart, on whatever thread they are sent."""

    def __init__(self, delay: float) -> None:
        self._delay, self._turn, self._next = delay, Lock(), 0.0

    def wait(self) -> None:
        with self._turn:
            time.sleep(max(0.0, self._next - time.monotonic()))
            self._next = time.monotonic() + self._delay


class Purchasing:
    """Purchases by the keys of actions."""

    def __init__(self, buying: Buying, journal: Journal, service: Service, pace: Pace, cancel: Cancel) -> None:
        self._buying, self._journal, self._service, self._pace, self._cancel = buying, journal, service, pace, cancel

    def known(self, key: str) -> Purchase | None:
        """What was bought for an action before and can be fetched. Raises Refused where a person must say what becomes
        of it."""
        purchase = self._journal.of(key)
        if purchase is None or purchase.state in OVER:
            return None
        if not purchase.request or purchase.state == "lost":
            raise Refused(*told(purchase), awaits=True)
        return purchase

    def bought(
        self, key: str, endpoint: str, price: float, arguments: Callable[[], dict[str, Any]], about: str
    ) -> Purchase | None:
        """Buys it; None where the build was stopped before. A person knows it again by what it is `about`. Raises
        Refused where it was not taken, or nobody knows."""
        sent = arguments()
        for number in range(TRIES):
            self._pace.wait()
            if self._cancel():
                return None
            try:
                return self._submitted(key, endpoint, price, sent, about)
            except AlreadyBought:
                if (purchase := self.known(key)) is not None:
                    return purchase
            except NotTaken as refusal:
                if refusal.after is None or number == TRIES - 1:
                    raise Refused(refusal.message, refusal.hint) from None
                self.sleep(refusal.after)
        return None

    def _submitted(self, key: str, endpoint: str, price: float, arguments: dict[str, Any], about: str) -> Purchase:
        try:
            purchase = self._journal.begin(key, endpoint, price, self._buying.ceilings(), about)
        except CeilingReached as reached:
            raise Refused(*_over(reached, price)) from None
        point("hosted-intent")
        try:
            request = self._service.submit(endpoint, arguments)
        except NotTaken as refusal:
            self._journal.note(purchase.id, "refused", why=refusal.message)
            raise
        except Unknown as unknown:
            self._journal.note(purchase.id, "unknown", why=str(unknown))
            raise Refused(*told(self._journal.of(key) or purchase), awaits=True) from None
        point("hosted-posted")
        self._journal.note(purchase.id, "sent", request=request)
        point("hosted-sent")
        return self._journal.of(key) or purchase

    def answer(self, purchase: Purchase) -> Any | None:
        """What the service made of it, as JSON; None while it is at work. Raises NotNow, Lost, and Refused where it
        could not be made: it then costs nothing, and may be bought anew."""
        try:
            if not self._service.is_done(purchase.endpoint, purchase.request):
                return None
            result = self._service.result(purchase.endpoint, purchase.request)
            return {} if result is None else result
        except MadeNothing as nothing:
            self._journal.note(purchase.id, "failed", why=str(nothing))
            raise Refused(str(nothing), "nothing is paid for it: change what is asked for, or build again") from None

    def fetched(self, purchase: Purchase) -> None:
        """What it gave is at hand."""
        point("hosted-fetched")
        if purchase.state != "done":
            self._journal.note(purchase.id, "done")

    def lost(self, purchase: Purchase, failure: Lost) -> Refused:
        """The service knows it no more: a person must say what becomes of it."""
        self._journal.note(purchase.id, "lost", why=str(failure))
        return Refused(*told(self._journal.of(purchase.key) or purchase), awaits=True)

    def sleep(self, seconds: float) -> None:
        """Until so many seconds have passed, or the build is stopped."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._cancel():
            time.sleep(min(_TICK, seconds))


def _over(reached: CeilingReached, price: float) -> tuple[str, str]:
    period = "this build" if reached.name == "build" else "today (UTC)"
    return (f"it costs {price:.2f} USD, and the ceiling of {reached.ceiling:.2f} USD would be passed:"
            f" {reached.spent:.2f} are spent {'in ' if reached.name == 'build' else ''}{period}",
            f"raise `hosted: {{ceiling: {{{reached.name}: ...}}}}`")
