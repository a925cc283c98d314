"""What can go wrong with one purchase, in words for people."""

from __future__ import annotations


class Refused(Exception):
    """It gives no picture; `hint` says what to do. `awaits`: a person must say what becomes of it."""

    def __init__(self, message: str, hint: str | None = None, *, awaits: bool = False) -> None:
        super().__init__(message)
        self.message, self.hint, self.awaits = message, hint, awaits


class NotTaken(Exception):
    """The service took nothing, and nothing is paid. `after` seconds it may be asked again; None: not for that."""

    def __init__(self, message: str, hint: str | None = None, after: float | None = None) -> None:
        super().__init__(message)
        self.message, self.hint, self.after = message, hint, after


class Unknown(Exception):
    """Nobody can say whether the service took the request."""


class MadeNothing(Exception):
    """The service says that it failed, or has no such thing to give: asking for this very request again is no use."""


class Lost(Exception):
    """The service knows a request no more that it had taken."""


class NotNow(Exception):
    """What was taken cannot be had at the moment; a later try may succeed. `after` seconds, if the service says so."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after
