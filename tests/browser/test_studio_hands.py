"""The Studio under hands that are quick, hold keys down, and open many tabs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chromium import chromium, find, tab
from conftest import Space
from studio_server import AWAITING, Server, served, write_project

__all__ = ["chromium", "served"]
PICKS = "specs/picks/exercises/nod.yaml"
IMAGES = 6


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Space:
    space = Space(tmp_path_factory.mktemp("built") / "project")
    space.root.mkdir()
    write_project(space, *(f"{AWAITING}, pose: {{neck_flexion: {5 * number}}}, title: Nod {number}, caption: bow {number}"
                           for number in range(IMAGES)))
    assert space.call("build", "-q").code == 3
    return space


def at_inbox(view: Any, server: Server) -> Any:
    view.goto(f"{server.address}inbox#token={server.token}")
    view.locator("h1", has_text=f"1 of {IMAGES}").wait_for()
    return view


def decided(space: Space) -> int:
    return space.read(PICKS).count("decision: ") if (space.root / PICKS).exists() else 0


def test_ten_pages_in_one_tab_and_eight_tabs_leave_the_server_answering(served: tuple[Space, Server]) -> None:
    """With the cache of pages that were left, which Playwright turns off by itself."""
    from playwright.sync_api import sync_playwright

    _, server = served
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find(), args=["--no-sandbox"], ignore_default_args=["--disable-back-forward-cache"])
        context = browser.new_context()
        view = context.new_page()
        for number in range(10):
            view.goto(f"{server.address}{('inbox', 'build/index.html', 'build/exercises/nod.html')[number % 3]}", timeout=10_000)
            view.locator(".chip[data-kind=good]").wait_for(timeout=10_000)
        view.go_back(wait_until="commit")
        view.locator(".chip[data-kind=good]").wait_for(timeout=10_000)
        for _ in range(8):
            other = context.new_page()
            other.goto(f"{server.address}build/exercises/nod.html", timeout=10_000)
            other.locator(".chip[data-kind=good]").wait_for(timeout=10_000)
        browser.close()


def test_a_key_that_is_held_down_decides_once(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        at_inbox(view, server)
        for _ in range(20):
            view.keyboard.down("1")
        view.keyboard.up("1")
        view.locator("h1", has_text=f"of {IMAGES - 1}").wait_for()
        server.wait(lambda: decided(space), "the next is shown before the decision is written")
        view.wait_for_timeout(500)
        assert view.locator(".toast.bad").count() == 0
    assert decided(space) == 1


def test_a_double_click_decides_of_what_was_shown(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        at_inbox(view, server)
        view.locator("#Stage li img").nth(1).dblclick()
        server.wait(lambda: decided(space), "the next is shown before the decision is written")
        view.wait_for_timeout(800)
        assert view.locator(".toast.bad").count() == 0
    assert 1 <= decided(space) <= 2
    for line in space.read(PICKS).splitlines():
        assert "target: exercises/nod/" not in line or line.endswith(("/01", "/02"))


def test_the_undo_of_a_message_takes_back_what_it_tells_of(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        at_inbox(view, server)
        view.keyboard.press("1")
        view.locator(".toast", has_text="exercises/nod/01").wait_for()
        view.keyboard.press("1")
        view.locator(".toast", has_text="exercises/nod/02").wait_for()
        assert view.locator(".toast").count() == 1
        view.locator(".toast button").click()
        view.locator(".toast", has_text="Taken back").wait_for()
    assert "exercises/nod/01" in space.read(PICKS) and "exercises/nod/02" not in space.read(PICKS)


def test_what_was_decided_can_be_undone_after_a_reload(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        at_inbox(view, server)
        view.keyboard.press("2")
        view.locator(".toast", has_text="exercises/nod/01").wait_for()
        view.reload()
        view.locator("#Stage li.chosen").wait_for()
        view.keyboard.press("u")
        view.locator(".toast", has_text="Taken back").wait_for()
    assert decided(space) == 0


def test_a_rejected_candidate_keeps_its_reason(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        at_inbox(view, server)
        view.keyboard.press("r")
        view.keyboard.type("chin too low")
        view.keyboard.press("Enter")
        view.locator("#Stage li.rejected").wait_for()
        view.keyboard.press("ArrowLeft")
        view.keyboard.press("r")
        view.locator(".toast", has_text="rejected already").wait_for()
        view.keyboard.press("1")
        view.locator(".toast", has_text="take that back first").wait_for()
    assert decided(space) == 1 and "chin too low" in space.read(PICKS)


def test_a_decision_from_elsewhere_leaves_the_framed_candidate_framed(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        at_inbox(view, server)
        view.keyboard.press("ArrowRight")
        view.keyboard.press("ArrowRight")
        target = view.locator("#Stage figure").get_attribute("data-target")
        framed = view.locator("#Stage li.chosen").get_attribute("data-pixels")
        assert space.call("reject", str(target), "1", "--reason", "chin too low").code == 0
        view.locator("#Stage li.rejected").wait_for()
        assert view.locator("#Stage li.chosen").get_attribute("data-pixels") == framed


def test_a_picture_that_was_put_in_can_be_taken_back(served: tuple[Space, Server], chromium: Any, tmp_path: Path) -> None:
    from PIL import Image

    space, server = served
    Image.new("RGB", (64, 64), "navy").save(tmp_path / "mine.png")
    with tab(chromium, home=server.address) as view:
        view.goto(f"{server.address}build/exercises/nod.html#token={server.token}")
        view.locator("figure[id='01'] .put-in").wait_for()
        view.locator("figure[id='01'] input[type=file]").set_input_files(tmp_path / "mine.png")
        view.locator(".toast", has_text="Put in").get_by_role("button", name="Undo").click()
        view.locator(".toast", has_text="Taken back").wait_for()
    assert decided(space) == 0


def test_who_decides_reads_what_was_asked_for(served: tuple[Space, Server], chromium: Any) -> None:
    _, server = served
    with tab(chromium, home=server.address) as view:
        at_inbox(view, server)
        assert view.locator("#Stage figcaption", has_text="Nod 0").is_visible()
        assert view.locator("#Stage .caption").inner_text() == "bow 0"
        assert view.locator("#Stage .command").count() == 1 and not view.locator("#Stage .command").is_visible()


def test_errors_that_were_hidden_come_back_by_the_dot(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        at_inbox(view, server)
        space.edit("specs/exercises/neck/nod.yaml", "title: Nod 3", "titel: Nod 3")
        view.locator(".errors button").focus()
        view.keyboard.press("Escape")
        assert view.locator(".errors").count() == 0
        assert view.evaluate("document.activeElement.className") == "chip"
        view.keyboard.press("Enter")
        view.locator(".errors", has_text="titel").wait_for()
