"""Buys the pictures of a batch: each once, or fetches what was bought before, several at a time.

The journal is ahead of every step: an intent before the request is sent, the service's id before it is waited for.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import Any, Protocol

from calotype.ground.atomic import point
from calotype.ground.light_dataclass import dataclass
from calotype.language.action import render_action
from calotype.store.hosted_journal import OVER, CeilingReached, Journal, Purchase
from calotype.store.undecided import told
from calotype.workers.protocol import Cancel, Failure, InputGone, Rendered, Request
from calotype.workers.render.hosted.buying import Buying
from calotype.workers.render.hosted.downloads import AGAIN, address_in, fetch
from calotype.workers.render.hosted.faults import Lost, MadeNothing, NotNow, NotTaken, Refused, Unknown

AT_ONCE = 8
"""Requests of a batch that are waited for at a time."""
TRIES = 4
"""Times that something is asked for which may be had later."""
POLL, SLOWEST_POLL = 0.25, 3.0
"""Seconds between two looks at a request: at first, and at most."""
PAUSE = 0.5
"""Seconds before the second try; twice as many before each further one."""
_TICK = 0.05

Arguments = Callable[[Request], dict[str, Any]]


class Service(Protocol):
    """Where pictures are bought: see `queue_client.Queue`."""

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


@dataclass(slots=True)
class Order:
    """A request that the service has taken. `look_at` is when to look at it next; `pause` how long to wait then."""

    index: int
    request: Request
    purchase: Purchase
    begun: float
    look_at: float = 0.0
    pause: float = POLL
    tries: int = 0


class PictureOrders:
    """`arguments` gives what the service is sent for a request, its pictures in it."""

    def __init__(
        self, buying: Buying, journal: Journal, service: Service, pace: Pace, arguments: Arguments, cancel: Cancel
    ) -> None:
        self._buying, self._journal, self._service, self._pace = buying, journal, service, pace
        self._arguments, self._cancel = arguments, cancel
        self._gone: InputGone | None = None

    def run(self, batch: Sequence[Request]) -> Iterator[Rendered | Failure]:
        """One outcome for each request, as each is ready. Raises InputGone, when all others are answered, where a
        picture that one of them names is not there. Once cancelled it waits for nothing more: what was sent is fetched
        by the next build."""
        waiting, orders = deque(enumerate(batch)), list[Order]()
        while (waiting or orders) and not self._cancel():
            while waiting and len(orders) < AT_ONCE and not self._cancel():
                index, request = waiting.popleft()
                outcome = self._begun(index, request)
                if isinstance(outcome, Order):
                    orders.append(outcome)
                elif outcome is not None:
                    yield outcome
                yield from self._looked_at(orders)
            yield from self._looked_at(orders)
            if orders:
                time.sleep(max(0.0, min(_TICK, min(order.look_at for order in orders) - time.monotonic())))
        if self._gone is not None and not self._cancel():
            raise self._gone

    def _begun(self, index: int, request: Request) -> Order | Failure | None:
        try:
            purchase = self._known(request) or self._bought(request)
        except Refused as refused:
            return Failure(index, refused.message, refused.hint, refused.awaits)
        except InputGone as gone:
            self._gone = gone
            return None
        return None if purchase is None else Order(index, request, purchase, time.monotonic())

    def _known(self, request: Request) -> Purchase | None:
        """What was bought for the request before and can be fetched. Raises Refused where a person must say what
        becomes of it."""
        purchase = self._journal.of(render_action(request).key)
        if purchase is None or purchase.state in OVER:
            return None
        if not purchase.request or purchase.state == "lost":
            raise Refused(*told(purchase), awaits=True)
        return purchase

    def _bought(self, request: Request) -> Purchase | None:
        """Buys it; None where the build was stopped before."""
        key, price = render_action(request).key, self._buying.price(request)
        assert price is not None, "what has no price is refused before anything is rendered"
        arguments = self._arguments(request)
        for number in range(TRIES):
            self._pace.wait()
            if self._cancel():
                return None
            try:
                return self._submitted(key, request["endpoint"], price, arguments)
            except NotTaken as refusal:
                if refusal.after is None or number == TRIES - 1:
                    raise Refused(refusal.message, refusal.hint) from None
                self._sleep(refusal.after)
        return None

    def _submitted(self, key: str, endpoint: str, price: float, arguments: dict[str, Any]) -> Purchase:
        try:
            purchase = self._journal.begin(key, endpoint, price, self._buying.ceilings())
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

    def _looked_at(self, orders: list[Order]) -> Iterator[Rendered | Failure]:
        """The outcomes of those whose time has come; they leave the list."""
        for order in [order for order in orders if order.look_at <= time.monotonic()]:
            outcome = self._outcome(order)
            if outcome is not None:
                orders.remove(order)
                yield outcome

    def _outcome(self, order: Order) -> Rendered | Failure | None:
        purchase = order.purchase
        try:
            if not self._service.is_done(purchase.endpoint, purchase.request):
                return self._later(order)
            address = address_in(self._service.result(purchase.endpoint, purchase.request))
            picture = fetch(address, self._buying.hosts, self._buying.timeout)
        except Refused as refused:
            return Failure(order.index, refused.message, refused.hint)
        except MadeNothing as nothing:
            self._journal.note(purchase.id, "failed", why=str(nothing))
            return Failure(order.index, str(nothing), "nothing is paid for it: change the prompt, or build again")
        except (NotNow, Lost) as failure:
            return self._failed(order, failure)
        point("hosted-fetched")
        if purchase.state != "done":
            self._journal.note(purchase.id, "done")
        facts = {"endpoint": purchase.endpoint, "request": purchase.request, "price": purchase.price}
        return Rendered(order.index, picture, facts)

    def _later(self, order: Order) -> Failure | None:
        now = time.monotonic()
        if now - order.begun > self._buying.wait:
            message = f"fal has not made it within {self._buying.wait:g} s (request {order.purchase.request})"
            return Failure(order.index, message, AGAIN)
        order.look_at, order.pause, order.tries = now + order.pause, min(order.pause * 1.3, SLOWEST_POLL), 0
        return None

    def _failed(self, order: Order, failure: NotNow | Lost) -> Failure | None:
        order.tries += 1
        if order.tries < TRIES:
            after = failure.after if isinstance(failure, NotNow) else None
            order.look_at = time.monotonic() + (PAUSE * 2**(order.tries - 1) if after is None else after)
            return None
        if isinstance(failure, NotNow):
            return Failure(order.index, str(failure), AGAIN)
        self._journal.note(order.purchase.id, "lost", why=str(failure))
        lost = self._journal.of(order.purchase.key) or order.purchase
        return Failure(order.index, *told(lost), awaits=True)

    def _sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._cancel():
            time.sleep(_TICK)


def _over(reached: CeilingReached, price: float) -> tuple[str, str]:
    period = "this build" if reached.name == "build" else "today (UTC)"
    return (f"it costs {price:.2f} USD, and the ceiling of {reached.ceiling:.2f} USD would be passed:"
            f" {reached.spent:.2f} are spent {'in ' if reached.name == 'build' else ''}{period}",
            f"raise `hosted: {{ceiling: {{{reached.name}: ...}}}}`")
