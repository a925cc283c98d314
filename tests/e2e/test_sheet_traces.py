"""The page of a scene links the traces that are there, and no others, whatever took one away, without a render."""

from __future__ import annotations

import os
import re
import shutil
import time
from html import unescape
from urllib.parse import unquote

import pytest
from kit import build, tally, use_sketch

from conftest import Space

TEA = """\
kind: scene
id: tea
candidates: 2
enhance: {iterations: 4, threshold: 85}
shots:
  - {id: pour, prompt: a woman pours tea}
  - {id: sip, prompt: a woman takes a sip}
"""
PAGE, FIRST, SECOND = "build/scenes/tea.html", "build/traces/tea/scene_1", "build/traces/tea/scene_2"
FILES = 9
"""Files of the trace of a shot with two candidates that was good enough after one round."""
DAY = 86400


@pytest.fixture
def tea(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\nscoring: {weights: {technical: 1}}\n"
                "defaults: {size: [64, 64]}\ntraces: {keep: all}\n")
    space.write("specs/scenes/tea.yaml", TEA)
    space.write("specs/scenes/walk.yaml", "kind: scene\nid: walk\nshots: [{id: a, prompt: a man walks}]\n")
    assert build(space).code == 0
    return space


def linked(space: Space, page: str = PAGE) -> list[str]:
    """The folders of the traces that a page links; every link leads to a file."""
    addresses = [unescape(address) for address in re.findall(r'href="([^"]*)"', space.read(page)) if "traces/" in address]
    files = [os.path.normpath(f"{os.path.dirname(page)}/{unquote(address)}") for address in addresses]
    assert all((space.root / file).is_file() for file in files), files
    folders = sorted({os.path.dirname(file) for file in files})
    for folder in folders:
        assert sorted(file for file in files if file.startswith(f"{folder}/")) == space.files(folder)
    return folders


def rests(space: Space) -> bool:
    """Whether another build has nothing to do, and writes nothing."""
    space.settle()
    build(space)  # what was too fresh to be trusted is looked at once more
    before = space.snapshot("specs", "content", "build", "cache")
    assert build(space).json["targets"] == []
    return space.snapshot("specs", "content", "build", "cache") == before


def test_the_page_of_a_scene_links_every_file_of_its_traces(tea: Space) -> None:
    assert linked(tea) == [FIRST, SECOND] and linked(tea, "build/scenes/walk.html") == ["build/traces/walk/scene_1"]
    assert all(address.startswith("../traces/tea/") for address in re.findall(r'href="([^"]*traces[^"]*)"', tea.read(PAGE)))
    assert rests(tea)


@pytest.mark.parametrize("keep", ["failed", "none"])
def test_what_calotype_yaml_keeps_no_more_is_removed_and_linked_no_more(tea: Space, keep: str) -> None:
    tea.edit("calotype.yaml", "keep: all", f"keep: {keep}")
    assert tally(build(tea)) == (0, 0, 3, 0)
    assert linked(tea) == [] and not (tea.root / "build/traces").exists()
    assert rests(tea)


def test_a_trace_that_grew_old_is_linked_no_more_whatever_was_built(tea: Space) -> None:
    past = time.time() - 40 * DAY
    os.utime(tea.root / SECOND, (past, past))
    tea.edit("specs/scenes/walk.yaml", "a man walks", "a man runs")
    assert build(tea).json["renders"] == 1
    assert linked(tea) == [FIRST] and not (tea.root / SECOND).exists()
    assert rests(tea)


@pytest.mark.parametrize("gone", [FIRST, "build/traces/tea", "build/traces"])
def test_a_trace_that_a_hand_removed_costs_its_page_alone(tea: Space, gone: str) -> None:
    shutil.rmtree(tea.root / gone)
    assert tally(build(tea)) == (0, 0, 3, 0)
    assert linked(tea) == ([SECOND] if gone == FIRST else [])
    assert rests(tea)


def test_without_build_the_pages_link_nothing(tea: Space) -> None:
    shutil.rmtree(tea.root / "build")
    assert build(tea).json["renders"] == 0 and linked(tea) == []


def test_of_a_shot_that_awaits_a_person_the_trace_goes_as_well(tea: Space) -> None:
    tea.edit("calotype.yaml", "traces: {keep: all}", "traces: {keep: failed}")
    tea.edit("specs/scenes/tea.yaml", "candidates: 2", "candidates: 2\nselect: human")
    assert build(tea).code == 3 and linked(tea) == [FIRST, SECOND]
    assert build(tea).code == 3 and linked(tea) == [FIRST, SECOND]
    tea.edit("calotype.yaml", "keep: failed", "keep: none")
    assert build(tea).code == 3 and linked(tea) == []


def test_a_trace_follows_its_shot_to_another_number(tea: Space) -> None:
    before = tea.read(f"{FIRST}/00_original_prompt.txt")
    tea.edit("specs/scenes/tea.yaml", "shots:\n", "shots:\n  - {id: boil, prompt: a kettle boils}\n")
    assert build(tea).json["renders"] == 2
    assert tea.read(f"{SECOND}/00_original_prompt.txt") == before
    assert linked(tea) == [FIRST, SECOND, "build/traces/tea/scene_3"]
    tea.edit("specs/scenes/tea.yaml", "  - {id: pour, prompt: a woman pours tea}\n", "")
    build(tea)
    assert linked(tea) == [FIRST, SECOND] and tea.files("build/traces/tea/scene_3") == []
    assert tea.read(f"{SECOND}/00_original_prompt.txt") == "a woman takes a sip\n"


def test_the_traces_of_a_scene_go_with_it(tea: Space) -> None:
    tea.remove("specs/scenes/tea.yaml")
    build(tea)
    assert tea.files("build/traces/tea") == [] and linked(tea, "build/scenes/walk.html")


def test_the_trace_of_another_shot_is_not_linked(tea: Space) -> None:
    tea.edit(f"{FIRST}/prompt_trace_summary.json", "scenes/tea/pour", "scenes/walk/pour")
    (tea.root / f"{FIRST}/image_1.png").unlink()
    tea.write("templates/sheets/waiting.html.j2", "")  # all pages are written anew
    build(tea)
    assert FIRST not in linked(tea)


def test_nothing_is_removed_through_a_link(tea: Space) -> None:
    elsewhere = tea.root.parent / "elsewhere"
    (elsewhere / "tea/scene_1").mkdir(parents=True)
    (elsewhere / "tea/scene_1/mine.txt").write_text("mine")
    past = time.time() - 40 * DAY
    os.utime(elsewhere / "tea/scene_1", (past, past))
    shutil.rmtree(tea.root / "build/traces/tea")
    (tea.root / "build/traces/tea").symlink_to(elsewhere / "tea")
    tea.edit("calotype.yaml", "keep: all", "keep: none")
    tea.edit("specs/scenes/tea.yaml", "pours tea", "pours hot tea")
    assert build(tea).code == 2
    assert (elsewhere / "tea/scene_1/mine.txt").read_text() == "mine"


def test_show_and_explain_name_the_trace(tea: Space) -> None:
    for command in ("show", "explain"):
        assert tea.call(command, "scenes/tea/sip", "--json").json["trace"] == SECOND
        assert f"trace {SECOND}/" in tea.call(command, "scenes/tea/sip").out
    uses = tea.call("inspect", "content/images/scenes/tea/sip.png", "--json").json["uses"]
    assert [use["trace"] for use in uses] == [SECOND]
    tea.edit("calotype.yaml", "keep: all", "keep: none")
    build(tea)
    assert tea.call("show", "scenes/tea/sip", "--json").json["trace"] == ""
