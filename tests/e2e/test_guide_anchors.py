"""`anchor: auto` takes, row by row, the anchor that the training-set guide's table names."""

from __future__ import annotations

import shutil

import pytest
from kit import use_sketch

from conftest import REPOSITORY, Space

ROWS = {
    "pull-up variations": ("hanging", "posterior", "pullup_top"), "chin-up variations": ("hanging", "anterior", "chinup_top"),
    "barbell row": ("bent", "oblique", "barbell_row"), "deadlift start": ("bent", "oblique", "deadlift_start"),
    "lat pulldown": ("seated", "oblique", "lat_pulldown"), "cable row": ("seated", "oblique", "cable_row"),
    "bicep curl": ("front", "anterior", "bicep_curl"), "front poses": ("front", "anterior", "hands_on_hips"),
    "rear poses": ("back", "posterior", "double_biceps"), "shoulder press": ("arms_up", "anterior", "shoulder_press"),
    "squat": ("side", "lateral", "squat"), "push-up": ("side", "lateral", "push_up"), "lunge": ("quarter", "oblique", "lunge"),
}
ANCHORS = {
    "front": ("anterior", "{base: standing}"), "back": ("posterior", "{base: standing}"),
    "side": ("lateral", "{base: standing}"), "quarter": ("oblique", "{base: standing}"),
    "arms_up": ("anterior", "arms_up"), "bent": ("oblique", "bent_over"), "seated": ("oblique", "sitting_on_bench"),
    "hanging": ("posterior", "{base: hanging}"),
}


def ident(row: str) -> str:
    return row.replace(" ", "_").replace("-", "_")


@pytest.fixture
def figure(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    """A character with the guide's eight anchors and a variation for each of its rows, in the poses of the sample."""
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [16, 16]}\nmodels: {base: org/base}\n")
    shutil.copytree(REPOSITORY / "specs/poses", space.root / "specs/poses")
    anchors = "".join(f"    - {{id: {name}, view_angle: {view}, pose: {pose}}}\n" for name, (view, pose) in ANCHORS.items())
    variations = "".join(f"  - {{id: {ident(row)}, anchor: auto, view_angle: {view}, pose: {pose}}}\n"
                         for row, (_, view, pose) in ROWS.items())
    space.write("specs/characters/fit.yaml",
                f"kind: character\nid: fit\nprompt: a figure\nanchors:\n  poses:\n{anchors}variations:\n{variations}")
    return space


def test_each_of_the_thirteen_rows_starts_from_the_anchor_of_its_row(figure: Space) -> None:
    edges = dict(reversed(edge) for edge in figure.call("graph", "--json").json["edges"])
    chosen = {row: edges[f"characters/fit/variations/{ident(row)}_01"].rpartition("/")[2] for row in ROWS}
    assert chosen == {row: anchor for row, (anchor, *_) in ROWS.items()} and len(chosen) == 13
