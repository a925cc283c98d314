"""docs/api.md has every member of the package, says of each what the code says, and its examples run."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import calotype
from conftest import REPOSITORY

PAGE = REPOSITORY / "docs/api.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PRINTED = re.compile(r"^ *print\(.*\)\n *# (.*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def made() -> Any:
    described = importlib.util.spec_from_file_location("make_api", REPOSITORY / "docs/make_api.py")
    assert described is not None and described.loader is not None
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


def sections() -> dict[str, str]:
    """The sections of third level by their headings."""
    return {part.partition("\n")[0]: part for part in re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]}


def hand_written(text: str) -> str:
    return re.sub(r"<!-- code: \w+ -->.*?<!-- end -->|<!-- types -->.*", "", text, flags=re.DOTALL)


def test_the_page_says_what_the_code_says(made: Any) -> None:
    assert made.page() == TEXT, "run `python docs/make_api.py`"


def test_every_member_of_the_package_is_on_the_page() -> None:
    assert all(f"`{name}`" in TEXT.partition("## Problem")[0] for name in calotype.__all__)


def test_every_method_and_type_has_its_section_and_every_method_an_example(made: Any) -> None:
    assert set(sections()) == {*made.methods(), *made.types()}, "give it a section with an example in docs/api.md"
    assert [name for name in made.methods() if not EXAMPLE.search(hand_written(sections()[name]))] == []
    assert [name for name in made.methods() if f"<!-- code: {name} -->" not in sections()[name]] == []


def test_the_methods_of_decisions_are_among_them(made: Any) -> None:
    assert {"open", "build", "pick", "approve", "reject", "include", "exclude", "undo"} <= set(made.methods())
    assert {"Outcome", "Diagnostic", "Decision", "Event", "Explanation", "PoseOptions"} <= set(made.types())


def test_the_codes_of_errors_on_the_page_are_those_of_the_program() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "src/calotype").rglob("*.py"))
    codes = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", hand_written(TEXT)))
    assert codes and {code for code in codes if f'"{code}"' not in sources} == set()


def test_the_examples_run_and_print_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("specs", "content", "refs", "templates"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=shutil.ignore_patterns("training"))
    shutil.copy(REPOSITORY / "calotype.yaml", tmp_path)
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (1024, 1024), "white").save(tmp_path / "refs/retouched.png")
    assert len(PRINTED.findall(hand_written(TEXT))) >= 20
    names: dict[str, Any] = {}
    for example in EXAMPLE.findall(hand_written(TEXT)):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(example, names)
        expected = PRINTED.findall(example)
        assert printed.getvalue().splitlines()[:len(expected)] == expected, example
