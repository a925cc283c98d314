"""A real browser for tests of pages: Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def _executable() -> str:
    found = os.environ.get("CHROMIUM") or next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("these tests need Chromium: install it (apt install chromium), or name it in CHROMIUM", pytrace=False)
    return found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Started for a module and gone after it, with the processes that drive it: other tests count theirs."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_executable(), args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def tab(chromium: Any, *, width: int = 1280, height: int = 900, scheme: str = "light") -> Iterator[Any]:
    """A page in a context of its own. Whatever it says on the console, and every request that fails or leaves for
    another machine, is an error."""
    said: list[str] = []
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda problem: said.append(str(problem)))
    page.on("requestfailed", lambda request: said.append(f"failed: {request.url}") if _lost(request) else None)
    page.on("request", lambda request: said.append(f"left: {request.url}") if request.url.startswith("http") else None)
    yield page
    context.close()
    assert not said, said


def _lost(request: Any) -> bool:
    """Whether a request failed of itself; one that a page leaves behind when it is left is none of it."""
    return request.failure != "net::ERR_ABORTED"


def violations(page: Any) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA and its own best practices, one line a rule."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [f"{one['id']}: {one['help']} ({', '.join(str(node['target']) for node in one['nodes'][:3])})" for one in found]
