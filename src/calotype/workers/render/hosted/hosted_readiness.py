"""Whether this machine can have pictures made by fal, and what is spent: for `calotype doctor`. It asks nobody."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator

from calotype.ground.finding import Finding
from calotype.store.hosted_journal import Journal, midnight
from calotype.workers.render.hosted.buying import KEY, Buying
from calotype.workers.render.hosted.endpoints import packaged
from calotype.workers.render.hosted.hosted_training import trainers


def findings(buying: Buying, reason: tuple[str, str] | None) -> Iterator[Finding]:
    """`reason` says why it cannot work here."""
    if reason is not None:
        yield Finding("hosted", "error", *reason)
    else:
        yield Finding("hosted", "ok", f"fal_client is installed, `{KEY}` is set")
    yield Finding("hosted prices", "ok", "; ".join(f"{said}: {', '.join(names)}" for said, names in _prices(buying)))
    if buying.journal is not None:
        spent = Journal(buying.journal).spent(midnight(time.time()))
        yield Finding("hosted spending", "ok", f"{spent:.2f} of {buying.day:.2f} USD today (UTC); at most "
                      f"{buying.build:.2f} in a build")


def _prices(buying: Buying) -> Iterator[tuple[str, list[str]]]:
    """Endpoints whose price is known, by when it was looked up."""
    rows = {name: row["price"] for table in (packaged(), trainers()) for name, row in table.items()}
    by_date = defaultdict(list)
    for name, price in {**rows, **buying.prices}.items():
        by_date[str(price.get("date", ""))].append(name)
    for date in sorted(by_date, reverse=True):
        yield f"looked up {date}" if date else "never checked at fal's pages", by_date[date]
