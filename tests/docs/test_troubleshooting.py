"""The page about troubles: messages and headings lead to each other."""

from __future__ import annotations

import re

import pytest

from calotype.ground import troubleshooting
from calotype.language.lint import bands
from calotype.language.lint.rules import RULES
from conftest import REPOSITORY, Space

PAGE = (REPOSITORY / troubleshooting.PAGE).read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in PAGE.split("\n## ")[1:]}
HEADINGS = {name: text for name, text in vars(troubleshooting).items() if name.isupper() and name != "PAGE"}
SOURCES = {path: path.read_text(encoding="utf-8") for path in (REPOSITORY / "src/calotype").rglob("*.py")
           if path.name != "troubleshooting.py"}


def test_the_page_has_the_headings_that_messages_name_and_no_other() -> None:
    assert list(SECTIONS) == list(HEADINGS.values())


@pytest.mark.parametrize("name", HEADINGS)
def test_every_heading_is_named_by_a_message_through_its_constant(name: str) -> None:
    used = [path for path, text in SOURCES.items() if re.search(rf"\b{name}\b", text) and "ground.troubleshooting" in text]
    assert used


def test_no_message_names_the_page_by_other_means() -> None:
    assert [path.name for path, text in SOURCES.items() if troubleshooting.PAGE in text] == []


@pytest.mark.parametrize("heading", HEADINGS.values())
def test_every_trouble_is_told_with_its_message_and_cures(heading: str) -> None:
    section = SECTIONS[heading]
    assert re.search(r"^```text\n.+?\n```$", section, re.MULTILINE | re.DOTALL), heading
    assert len(re.findall(r"^\d\. ", section, re.MULTILINE)) >= 2, heading


def test_the_codes_on_the_page_are_those_that_are_printed() -> None:
    sources = "\n".join(SOURCES.values())
    for code in re.findall(r"(?:error|warning)\[([a-z-]+)\]", PAGE):
        assert f'"{code}"' in sources or code in RULES or code == "render-failed", code
    for band in (bands.IMG2IMG, bands.LORA, bands.GUIDANCE):
        assert f"is unusual: {band.above}" in PAGE


def test_a_message_leads_to_its_heading(space: Space) -> None:
    space.write("specs/exercises/nod.yaml", "kind: exercise\nid: nod\ntitle: Nod\nregion: neck\nimages:\n"
                "  - {description: nod, view_angle: lateral, body_position: standing}\n")
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64], candidates: 2}\nscoring: {weights: {technical: 1}, threshold: 99}\n"
                "presets: {odd: {guidance_scale: 14}}\n")
    printed = " ".join((space.call("validate").err + space.call("build").err).split())
    for heading in (troubleshooting.ANATOMY, troubleshooting.LOW_SCORES):
        assert f"{troubleshooting.PAGE}: {heading}" in printed
