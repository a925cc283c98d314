"""The pictures of one variation stand together on a character's page, and what they all show is said once."""

from __future__ import annotations

import re
from pathlib import Path

from calotype.results.sheet.model import Picture, SpecSheet
from calotype.results.sheet.pages import Pages, by_variation
from calotype.results.sheet.thumbs import Thumbs


def picture(name: str, section: str = "variations", alt: str = "A person hanging.") -> Picture:
    target = f"characters/ann/{section}/{name}"
    return Picture(target, f"content/images/{target}.png", "5" * 64, "9" * 64, (768, 768), alt=alt, section=section)


ROW = tuple(picture(f"row_{number:02d}", alt=f"Row {number}.") for number in (1, 2))
PULLUP = tuple(picture(f"pullup_top_{number:02d}") for number in (1, 2, 3))
SINGLE = (picture("squat_01", alt="A squat."), picture("lunge_01", alt="A lunge."))
ANCHORS = (picture("front_01", "anchors"), picture("front_02", "anchors"))


def page(tmp_path: Path, *pictures: Picture) -> str:
    sheet = SpecSheet("characters", "ann", "Ann", "specs/characters/ann.yaml", pictures)
    return Pages(tmp_path, Thumbs(tmp_path, lambda digest: None)).spec(sheet).decode()


def test_variations_of_several_pictures_are_groups_and_others_stand_as_before() -> None:
    assert by_variation([*PULLUP, *SINGLE, *ROW]) == [
        ("pullup_top", list(PULLUP)), ("", list(SINGLE)), ("row", list(ROW))]
    assert by_variation(ANCHORS) == [("", list(ANCHORS))] and by_variation([]) == []


def test_a_group_has_its_name_its_number_and_its_alt_text_once(tmp_path: Path) -> None:
    html = page(tmp_path, *ANCHORS, *PULLUP, *ROW)
    groups = re.findall(r'<section class="variation">(.*?)</section>', html, re.DOTALL)
    assert [re.findall(r"<h3>(\w+) <small>([\w ]+)</small>", group) for group in groups] == [
        [("pullup_top", "3 images")], [("row", "2 images")]]
    before = [group.partition('<div class="prints">')[0] for group in groups]
    assert '<p class="alt">A person hanging.</p>' in before[0] and "alt" not in before[1]
    assert [group.count("<figure") for group in groups] == [3, 2] and html.count("<figure") == 7


def test_a_character_whose_variations_are_one_picture_each_has_no_groups(tmp_path: Path) -> None:
    html = page(tmp_path, *SINGLE)
    assert "<h3" not in html and 'class="variation"' not in html and html.count('<div class="prints">') == 1
