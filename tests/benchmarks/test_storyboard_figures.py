"""The figures of storyboards: the harness runs, and prints what the page shows."""

from __future__ import annotations

import subprocess
import sys

from conftest import REPOSITORY


def test_a_round_prints_every_figure() -> None:
    done = subprocess.run([sys.executable, "benchmarks/storyboard.py", "--rounds", "1"], cwd=REPOSITORY, capture_output=True,
                          text=True, check=True)
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [
        "scene new", "build of 4 x 4", "build again", "rebuild", "enhance"]
    assert "rebuild: 0 prompts, 0 renders, 0 of openai, httpx2, fal_client imported\n" in done.stdout


def test_a_round_of_requests_prints_every_figure() -> None:
    done = subprocess.run([sys.executable, "benchmarks/generations.py", "--rounds", "1"], cwd=REPOSITORY, capture_output=True,
                          text=True, check=True)
    assert [line.rpartition(":")[0] for line in done.stdout.splitlines()] == [
        "POST /api/generate, the first after the start", "POST /api/generate, median", "POST /api/generate, 99th of a hundred",
        "GET /api/state"]
