"""From a brief to a board: how many shots, what holds for all of them, what happens in each."""

from __future__ import annotations

import pytest

from calotype.language.board.board import MARKERS, board_of, shots_of
from calotype.language.board.brief import lexicon, read_brief
from calotype.language.board.phrases import word_lists

GUIDE = ("Artisan coffee that starts your morning right", "Luxury perfume advertisement",
         "Luxury watch advertisement with dramatic lighting", "Artisan coffee for busy professionals",
         "Tech startup product showcase")


@pytest.mark.parametrize(("seconds", "shots"), [
    (0.5, 1), (4, 1), (5.9, 1), (6, 2), (8, 2), (10, 3), (15, 4), (16, 4), (30, 8), (32, 8), (600, 8)])
def test_a_shot_for_each_four_seconds(seconds: float, shots: int) -> None:
    assert shots_of(seconds) == shots


@pytest.mark.parametrize("brief", [*GUIDE, "A hand-thrown vase", "?"])
@pytest.mark.parametrize("shots", range(1, 9))
def test_a_board_has_the_shots_that_are_asked_for_and_every_marker(brief: str, shots: int) -> None:
    board = board_of(brief, shots)
    assert len({beat.id for beat in board.beats}) == len(board.beats) == shots
    assert tuple(board.markers) == MARKERS and all(board.markers.values())


@pytest.mark.parametrize("brief", GUIDE)
def test_every_shot_shows_the_same_person_and_the_same_thing(brief: str) -> None:
    understood = read_brief(brief)
    for beat in board_of(brief, 8).beats:
        assert understood.person.who in beat.prompt
        assert understood.thing in beat.prompt or beat.id in ("want", "feel", "leave")


@pytest.mark.parametrize("family", lexicon()["families"])
def test_no_word_of_the_lexicon_is_left_unfilled(family: str) -> None:
    texts = lexicon()["families"][family]["acts"].values()
    filled = [text.format(object="a mug", who="he", them="him", their="his", themself="himself") for text in texts]
    assert len(filled) == 8 and not any("{" in text for text in filled)


@pytest.mark.parametrize(("brief", "thing"), [
    ("Artisan coffee that starts your morning right", "a white ceramic coffee mug"),
    ("Dark chocolate, slowly made", "a bar of dark chocolate"),
    ("A hand-thrown vase by Ida Holm for small flats", "a hand-thrown vase"),
    ("“Nordlicht” candles", "candles"),
    ("New ad: ergonomic chair that breathes", "an ergonomic chair"),
    ("Advertisement", "the product"),
])
def test_the_thing_that_a_brief_names(brief: str, thing: str) -> None:
    assert read_brief(brief).thing == thing


def test_a_brand_and_a_time_of_day_go_into_the_markers() -> None:
    markers = board_of("Coffee by Harlan & Sohn, before sunrise", 4).markers
    assert markers["brand"].startswith("Harlan & Sohn brand look") and markers["place"].endswith("at first light")


def test_who_a_brief_speaks_to_is_who_is_seen() -> None:
    assert "man of 38" in board_of("Coffee for families", 4).markers["character"]
    assert "athletic" in board_of("Coffee for runners", 4).markers["character"]


NURSE = "A tired nurse in a blue uniform drinks coffee from a red mug at dawn in a small kitchen, warm and hopeful"


def test_what_a_brief_says_of_who_where_and_with_what_stands() -> None:
    board = board_of(NURSE, 4)
    assert board.markers["character"].startswith("tired nurse, ")
    assert board.markers["wardrobe"] == "blue uniform"
    assert board.markers["place"] == "small kitchen at first light"
    assert board.markers["brand"].startswith("brand look: warm, hopeful, ")
    assert all("the nurse" in beat.prompt and "a red mug of coffee" in beat.prompt for beat in board.beats)


@pytest.mark.parametrize(("brief", "marker", "text"), [
    ("A man gives his wife a gold ring on a rooftop in Lisbon", "place", "rooftop in Lisbon"),
    ("A girl opens a silver box in her grandmother's kitchen", "character", "girl of 9, "),
    ("An old fisherman in a yellow raincoat and black boots mends his nets", "wardrobe", "yellow raincoat and black boots"),
    ("An old fisherman mends his nets", "character", "old fisherman, man of 68, "),
    ("A baker shows her bread", "wardrobe", "white T-shirt, flour-dusted linen apron"),
    ("A vase, palette of teal, rust and grey", "palette", "palette of teal, rust and grey"),
    ("A vase in blue and silver tones", "palette", "palette of blue and silver"),
    ("Running shoes for the night shift", "place", "empty road above the town at night"),
    ("Running shoes", "place", "empty road above the town at sunrise"),
])
def test_a_marker_says_what_the_brief_says(brief: str, marker: str, text: str) -> None:
    assert board_of(brief, 4).markers[marker].startswith(text)


@pytest.mark.parametrize(("brief", "thing"), [
    ("A carpenter quietly sands a walnut chair in a dusty workshop", "a walnut chair"),
    ("A chef knife that stays sharp", "a chef knife"),
    ("A baker bakes bread", "a fresh loaf on a linen cloth"),
    ("A young woman in a green coat holds a gold pocket watch", "a gold pocket watch"),
    ("An old fisherman mends his nets", "his nets"),
    ("A nurse waits", "the product"),
])
def test_the_thing_of_a_person(brief: str, thing: str) -> None:
    assert read_brief(brief).thing == thing


def test_what_the_person_does_is_the_moment_of_the_board() -> None:
    moment = next(beat for beat in board_of("A carpenter quietly sands a walnut chair in a dusty workshop", 4).beats
                  if beat.id == "use")
    assert moment.prompt == "close-up, the carpenter sands a walnut chair"


@pytest.mark.parametrize("role", word_lists()["roles"])
def test_every_role_can_be_seen(role: str) -> None:
    board = board_of(f"The {role} waits in the garden", 8)
    assert all(f"the {role}" in beat.prompt for beat in board.beats) and role in board.markers["character"]


def test_a_brief_of_any_words_is_read_soon() -> None:
    for text in ("palette of " + "a " * 990, "in " + "a, " * 600, "a nurse " * 250, "the kitchen " * 160, "- " * 900):
        board_of(text, 8)
