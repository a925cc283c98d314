"""The change that is suggested to calotype.yaml: `patch` takes it, its numbers stand in their places, all else stays."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from calotype.queries.judge.config_change import weights_change

WEIGHTS = {"pick": 0.62, "technical": 0.38, "vqa": 0.0}
TEXTS = (
    "version: 1\n",
    "version: 1\n# über\nscoring: {weights: {pick: 0.5, clip: .25}, threshold: 30}   # c\ncache: {dir: cache}\n",
    "scoring:\n  threshold: 20   # low\nversion: 1\n",
    "version: 1\nscoring:\n  weights:\n    # words\n    pick: 0.50   # good\n    clip: 0.5\n\n\nlint: {}\n",
    "scoring: {}\nversion: 1\n",
    "scoring: {weights: {}}\nversion: 1\n",
    "scoring:\n  weights: {\n    pick: 1,\n    clip: 2\n  }\nversion: 1\n",
    "version: 1\nscoring: &all\n  weights: &weights {pick: 1}\n",
    "version: 1\nscoring:\n  weights:\n    pick: 1\n    technical: 0\n",
)


def patched(text: str, tmp_path: Path) -> str:
    """`text` as `patch` makes it of the change."""
    file = tmp_path / "calotype.yaml"
    file.write_text(text)
    change = weights_change(text, WEIGHTS)
    subprocess.run(["patch", "-p0"], cwd=tmp_path, input=change + "\n", text=True, check=True, capture_output=True)
    return file.read_text()


@pytest.mark.skipif(shutil.which("patch") is None, reason="there is no patch")
@pytest.mark.parametrize("text", TEXTS)
def test_patch_takes_it_and_only_weights_are_others(text: str, tmp_path: Path) -> None:
    before, after = yaml.safe_load(text), yaml.safe_load(patched(text, tmp_path))
    weights = after["scoring"].pop("weights")
    assert {name: weight for name, weight in weights.items() if weight} == {"pick": 0.62, "technical": 0.38}
    assert {name for name, weight in weights.items() if not weight} <= {"clip"}, "what was there and is no use gets 0"
    (before.get("scoring") or {}).pop("weights", None)
    assert {**after, "scoring": after["scoring"] or None} == {**before, "scoring": before.get("scoring") or None}


@pytest.mark.skipif(shutil.which("patch") is None, reason="there is no patch")
@pytest.mark.parametrize("text", [text for text in TEXTS if "#" in text])
def test_every_comment_stays(text: str, tmp_path: Path) -> None:
    after = patched(text, tmp_path)
    assert [line.partition("#")[2] for line in text.splitlines() if "#" in line] == [
        line.partition("#")[2] for line in after.splitlines() if "#" in line]


def test_where_nothing_can_be_edited_in_the_weights_stand_below() -> None:
    """A merge that draws the weights in would be changed for all that merge it."""
    text = "x: &x {weights: {pick: 1}}\nscoring:\n  <<: *x\n"
    assert weights_change(text, WEIGHTS).splitlines()[-1].startswith("+")


def test_the_same_weights_are_no_change() -> None:
    assert weights_change("scoring: {weights: {pick: 0.62, technical: 0.38}}\n", WEIGHTS) == ""
