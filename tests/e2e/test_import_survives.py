"""A picture is put in by hand, and killed or refused by the disk wherever it may be: the old one stands, or the new one."""

from __future__ import annotations

import io
import itertools
import random
import resource
from collections.abc import Iterator

import pytest
from kit import manifest_lines
from PIL import Image

from calotype.ground.images import pixels_of
from calotype.language.decisions import read_picks
from survival import KILLED, Studio, at_change, at_point, child, studio

__all__ = ["studio"]

TARGET, ASSET, PICKS = "exercises/nod/01", "content/images/exercises/neck/nod_01.png", "specs/picks/exercises/nod.yaml"
POINTS = ("cas.staged", "cas.renamed", "cas.synced", "action_cache.put", "action_cache.inserted", "atomic.staged",
          "atomic.renamed", "assets-staged", "asset-replaced", "assets-published", "manifest-staged", "manifest-replaced")
WORDS = ("pick", TARGET, "mine.png")


@pytest.fixture
def built(studio: Studio) -> Studio:
    """Two candidates; the first is approved, and a large picture lies beside them."""
    studio.write("calotype.yaml", "version: 1\nrenderer: painter\ndefaults: {size: [152, 152]}\n")
    studio.order(everything={"do": "noise"})
    studio.exercise("nod", "description: up, candidates: 2")
    assert studio.call("build", "-q").code == 0
    assert studio.call("approve", TARGET).code == 0 and studio.call("build", "-q").code == 0
    data = io.BytesIO()
    Image.frombytes("RGB", (152, 152), random.Random(5).randbytes(152 * 152 * 3)).save(data, "PNG")
    studio.write("mine.png", data.getvalue())
    return studio


class Before:
    """How a project was, to be brought back."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._files = {name: (studio.root / name).read_bytes() for name in studio.files("")}
        self.pixels = pixels_of(studio.root / ASSET)

    def bring_back(self) -> None:
        for name in self._studio.files(""):
            if name not in self._files:
                self._studio.remove(name)
        for name, data in self._files.items():
            self._studio.write(name, data)


def kills(studio: Studio) -> Iterator[int]:
    """The exit codes of the command when it is killed at each named point, then before each change to the project."""
    for point in POINTS:
        yield child(studio, *WORDS, first=at_point(point))
    for number in itertools.count(1):
        code = child(studio, *WORDS, first=at_change(studio.root, number))
        yield code
        if code != KILLED:
            return


def whole(studio: Studio, before: Before) -> bool:
    """Whether the picture is decided on. Whatever happened, a build then publishes what the decision says, and renders
    nothing."""
    own = pixels_of(studio.root / "mine.png")
    assert pixels_of(studio.root / ASSET) in (before.pixels, own)
    (decision,) = read_picks((studio.root / PICKS).read_bytes(), PICKS)
    assert decision.decision in ("approve", "import")
    decided = decision.decision == "import"
    assert decided or pixels_of(studio.root / ASSET) == before.pixels
    assert studio.call("check").code in (0, 1)
    done = studio.call("build", "--json")
    assert (done.code, done.json["renders"]) == (0, 0), done.out
    assert pixels_of(studio.root / ASSET) == (own if decided else before.pixels)
    line = manifest_lines(studio)[TARGET]
    assert (line["origin"], line["pixels"]) == (("imported", own) if decided else ("rendered", before.pixels))
    assert studio.leftovers("content") == []
    return decided


def test_a_kill_leaves_the_old_picture_or_the_new_one(built: Studio) -> None:
    before = Before(built)
    decided, codes = [], []
    for code in kills(built):
        codes.append(code)
        decided.append(whole(built, before))
        before.bring_back()
    assert codes[:len(POINTS)] == [KILLED] * len(POINTS) and codes[-1] == 0
    assert {True, False} <= set(decided)
    assert built.call(*WORDS).code == 0, "a lock or a leftover is in the way"


@pytest.mark.parametrize("limit", [0, 300, 2_000, 30_000, 60_000])
def test_a_full_disk_is_a_clear_error_and_loses_neither(built: Studio, limit: int) -> None:
    before = Before(built)
    code = child(built, *WORDS, first=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)))
    text = (built.notes / "said").read_text()
    assert code == 1 and "Traceback" not in text and "error[" in text, text
    whole(built, before)
    before.bring_back()
    assert built.call(*WORDS).code == 0
    assert pixels_of(built.root / ASSET) == pixels_of(built.root / "mine.png")
