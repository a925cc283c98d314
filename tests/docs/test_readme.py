"""The README's four ways in: what is typed there runs, and what is shown there is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from calotype.roof.cli.template import NAMES
from conftest import REPOSITORY, Space

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
WAYS = re.split(r"^### ", README.partition("## Four ways in\n")[2].partition("\n## ")[0], flags=re.MULTILINE)[1:]


def commands(way: str) -> list[list[str]]:
    """The command lines of a way's one block, each as its words; `cd` stands by itself."""
    block, = re.findall(r"^```console\n(.*?)^```$", way, flags=re.DOTALL | re.MULTILINE)
    lines = [line.removeprefix("$ ") for line in block.splitlines()]
    assert len(lines) == 5 and all(line.startswith("calotype ") for line in lines)
    return [shlex.split(step, comments=True) for line in lines for step in line.split(" && ")]


def draw_small(space: Space) -> None:
    """An eighth of the width: the same pictures are asked for, and drawn in a fraction of the time."""
    text = space.read("calotype.yaml")
    ratio = re.search(r"size: \[(\d+), (\d+)\], ", text)
    width, height = (int(number) // 10 // 8 * 8 for number in ratio.groups()) if ratio else (96, 96)
    plain = text.replace(ratio[0], "") if ratio else text
    space.write("calotype.yaml", plain.replace("defaults: {", f"defaults: {{size: [{width}, {height}], "))


def test_there_is_one_way_for_each_template() -> None:
    assert [commands(way)[0][2:4] for way in WAYS] == [["--template", name] for name in NAMES]


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_a_way_in_runs_and_ends_in_a_page_without_a_model(tmp_path: Path, way: str) -> None:
    space = Space(tmp_path)
    for program, *words in commands(way):
        if program == "cd":
            space = Space(space.root / words[0])
            draw_small(space)
            continue
        done = space.call(*words)
        assert program == "calotype" and done.code == 0, (words, done.err)
        assert "warning" not in done.err and "error" not in done.err
    pages = re.findall(r"`([\w/-]+\.html)`", way)
    assert pages
    for page in pages:
        assert "<img" in space.read(page)


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_a_way_in_has_its_picture_and_the_line_that_turns_sdxl_on(way: str) -> None:
    (picture, alt), = re.findall(r'<img src="(docs/pictures/[\w-]+\.png)" width="\d+" alt="([^"]+)">', way)
    assert (REPOSITORY / picture).is_file() and len(alt) > 20
    text = " ".join(way.split())
    assert "With SDXL: `renderer: sdxl`" in text and "`calotype models pull`" in text
