"""Buys the pictures of a batch: each once, or fetches what was bought before, several at a time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.action import render_action
from calotype.store.hosted_journal import Purchase
from calotype.workers.protocol import Cancel, Failure, InputGone, Rendered, Request
from calotype.workers.render.hosted.buying import Buying
from calotype.workers.render.hosted.downloads import AGAIN, address_in, fetch
from calotype.workers.render.hosted.faults import Lost, NotNow, Refused
from calotype.workers.render.hosted.hosted_request import about
from calotype.workers.render.hosted.purchasing import TRIES, Purchasing

AT_ONCE = 8
"""Requests of a batch that are waited for at a time."""
POLL, SLOWEST_POLL = 0.25, 3.0
"""Seconds between two looks at a request: at first, and at most."""
PAUSE = 0.5
"""Seconds before the second try; twice as many before each further one."""
_TICK = 0.05

Arguments = Callable[[Request], dict[str, Any]]


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

    def __init__(self, buying: Buying, purchasing: Purchasing, arguments: Arguments, cancel: Cancel) -> None:
        self._buying, self._purchasing, self._arguments, self._cancel = buying, purchasing, arguments, cancel
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
            purchase = self._purchase(request)
        except Refused as refused:
            return Failure(index, refused.message, refused.hint, refused.awaits)
        except InputGone as gone:
            self._gone = gone
            return None
        return None if purchase is None else Order(index, request, purchase, time.monotonic())

    def _purchase(self, request: Request) -> Purchase | None:
        """What was bought for the request before, or is bought now; None where the build was stopped."""
        key, price = render_action(request).key, self._buying.price(request)
        assert price is not None, "what has no price is refused before anything is rendered"
        return self._purchasing.known(key) or self._purchasing.bought(
            key, request["endpoint"], price, partial(self._arguments, request), about(request))

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
            answer = self._purchasing.answer(purchase)
            if answer is None:
                return self._later(order)
            picture = fetch(address_in(answer), self._buying.hosts, self._buying.timeout)
        except Refused as refused:
            return Failure(order.index, refused.message, refused.hint)
        except (NotNow, Lost) as failure:
            return self._failed(order, failure)
        self._purchasing.fetched(purchase)
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
        lost = self._purchasing.lost(order.purchase, failure)
        return Failure(order.index, lost.message, lost.hint, lost.awaits)
