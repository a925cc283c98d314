"""What is understood of briefs as people write them: the thing, the person, the place, the hour."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calotype.language.board import brief
from calotype.language.board.board import board_of
from calotype.language.board.brief import read_brief
from calotype.language.board.tongue import is_english

THINGS = [
    ("Artisan coffee that starts your morning right", "drink", "a white ceramic coffee mug"),
    ("A cup of hot chocolate on a snowy evening", "drink", "a cup of hot chocolate"),
    ("Hot chocolate for cold days", "drink", "a white mug of hot chocolate"),
    ("A bar of dark chocolate", "food", "a bar of dark chocolate"),
    ("Chocolate cake for birthdays", "food", "a small glazed cake"),
    ("Ice cream made by hand", "food", "a cone of ice cream"),
    ("Ice cream truck in a small town", "object", "an ice cream truck"),
    ("Coffee machine for small kitchens", "object", "a coffee machine"),
    ("A bread knife that stays sharp", "object", "a bread knife"),
    ("Tea towels printed by hand", "object", "tea towels"),
    ("Wine glasses, hand blown", "object", "wine glasses"),
    ("A pink phone case", "object", "a pink phone case"),
    ("Dog food with real salmon", "object", "a full bowl of dog food"),
    ("A washing machine that saves water", "object", "a white washing machine"),
    ("A charity that brings clean water to villages in Kenya", "service", "a charity"),
    ("A bank that has served farmers for 150 years", "service", "a bank"),
    ("Insurance for young families", "service", "insurance"),
    ("Donate blood, save three lives", "service", "blood"),
    ("Online yoga classes at home", "service", "online yoga classes"),
    ("A dentist for people who are afraid", "service", "a dentist"),
    ("A law firm for start-ups", "service", "a law firm"),
    ("A small hotel by the sea in Portugal", "visit", "a small hotel"),
    ("A neighbourhood bakery famous for sourdough", "visit", "a neighbourhood bakery"),
    ("A museum of modern art on a rainy Sunday", "visit", "a museum"),
    ("A gym that is open 24 hours", "visit", "a gym"),
    ("A language school for adults", "visit", "a language school"),
    ("Electric car for the whole family, quiet and quick", "ride", "an electric car"),
    ("Compact city car, easy to park", "ride", "a compact city car"),
    ("E-bike for the hills of Lisbon", "ride", "an e-bike"),
    ("A red bicycle for commuters", "ride", "a red bicycle"),
    ("Beer 0.0 for the drive home", "drink", "a tall glass of beer"),
    ("Mineral water from the Alps", "drink", "a clear glass of water"),
    ("Orange juice pressed every morning", "drink", "a clear glass of orange juice"),
    ("A bottle of red wine on a wooden table", "drink", "a bottle of red wine"),
    ("Noodle soup in ten minutes", "food", "a bowl of noodle soup"),
    ("Blue cheese with honey", "food", "a wheel of blue cheese"),
    ("Night cream for dry skin", "care", "a small white jar of night cream"),
    ("Sunscreen for kids, SPF 50", "care", "a white tube of sunscreen"),
    ("A shampoo bar without plastic", "care", "a round bar of shampoo"),
    ("White leather sneakers made from recycled plastic", "sport", "white leather sneakers"),
    ("Men's running shoes, black and orange", "sport", "black and orange running shoes"),
    ("Blue jeans that last ten years", "wear", "blue jeans"),
    ("Luxury watch, black dial, green strap", "wear", "a luxury watch with a black dial and a green strap"),
    ("A gold ring for 25 years of marriage", "wear", "a gold ring"),
    ("A banking app that rounds up your coins", "device", "a banking app"),
    ("A video game about gardening", "device", "a white game controller"),
    ("A smartwatch for runners", "device", "a black smartwatch"),
    ("Wooden toys for toddlers", "object", "wooden toys"),
    ("A toy robot that children build themselves", "object", "a toy robot"),
    ("Left-handed scissors for schools", "object", "left-handed scissors"),
    ("Three candles on a wooden table", "object", "three candles"),
    ("A train ride through Norway in winter", "object", "a train ride"),
    ("A golden retriever calendar", "object", "a golden retriever calendar"),
    ("Time for tea", "drink", "a celadon green tea cup"),
    ("Everything tastes better with honey", "food", "a jar of honey"),
    ("A black cab driver drinks coffee at dawn", "drink", "a white ceramic coffee mug"),
    ("A boy in a yellow raincoat holds a black umbrella in his left hand", "object", "a black umbrella"),
    ("A doctor listens to an old man in a bright hospital", "object", "the product"),
]


@pytest.mark.parametrize(("brief", "family", "thing"), THINGS)
def test_the_thing_and_what_is_done_with_it(brief: str, family: str, thing: str) -> None:
    understood = read_brief(brief)
    assert (understood.subject["family"], understood.thing) == (family, thing)
    assert all("{" not in beat.prompt for beat in board_of(brief, 8).beats)


@pytest.mark.parametrize(("brief", "place"), [
    ("A midnight blue dress for the opera", "concrete gallery with high windows"),
    ("A golden retriever calendar", "calm, plainly furnished room with one large window"),
    ("Craft beer from Bavaria, golden hour", "small bar with a walnut counter and brass lamps at golden hour"),
    ("A perfume of orange blossom for summer nights", "dark dressing room with smoked mirrors and black marble at night in summer"),
    ("A cup of tea in the garden on a snowy evening", "garden at golden hour in winter"),
    ("A small hotel by the sea in Portugal", "by the sea in Portugal"),
    ("Coffee in a small bar", "small bar"),
    ("Two women drink tea on a terrace by the river", "terrace"),
])
def test_a_colour_is_no_hour_and_a_place_keeps_what_leads_to_it(brief: str, place: str) -> None:
    assert read_brief(brief).place == place


@pytest.mark.parametrize(("brief", "who", "character"), [
    ("A mother and her daughter bake a cake", "the mother", ", her daughter beside her"),
    ("A man with his old dog walks along the beach", "the man", ", his old dog beside him"),
    ("Two friends share a pizza on a rooftop", "the man", "one of two friends, man of 38"),
    ("Three women in love with tea", "the woman", "one of three women, woman of 32"),
    ("A family shares a pizza", "the man", "one of a family, man of 38"),
    ("Men's cologne with cedar and smoke", "the man", "man of 42"),
    ("Rose gold watch for her", "the woman", "woman of 32"),
    ("A toy robot that children build themselves", "the man", "man of 38"),
])
def test_who_is_seen_and_with_whom(brief: str, who: str, character: str) -> None:
    person = read_brief(brief).person
    assert person.who == who and character in person.character


@pytest.mark.parametrize(("brief", "hand"), [
    ("A woman raises a cup of tea with the left hand", "left"), ("A left-handed guitarist drinks coffee", "left"),
    ("A boy holds a ball in his right hand", "right"), ("Tea for two", ""), ("A ball in the left hand, a bat in the right hand", ""),
])
def test_the_hand_of_which_a_brief_speaks_acts(brief: str, hand: str) -> None:
    board = board_of(brief, 4)
    touch = next(beat for beat in board.beats if beat.id == "touch")
    assert read_brief(brief).hand == hand and (f"the {hand or 'no'} hand" in touch.prompt) == bool(hand)
    assert (hand or "right") in touch.pose and len({"left", "right"} & touch.pose.keys()) == 1


def test_a_verb_is_no_part_of_a_thing() -> None:
    understood = read_brief("A left-handed guitarist drinks coffee")
    assert (understood.person.who, understood.thing) == ("the guitarist", "a white ceramic coffee mug")
    assert read_brief("A stranger drinks dark coffee").thing == "a white ceramic coffee mug"


@pytest.mark.parametrize(("brief", "character"), [
    ("A woman with short black hair drinks coffee", "woman of 32, short black hair, green eyes, light freckles"),
    ("Boots: a woman with short black hair climbs a hill", "woman of 32, short black hair, green eyes, light freckles"),
    ("A girl of 8 reads a book", "girl of 8, dark brown hair in two plaits, brown eyes, a gap between the front teeth"),
    ("A 70-year-old man with a white beard repairs a boat", "man of 70, white beard, deep laugh lines"),
    ("A nurse with red curls and blue eyes drinks tea", "nurse, woman of 32, red curls, blue eyes, light freckles"),
    ("A man aged 24 eats bread", "man of 24, short black hair, brown skin, a thin scar through one eyebrow"),
    ("Sunscreen. Young man, no logo.", "young man of 20, short black hair, brown skin, a thin scar through one eyebrow"),
])
def test_hair_eyes_and_age_are_those_of_the_brief(brief: str, character: str) -> None:
    assert read_brief(brief).person.character == character


@pytest.mark.parametrize(("brief", "thing", "doing"), [
    ("Hiking boots that last: a woman with short black hair climbs a mountain ridge", "hiking boots", "climbs a mountain ridge"),
    ("Hiking boots for a woman", "hiking boots", ""),
    ("A girl of 8 reads a book under a blanket", "a book", "reads a book under a blanket"),
    ("A left-handed guitarist tunes his guitar", "his guitar", "tunes his guitar"),
    ("A man repairs a wooden boat at the harbour", "a wooden boat", "repairs a wooden boat"),
    ("A girl drinks cocoa from a mug", "a white mug of cocoa", ""),
    ("On a rainy day a man repairs a chair", "a chair", "repairs a chair"),
    ("Your money at ease: a bank app for freelancers", "a bank app", ""),
])
def test_what_is_shown_with_a_person_is_what_the_brief_names(brief: str, thing: str, doing: str) -> None:
    understood = read_brief(brief)
    assert (understood.thing, understood.doing) == (thing, doing)


@pytest.mark.parametrize(("brief", "thing"), [
    ("An old couple dances in the kitchen to a vinyl record player", "a vinyl record player"),
    ("Two friends carry a canoe to the river", "a canoe"), ("A couple dances", "the product"),
])
def test_what_several_people_have_to_do_with_is_the_thing(brief: str, thing: str) -> None:
    assert read_brief(brief).thing == thing


@pytest.mark.parametrize("name", ["beats", "phrases", "shot_words"])
def test_no_word_has_two_entries(name: str) -> None:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})
        return dict(pairs)

    json.loads((Path(brief.__file__).parent / f"{name}.json").read_bytes(), object_pairs_hook=once)


def test_where_somebody_goes_is_the_place_and_no_thing() -> None:
    understood = read_brief("A man climbs a mountain")
    assert understood.place == "mountain" and understood.thing == "the product"


def test_what_is_not_to_be_there_is_no_thing() -> None:
    assert read_brief("Eau de toilette for men, no bottle").thing == "an eau de toilette"


FOREIGN = [
    "Ein Kaffee, der deinen Morgen weckt", "Un parfum pour les nuits d'été", "Café de especialidad para tus mañanas",
    "Um hotel pequeno junto ao mar", "Il caffè della tua mattina", "朝を始めるコーヒー", "Кофе для раннего утра", "قهوة الصباح",
]


@pytest.mark.parametrize("brief", FOREIGN)
def test_a_brief_in_another_language_stands_in_its_own_words(brief: str) -> None:
    assert not is_english(brief) and read_brief(brief).thing == brief
    assert brief in board_of(brief, 4).beats[1].prompt


@pytest.mark.parametrize("brief", [
    *(brief for brief, *_ in THINGS), "La Roche serum for dry skin", "Café crème", "“Nordlicht” candles", "Coffee", "?", "El Niño jacket for the coast",
])
def test_english_is_told_from_others(brief: str) -> None:
    assert is_english(brief)
