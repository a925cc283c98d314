"""docs/characters.md tells of the sample's character as it is: its numbers, anchors, strengths and commands."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml

from calotype.queries.status import status_query
from conftest import REPOSITORY, Space

PAGE = (REPOSITORY / "docs/characters.md").read_text(encoding="utf-8")
CHARACTER = yaml.safe_load((REPOSITORY / "specs/characters/mannequin.yaml").read_text(encoding="utf-8"))
VARIATIONS = {variation["id"]: variation for variation in CHARACTER["variations"]}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Space:
    space = Space(tmp_path_factory.mktemp("clone") / "project")
    for name in ("specs", "templates", "refs", "content"):
        shutil.copytree(REPOSITORY / name, space.root / name)
    shutil.copy(REPOSITORY / "calotype.yaml", space.root)
    return space


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading."""
    section = PAGE.partition(f"### {heading}\n")[2].partition("\n##")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| ")][2:]


def test_its_numbers_are_those_of_the_sample() -> None:
    count = sum(variation["count"] for variation in VARIATIONS.values())
    anchors = CHARACTER["anchors"]
    numbers = len(anchors["poses"]), anchors["candidates"], len(VARIATIONS), count, CHARACTER["training_set"]["max"]
    told = re.search(r"has (\d+) anchors of (\d+)\s+candidates each and (\d+) variations, together (\d+) images, of which (\d+)", PAGE)
    assert told and tuple(map(int, told.groups())) == numbers
    assert f"({numbers[0] * numbers[1] + count} renders)" in PAGE
    assert set(re.findall(r"!\[(\w+)\]", PAGE)) == {pose["id"] for pose in anchors["poses"]}


def test_each_variation_starts_from_the_anchor_of_its_row(clone: Space) -> None:
    with status_query(clone.root, ("characters/mannequin/variations/*",)) as query:
        images = [row.planned.image for row in query.targets()]
    starts = {image.target.rpartition("/")[2]: image.reference.source for image in images if image.reference}
    table = rows("Which anchor")
    assert len(table) == 13
    told = {name: anchor.strip("`") for _, anchor, names, _ in table for name in re.findall(r"`(\w+)`", names)}
    assert set(told) == set(VARIATIONS)
    for name, variation in VARIATIONS.items():
        for number in range(1, variation["count"] + 1):
            assert starts[f"{name}_{number:02d}"] == f"characters/mannequin/anchors/{told[name]}"


def test_the_bands_of_strength_hold_every_variation_and_the_examples_are_true() -> None:
    table = rows("How far it may leave the anchor")
    assert [cells[0] for cells in table] == ["0.3 to 0.4", "0.5 to 0.55", "0.6 to 0.7", "0.8 and more"]
    bands = [tuple(map(float, cells[0].split(" to "))) for cells in table[:3]]
    assert all(any(low <= variation["strength"] <= high for low, high in bands) for variation in VARIATIONS.values())
    for (low, high), cells in zip(bands, table, strict=False):
        examples = re.findall(r"`(\w+)` ([\d.]+)", cells[2])
        assert examples
        for name, strength in examples:
            assert VARIATIONS[name]["strength"] == float(strength) and low <= float(strength) <= high


def test_what_is_typed_there_runs_on_a_bare_clone(clone: Space) -> None:
    blocks = re.findall(r"^```console\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    lines = [shlex.split(line.removeprefix("$ ")) for block in blocks for line in block.splitlines()]
    assert [words[1] for words in lines] == ["pick", "include", "exclude", "explain", "export"]
    told = []
    for _, *words in lines:
        done = clone.call(*words)
        assert done.code == 0, (words, done.err)
        told.append(done.out)
    assert "included   variations/squat_02" in told[3] and "the back foot is cut off" in told[3]
    pictures = {path.stem for path in (clone.root / "content/training/mannequin/images").glob("*.png")}
    assert len(pictures) == 30 and "squat_02" in pictures and "lunge_01" not in pictures


def test_its_links_and_pictures_are_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)|src=\"([^\"]+)\"", PAGE):
        assert (REPOSITORY / "docs" / Path("".join(target))).is_file(), target
