"""`calotype show` draws pictures in half blocks: what colours stand in which cell, how many fit, and when none is drawn."""

from __future__ import annotations

import re

import pytest
from PIL import Image

from conftest import Run, Space

TARGET = "characters/leo/anchors/front"
LEO = """\
kind: character
id: leo
prompt: a boy
anchors: {candidates: 3, poses: [{id: front, prompt: front view, pose: {base: standing}}]}
"""
CELL = re.compile(r"\x1b\[38;2;(\d+);(\d+);(\d+);48;2;(\d+);(\d+);(\d+)m▀\x1b\[0m")
WIDE = {"COLUMNS": "100", "LINES": "60", "COLORTERM": "truecolor", "TERM": "xterm-256color"}
RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.fixture
def leo(space: Space) -> Space:
    """A character with one anchor of three candidates, built."""
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [32, 32]}\n")
    space.write("specs/characters/leo.yaml", LEO)
    assert space.call("build", "-q").code == 0
    return space


def drawn(space: Space, *words: str, **env: str) -> Run:
    return space.run("show", TARGET, *words, env={**WIDE, **env})


def rows(text: str) -> list[list[tuple[tuple[int, ...], tuple[int, ...]]]]:
    """Of each line with cells the (upper, lower) colours."""
    cells = [[tuple(map(int, cell)) for cell in CELL.findall(line)] for line in text.splitlines()]
    return [[(cell[:3], cell[3:]) for cell in line] for line in cells if line]


def test_every_cell_shows_two_pixels_one_over_the_other(leo: Space) -> None:
    picture = Image.new("RGB", (32, 32), RED)
    picture.paste(BLUE, (0, 16, 32, 32))
    picture.paste(BLUE, (0, 0, 8, 32))
    picture.save(leo.root / "mine.png")
    assert leo.call("pick", TARGET, str(leo.root / "mine.png")).code == 0
    done = drawn(leo, "--picture", COLUMNS="40")
    assert done.code == 0
    assert rows(done.out) == [[(BLUE, BLUE)] * 8 + [(RED, RED)] * 24] * 8 + [[(BLUE, BLUE)] * 32] * 8
    assert f"{TARGET}: up to date, imported" in done.out


def test_candidates_stand_side_by_side_where_they_fit_else_the_published_one_alone(leo: Space) -> None:
    done = drawn(leo, "--picture")
    assert [len(row) for row in rows(done.out)] == [3 * 32] * 16
    (labels,) = [line for line in done.out.splitlines() if line.split("  ")[0] in ("1", "1 picked")]
    assert sorted(" ".join(labels.split()).replace("picked", "").split()) == ["1", "2", "3"]
    assert labels.count("picked") == 1
    assert [len(row) for row in rows(drawn(leo, "--picture", COLUMNS="57").out)] == [32] * 16


def test_a_picture_fits_the_terminal_and_keeps_its_proportions(leo: Space) -> None:
    leo.edit("calotype.yaml", "[32, 32]", "[128, 64]")
    assert leo.call("build", "-q").code == 0
    assert {len(row) for row in rows(drawn(leo, "--picture", COLUMNS="40").out)} == {40}
    low = rows(drawn(leo, "--picture", COLUMNS="40", LINES="10").out)
    assert (len(low), len(low[0])) == (8, 32), "never lower than can be seen"


def test_what_stays_published_stands_before_the_candidates_of_now(leo: Space) -> None:
    assert leo.call("approve", TARGET, "1").code == 0
    assert leo.call("build", "-q").code == 0
    leo.edit("specs/characters/leo.yaml", "candidates: 3", "candidates: 2, seed: 7")
    assert leo.call("build", "-q").code == 3
    labels = [line.split() for line in drawn(leo, "--picture").out.splitlines()]
    assert ["published", "1", "2"] in labels


def test_pictures_that_are_gone_are_left_out(leo: Space) -> None:
    leo.remove("cache")
    assert [len(row) for row in rows(drawn(leo, "--picture").out)] == [32] * 16
    leo.remove("content/images")
    done = drawn(leo, "--picture")
    assert done.code == 0 and not rows(done.out) and TARGET in done.out


def test_a_pipe_gets_no_picture_and_the_same_words(leo: Space) -> None:
    plain = drawn(leo, FORCE_COLOR="")
    assert "\x1b" not in plain.out
    assert "\x1b" not in drawn(leo, "--no-picture").out
    assert drawn(leo, "--picture").out.endswith(plain.out)
    assert drawn(leo, "--picture", NO_COLOR="1").out.endswith(plain.out), "who asks for it is given it"


def test_a_terminal_of_fewer_colours_is_given_those(leo: Space) -> None:
    text = drawn(leo, "--picture", COLORTERM="").out
    assert "38;2;" not in text and "38;5;" in text


@pytest.mark.parametrize("words", [["--picture", "--json"], ["--no-picture", "--json"], ["--picture", "-o", "out"]])
def test_it_has_no_effect_on_copies_and_on_json(leo: Space, words: list[str]) -> None:
    done = drawn(leo, *words)
    assert done.code == 2 and "without-effect" in done.out + done.err
    assert not (leo.root / "out").exists()


def test_an_output_without_half_blocks_is_refused(leo: Space) -> None:
    done = drawn(leo, "--picture", PYTHONIOENCODING="latin-1")
    assert done.code == 2 and "has no half blocks" in done.err and "Traceback" not in done.err
