"""`python docs/take_studio_pictures.py`: Studio photographed for docs/pictures/.

On a copy of the sample with a choice to make. It needs playwright and Chromium, as the tests do.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from take_pictures import CALOTYPE, HERE, build

SPEC = "specs/exercises/neck/nod.yaml"


@contextmanager
def studio(root: Path) -> Iterator[str]:
    """The address, token and all, of a Studio of the project at `root`."""
    words = [CALOTYPE, "studio", "--no-open", "--port", "0"]
    process = subprocess.Popen(words, cwd=root, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def taken(view: Any, picture: str) -> None:
    view.wait_for_timeout(800)
    view.screenshot(path=HERE / "pictures" / f"studio-{picture}.png")


def photograph(view: Any, address: str, root: Path) -> None:
    """The inbox, a comparison, errors over a page, and a training set."""
    base, _, token = address.partition("#")
    view.goto(f"{base}inbox#{token}")
    view.locator("#Stage li.chosen").wait_for()
    taken(view, "inbox")
    view.keyboard.press("ArrowRight")
    view.keyboard.press("c")
    for key in ("+", "+", "+", "ArrowDown", "ArrowDown"):
        view.keyboard.press(key)
    taken(view, "compare")
    view.goto(f"{base}build/characters/mannequin.html")
    view.get_by_role("tab", name="Training").click()
    view.locator(".members li").first.wait_for()
    taken(view, "training")
    view.goto(f"{base}build/exercises/cat_cow.html")
    view.locator(".chip[data-kind=good]").wait_for()
    spec = root / SPEC
    text = spec.read_text()
    spec.write_text(text.replace("neck_flexion: 30", "neck_flexoin: 30"))
    view.locator(".errors").wait_for()
    taken(view, "errors")
    spec.write_text(text)


def main() -> None:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = Path(folder)
        build(root)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with studio(root) as address:
            photograph(browser.new_page(viewport={"width": 1280, "height": 800}), address, root)
        browser.close()


if __name__ == "__main__":
    main()
