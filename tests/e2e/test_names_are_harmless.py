"""Nothing that a name holds reaches a terminal or a log as it is: no escape, no newline, no turned line, no command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conftest import REPOSITORY, Run, Space

NAMES = ["\x1b]0;owned\x07", "\x1b[2J\x1b[31mred", "a\n::error::owned", "a\r::warning::owned", "\u202egnp.exe", "\x9b31m",
         "##[error]owned", "a\u2028::error::owned", "\x08\x08\x08"]
FORMATS = ["text", "json", "github", "sarif", "junit"]
CHIN = ("kind: exercise\nid: chin\nregion: neck\ntitle: Chin\nimages:\n"
        "  - {view_angle: lateral, body_position: standing, description: chin}\n")


def owned(done: Run, *, commands: bool = False) -> list[str]:
    """The lines that a terminal or a job would obey. `commands`: stdout holds such of our own, one diagnostic each."""
    lines = [*re.split(r"[\n\r]", done.out), *re.split(r"[\n\r]", done.err)]
    obeyed = [line for line in lines if line and not line.isprintable()]
    obeyed += [line for line in lines if line.lstrip().startswith("::") and not commands]
    obeyed += [line for line in lines if commands and re.match(r"\s*::(?!(error|warning|notice) [a-z]+=)", line)]
    return obeyed + [line for line in lines if "##[" in line]


@pytest.fixture
def project(space: Space) -> Space:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n")
    space.write("specs/exercises/chin.yaml", CHIN)
    return space


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_hostile_name_is_shown_and_not_obeyed(project: Space, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = project.root.parent / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    for command in ("build", "plan", "explain", "check", "list", "pose", "inspect", "validate", "graph"):
        assert owned(project.call(command, name)) == [], command
        assert owned(project.call(command, f"--{name}")) == [], command
    assert owned(project.call(name)) == []
    assert owned(project.call("build", "--preset", name)) == []
    project.write("specs/exercises/chin.yaml", CHIN.replace("title: Chin", f"title: {json.dumps(name)}"))
    assert owned(project.call("build")) == [] and owned(project.call("list")) == []
    assert owned(project.call("list", "--json")) == []
    if name == "##[error]owned":
        assert project.call("list", "--json").json["targets"][0]["title"] == name
    project.write("specs/exercises/chin.yaml", f"{CHIN}{json.dumps(name)}: 1\n{json.dumps(name + 'x')}: {{a: 1}}\n")
    project.write(f"specs/exercises/{name.replace('/', '_')}.yaml", "kind: [\n")
    for form in FORMATS:
        for command in ("validate", "check"):
            done = project.call(command, "--format", form)
            assert done.code == 2
            assert owned(done, commands=form == "github") == [], (command, form, done.out, done.err)
            if form in ("json", "sarif"):
                json.loads(done.out)
    for command in ("build", "plan", "list"):
        assert owned(project.call(command)) == [] and owned(project.call(command, "--json")) == []
    assert all(line.isprintable() for line in summary.read_text().split("\n"))


def test_colours_are_our_own_alone(project: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    project.write("specs/exercises/chin.yaml", f"{CHIN}\"\\e[8mhidden\\e[31m\": 1\n")
    done = project.call("validate")
    assert "\x1b[1" in done.err + done.out and "\x1b[8m" not in done.err + done.out


def test_every_page_allows_its_own_files_alone(project: Space) -> None:
    assert project.call("build").code == 0
    pages = [project.root / name for name in project.files("build") if name.endswith(".html")]
    assert pages
    for page in pages:
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page.read_text())
        assert "default-src 'none'" in policy and "unsafe" not in policy
    for template in Path(REPOSITORY / "src/calotype/results/sheet/templates").glob("*.j2"):
        assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", template.read_text()), template.name
