"""What a judge says of a picture is one line that can be kept and printed, whatever a plug-in puts into it."""

from __future__ import annotations

import pytest

from calotype.language.judging.judged import LONGEST, Judged, read, reason_of


@pytest.mark.parametrize(("given", "line"), [
    ("", ""), (" \n\t", ""), ("is blue\nall\r\nover ", "is blue all over"), ("a\x1b[31mred\x00 end", "a [31mred end"),
    ("half \ud800 a pair", "half a pair"), ("turned \u202e round", "turned round"), ("\x00", "of a reason that cannot be printed"),
])
def test_a_reason_is_one_line_of_letters_that_can_be_printed(given: str, line: str) -> None:
    assert reason_of(given) == line


def test_a_long_reason_is_cut_off() -> None:
    line = reason_of("word " * 200_000)
    assert LONGEST - 10 < len(line) <= LONGEST and line.endswith(" ...")
    assert reason_of("w" * LONGEST) == "w" * LONGEST


@pytest.mark.parametrize("judged", [
    Judged(78.2), Judged(None), Judged(0.0, 'says "x"; 5/6 `y` \\'), Judged(0.71, own=0.66), Judged(1.0, "; /", 0.5, "0f" * 8),
])
def test_what_is_written_is_read_again(judged: Judged) -> None:
    assert read(judged.text()) == judged
