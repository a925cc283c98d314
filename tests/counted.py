"""How often a piece of work calls functions: counts that no other load of the machine moves."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

SOURCE = str(Path(__file__).parents[1] / "src/calotype") + "/"


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Counts the calls of functions written in Python in a block, by file and name: `store/results.get_many`. Steps of
    a generator count as calls of it."""
    calls: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call":
            code = frame.f_code
            calls[f"{code.co_filename.removeprefix(SOURCE).removesuffix('.py')}.{code.co_name}"] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(before)
