"""What a watch says of a build: the author's files first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calotype.project.outcome import Outcome
from calotype.roof.cli.settings import Settings
from calotype.roof.watch.terminal import Terminal
from calotype.roof.watch.watcher import Round

CHANGED = ("build/exercises/index.html", "build/exercises/neck.html", "build/index.html", "calotype.yaml", "specs/exercises/nod.yaml")


def test_what_an_author_edited_is_named_before_what_calotype_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(Settings(), tmp_path).show(Round(CHANGED, Outcome(), False))
    assert "calotype.yaml, specs/exercises/nod.yaml, build/exercises/index.html and 2 more" in capsys.readouterr().out
    Terminal(Settings(json=True), tmp_path).show(Round(CHANGED, Outcome(), False))
    assert json.loads(capsys.readouterr().out)["changed"] == [*CHANGED[3:], *CHANGED[:3]]
