"""The Studio in a real browser: pages that are alive, decisions by key, errors that go by themselves."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from chromium import chromium, tab, violations
from conftest import Space
from studio_server import AWAITING, NOD, Server, served, studio, write_project

__all__ = ["chromium", "served"]
FIRST, SECOND, THIRD = (f"exercises/nod/0{number}" for number in (1, 2, 3))
PICKS = "specs/picks/exercises/nod.yaml"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Space:
    space = Space(tmp_path_factory.mktemp("built") / "project")
    space.root.mkdir()
    write_project(space, AWAITING, f"{AWAITING}, pose: {{neck_flexion: 30}}", "seed: 4")
    assert space.call("build", "-q").code == 3
    return space


def opened(view: Any, server: Server, path: str) -> Any:
    """A page, with the token in its address as the start prints it, when it is alive."""
    view.goto(f"{server.address}{path}#token={server.token}")
    view.locator(".chip[data-kind]").wait_for()
    return view


def until(view: Any, expression: str) -> None:
    """Waits until the page says so. Playwright's own way evaluates text within the page, which these pages forbid."""
    end = time.monotonic() + 30
    while not view.evaluate(expression):
        assert time.monotonic() < end, expression
        view.wait_for_timeout(30)


def test_the_inbox_is_gone_through_by_keys_alone(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server, "inbox")
        view.locator("h1", has_text="1 of 2").wait_for()
        view.keyboard.press("ArrowRight")
        assert view.locator("#Stage li.chosen").get_attribute("aria-current") == "true"
        view.keyboard.press("r")
        view.keyboard.type("chin too low")
        view.keyboard.press("Enter")
        view.locator("#Stage li.rejected").wait_for()
        view.keyboard.press("3")
        view.locator("h1", has_text="1 of 1").wait_for()
        view.locator(f".head code:text-is('{SECOND}')").wait_for()
        server.wait(lambda: server.state["awaiting"] == 1)  # each build lists anew what awaits
        view.keyboard.press("u")
        server.wait(lambda: server.state["awaiting"] == 2)
        view.locator("h1", has_text="of 2").wait_for()
        view.keyboard.press("ArrowUp") if view.locator(f".head code:text-is('{SECOND}')").count() else None
        view.locator(f".head code:text-is('{FIRST}')").wait_for()
        view.locator("#Stage li.rejected").wait_for()
        view.keyboard.press("3")
        view.locator("h1", has_text="1 of 1").wait_for()
        view.keyboard.press("a")
        view.locator("text=Nothing waits for you").wait_for()
        server.wait(lambda: server.state["awaiting"] == 0 and not server.state["building"])
    decisions = space.read(PICKS)
    assert [decisions.count(f"decision: {kind}") for kind in ("pick", "approve", "reject")] == [1, 1, 1]
    assert "chin too low" in decisions
    assert space.call("check", "-q").code == 0


def test_a_refused_decision_brings_its_picture_back(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    context = chromium.new_context()
    view = context.new_page()
    opened(view, server, "inbox")
    view.locator("h1", has_text="1 of 2").wait_for()
    view.evaluate("localStorage.setItem('calotype-token', 'wrong')")
    view.keyboard.press("1")
    view.locator(".toast.bad", has_text="token").wait_for()
    view.locator("h1", has_text="1 of 2").wait_for()
    assert not (space.root / PICKS).exists()
    context.close()


def test_a_page_shows_what_is_built_without_being_loaded_again(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server, "build/exercises/nod.html")
        view.evaluate("window.mark = 1")
        view.locator("figure[id='03'] summary", has_text="Prompt").click() if view.locator(
            "figure[id='03'] summary", has_text="Prompt").count() else None
        before = view.locator("figure[id='03'] > a.print img").get_attribute("src")
        space.edit(NOD, "seed: 4", "seed: 4, pose: {neck_flexion: 20}")
        until(view, f"document.querySelector(\"figure[id='03'] > a.print img\").getAttribute('src') !== {before!r}")
        until(view, "document.querySelector(\"figure[id='03'] > a.print img\").naturalWidth === 64")
        assert view.evaluate("window.mark") == 1
        view.locator("figure[id='01'] button", has_text="Pick").nth(1).click()
        view.locator(".toast", has_text="Picked").wait_for()
        view.locator("figure[id='01'] li.picked").wait_for(state="attached")
        assert view.evaluate("window.mark") == 1
        view.locator(".toast button", has_text="Undo").click()
        view.locator("figure[id='01'] .badge.awaiting").wait_for()
    assert not (space.root / PICKS).exists()


def test_errors_lie_over_the_page_until_they_are_mended(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server, "build/exercises/nod.html")
        space.edit(NOD, "seed: 4", "sede: 4")
        view.locator(".errors .at", has_text="sede: 4").wait_for()
        badge = "getComputedStyle(document.querySelector(\"figure[id='03'] > a.print\"), '::after').content"
        assert view.evaluate(badge) == '"last good picture"'
        assert "specs/exercises/neck/nod.yaml:8" in view.locator(".errors code").first.inner_text()
        until(view, "document.querySelector(\"figure[id='03'] > a.print img\").naturalWidth === 64")
        space.edit(NOD, "sede: 4", "seed: 5")
        view.locator(".errors").wait_for(state="detached")
        assert view.evaluate(badge) == "none"


@pytest.mark.parametrize("path", ["inbox", "build/index.html", "build/exercises/nod.html"])
def test_every_page_is_accessible_and_fits(served: tuple[Space, Server], chromium: Any, path: str) -> None:
    space, server = served
    for width, scheme in ((1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")):
        context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
        view = context.new_page()  # axe is a script, which the pages forbid
        opened(view, server, path)
        view.locator("#Stage figure, #Page .card, #Page figure").first.wait_for()
        _holds(view, width)
        space.edit(NOD, "seed: 4", f"sede: {'4' * 200}")
        view.locator(".errors").wait_for()
        _holds(view, width)
        space.edit(NOD, f"sede: {'4' * 200}", "seed: 4")
        view.locator(".errors").wait_for(state="detached")
        if path == "inbox":
            view.keyboard.press("?")
            view.locator("dialog[open]").wait_for()
            _holds(view, width)
        context.close()


def _holds(view: Any, width: int) -> None:
    assert violations(view) == []
    assert view.evaluate("document.documentElement.scrollWidth") <= width


def test_without_scripts_everything_can_be_read(served: tuple[Space, Server], chromium: Any) -> None:
    _, server = served
    context = chromium.new_context(java_script_enabled=False)
    view = context.new_page()
    view.goto(server.address)
    view.locator("text=Contact sheets").first.wait_for()
    view.locator("a", has_text="Inbox").click()
    view.locator(f"a:has-text('{SECOND}')").click()
    assert view.url.endswith("/build/exercises/nod.html#02")
    view.locator("figure[id='02'] li img").nth(2).wait_for(state="attached")
    assert view.locator("figure[id='02'] li img").count() == 3
    context.close()


def test_a_picture_that_is_dropped_on_an_image_is_put_in(served: tuple[Space, Server], chromium: Any, tmp_path: Path) -> None:
    from PIL import Image

    space, server = served
    Image.new("RGB", (64, 64), "navy").save(tmp_path / "mine.png")
    with tab(chromium, home=server.address) as view:
        opened(view, server, "build/exercises/nod.html")
        view.locator("figure[id='01'] input[type=file]").set_input_files(tmp_path / "mine.png")
        view.locator("figure[id='01'] .badge.approved", has_text="imported").wait_for()
    assert "decision: import" in space.read(PICKS)


def test_a_server_that_ends_is_told_and_one_that_comes_back_is_found(built: Space, chromium: Any, tmp_path: Path) -> None:
    shutil.copytree(built.root, tmp_path / "project")
    space, token = Space(tmp_path / "project"), {"CALOTYPE_TOKEN": "abcdefghijklmnop"}
    context = chromium.new_context()
    view = context.new_page()
    with studio(space.root, env=token) as server:
        server.wait_for_build()
        port = server.host.rpartition(":")[2]
        view.goto(f"{server.address}build/exercises/nod.html")
        view.locator(".chip[data-kind=good]").wait_for()
    view.locator(".chip", has_text="Not connected").wait_for()
    space.edit(NOD, "seed: 4", "seed: 9")
    with studio(space.root, "--port", port, env=token) as server:
        view.locator(".chip[data-kind=good]").wait_for(timeout=20_000)
        until(view, "document.body.textContent.includes('seed') && "
                               "[...document.querySelectorAll(\"figure[id='03'] dd\")].some(fact => fact.textContent === '9')")
    context.close()


def test_before_the_first_build_a_page_waits_for_the_pictures(chromium: Any, tmp_path: Path) -> None:
    space = Space(tmp_path)
    write_project(space, *("seed: 1" for _ in range(12)))
    with studio(space.root) as server, tab(chromium, home=server.address) as view:
        view.goto(f"{server.address}#token={server.token}")
        view.locator("h1", has_text="Contact sheets").wait_for()
        view.locator(".chip[data-kind=good]").wait_for()
        assert view.locator(".card img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") == 64


def test_two_candidates_are_held_against_each_other(served: tuple[Space, Server], chromium: Any) -> None:
    _, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server, "build/exercises/nod.html")
        view.get_by_role("button", name="Compare candidate 2").first.click()
        images = view.locator("dialog.comparison img")
        images.nth(1).wait_for()
        assert images.count() == 2
        over = [images.nth(at).bounding_box() for at in (0, 1)]
        assert over[0] == over[1]
        view.locator("dialog.comparison").get_by_role("slider").fill("20")
        view.locator("dialog.comparison .stage").focus()
        for key in ("+", "+", "ArrowLeft"):
            view.keyboard.press(key)
        transforms = [images.nth(at).evaluate("image => image.style.transform") for at in (0, 1)]
        assert transforms[0] == transforms[1] and "scale(1.5625)" in transforms[0]
        view.keyboard.press("c")
        beside = [view.locator("dialog.comparison .pane").nth(at).bounding_box() for at in (0, 1)]
        assert beside[0]["x"] + beside[0]["width"] <= beside[1]["x"]
        view.keyboard.press("Escape")
        view.locator("dialog.comparison").wait_for(state="detached")


def test_beside_each_image_stands_why(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server, "build/exercises/nod.html")
        space.edit(NOD, "seed: 4", "seed: 5")
        view.locator("figure[id='03'] dd:text-is('5')").wait_for()
        view.locator("figure[id='03'] .why summary").click()
        view.locator("figure[id='03'] .why li", has_text="seed 4 5").wait_for()
        assert f"{NOD}:8" in view.locator("figure[id='03'] .why").inner_text()
        space.edit(NOD, "seed: 5", "seed: 6")
        view.locator("figure[id='03'] .why li", has_text="seed 5 6").wait_for()


CHARACTER = """\
kind: character
id: ann
title: Ann
prompt: a figure
anchors: {poses: [{id: front, view_angle: anterior}, {id: side, view_angle: lateral}]}
variations: [{id: bow, pose: {neck_flexion: 30}}]
training_set: {trigger_word: annfig, min: 2, max: 4, include_anchors: true, select: human}
"""


def test_a_training_set_is_chosen_and_handed_out(chromium: Any, tmp_path: Path) -> None:
    space = Space(tmp_path)
    write_project(space)
    (space.root / NOD).unlink()
    space.write("specs/characters/ann.yaml", CHARACTER)
    with studio(space.root) as server, tab(chromium, home=server.address) as view:
        server.wait_for_build()
        opened(view, server, "build/characters/ann.html")
        tabs = view.get_by_role("tab")
        tabs.nth(2).wait_for()
        assert tabs.all_inner_texts() == ["Anchors", "Variations", "Training"]
        assert view.locator("#anchors-front").is_visible() and not view.locator("figure[id$=bow_01], figure[id$=bow]").first.is_visible()
        tabs.nth(0).focus()
        view.keyboard.press("ArrowRight")
        view.get_by_role("button", name="Include variations/bow").first.click()
        view.locator(".toast", has_text="In the set").wait_for()
        view.locator("figure .badge.in-set", has_text="in the set").last.wait_for()
        view.get_by_role("tab", name="Training").click()
        view.locator(".coverage", has_text="3 of 2 to 4 images").wait_for()
        assert view.locator(".members li").count() == 3
        view.get_by_label("Lines and grid are clean").check()
        view.get_by_role("button", name="Export Training Set").click()
        view.locator(".exported", has_text="Written: content/training/ann/ann.zip").wait_for()
        with view.expect_download() as download:
            view.get_by_role("link", name="Download ann.zip").click()
        assert Path(download.value.path()).read_bytes() == (space.root / "content/training/ann/ann.zip").read_bytes()
        view.get_by_role("link", name="Download ann.zip").focus()
        space.write("specs/characters/ann.yaml", CHARACTER.replace("min: 2", "min: 1"))
        view.locator(".coverage", has_text="3 of 1 to 4 images").wait_for()
        assert view.evaluate("document.activeElement.textContent") == "Download ann.zip", "it stays while the set is told anew"
        view.reload()
        view.locator(".chip[data-kind]").wait_for()
        view.get_by_role("tab", name="Training").click()
        assert view.get_by_label("Lines and grid are clean").is_checked()
    assert (space.root / "content/training/ann/ann.zip").exists()
    assert space.call("explain", "characters/ann/training_set", "--json").code == 0
