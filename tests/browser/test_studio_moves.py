"""The pose editor in a real browser, beyond angles: movements, arrows, marked angles, whose figure it is, undoing; and errors
that are told once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kit import nod_spec
from test_studio_editor import CODE, KNEE, drag, open_code, open_pose, opened, until

from chromium import chromium, tab, violations
from conftest import Space
from studio_server import NOD, SMALL, Server, served

__all__ = ["chromium", "served"]
MOVEMENT = "pose: {base: quadruped, from: {neck_flexion: 20}, to: arched}"
ARCHED = "specs/poses/arched.yaml"
YAML = ".pose-pane code"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Space:
    space = Space(tmp_path_factory.mktemp("built") / "project")
    space.root.mkdir()
    space.write("calotype.yaml", SMALL)
    space.write(NOD, nod_spec("nod", "pose: {neck_flexion: 20}", MOVEMENT))
    space.write(ARCHED, "base: quadruped\nlumbar_flexion: -10\ncontacts: {left_hand: none}\n")
    assert space.call("build", "-q").code == 0
    return space


def yaml(view: Any) -> str:
    return str(view.locator(YAML).inner_text())


def chosen(view: Any, label: str, name: str) -> None:
    view.get_by_label(label, exact=True).and_(view.locator("select")).select_option(name)


def test_a_movement_shows_what_touches_at_both_its_ends(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server)
        open_pose(view, 2)
        resting = view.locator(".resting")
        view.locator(".resting", has_text="Where it ends").wait_for()
        assert "left hand on floor" in resting.nth(0).inner_text() and "Where it begins" in resting.nth(0).inner_text()
        assert "left hand" not in resting.nth(1).inner_text() and "right hand on floor" in resting.nth(1).inner_text()
        chosen(view, "Phase", "to")
        until(lambda: resting.count() == 1 and "Where it ends" in resting.first.inner_text())
        view.get_by_role("button", name="Change the contact of right hand").click()
        chosen(view, "Surface of right hand", "none")
        until(lambda: "to: {base: arched, contacts: {right_hand: none}}" in yaml(view), "a phase that is a pose of the project")
        chosen(view, "Phase", "from")
        until(lambda: view.locator(".joint-group", has_text="Neck").locator("small").inner_text() == "1 set")
        view.keyboard.press("Control+s")
        until(lambda: "right_hand: none" in space.read(NOD))
    assert space.call("validate", NOD).code == 0


def test_arrows_angles_the_way_and_the_figure_are_chosen(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server)
        open_pose(view, 2)
        view.get_by_role("button", name="Add an arrow").click()
        chosen(view, "Arrow 1 follows", "left_foot")
        chosen(view, "Path of arrow 1", "circle")
        view.get_by_label("Size of arrow 1, 1 to 200 cm").fill("30")
        for number, angle in ((1, "left_knee_flexion"), (2, "neck_flexion")):
            view.get_by_role("button", name="Mark an angle").click()
            chosen(view, f"Marked angle {number}", angle)
        chosen(view, "Build", "broad")
        view.get_by_label("Height, 140 to 210 cm").fill("186")
        drag(view, "How far the movement is, 0 to 1", 0.5)
        view.get_by_label("In grey where it begins").check()
        until(lambda: "show: [arrows, ghost]" in yaml(view))
        for words in ("fraction: 0.5", "figure: {build: broad, height: 186}", "arrows: [{of: left_foot, path: circle, size: 30}]",
                      "arcs: [left_knee_flexion, neck_flexion]"):
            assert words in yaml(view), yaml(view)
        assert violations(view) == []
        view.get_by_role("button", name="Save", exact=True).click()
        view.locator(".toast", has_text="Saved").wait_for()
        assert space.call("validate", NOD).code == 0 and "arcs: [left_knee_flexion, neck_flexion]" in space.read(NOD)
        view.get_by_role("button", name="Take out arrow 1").click()
        for _ in range(2):
            view.get_by_role("button", name="Take out marked angle 1").click()
        chosen(view, "Build", "average")
        view.get_by_label("Height, 140 to 210 cm").fill("")
        until(lambda: not any(word in yaml(view) for word in ("arrows:", "arcs", "figure")), "nothing is left behind")


def test_moves_are_undone_one_after_the_other_and_done_again(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server)
        open_pose(view)
        before = yaml(view)
        for value in (10, 20, 30):
            drag(view, KNEE, value)
        until(lambda: "knee_flexion: 30" in yaml(view))
        view.get_by_role("button", name="Exchange left and right").click()
        until(lambda: "mirror: true" in yaml(view))
        view.keyboard.press("Control+z")
        until(lambda: "mirror" not in yaml(view) and "knee_flexion: 30" in yaml(view))
        view.keyboard.press("Control+z")
        until(lambda: yaml(view) == before, "moves of one slider are one")
        until(lambda: view.get_by_label(KNEE, exact=True).and_(view.locator("input")).input_value() == "0")
        assert view.get_by_role("button", name="Undo", exact=True).is_disabled() and view.get_by_role("button", name="Save", exact=True).is_disabled()
        view.keyboard.press("Control+Shift+z")
        until(lambda: "knee_flexion: 30" in yaml(view))
        view.get_by_role("button", name="Save", exact=True).click()
        until(lambda: "knee_flexion: 30" in space.read(NOD))
        until(lambda: view.locator(".pose-pane .state").inner_text() == "Saved")
        view.keyboard.press("Control+z")
        until(lambda: view.locator(".pose-pane .state").inner_text() == "Not saved", "what was saved can be undone as well")


def test_escape_closes_and_asks_where_something_is_not_saved(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server)
        open_pose(view)
        view.keyboard.press("Escape")
        view.locator(".pose-pane").wait_for(state="detached")
        open_pose(view)
        drag(view, KNEE, 40)
        until(lambda: "knee_flexion: 40" in yaml(view))
        view.get_by_label(KNEE, exact=True).and_(view.locator("input")).focus()
        view.keyboard.press("Escape")
        view.get_by_role("button", name="Go on editing").click()
        assert "knee_flexion: 40" in yaml(view)
        view.keyboard.press("Escape")
        view.get_by_role("button", name="Close without saving").click()
        view.locator(".pose-pane").wait_for(state="detached")
        area = open_code(view)
        view.keyboard.press("Escape")
        assert area.is_visible()
        view.keyboard.press("Escape")
        view.locator(".code-pane").wait_for(state="detached")
        assert "knee_flexion" not in space.read(NOD)


def test_a_part_of_the_body_that_was_opened_stays_open(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server)
        open_pose(view, group="Hand")
        drag(view, KNEE, 40) if view.get_by_label(KNEE, exact=True).count() else None
        part = view.locator(".joint-group", has=view.locator("summary", has_text="Hand"))
        view.get_by_role("button", name="Exchange left and right").click()
        until(lambda: "mirror: true" in yaml(view))
        view.keyboard.press("Control+s")
        until(lambda: "mirror: true" in space.read(NOD))
        until(lambda: view.locator(".pose-pane .state").inner_text() == "Saved")
        assert part.get_attribute("open") is not None
        view.keyboard.press("Escape")
        view.locator(".pose-pane").wait_for(state="detached")
        view.get_by_role("button", name="Edit the pose of exercises/nod/02").click()
        until(lambda: yaml(view))
        assert part.get_attribute("open") is not None and part.locator("input[type=range]").first.is_visible()


def test_an_error_of_the_text_that_is_open_is_told_beside_it_alone(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server)
        open_code(view)
        space.edit(NOD, "title: Nod\n", "stray\ntitle: Nod\n")
        view.locator(".found li", has_text="`stray` stands alone among keys").wait_for()
        view.locator(".chip", has_text="Errors").wait_for()
        assert view.locator(".found li").count() == 1 and view.locator("section.errors").count() == 0
        space.edit(ARCHED, "lumbar_flexion", "lumbar_flexoin")
        view.locator("section.errors", has_text="lumbar_flexoin").wait_for()
        assert "stray" not in view.locator("section.errors").inner_text()
        assert str(view.locator(CODE).input_value()).splitlines()[3] == "stray"
        view.get_by_role("button", name="Close", exact=True).click()
        view.locator("section.errors", has_text="stray").wait_for()
        assert "2 errors" in view.locator("section.errors").inner_text()


def test_a_moved_pose_is_drawn_at_a_phones_width(served: tuple[Space, Server], chromium: Any, tmp_path: Path) -> None:
    _, server = served
    with tab(chromium, home=server.address, width=390, scheme="dark") as view:
        opened(view, server)
        open_pose(view, 2)
        view.get_by_role("button", name="Add an arrow").click()
        view.get_by_role("button", name="Mark an angle").click()
        until(lambda: "arcs" in yaml(view))
        assert violations(view) == [] and view.evaluate("document.documentElement.scrollWidth <= innerWidth")
