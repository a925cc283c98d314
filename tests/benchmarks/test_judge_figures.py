"""The figures of judging can be taken: here at a size that says nothing about them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def test_what_scorers_cost_together_is_taken() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/judge.py", "--only", "panel", "--images", "3", "--size", "64", "--rounds", "1"],
        cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=500)
    rows = [row.split("|") for row in done.stdout.splitlines()[2:]]
    assert rows[0][2].strip() == "<= 0.7x" and "x (" in rows[0][3]
    assert rows[2][2].strip() == rows[2][3].strip() == "3; 9; 3; 4"


def test_what_ordering_anew_costs_is_taken() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/judge.py", "--only", "rerank", "--candidates", "100"],
        cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=500)
    rows = [row.split("|") for row in done.stdout.splitlines()[2:]]
    assert [row[2].strip() for row in rows] == ["<= 1.5 s", "none"] * 2
    assert all(row[3].strip() == "none" for row in rows[1::2])
