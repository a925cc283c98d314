"""The words of a handout in another language: read from YAML, every mistake told with its place."""

from __future__ import annotations

import pytest
import yaml

from calotype.ground.diagnostics import Problem
from calotype.language.yaml.document import parse
from calotype.results.handout.handout_strings import ENGLISH, Strings, strings_from

WHOLE = {name: f"<{name}>" for name in ENGLISH}


def read(language: str = "sl", **changes: object) -> Strings:
    text = yaml.safe_dump({**WHOLE, **changes}, sort_keys=False, allow_unicode=True)
    return strings_from(parse(text.encode(), "templates/handout/sl.yaml"), language)


def faults(text: str, language: str = "sl") -> list[tuple[str, int | None, int | None]]:
    with pytest.raises(Problem) as raised:
        strings_from(parse(text.encode(), "templates/handout/sl.yaml"), language)
    assert all(fault.file == "templates/handout/sl.yaml" for fault in raised.value.diagnostics)
    return [(fault.message, fault.line, fault.column) for fault in raised.value.diagnostics]


def test_a_language_gives_every_string_and_what_it_likes_besides():
    strings = read(direction="rtl", mirror={"levo": "desno"}, texts={"Chin\n  tuck": "Poteg brade"})
    assert strings.words == WHOLE and strings.direction == "rtl"
    assert (strings.mirror, strings.texts) == ({"levo": "desno"}, {"Chin tuck": "Poteg brade"})


def test_a_string_that_is_missing_is_named_with_what_it_is_in_english():
    text = yaml.safe_dump({name: word for name, word in WHOLE.items() if name not in ("sets", "clinic")}, sort_keys=False)
    assert faults(text) == [("lacks `clinic` (Clinic), `sets` (Sets)", 1, 1)]


def test_a_kind_of_english_changes_what_it_likes():
    strings = strings_from(parse(b"title: Home exercises\n", "en.yaml"), "en-GB")
    assert strings.words == {**ENGLISH, "title": "Home exercises"}


@pytest.mark.parametrize(("line", "message", "column"), [
    ("titel: Vaje", "unknown string `titel`", 1),
    ("title: 3", "`title` wants a text", 8),
    ("title: ' '", "`title` wants a text", 8),
    (f"title: {'a' * 101}", "`title` has 101 letters; 100 may stand here", 8),
    ("direction: up", "`direction` is ltr or rtl", 12),
    ("mirror: levo", "`mirror` wants a mapping of texts", 9),
    ("mirror: {levo: 3}", "`levo` wants a text", 16),
    ("mirror: {levo: desno, leva: levo}", "`leva` or `levo` stands in another pair already", 23),
    ("texts: {}", "`texts` wants a mapping of texts", 8),
])
def test_what_cannot_be_read_is_told_with_its_place(line: str, message: str, column: int):
    assert (message, 1, column) in faults(line, "en")
