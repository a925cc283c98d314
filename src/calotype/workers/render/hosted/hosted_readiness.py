"""Whether this machine can have pictures made by fal, and what is spent: for `calotype doctor`. It asks nobody."""

from __future__ import annotations

import time
from collections.abc import Iterator

from calotype.ground.finding import Finding
from calotype.store.hosted_journal import Journal, midnight
from calotype.workers.render.hosted.buying import KEY, Buying


def findings(buying: Buying, reason: tuple[str, str] | None) -> Iterator[Finding]:
    """`reason` says why it cannot work here."""
    if reason is not None:
        yield Finding("hosted", "error", *reason)
    else:
        yield Finding("hosted", "ok", f"fal_client is installed, `{KEY}` is set")
    if buying.journal is not None:
        spent = Journal(buying.journal).spent(midnight(time.time()))
        yield Finding("hosted spending", "ok", f"{spent:.2f} of {buying.day:.2f} USD today (UTC); at most "
                      f"{buying.build:.2f} in a build")
