"""The accelerator of this process: which one, how much of its memory is free, and who holds some that may be let go.

One device serves workers that know nothing of each other. A worker that loads models onto it joins, and is asked to let
go of them where another is short of memory. It is never waited for: one that is at work keeps what it holds.
"""

from __future__ import annotations

from contextlib import suppress
from threading import Lock
from typing import Any, Protocol
from weakref import WeakSet

_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "failed to allocate")
"""What a device says whose memory does not suffice, where it has no exception of its own for it."""


class Holder(Protocol):
    def let_go(self) -> bool:
        """Takes what it has loaded off the device, unless it is at work. Whether that freed any memory."""
        ...


class Holders:
    """Those who hold memory of the device. One that is at work lets nothing go, so the one that is short of it and
    asks is never asked itself."""

    def __init__(self) -> None:
        self._holders: WeakSet[Holder] = WeakSet()
        self._turn = Lock()

    def join(self, holder: Holder) -> None:
        with self._turn:
            self._holders.add(holder)

    def make_room(self) -> bool:
        """Whether any let go of something."""
        with self._turn:
            holders = list(self._holders)
        freed = [holder.let_go() for holder in holders]
        return any(freed)


HOLDERS = Holders()
"""Those of this process."""


def choose(name: str) -> Any | None:
    """The torch device called `name`: auto, cpu, mps, cuda or cuda:N. None where this machine has none such."""
    import torch

    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next((kind for kind, there in available.items() if there), "cpu"))
    return torch.device(name) if available.get(name.partition(":")[0], True) else None


def free_bytes(device: Any) -> float:
    """How many bytes more can be taken on `device`, those included that torch keeps for this process; without end where
    nobody counts them."""
    import torch

    if device.type != "cuda":
        return float("inf")
    free, _ = torch.cuda.mem_get_info(device)
    return float(free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device))


def free_memory(device: Any) -> None:
    """Gives what nothing refers to any more back to the device."""
    import gc

    import torch

    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        with suppress(RuntimeError):
            torch.mps.empty_cache()


def is_out_of_memory(failure: BaseException) -> bool:
    import torch

    message = str(failure).lower()
    return isinstance(failure, MemoryError | torch.OutOfMemoryError) or any(words in message for words in _MEMORY)
