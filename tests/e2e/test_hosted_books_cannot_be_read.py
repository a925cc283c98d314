"""Books of what was bought that cannot be read are never taken for none: nothing is bought, and every command says so."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from test_survives_refusals import as_somebody
from test_what_cannot_be_read import IN_PLACE_OF_A_FILE, folder

from hosted import Hosted, hosted, service
from survival import Studio, child

__all__ = ["hosted", "service"]

BOOKS = "cache/hosted.jsonl"
COMMANDS = (("plan",), ("check",), ("build",), ("hosted", "list"), ("hosted", "retry", "1a"), ("hosted", "forget", "1a"))


def cut_in_the_middle(place: Path) -> None:
    place.write_bytes(b'{"event": "intent", "id":')


def emptied(place: Path) -> None:
    place.write_bytes(b"")


def garbage(place: Path) -> None:
    place.write_bytes(bytes(range(128, 256)) * 9)


def zeros(place: Path) -> None:
    place.write_bytes(bytes(4096))


def gone(place: Path) -> None:
    pass


SPOILT = (*IN_PLACE_OF_A_FILE, cut_in_the_middle, emptied, garbage, zeros, gone)


@pytest.fixture
def bought(hosted: Hosted) -> Hosted:
    """Two pictures: one that is bought and was never fetched, and one of which nobody knows."""
    hosted.configure("wait: 0.1")
    hosted.exercise("seed: 1", "seed: 2")
    hosted.fal.fail("submit", "ok", "lost")
    hosted.fal.fail("status", *["queued"] * 99)
    assert hosted.build("-j", "1").code == 1
    assert hosted.events == ["intent", "sent", "intent", "unknown"] and len(hosted.fal.posts) == 2
    hosted.configure()
    hosted.fal.fail("status")
    return hosted


@pytest.mark.parametrize("how", SPOILT, ids=lambda value: value.__name__)
def test_books_that_cannot_be_read_are_told_by_every_command_and_nothing_is_bought(
    bought: Hosted, how: Callable[[Path], None]
) -> None:
    place = bought.root / BOOKS
    place.rename(bought.root.parent / "moved")
    how(place)
    for words in COMMANDS:
        done = bought.call(*words, "--json")
        assert done.code == 2, (words, done.out, done.err)
        (told,) = done.json["diagnostics"]
        assert told["file"] == BOOKS and told["code"] in ("hosted-journal", "in-the-way"), (words, done.out)
        assert "Traceback" not in done.err
    assert len(bought.fal.posts) == 2
    if how is not gone:
        place.rmdir() if how is folder else place.unlink()
    (bought.root.parent / "moved").rename(place)
    assert bought.build().code == 3 and len(bought.fal.posts) == 2




@pytest.fixture
def of_somebody(bought: Hosted) -> Iterator[Studio]:
    """The project where another user gets to."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        shutil.copytree(bought.root, f"{folder}/project")
        Path(folder, "notes").mkdir()
        yield Studio(Path(folder, "project"), notes=Path(folder, "notes"))


@pytest.mark.parametrize("barred", [BOOKS, "cache/hosted.length"])
def test_books_that_one_may_not_read_are_told_and_nothing_is_bought(
    bought: Hosted, of_somebody: Studio, barred: str
) -> None:
    for words in COMMANDS[:4]:
        assert child(of_somebody, *words, first=as_somebody(of_somebody, barred, mode=0)) == 2, words
        text = (of_somebody.notes / "said").read_text()
        assert barred in text and "cannot be read" in text and "Traceback" not in text, text
    assert len(bought.fal.posts) == 2
