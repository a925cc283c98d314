"""The contact sheets that builds leave: those of a clean build, whatever happened before, but for what they tell of it."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from conftest import CALOTYPE, Space
from sheets import PAST, shown

BOW = """\
kind: exercise
id: bow
region: neck
title: Bow
defaults_note: x
images:
  - {view_angle: lateral, body_position: standing, description: upright, id: start}
  - {view_angle: lateral, body_position: standing, description: bent, pose: {neck_flexion: 20}, id: deep}
""".replace("defaults_note: x\n", "size: [64, 64]\n")
NOD = BOW.replace("id: bow", "id: nod").replace("title: Bow", "title: Nod")
SPEC = "specs/exercises/neck/bow.yaml"


@pytest.fixture
def two(space: Space) -> Space:
    space.write(SPEC, BOW)
    space.write("specs/exercises/neck/nod.yaml", NOD)
    assert space.call("build", "-q").code == 0
    return space


def page(space: Space, name: str) -> str:
    return (space.root / "build" / name).read_text(encoding="utf-8")


def clean_pages(space: Space, folder: Path) -> dict[str, str]:
    """The pages of the same specs built from nothing."""
    shutil.copytree(space.root, folder, ignore=shutil.ignore_patterns("build", "cache", "content"))
    other = Space(folder)
    other.call("build", "-q")
    return shown(other.root)


EDITS = {
    "a pose": ("neck_flexion: 20", "neck_flexion: 30"),
    "a title": ("title: Bow", "title: A deep bow"),
    "a caption": ("description: bent", "caption: slowly, description: bent"),
    "a tag": ("title: Bow", "tags: [posture]\ntitle: Bow"),
    "the region": ("region: neck", "region: spine"),
    "the id": ("id: bow", "id: low_bow"),
    "an image's id": ("id: deep", "id: deeper"),
    "an image removed": (BOW.splitlines(keepends=True)[-1], ""),
    "the order": (
        "images:\n",
        "images:\n  - {view_angle: anterior, body_position: seated, description: first, id: new}\n",
    ),
}


@pytest.mark.parametrize("change", EDITS)
def test_after_an_edit_the_pages_are_those_of_a_clean_build(two: Space, tmp_path: Path, change: str) -> None:
    two.edit(SPEC, *EDITS[change])
    assert two.call("build", "-q").code == 0
    assert shown(two.root) == clean_pages(two, tmp_path / "clean")


def test_after_a_spec_is_removed_the_pages_are_those_of_a_clean_build(two: Space, tmp_path: Path) -> None:
    two.remove(SPEC)
    two.call("build", "-q")
    assert shown(two.root) == clean_pages(two, tmp_path / "clean")


def test_a_spec_that_moves_keeps_its_page(two: Space, tmp_path: Path) -> None:
    two.move(SPEC, "specs/exercises/other.yaml")
    two.call("build", "-q")
    assert shown(two.root) == clean_pages(two, tmp_path / "clean")


def test_a_build_of_one_target_first_leaves_no_page_out_later(space: Space, tmp_path: Path) -> None:
    space.write(SPEC, BOW)
    space.write("specs/exercises/neck/nod.yaml", NOD)
    space.call("build", "exercises/nod", "-q")
    space.call("build", "-q")
    assert shown(space.root) == clean_pages(space, tmp_path / "clean")


@pytest.mark.parametrize("gone", ["build", "build/index.html", "build/exercises", "build/data/shards.js", "cache/state", "cache"])
def test_pages_that_are_gone_are_written_again(two: Space, gone: str) -> None:
    before = shown(two.root)
    two.remove(gone)
    assert two.call("build", "--json").json["renders"] == 0
    assert shown(two.root) == before
    two.edit(SPEC, *EDITS["a title"])
    two.call("build", "-q")
    assert "A deep bow" in page(two, "exercises-neck.html") and "Nod" in page(two, "exercises-neck.html")


@pytest.mark.parametrize(
    "instant", ["blobs-durable", "results-durable", "assets-published", "manifest-replaced"]
)
def test_after_a_kill_the_pages_are_those_of_a_clean_build(two: Space, tmp_path: Path, instant: str) -> None:
    two.edit(SPEC, *EDITS["a pose"])
    killed = subprocess.run(
        [str(CALOTYPE), "build", "-q", "--project", str(two.root)],
        env={"CALOTYPE_KILL_AT": instant},
        check=False,
    )
    assert killed.returncode < 0
    assert two.call("build", "-q").code == 0
    assert shown(two.root) == clean_pages(two, tmp_path / "clean")
    for name in ("exercises/bow.html", "changed.html"):
        assert "<del>20</del> <ins>30</ins>" in page(two, name), name
    two.edit("specs/exercises/neck/nod.yaml", *EDITS["a pose"])
    two.call("build", "-q")
    assert "Bow" not in page(two, "changed.html")


def test_a_picture_that_was_replaced_stands_beside_the_one_before_with_the_field_that_changed(two: Space) -> None:
    assert PAST.search(page(two, "exercises/bow.html")) is None
    assert "No build has replaced a picture yet" in page(two, "changed.html")
    two.edit(SPEC, *EDITS["a pose"])
    assert two.call("build", "-q").code == 0
    for name in ("exercises/bow.html", "changed.html"):
        text = page(two, name)
        assert text.count('class="compare"') == 1, name
        assert "posture.neck_flexion" in text and f"<code>{SPEC}:" in text
        assert "<del>20</del> <ins>30</ins>" in text
        before = re.search(r'src="(?:\.\./)?(thumbs/[0-9a-f]+-1024\.webp)"', text)
        assert before and (two.root / "build" / before[1]).is_file()


def test_what_changed_stays_told_until_a_build_replaces_another_picture(two: Space) -> None:
    two.edit(SPEC, *EDITS["a pose"])
    two.call("build", "-q")
    two.edit(SPEC, *EDITS["a title"])
    two.call("build", "-q")
    assert "A deep bow" in page(two, "changed.html") and "<ins>30</ins>" in page(two, "changed.html")
    two.edit("specs/exercises/neck/nod.yaml", *EDITS["a pose"])
    two.call("build", "-q")
    assert "Nod" in page(two, "changed.html") and "A deep bow" not in page(two, "changed.html")
    assert 'class="compare"' in page(two, "exercises/bow.html")
    two.remove("specs/exercises/neck/nod.yaml")
    two.call("build", "-q")
    assert "Nod" not in page(two, "changed.html")


def test_candidates_of_an_image_that_awaits_a_human_stand_side_by_side(space: Space) -> None:
    space.write(SPEC, BOW.replace("id: deep", "id: deep, candidates: 3, select: human"))
    space.call("build", "-q")
    text = page(space, "exercises/bow.html")
    copies = re.findall(r'<img src="\.\./(thumbs/[^"]+)" alt="Candidate (\d)', text)
    assert [number for _, number in copies] == ["1", "2", "3"]
    assert len({name for name, _ in copies}) == 3
    assert all((space.root / "build" / name).read_bytes()[8:12] == b"WEBP" for name, _ in copies)
    assert "calotype pick exercises/bow/deep NUMBER" in text
    for seed in (42, 43, 44):
        assert f"seed {seed}" in text
    space.call("pick", "exercises/bow/deep", "2")
    space.call("build", "-q")
    text = page(space, "exercises/bow.html")
    assert text.count('class="picked"') == 1 and "calotype pick" not in text
    assert "2 of 3, by a person" in text


def test_the_candidates_of_a_project_without_its_cache_are_told_without_pictures(space: Space) -> None:
    space.write(SPEC, BOW.replace("id: deep", "id: deep, candidates: 3, select: first"))
    space.call("build", "-q")
    for folder in ("cache", "build"):
        space.remove(folder)
    space.call("build", "-q")
    text = page(space, "exercises/bow.html")
    assert text.count("in no cache") == 3 - text.count('alt="Candidate')
    assert "in no cache" in text


def test_a_page_tells_what_its_images_depend_on_and_the_character_what_uses_it(space: Space) -> None:
    space.write("specs/characters/ann.yaml", "kind: character\nid: ann\ntitle: Ann\nprompt: a woman\n"
                "anchors: {poses: [{id: front, view_angle: anterior, prompt: front, size: [64, 64]}]}\n")
    space.write("specs/poses/low.yaml", "base: standing\nneck_flexion: 20\n")
    space.write(SPEC, BOW.replace("title: Bow", "title: Bow\ncharacters: [ann]").replace("pose: {neck_flexion: 20}", "pose: low"))
    assert space.call("build", "-q").code == 0
    text = page(space, "exercises/bow.html")
    assert 'href="../characters/ann.html"' in text and "index.html#q=uses:%22poses/low%22" in text
    assert "Everything that uses Ann" in page(space, "characters/ann.html")
    assert '["characters/ann","poses/low"]' in page(space, "data/exercises-neck.js")


def test_what_changed_outlives_the_pages_and_goes_with_the_cache(two: Space) -> None:
    two.edit(SPEC, *EDITS["a pose"])
    two.call("build", "-q")
    two.call("clean")
    assert two.call("build", "--json").json["renders"] == 0
    for name in ("exercises/bow.html", "changed.html"):
        assert "<ins>30</ins>" in page(two, name), name
    two.remove("cache")
    assert two.call("build", "--json").json["renders"] == 0
    assert PAST.search(page(two, "exercises/bow.html")) is None
    assert "No build has replaced a picture yet" in page(two, "changed.html")


def test_a_damaged_memory_of_the_pages_is_put_aside_and_the_pages_are_whole_again(two: Space, tmp_path: Path) -> None:
    with sqlite3.connect(two.root / "cache/state/state.db") as connection:
        connection.execute("UPDATE page_memory SET value = value || ' ' WHERE topic LIKE 'fragment%'")
    connection.close()
    two.edit(SPEC, *EDITS["a title"])
    assert "cache-damaged" in two.call("build").err
    assert two.call("build", "--json").json["renders"] == 0
    assert shown(two.root) == clean_pages(two, tmp_path / "clean")


def test_a_build_that_finds_nothing_changed_opens_no_memory(two: Space) -> None:
    two.settle()
    two.call("build")  # what was written just before the first is trusted from now on
    done = subprocess.run(
        [str(CALOTYPE), "build", "--project", str(two.root)], env={"PYTHONPROFILEIMPORTTIME": "1"},
        capture_output=True, text=True, check=True)
    assert "up to date" in done.stdout + done.stderr
    assert "calotype.store.tree.compare" in done.stderr and "sqlite3" not in done.stderr


def test_a_preview_writes_no_page_and_leaves_the_memory_alone(two: Space) -> None:
    before = shown(two.root)
    two.edit(SPEC, *EDITS["a pose"])
    assert two.call("build", "-q", "--preset", "draft").code == 0
    assert shown(two.root) == before
    assert two.call("explain", "exercises/bow/deep", "--json").json["last_build"] == []
    two.call("build", "-q")
    assert "<ins>30</ins>" in page(two, "changed.html")


def test_the_pages_of_many_images_are_announced_and_those_of_few_are_not(space: Space) -> None:
    shots = "".join("  - {view_angle: lateral, body_position: standing, description: d, size: [16, 16]}\n" for _ in range(51))
    for n in range(10):
        space.write(f"specs/exercises/neck/e{n}.yaml", f"kind: exercise\nid: e{n}\nregion: neck\ntitle: E{n}\nimages:\n{shots}")
    assert "writing the contact sheets of 510 images" in space.call("build").err
    space.edit("specs/exercises/neck/e1.yaml", "title: E1", "title: Another")
    assert "contact sheets" not in space.call("build").err


def test_what_somebody_else_has_published_is_shown(two: Space, tmp_path: Path) -> None:
    """The work of others comes by version control: specs, decisions, images and manifest, but no pages."""
    two.edit(SPEC, "id: deep", "id: deep, candidates: 3, select: human")
    two.call("build", "-q")
    assert "calotype pick" in page(two, "exercises/bow.html")
    other = Space(tmp_path / "other")
    shutil.copytree(two.root, other.root)
    other.call("pick", "exercises/bow/deep", "2")
    assert other.call("build", "-q").code == 0
    for folder in ("specs", "content"):
        shutil.rmtree(two.root / folder)
        shutil.copytree(other.root / folder, two.root / folder)
    assert two.call("build", "--json").json["renders"] == 0
    assert shown(two.root) == shown(other.root)
    assert "calotype pick" not in page(two, "exercises/bow.html")


def test_copies_that_are_gone_are_made_again(space: Space) -> None:
    space.write(SPEC, BOW.replace("size: [64, 64]", "size: [384, 384]"))
    space.call("build", "-q")
    before = sorted(path.name for path in (space.root / "build/thumbs").iterdir())
    for path in (space.root / "build/thumbs").iterdir():
        path.unlink()
    assert space.call("build", "--json").json["renders"] == 0
    assert before and sorted(path.name for path in (space.root / "build/thumbs").iterdir()) == before


def test_an_image_that_awaits_a_human_is_told_the_same_by_every_build(space: Space) -> None:
    space.write(SPEC, BOW.replace("id: deep", "id: deep, candidates: 3, select: human"))
    space.call("build", "-q")
    before = shown(space.root)
    space.remove("build")
    space.call("build", "-q")
    assert shown(space.root) == before and "3 candidates, none picked" in before["exercises/bow.html"]


def test_a_tag_is_found_by_its_link_whatever_space_it_holds(space: Space) -> None:
    space.write(SPEC, BOW.replace("title: Bow", "title: Bow\ntags: ['cervical  spine', cervical spine]"))
    assert space.call("build", "-q").code == 0
    assert 'index.html#q=tag:%22cervical%20spine%22">cervical spine <small>1</small>' in page(space, "index.html")
    assert '["cervical spine"]' in page(space, "data/exercises-neck.js")


def test_no_id_of_an_image_is_one_of_the_pages_own(space: Space) -> None:
    names = "".join(f"  - {{view_angle: lateral, body_position: standing, description: d, size: [16, 16], id: {name}}}\n"
                    for name in ("q", "search", "found", "page", "main"))
    space.write(SPEC, f"kind: exercise\nid: bow\nregion: neck\nimages:\n{names}")
    assert space.call("build", "-q").code == 0
    ids = re.findall(r' id="([^"]+)"', page(space, "exercises/bow.html"))
    assert len(ids) == len(set(ids)) >= 8
