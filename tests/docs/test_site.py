"""The site of the documentation: it builds strictly, loads nothing from elsewhere, and is searched in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chromium import chromium, tab, violations
from conftest import REPOSITORY

__all__ = ["chromium"]


def sphinx(docs: Path, site: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", str(docs), str(site)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    ran = sphinx(REPOSITORY / "docs", folder)
    assert ran.returncode == 0, ran.stderr
    return folder


def test_every_page_of_the_docs_is_in_the_site_and_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = {path.relative_to(REPOSITORY / "docs").with_suffix(".html") for path in (REPOSITORY / "docs").rglob("*.md")
             if "_build" not in path.parts}
    assert pages <= {path.relative_to(site) for path in site.rglob("*.html")}
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loads = re.findall(r'<(?:script|img|link|iframe)\b[^>]*?(?:src|href)="((?:https?:)?//[^"]*)"', text)
        assert loads == [], page


def test_the_reference_names_every_command_and_every_field(site: Path) -> None:
    from calotype.roof.cli.group import SECTIONS

    commands = (site / "reference/commands.html").read_text(encoding="utf-8")
    for name in [name for names in SECTIONS.values() for name in names]:
        assert f'id="calotype-{name}"' in commands, name
    assert "--keep-going" in commands
    specs = (site / "reference/specs.html").read_text(encoding="utf-8")
    for field in ("view_angle", "muscles_shown", "controlnets", "shoulder_abduction", "candidates", "chain"):
        assert f"<code class=\"docutils literal notranslate\"><span class=\"pre\">{field}</span></code>" in specs, field


def test_the_reference_names_every_method_of_a_project(site: Path) -> None:
    from calotype import Project

    page = (site / "api.html").read_text(encoding="utf-8")
    for name in (name for name in dir(Project) if not name.startswith("_")):
        assert f'<section id="{name.replace("_", "-")}">' in page, name
    assert "The targets and how each stands" in page


def test_a_broken_link_fails_the_build(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "docs", tmp_path / "docs", ignore=shutil.ignore_patterns("_build", "pictures", "gallery"))
    for page in (tmp_path / "docs").rglob("*.md"):
        page.write_text("---\norphan: true\n---\n# A page\n\n[gone](nowhere.md)\n", encoding="utf-8")
    ran = sphinx(tmp_path / "docs", tmp_path / "site")
    assert ran.returncode != 0 and "nowhere.md" in ran.stderr


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_site_is_read_and_searched_from_files(site: Path, chromium: Any, width: int, scheme: str) -> None:
    with tab(chromium, width=width, scheme=scheme) as page:
        for path in sorted(site.rglob("*.html")):
            name = path.relative_to(site).as_posix()
            if name.startswith(("_", "genindex", "search")):
                continue
            page.goto(path.as_uri())
            page.evaluate("for (const image of document.images) image.loading = 'eager'")
            page.wait_for_function("[...document.images].every(i => i.complete)")
            assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth)"), name
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        page.goto((site / "search.html").as_uri() + "?q=laterality")
        page.wait_for_selector("#search-results li a")
        assert page.locator("#search-results li").count() >= 1


def test_the_axe_check_is_at_hand(chromium: Any, site: Path) -> None:
    with tab(chromium) as page:
        page.goto((site / "index.html").as_uri())
        assert [one for one in violations(page) if one.startswith(("image-alt", "html-has-lang"))] == []
