"""A page of the Studio when the program itself fails: the dot says so, what was wrong is told, and the page stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chromium import chromium, tab, violations
from conftest import Space
from studio_server import NOD, studio, write_project

__all__ = ["chromium"]
BREAKS = '''
"""A plug-in that breaks the program that it is part of, once a file says so: the bug is the program's from there on."""

from pathlib import Path

from calotype.workers.render.mannequin import Mannequin as Figure

NOW = Path(__file__).with_name("now")


class Breaks(Figure):
    name = "breaks"

    def request(self, image):
        if NOW.exists():
            from calotype.roof.studio.building.build_process import Builds

            Builds._record = None
        return {**super().request(image), "renderer": "breaks"}
'''


def installed(folder: Path) -> Path:
    """The plug-in, as a distribution in `folder`, and the file that makes it break the program."""
    info = folder / "breaks-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: breaks\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[calotype.renderers]\nbreaks = breaks_it:Breaks\n")
    (folder / "breaks_it.py").write_text(BREAKS)
    return folder / "now"


def test_a_bug_in_the_building_is_told_on_the_page_until_somebody_starts_anew(chromium: Any, tmp_path: Path) -> None:
    now = installed(tmp_path / "site")
    space = Space(tmp_path / "project")
    space.root.mkdir()
    write_project(space, "seed: 1, renderer: breaks", "seed: 2")
    env = {"PYTHONPATH": str(tmp_path / "site")}
    with studio(space.root, env=env) as server, tab(chromium, home=server.address) as view:
        server.wait_for_build()
        view.goto(f"{server.address}build/exercises/nod.html#token={server.token}")
        view.locator(".chip[data-kind=good]", has_text="All up to date").wait_for()
        now.touch()
        space.edit(NOD, "seed: 2", "seed: 3")
        view.locator(".chip[data-kind=bad]", has_text="Nothing is built any more").wait_for()
        panel = view.locator(".errors")
        panel.filter(has_text="this is a bug in Calotype: TypeError").wait_for()
        assert "build/logs/" in panel.inner_text() and "until Studio is started anew" in panel.inner_text()
        assert violations_of_a_twin(view) == []
        assert view.locator("figure[id='02'] > a.print img").evaluate("image => image.naturalWidth") == 64
        view.get_by_role("button", name="Hide the errors").click()
        panel.wait_for(state="detached")
        assert view.evaluate("document.activeElement.className") == "chip"
        view.keyboard.press("Enter")
        panel.wait_for()
        assert list((space.root / "build/logs").iterdir())
        assert view.get_by_role("button", name=f"Edit {NOD}").is_enabled(), "specs can be edited meanwhile"
        assert server.stop() == 70
        server.killed = True


def violations_of_a_twin(view: Any) -> list[str]:
    """What axe-core finds on this page in a context without its policy, which forbids the script of axe."""
    context = view.context.browser.new_context(bypass_csp=True)
    twin = context.new_page()
    twin.goto(view.url)
    twin.locator(".errors").wait_for()
    problems = violations(twin)
    context.close()
    return problems
