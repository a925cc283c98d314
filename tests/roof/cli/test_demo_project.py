"""`calotype demo`: a project of its own, drawn while one looks, and nothing of anybody else's touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from calotype.roof.cli.commands.live.demo import NEW, OLD, SPEC
from conftest import CALOTYPE, Space
from studio_server import PATIENCE, Server


def begin(folder: Path, *words: str) -> tuple[subprocess.Popen[str], list[str], Server]:
    """The demo at work, what it said, and its server."""
    process = subprocess.Popen([CALOTYPE, "demo", "--no-open", "--port", "0", *words], cwd=folder, stdout=subprocess.PIPE,
                               text=True)
    assert process.stdout is not None
    lines = []
    while not (lines and lines[-1].startswith("http://")):
        lines.append(process.stdout.readline().rstrip("\n"))
        assert lines[-1] or process.poll() is None, lines
    return process, lines, Server(process, lines[-1])


def end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    assert process.stdout is not None
    process.stdout.close()


def test_eight_pictures_are_drawn_and_the_line_to_edit_changes_one(tmp_path: Path) -> None:
    process, lines, server = begin(tmp_path)
    place = next(line.rpartition(" ")[2] for line in lines if SPEC in line)
    state = server.wait_for_build()
    assert (state["latest"]["renders"], state["awaiting"]) == (8, 1)
    path, _, number = place.partition(":")
    spec = tmp_path / path
    assert OLD in spec.read_text().splitlines()[int(number) - 1]
    spec.write_text(spec.read_text().replace(OLD, NEW))
    assert server.wait_for_build(2)["latest"]["renders"] == 1
    end(process)
    demo = Space(tmp_path / "calotype-demo")
    assert demo.call("check", "-q").code == 3 and demo.call("validate").code == 0
    process, lines, server = begin(tmp_path)
    assert "goes on" in lines[0] and server.wait_for_build()["latest"]["renders"] == 0
    end(process)
    assert NEW in spec.read_text()


@pytest.mark.parametrize("content", ["a file", "a folder of others", "another project"])
def test_what_is_there_is_left_alone(tmp_path: Path, content: str) -> None:
    target = tmp_path / "mine"
    if content == "a file":
        target.write_text("mine")
    else:
        target.mkdir()
        (target / ("calotype.yaml" if content == "another project" else "notes.txt")).write_text("version: 1\n")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    done = subprocess.run([CALOTYPE, "demo", "mine"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "") and "in-the-way" in done.stderr
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\nu.find_spec = lambda name, *rest: None if name == 'fastapi' else find(name, *rest)\n")
    done = subprocess.run([sys.executable, "-m", "calotype", "demo"], cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(tmp_path / "hidden")})
    assert done.returncode == 2 and "pip install 'calotype[studio]'" in done.stderr
    assert sorted(os.listdir(tmp_path)) == ["hidden"]
