"""What is saved in the Studio while the server is slow to answer: all that was there when it was asked for, and no question."""

from __future__ import annotations

from typing import Any

import pytest

from chromium import chromium, slow_down, tab
from conftest import Space
from studio_server import NOD, Server, served, write_project

__all__ = ["chromium", "served"]
NECK = "Neck flexion or neck extension"
SLOW = 700
"""Milliseconds by which every answer is late."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Space:
    space = Space(tmp_path_factory.mktemp("built") / "project")
    space.root.mkdir()
    write_project(space, "pose: {neck_flexion: 20}")
    assert space.call("build", "-q").code == 0
    return space


def opened(view: Any, server: Server) -> Any:
    view.goto(f"{server.address}build/exercises/nod.html#token={server.token}")
    view.locator(".chip[data-kind=good]").wait_for()
    return view


def open_code(view: Any) -> Any:
    view.get_by_role("button", name=f"Edit {NOD}").click()
    area = view.locator(".code-pane .code textarea")
    area.wait_for()
    view.locator(".summary", has_text="No errors").wait_for()
    slow_down(view, SLOW)
    return area


def test_a_pane_that_is_closed_while_it_saves_closes_without_a_question(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        area = open_code(opened(view, server))
        text = area.input_value() + "# a word\n"
        area.fill(text)
        view.keyboard.press("Control+s")
        view.get_by_role("button", name="Close", exact=True).click()
        view.locator(".code-pane").wait_for(state="detached")
        assert view.locator("dialog").count() == 0
    assert space.read(NOD) == text


def test_what_is_typed_while_it_saves_is_saved_when_it_is_asked_for(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        area = open_code(opened(view, server))
        text = area.input_value()
        for word in ("first", "second", "third"):
            area.fill(f"{text}# {word}\n")
            view.keyboard.press("Control+s")
        view.locator(".code-pane .state", has_text="Saved").wait_for()
        view.get_by_role("button", name="Close", exact=True).click()
        view.locator(".code-pane").wait_for(state="detached")
    assert space.read(NOD) == f"{text}# third\n"


def test_a_joint_that_is_moved_and_saved_at_once_is_written_as_it_stands(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server)
        view.get_by_role("button", name="Edit the pose of exercises/nod/01").click()
        view.locator(".pose-pane code", has_text="neck_flexion: 20").wait_for()
        slider = view.get_by_label(NECK, exact=True).and_(view.locator("input"))
        slider.wait_for()
        slow_down(view, SLOW)
        for _ in range(3):
            slider.press("ArrowRight")
        view.keyboard.press("Control+s")
        server.wait(lambda: "neck_flexion: 23" in space.read(NOD))
        slider.press("ArrowRight")
        view.locator(".toast", has_text="Saved").wait_for()
        assert slider.input_value() == "24" and view.locator(".pose-pane .state").inner_text() == "Not saved"
        view.keyboard.press("Control+s")
        server.wait(lambda: "neck_flexion: 24" in space.read(NOD))
        view.locator(".pose-pane .state", has_text="Saved").and_(view.locator(":not(:has-text('Not'))")).wait_for()
        assert slider.input_value() == "24"

