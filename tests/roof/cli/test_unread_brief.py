"""What `calotype scene new` says of a brief that is not all in its board."""

from __future__ import annotations

import pytest

from calotype.language.board.board import board_of
from calotype.language.board.brief import lexicon
from calotype.project.new_scene import SceneOptions, scene_text
from calotype.queries.unread_brief import unread_words
from conftest import Space

SPEC = "markers: {character: woman of 32, place: kitchen at first light}\nshots: [{id: a, prompt: the woman reaches for a tea cup}]\n"


@pytest.mark.parametrize(("brief", "unread"), [
    ("A woman reaching for two cups", ("two",)),
    ("Your best tea ever, in the morning", ()),
    ("A man in Amsterdam. A man!", ("man", "Amsterdam")),
    ("Tea – 100 % Darjeeling", ("100", "Darjeeling")),
    ("!", ()), ("A 32-year-old woman", ()),
])
def test_words_that_no_shot_says_are_named_once_in_their_order(brief: str, unread: tuple[str, ...]) -> None:
    assert unread_words(brief, SPEC) == unread


def test_every_subject_of_the_lexicon_can_be_asked_for() -> None:
    for subject in lexicon()["subjects"].values():
        for word in subject["words"]:
            assert set(unread_words(word, board(word))) <= {word, *word.split()}


def board(brief: str) -> str:
    return scene_text("a", brief, board_of(brief, 4), SceneOptions())


def test_who_wrote_the_brief_is_told_what_no_shot_says(space: Space) -> None:
    space.write("calotype.yaml", "version: 1\n")
    brief = "A tired nurse drinks coffee on the Zambezi"
    told = space.call("scene", "new", "sip", "--brief", brief)
    assert told.code == 0 and "Zambezi; say it in `markers` or in a `prompt`" in told.out and "coffee," not in told.out
    assert "Zambezi" in space.call("scene", "new", "again", "--brief", brief, "--json").json["unread"]
    assert "in no shot" not in space.call("scene", "new", "plain", "--brief", "Artisan coffee").out
