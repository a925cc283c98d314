"""Random edits on random projects: an incremental build is a clean build, and renders the smallest number possible."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit import manifest_lines

from projects import EDITS, LOSSES, Author
from survival import Studio, hired, new_studio

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


class Book:
    """What must be known of renders: those whose bytes somebody has, and those of which only the manifest tells."""

    def __init__(self) -> None:
        self.at_hand: set[str] = set()
        self.told: set[str] = set()

    def cache_lost(self, studio: Studio) -> None:
        """What is left are the published pictures. What the manifest tells of candidates may spare their render."""
        published = {painter_name(line["request"]) for line in manifest_lines(studio).values()}
        self.told |= self.at_hand - published
        self.at_hand &= published

    def expect(self, needed: set[str]) -> range:
        """How many renders a build may take that needs these: one number, where the cache was never lost."""
        least, most = needed - self.at_hand - self.told, needed - self.at_hand
        return range(len(least), len(most) + 1)


def painter_name(request: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


def step(author: Author, book: Book) -> None:
    """Plans, builds, checks; all agree with each other and with a clean build."""
    studio = author.studio
    clean = studio.clean()
    planned = studio.call("plan", "--json")
    assert planned.code == 0, planned.err
    before = len(studio.painted)
    done = studio.call("build", "--json")
    assert done.code == 0, done.out
    assert done.json["renders"] == len(studio.painted) - before == len(set(studio.painted[before:]))
    assert done.json["renders"] in book.expect(set(clean.painted)), "more renders than need be, or fewer"
    book.at_hand.update(studio.painted[before:])
    agree(planned.json, done.json)
    assert studio.content() == clean.content()
    assert studio.sheets() == clean.sheets()
    assert studio.leftovers("content", "build") == []
    checked = studio.call("check", "--json")
    assert checked.code == 0 and checked.json["targets"] == [], checked.out
    assert studio.call("build", "--json").json["targets"] == []


def agree(planned: dict[str, Any], done: dict[str, Any]) -> None:
    """A plan is what the build then does. Of what starts from a picture yet to be made it can only say so."""
    told = {one["target"]: one["status"] for one in planned["targets"] if one["status"] != "removed"}
    became = {one["target"]: one["status"] for one in done["targets"] if one["status"] != "removed"}
    assert became.keys() <= told.keys()
    open_ends = {one["target"] for one in planned["targets"] if one["reason"].startswith("starts from")}
    assert told.keys() - became.keys() <= open_ends
    for target in became.keys() - open_ends:
        assert told[target].removesuffix("ed") == became[target].removesuffix("ed"), target
    if open_ends:
        assert planned["renders"] >= done["renders"]
    else:
        assert planned["renders"] == done["renders"]
    if planned["renders"] == 0:
        assert planned["removed"] == done["removed"]
    else:  # what is rendered may be picked, and what was picked before then goes
        assert planned["removed"] <= done["removed"]


def life(data: st.DataObject, steps: int) -> None:
    """A project from its first build through `steps` bouts of edits, with losses in between."""
    folder = Path(tempfile.mkdtemp(dir=MEMORY))
    try:
        with hired():
            author, book = Author(new_studio(folder), data.draw), Book()
            for _ in range(data.draw(st.integers(1, 3))):
                author.add_spec()
            author.save()
            step(author, book)
            for _ in range(steps):
                if data.draw(st.integers(0, 3)) == 0:
                    getattr(author, data.draw(st.sampled_from(LOSSES)))()
                    if author.lost_cache:
                        book.cache_lost(author.studio)
                        author.lost_cache = False
                else:
                    for _ in range(data.draw(st.integers(1, 3))):
                        getattr(author, data.draw(st.sampled_from(EDITS)))()
                author.save()
                step(author, book)
    finally:
        shutil.rmtree(folder)


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_an_incremental_build_is_a_clean_build_with_the_fewest_renders(data: st.DataObject) -> None:
    life(data, steps=6)
