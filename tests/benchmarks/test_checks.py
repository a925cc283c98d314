"""The figures of `check`, `validate` and decisions can be taken: here at a size that says nothing about speed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform != "linux", reason="processes are held to one core by Linux' own call")
def test_the_figures_of_checks_and_decisions_are_taken(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    subprocess.run(
        [sys.executable, "-m", "benchmarks", "--specs", "6", "--rounds", "1", "--only", "check", "decisions",
         "--json", str(figures), "--at", str(tmp_path)], cwd=REPOSITORY, check=True, capture_output=True, timeout=300)
    rows = json.loads(figures.read_text())
    assert set(rows) == {
        "check, bare clone / CSafeLoader", "check on one core, bare clone / CSafeLoader",
        "validate, bare clone / CSafeLoader", "validate on one core, bare clone / CSafeLoader",
        "check --since, one spec changed, beyond check", "check, nothing changed", "validate, nothing changed", "check, nothing changed / check --full",
        "a decision, the 6th in a row", "approve, the 6th in a row", "reject, the 6th in a row",
        "after a decision: renders", "after a decision: files written",
        "export of 30 images of 64 x 64", "export again: files written",
    }
    none = {"after a decision: renders", "export again: files written"}
    assert all((row["measured"] == 0) == (what in none) for what, row in rows.items())
