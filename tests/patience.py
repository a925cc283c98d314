"""Waiting for what another process, or another thread, is about to do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 60.0
"""Seconds for what takes tenths of one on a machine that is not busy."""

T = TypeVar("T")


def wait_for(condition: Callable[[], T], tell: Callable[[], object] = str, pause: float = 0.02) -> T:
    """The first true answer of `condition`; where none comes in time, `tell` says how things stand."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(pause)
    raise AssertionError(tell())
