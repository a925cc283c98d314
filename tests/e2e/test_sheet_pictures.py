"""A page is written when every small picture that it shows is there: who reads it while a build is at work sees them."""

from __future__ import annotations

import re

from conftest import Space
from studio_server import AWAITING, NOD, write_project

PAGE = "build/exercises/nod.html"


def shown_before(space: Space) -> set[str]:
    """The small pictures on the page. Each is older than the page."""
    page = space.root / PAGE
    names = set(re.findall(r"thumbs/[\w.-]+", page.read_text("utf-8")))
    for name in names:
        assert (space.root / "build" / name).stat().st_mtime_ns <= page.stat().st_mtime_ns, name
    return names


def test_small_pictures_are_made_before_the_page_that_shows_them(space: Space) -> None:
    write_project(space, AWAITING, f"{AWAITING}, pose: {{neck_flexion: 30}}")
    assert space.call("build").code == 3
    first = shown_before(space)
    assert len(first) == 6
    space.write(NOD, space.read(NOD).replace("neck_flexion: 30", "neck_flexion: 12"))
    assert space.call("build").code == 3
    assert len(shown_before(space) - first) == 3, "those of an edit too"
