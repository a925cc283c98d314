"""The figures of growth can be taken: here at a size that says nothing about it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def test_the_figures_of_growth_are_taken() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/growth.py", "--only", "mapped", "--sizes", "2", "40", "--rounds", "1"], cwd=REPOSITORY,
        check=True, capture_output=True, text=True, timeout=300)
    rows = [row.split("|") for row in done.stdout.splitlines()[2:]]
    assert [row[1].strip() for row in rows] == ["mapped, 40 against 2", "mapped, peak memory of 40"]
    assert rows[0][2].strip() == "<= 2.3x"
