"""What can go wrong with one image, in words for people."""

from __future__ import annotations


class Refused(Exception):
    """A request that cannot be made as it stands; `hint` says what to do about it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class Cancelled(Exception):
    """Raised between two steps: the build was stopped. The pipeline stays usable."""
