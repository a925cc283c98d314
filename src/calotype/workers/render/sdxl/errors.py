"""What can go wrong with one image, in words for people."""

from __future__ import annotations

_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "failed to allocate")
"""What a device says whose memory does not suffice, where it has no exception of its own for it."""


class Refused(Exception):
    """A request that cannot be made as it stands; `hint` says what to do about it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class Cancelled(Exception):
    """Raised between two steps: the build was stopped. The pipeline stays usable."""


def is_out_of_memory(failure: BaseException) -> bool:
    import torch

    message = str(failure).lower()
    return isinstance(failure, MemoryError | torch.OutOfMemoryError) or any(words in message for words in _MEMORY)
