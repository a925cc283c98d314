"""From an empty folder to an approved set that is handed out, in the browser, by keys alone."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from chromium import chromium, tab
from conftest import CALOTYPE, Space
from studio_server import PATIENCE, SMALL, studio

__all__ = ["chromium"]
ANN = """\
kind: character
id: ann
title: Ann
prompt: a figure
anchors:
  candidates: 2
  select: human
  poses: [{id: front, view_angle: anterior}, {id: side, view_angle: lateral}]
variations: [{id: bow, pose: {neck_flexion: 30}}, {id: sit, pose: seated}]
training_set: {trigger_word: annfig, min: 3, max: 6, include_anchors: true, select: human}
"""
BROKEN = ANN.replace("neck_flexion: 30", "neck_flexoin: 30")


def press(view: Any, *keys: str) -> None:
    for key in keys:
        view.keyboard.press(key)


def tab_to(view: Any, name: str) -> None:
    """Goes on with Tab until the element with this accessible name has the focus."""
    for _ in range(200):
        view.keyboard.press("Tab")
        focused = view.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.textContent.trim()")
        if focused == name:
            return
    raise AssertionError(f"{name} cannot be reached by Tab")


def test_from_an_empty_folder_to_an_exported_set_by_keys_alone(chromium: Any, tmp_path: Path) -> None:
    space = Space(tmp_path / "work")
    done = subprocess.run([CALOTYPE, "init", "work"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0
    space.write("calotype.yaml", SMALL)
    with studio(space.root) as server, tab(chromium, home=server.address) as view:
        view.goto(f"{server.address}#token={server.token}")
        view.locator("h1", has_text="Contact sheets").wait_for()
        view.locator(".chip[data-kind=good]").wait_for()
        space.write("specs/characters/ann.yaml", BROKEN)
        view.locator(".errors", has_text="neck_flexoin").wait_for()
        space.write("specs/characters/ann.yaml", ANN)
        view.locator(".errors").wait_for(state="detached")
        view.locator(".card", has_text="Ann").wait_for()
        view.locator("a.tool[data-count='2']").wait_for()
        tab_to(view, "Inbox")
        press(view, "Enter")
        view.locator("h1", has_text="1 of 2").wait_for()
        press(view, "ArrowRight", "a")
        view.locator("h1", has_text="1 of 1").wait_for()
        press(view, "1")
        view.locator("text=Nothing waits for you").wait_for()
        server.wait(lambda: server.state["awaiting"] == 0 and not server.state["building"])
        view.goto(f"{server.address}build/characters/ann.html")
        view.locator("[role=tab]").first.wait_for()
        tab_to(view, "Anchors")
        press(view, "ArrowRight")
        tab_to(view, "Include variations/bow_01 in the set")
        press(view, "Enter")
        view.locator(".toast", has_text="In the set").wait_for()
        view.locator("#variations-bow_01 .badge.in-set").wait_for()
        view.evaluate("document.querySelector('[role=tab][aria-selected=true]').focus()")
        press(view, "ArrowRight")
        view.locator(".coverage", has_text="3 of 3 to 6 images").wait_for()
        tab_to(view, "Export Training Set")
        press(view, "Enter")
        view.locator(".exported", has_text="Written: content/training/ann/ann.zip").wait_for()
    picks = space.read("specs/picks/characters/ann.yaml")
    assert [picks.count(f"decision: {kind}") for kind in ("approve", "pick", "include")] == [1, 1, 1]
    assert space.call("check", "-q").code == 0
    assert (space.root / "content/training/ann/ann.zip").stat().st_size > 1000


def test_a_studio_that_is_killed_leaves_what_it_finished(tmp_path: Path) -> None:
    space = Space(tmp_path)
    space.write("calotype.yaml", SMALL)
    space.write("specs/characters/ann.yaml", ANN)
    with studio(space.root) as server:
        server.wait_for_build()
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(PATIENCE)
        assert space.call("build", "--json").json["renders"] == 0
        server.process.returncode = 130
