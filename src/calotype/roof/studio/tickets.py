"""What the browser is opened with: a ticket, good once and for a short time, for the address with the token. A command
line, which everybody on this machine may read (`ps`), so holds nothing that is of use to another."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from threading import Lock

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

GOOD_FOR = 120.0
"""Seconds in which a browser has to have started."""
_USED = "This address is good once, and for two minutes. Open the one that `calotype studio` prints.\n"


class Ticket:
    """One ticket, made now; `clock` tells seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._until = clock, clock() + GOOD_FOR
        self._lock, self._is_used = Lock(), False
        self.word = secrets.token_urlsafe(24)

    def redeem(self, word: str) -> bool:
        """Whether `word` is this ticket, which it is once, and not too late."""
        with self._lock:
            is_good = not self._is_used and self._clock() <= self._until
            is_good = hmac.compare_digest(word.encode(), self.word.encode()) and is_good
            self._is_used |= is_good
            return is_good


def opening(ticket: Ticket, token: str) -> APIRouter:
    """The route that takes `ticket`, and leads the browser on to the start with `token` in the fragment of the address,
    which no server is sent and no history keeps."""
    from urllib.parse import quote

    router = APIRouter(include_in_schema=False)

    @router.api_route("/open/{word}", methods=["GET", "HEAD"])
    def open_by_ticket(word: str, request: Request) -> Response:
        headers = {"cache-control": "no-store"}
        if request.method == "HEAD" or not ticket.redeem(word):
            return Response(_USED, 410, headers, "text/plain; charset=utf-8")
        return RedirectResponse(f"/#token={quote(token, safe='')}", 303, headers)

    return router
