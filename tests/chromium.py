"""A real browser for tests of pages: Chromium, driven by Playwright.

As a program it prints where Chromium is, and gets one first where there is none: `make test` asks it before the tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SLOW = int(os.environ.get("SLOW_PAGES", "0"))
"""Milliseconds by which answers to pages are late, and a processor four times slower with them: shows tests, and pages, that count
on being quick. 0 by default."""
ADVICE = "the tests need Chromium: type `sudo apt-get install chromium`, or name one in CHROMIUM"


def find() -> str | None:
    """The Chromium that CHROMIUM names, that is on the PATH, or that Playwright has beside itself; one that runs."""
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else [*filter(None, map(shutil.which, NAMES)), *_of_playwright()]
    return next(filter(_runs, candidates), None)


def get() -> str | None:
    """A Chromium: one that is there, else by apt where no password is asked for, else by Playwright's installer."""
    chromium = find()
    for install in (_by_apt, _by_playwright):
        if chromium is None and "CHROMIUM" not in os.environ:
            install()
            chromium = find()
    return chromium


def _runs(executable: str) -> bool:
    """A stub of a distribution, and one whose libraries are missing, do not."""
    try:
        return subprocess.run([executable, "--version"], capture_output=True, timeout=60).returncode == 0
    except OSError:
        return False


def _of_playwright() -> Iterator[str]:
    """Asked in a process of its own: Playwright's tie to its driver must not outlive the question."""
    code = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    done = subprocess.run([sys.executable, "-c", code], env=_beside_playwright(), capture_output=True, text=True)
    if done.returncode == 0 and os.path.isfile(done.stdout.strip()):
        yield done.stdout.strip()


def _by_apt() -> None:
    if shutil.which("apt-get") is None:
        return
    as_root: Sequence[str] = () if os.geteuid() == 0 else ("sudo", "-n")
    apt = (*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "Acquire::Retries=3")
    if _does(*as_root, "true") and _does(*apt, "update"):
        _does(*apt, "install", "-y", "--no-install-recommends", "chromium")


def _by_playwright() -> None:
    _does(sys.executable, "-m", "playwright", "install", "chromium", env=_beside_playwright())


def _beside_playwright() -> dict[str, str]:
    """Browsers lie within the virtual environment: nothing is left in anyone's home, and a test finds them without one."""
    return {**os.environ, "PLAYWRIGHT_BROWSERS_PATH": "0"}


def _does(*words: str, env: dict[str, str] | None = None) -> bool:
    """Whether a command succeeds. What it says goes to stderr: stdout is for the answer."""
    try:
        return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=env).returncode == 0
    except OSError:
        return False


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Started for a module and gone after it, with the processes that drive it: other tests count theirs."""
    from playwright.sync_api import sync_playwright

    executable = find()
    if executable is None:
        pytest.fail(ADVICE, pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def tab(
    chromium: Any, *, width: int = 1280, height: int = 900, scheme: str = "light", home: str = "http://none.invalid/",
    refused: str = "",
) -> Iterator[Any]:
    """A page in a context of its own. Whatever it says on the console, and every request that fails or leaves for
    another machine than `home`, is an error; but for what the browser says of answers with the status `refused`."""
    complaints: list[str] = []
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    if SLOW:
        slow_down(page, SLOW, processor=4)
    page.on("console", lambda message: None if refused and f"status of {refused}" in message.text else complaints.append(f"{message.text} {message.location.get('url', '')}"))
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}") if _lost(request) else None)
    page.on("request", lambda request: complaints.append(f"left: {request.url}") if _leaves(request, home) else None)
    yield page
    context.close()
    assert not complaints, complaints


def slow_down(page: Any, milliseconds: int, *, processor: int = 1) -> None:
    """From now on answers to the page come so late, and its scripts run so many times slower."""
    session = page.context.new_cdp_session(page)
    session.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": milliseconds, "downloadThroughput": -1, "uploadThroughput": -1})
    session.send("Emulation.setCPUThrottlingRate", {"rate": processor})


def _lost(request: Any) -> bool:
    """Whether a request failed of itself; one that a page leaves behind when it is left is none of it."""
    return bool(request.failure != "net::ERR_ABORTED")


def _leaves(request: Any, home: str) -> bool:
    return bool(request.url.startswith("http") and not request.url.startswith(home))


def violations(page: Any) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, the size of targets (2.5.8) with it, and its own best practices, one line
    a rule."""
    from axe_playwright_python.sync_playwright import Axe

    rules = Axe().run(page, options={"preload": False, "rules": {"target-size": {"enabled": True}}}).response["violations"]
    return [
        f"{rule['id']}: {rule['help']} ({', '.join(str(node['target']) for node in rule['nodes'][:3])})" for rule in rules
    ]


if __name__ == "__main__":
    path = get()
    if path is None:
        sys.exit(ADVICE)
    print(path)
