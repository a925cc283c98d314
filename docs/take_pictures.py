"""`python docs/take_pictures.py`: the contact sheets of the sample project, photographed for docs/pictures/.

It builds a copy of the sample, bows a head, asks for three candidates, and looks at the pages in Chromium. Needs
playwright and Chromium, as the tests do.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CALOTYPE = Path(sys.executable).with_name("calotype")
NOD = """\
kind: exercise
id: nod
region: neck
title: Nod
tags: [posture]
images:
  - {id: low, view_angle: lateral, body_position: standing, description: head bowed, pose: {neck_flexion: 30},
     candidates: 3, select: human}
"""
EDIT = ("specs/exercises/lower_back/cat_cow.yaml", "pose: cow\n", "pose: {base: cow, neck_flexion: 20}\n")


def build(root: Path) -> None:
    for name in ("specs", "content"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "calotype.yaml", root)
    calotype(root)
    path, old, new = EDIT
    (root / path).write_text((root / path).read_text().replace(old, new))
    (root / "specs/exercises/neck/nod.yaml").write_text(NOD)
    calotype(root)


def calotype(root: Path) -> None:
    if subprocess.run([CALOTYPE, "build", "-q"], cwd=root, check=False).returncode not in (0, 3):
        raise SystemExit("the sample could not be built")


def photograph(browser: Any, pages: Path) -> None:
    def take(
        name: str, page: str, act: Callable[[Any], object] = lambda tab: None, *,
        width: int = 1280, height: int = 800, scheme: str = "light",
    ) -> None:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        tab = context.new_page()
        tab.goto((pages / page).as_uri())
        act(tab)
        tab.wait_for_timeout(400)
        tab.screenshot(path=HERE / "pictures" / f"sheet-{name}.png")
        context.close()

    take("index", "index.html")
    take("spec", "exercises/cat_cow.html")
    take("search", "index.html", lambda tab: tab.fill("#Search", "seated"), scheme="dark", height=700)
    take("changed", "changed.html", lambda tab: tab.locator(".compare input").fill("58"), width=900, height=680)
    take("candidates", "exercises/nod.html", width=1100, height=620)
    take("phone", "exercises/chin_tuck.html", width=390, height=780)
    take("print", "exercises/cat_cow.html", lambda tab: tab.emulate_media(media="print"), width=794, height=1060)


def main() -> None:
    from playwright.sync_api import sync_playwright

    (HERE / "pictures").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        build(Path(folder))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        photograph(browser, Path(folder) / "build")
        browser.close()


if __name__ == "__main__":
    main()
