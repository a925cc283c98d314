"""The tutorial is done, step by step, and what it shows must be what is printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from conftest import REPOSITORY, Space

PAGE = REPOSITORY / "docs/tutorial.md"
FENCE = re.compile(r"^```(\w+)(?: (\w+))?(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def matches(shown: str, said: str) -> bool:
    """`...` stands for anything, on its own line for any lines."""
    pattern = re.escape(shown.strip()).replace(re.escape("..."), ".*?")
    return re.fullmatch(pattern, said.strip(), re.DOTALL) is not None


def run(space: Space, block: str) -> Space:
    """Types the commands of a block; returns the folder it ends in."""
    for step in filter(None, re.split(r"^\$ ", block, flags=re.MULTILINE)):
        command, _, shown = step.partition("\n")
        program, *words = shlex.split(command)
        if program == "cd":
            space = Space(space.root / words[0])
        elif program == "rm":
            space.remove(words[0])
        else:
            assert program == "calotype"
            done = space.run(*words, env={"NO_COLOR": "1", "COLUMNS": "80"})
            said = done.err + done.out
            assert matches(shown, said) or matches(shown, done.out), f"{command}\n{said}"
    return space


def test_the_tutorial_tells_the_truth(tmp_path: Path) -> None:
    space = Space(tmp_path)
    edits: list[str] = []
    file, blocks = "", 0
    for language, what, name, text in FENCE.findall(PAGE.read_text(encoding="utf-8")):
        blocks += 1
        if language == "console":
            space = run(space, text)
        elif what == "file":
            space.write(name, text)
        else:
            file = name or file
            edits.append(text)
            if len(edits) == 2:
                space.edit(file, *edits)
                edits.clear()
    assert blocks >= 10 and not edits
