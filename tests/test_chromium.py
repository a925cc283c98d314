"""Where the tests of pages get their browser from, and what is said where there is none."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import chromium


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH, on a machine without any browser."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "_of_playwright", lambda: iter(()))
    for name in ("env", "true"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    return tmp_path


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_browser_that_is_there_is_taken_and_nothing_is_installed(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "_does", lambda *words, **_: pytest.fail(f"ran {words}"))
    there = script(tools / "google-chrome", "exit 0")
    assert chromium.get() == str(there)
    monkeypatch.setenv("CHROMIUM", str(script(tools / "mine", "exit 0")))
    assert chromium.get() == str(tools / "mine")


def test_one_that_does_not_run_is_passed_over(tools: Path) -> None:
    script(tools / "chromium", "exit 127")
    there = script(tools / "chromium-browser", "exit 0")
    assert chromium.find() == str(there)


@pytest.mark.parametrize("user", [0, 1000])
def test_apt_is_asked_where_it_needs_no_password(tools: Path, monkeypatch: pytest.MonkeyPatch, user: int) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(chromium, "_by_playwright", lambda: pytest.fail("Playwright was asked"))
    if user:
        script(tools / "sudo", '[ "$1" = -n ] && shift && exec "$@"')
    script(tools / "apt-get", f"""
        case "$*" in
            *update) ;;
            *"install -y --no-install-recommends chromium")
                printf '#!/bin/sh\\n' > {tools}/chromium && /bin/chmod +x {tools}/chromium ;;
            *) exit 2 ;;
        esac""")
    assert chromium.get() == str(tools / "chromium")


def test_else_playwrights_own_installer_and_then_no_other(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    script(tools / "sudo", "exit 1")
    script(tools / "apt-get", "exit 1")
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(chromium, "_does", lambda *words, **_: bool(asked.append(words)))
    assert chromium.get() is None
    assert asked == [("sudo", "-n", "true"), (sys.executable, "-m", "playwright", "install", "chromium")]


def test_without_any_it_ends_with_the_line_to_type(tools: Path) -> None:
    done = subprocess.run(
        [sys.executable, chromium.__file__], env={**os.environ, "CHROMIUM": "/nowhere"}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == chromium.ADVICE and "\n" not in chromium.ADVICE
