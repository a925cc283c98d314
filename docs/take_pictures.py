"""`python docs/take_pictures.py [sheet] [way]`: pages photographed for docs/pictures/, of both kinds if none is named.

`sheet`: the contact sheets of a copy of the sample, with a head bowed and three candidates asked for. `way`: the page
that each of the README's four ways in ends with. Needs playwright and Chromium, as the tests do.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
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
WAYS = {
    "physio": ("handout.html", 1070), "character": ("build/characters/leo.html", 1180),
    "lora": ("build/characters/fitmannequin.html", 1180), "storyboard": ("build/scenes/first_light.html", 1030),
}
"""Template: the page that its way in ends with, and how much of it is shown."""
HANDED_OUT = ("exercises/heel_slide", "exercises/sit_to_stand")
SHOWN = """() => [...document.images].every(image => image.getBoundingClientRect().top > innerHeight
  || !image.checkVisibility() || image.complete && image.naturalWidth)"""
EDIT = ("specs/exercises/lower_back/cat_cow.yaml", "pose: cow\n", "pose: {base: cow, neck_flexion: 20}\n")


def build(root: Path) -> None:
    for name in ("specs", "content", "refs", "templates"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "calotype.yaml", root)
    calotype(root, "build")
    path, old, new = EDIT
    (root / path).write_text((root / path).read_text().replace(old, new))
    (root / "specs/exercises/neck/nod.yaml").write_text(NOD)
    calotype(root, "build")


def calotype(root: Path, *words: str) -> None:
    if subprocess.run([CALOTYPE, *words, "-q"], cwd=root, check=False).returncode not in (0, 3):
        raise SystemExit(f"`calotype {' '.join(words)}` failed in {root}")


def take(
    browser: Any, picture: str, page: Path, act: Callable[[Any], object] = lambda tab: None, *,
    width: int = 1280, height: int = 800, scheme: str = "light",
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    tab = context.new_page()
    tab.goto(page.as_uri())
    act(tab)
    tab.wait_for_function(SHOWN)
    tab.wait_for_timeout(400)
    tab.screenshot(path=HERE / "pictures" / f"{picture}.png")
    context.close()


def sheets(browser: Any, root: Path) -> None:
    build(root)
    pages = root / "build"
    take(browser, "sheet-index", pages / "index.html")
    take(browser, "sheet-spec", pages / "exercises/cat_cow.html")
    take(browser, "sheet-search", pages / "index.html", lambda tab: tab.fill("#Search", "seated"),
         scheme="dark", height=700)
    take(browser, "sheet-changed", pages / "changed.html", lambda tab: tab.locator(".compare input").fill("58"),
         width=900, height=680)
    take(browser, "sheet-character", pages / "characters/mannequin.html", to_variations, height=900)
    take(browser, "sheet-candidates", pages / "exercises/nod.html", width=1100, height=620)
    take(browser, "sheet-phone", pages / "exercises/chin_tuck.html", width=390, height=780)
    take(browser, "sheet-print", pages / "exercises/chin_tuck.html", on_paper, width=794, height=1210)


def to_variations(tab: Any) -> None:
    tab.locator("#variations").evaluate("heading => scrollTo(0, heading.offsetTop - 70)")


def on_paper(tab: Any) -> None:
    """As the browser prints it, with the margins of a page."""
    tab.emulate_media(media="print")
    tab.evaluate("document.documentElement.style.padding = '14mm'")


def ways(browser: Any, root: Path) -> None:
    for template, (page, height) in WAYS.items():
        project = root / template
        calotype(root, "init", "--template", template, template)
        calotype(project, "build", *(HANDED_OUT if template == "physio" else ()))
        if template == "physio":
            calotype(project, "handout", *HANDED_OUT, "-o", page, "--clinic", "Harbour Physio")
        take(browser, f"way-{template}", project / page, width=860 if template == "physio" else 1240, height=height)


def main(kinds: Sequence[str]) -> None:
    from playwright.sync_api import sync_playwright

    (HERE / "pictures").mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for kind, photograph in (("sheet", sheets), ("way", ways)):
            if kind in kinds or not kinds:
                with tempfile.TemporaryDirectory() as folder:
                    photograph(browser, Path(folder))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
