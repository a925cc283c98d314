"""The code pane and the pose editor of the Studio in a real browser: what is typed and moved ends in the spec, and only there."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from kit import nod_spec
from PIL import Image

from chromium import chromium, tab, violations
from conftest import Space
from studio_server import NOD, SMALL, Server, served, studio
from survival import hired, new_studio

__all__ = ["chromium", "served"]
PAGE = "build/exercises/nod.html"
BOW = "specs/poses/bow.yaml"
CODE = ".code-pane .code textarea"
CONTROLLED = nod_spec(
    "nod", "seed: 1, reference: {image: refs/start.png, strength: 0.4}   # the start\n"
    "     , controls: [{type: openpose, from: pose, strength: 0.9, end: 0.8}]")
KNEE = "Left knee flexion or knee extension"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Space:
    space = Space(tmp_path_factory.mktemp("built") / "project")
    space.root.mkdir()
    space.write("calotype.yaml", SMALL)
    space.write(NOD, "# the author's own words\n" + nod_spec("nod", "pose: {neck_flexion: 20}", "pose: bow", "seed: 3"))
    space.write(BOW, "base: standing\nneck_flexion: 25   # a little\n")
    assert space.call("build", "-q").code == 0
    return space


def opened(view: Any, server: Server) -> Any:
    view.goto(f"{server.address}{PAGE}#token={server.token}")
    view.locator(".chip[data-kind]").wait_for()
    return view


def until(condition: Any, words: str = "") -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, words
        time.sleep(0.03)


def open_code(view: Any) -> Any:
    view.get_by_role("button", name=f"Edit {NOD}").click()
    area = view.locator(CODE)
    area.wait_for()
    until(lambda: view.locator(".summary").inner_text())
    return area


def open_pose(view: Any, number: int = 1, group: str = "Knee") -> None:
    view.get_by_role("button", name=f"Edit the pose of exercises/nod/{number:02d}").click()
    until(lambda: view.locator(".pose-pane code").inner_text())
    details = view.locator(".joint-group", has=view.locator("summary", has_text=group))
    if details.get_attribute("open") is None:
        details.locator("summary").click()


def drag(view: Any, label: str, value: float) -> None:
    view.get_by_label(label, exact=True).and_(view.locator("input")).evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input', { bubbles: true })); }", value)


def test_a_page_that_is_looked_at_loads_no_editor(served: tuple[Space, Server], chromium: Any) -> None:
    with tab(chromium, home=served[1].address) as view:
        asked: list[str] = []
        view.on("request", lambda request: asked.append(request.url))
        opened(view, served[1])
        assert not any("/editor/" in url for url in asked)
        open_code(view)
        assert any("/editor/code_pane.js" in url for url in asked) and not any("pose_editor" in url for url in asked)


def test_what_is_typed_is_marked_and_saved_by_keys_alone(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server)
        view.get_by_role("button", name=f"Edit {NOD}").focus()
        view.keyboard.press("Enter")
        area = view.locator(CODE)
        area.wait_for()
        before = space.read(NOD)
        at = before.index("lateral")
        area.evaluate("(area, at) => area.setSelectionRange(at, at + 7)", at)
        view.keyboard.type("latral")
        until(lambda: view.locator(".summary").inner_text() == "1 error")
        assert view.locator(".marks .error").count() == 1 and area.get_attribute("aria-invalid") == "true"
        assert "did you mean `lateral`?" in view.locator(".found li").inner_text() and space.read(NOD) == before
        view.keyboard.press("Control+End")
        view.keyboard.press("F8")
        line = area.evaluate("area => area.value.slice(0, area.selectionStart).split('\\n').length")
        assert line == before[:at].count("\n") + 1
        view.keyboard.press("Control+s")
        until(lambda: "latral" in space.read(NOD))
        view.locator(".chip", has_text="Errors").wait_for()
        assert view.locator("section.errors").count() == 0, "it is told beside the text"
        assert view.locator(CODE).input_value() == space.read(NOD)
        area.focus()
        for _ in range(4):
            if area.input_value() != before:
                view.keyboard.press("Control+z")
        until(lambda: view.locator(".summary").inner_text() == "No errors")
        view.keyboard.press("Control+s")
        until(lambda: space.read(NOD) == before)
        view.locator(".chip[data-kind=good]").wait_for()


def test_tab_indents_and_escape_then_tab_leaves(served: tuple[Space, Server], chromium: Any) -> None:
    with tab(chromium, home=served[1].address) as view:
        opened(view, served[1])
        area = open_code(view)
        area.fill("images:\n  - a: 1")
        for key in ("Control+End", "Enter", "Tab", "b", "Shift+Tab"):
            view.keyboard.press(key)
        assert area.input_value() == "images:\n  - a: 1\n    b"
        view.keyboard.press("Escape")
        view.keyboard.press("Tab")
        assert not area.evaluate("area => area === document.activeElement")
        view.locator(CODE).focus()
        view.keyboard.press("Escape")
        view.keyboard.press("Shift+Tab")
        assert view.evaluate("document.activeElement.textContent") == "Close"


def test_a_text_that_is_not_saved_outlives_renewals_and_the_page(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server)
        area = open_code(view)
        view.keyboard.press("Control+End")
        view.keyboard.type("# mine")
        mine = area.input_value()
        number = server.state["builds"]
        space.edit(BOW, "neck_flexion: 25", "neck_flexion: 5")
        server.wait_for_build(number + 1)
        view.wait_for_timeout(500)
        assert area.input_value() == mine
        view.on("dialog", lambda dialog: dialog.accept())
        view.reload()
        opened(view, server)
        assert open_code(view).input_value() == mine and "# mine" not in space.read(NOD)
        view.get_by_role("button", name="Close", exact=True).click()
        view.get_by_role("button", name="Go on editing").click()
        assert view.locator(CODE).input_value() == mine
        view.get_by_role("button", name="Close", exact=True).click()
        view.get_by_role("button", name="Close without saving").click()
        view.locator(".code-pane").wait_for(state="detached")
        assert open_code(view).input_value() == space.read(NOD)


def test_a_file_that_is_another_one_by_now_is_shown_beside_the_text(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address, refused="409") as view:
        opened(view, server)
        area = open_code(view)
        space.edit(NOD, "title: Nod", "title: Nodding")
        until(lambda: "Nodding" in area.input_value(), "what another editor saved comes in")
        view.keyboard.press("Control+End")
        view.keyboard.type("# mine")
        space.edit(NOD, "title: Nodding", "title: Theirs")
        with view.expect_response("**/api/spec") as refused:
            view.keyboard.press("Control+s")
        assert refused.value.status == 409
        view.locator(".conflict textarea").wait_for()
        assert "title: Theirs" in view.locator(".conflict textarea").input_value() and area.input_value().endswith("# mine")
        assert "# mine" not in space.read(NOD)
        view.get_by_role("button", name="Save mine over it").click()
        until(lambda: space.read(NOD).endswith("# mine"))
    assert "title: Nodding" in space.read(NOD)


def test_line_ends_stay_as_they_are(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    (space.root / NOD).write_bytes(space.read(NOD).replace("\n", "\r\n").encode())
    with tab(chromium, home=server.address) as view:
        opened(view, server)
        open_code(view)
        view.keyboard.press("Control+Home")
        view.keyboard.type("# first\n")
        view.keyboard.press("Control+s")
        until(lambda: b"# first" in (space.root / NOD).read_bytes())
    data = (space.root / NOD).read_bytes()
    assert data.startswith(b"# first\r\n# the author's own words\r\n") and data.count(b"\n") == data.count(b"\r\n")


def test_a_joint_is_moved_and_written_and_nothing_else(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    before = space.read(NOD)
    with tab(chromium, home=server.address) as view:
        opened(view, server)
        open_pose(view)
        figure = view.locator(".figure").get_attribute("src")
        drag(view, KNEE, 40)
        until(lambda: "knee_flexion: 40" in view.locator(".pose-pane code").inner_text())
        until(lambda: view.locator(".figure").get_attribute("src") != figure)
        assert view.locator(".pose-pane code").inner_text() == "pose:\n  neck_flexion: 20\n  left: {knee_flexion: 40}"
        drag(view, "Right knee flexion or knee extension", 40)
        until(lambda: view.locator(".pose-pane code").inner_text() == "pose:\n  neck_flexion: 20\n  knee_flexion: 40")
        assert space.read(NOD) == before
        view.keyboard.press("Control+s")
        until(lambda: space.read(NOD) != before)
        assert space.read(NOD) == before.replace("{neck_flexion: 20}", "{neck_flexion: 20, knee_flexion: 40}")
        until(lambda: view.locator(".pose-pane .state").inner_text() == "Saved")


def test_ranges_hold_and_what_leaves_the_normal_one_is_said(served: tuple[Space, Server], chromium: Any) -> None:
    with tab(chromium, home=served[1].address) as view:
        opened(view, served[1])
        open_pose(view, group="Neck")
        slider = view.get_by_label("Neck flexion or neck extension", exact=True).and_(view.locator("input"))
        assert (slider.get_attribute("min"), slider.get_attribute("max")) == ("-85", "80")
        number = view.get_by_label("Neck flexion or neck extension, as a number")
        number.fill("500")
        number.press("Enter")
        assert (slider.input_value(), number.input_value()) == ("80", "80")
        until(lambda: "beyond the normal range" in view.locator(".findings").inner_text())
        slider.focus()
        for key in ("ArrowLeft", "Home"):
            view.keyboard.press(key)
        until(lambda: "neck_extension: 85" in view.locator(".pose-pane code").inner_text())
        assert slider.get_attribute("aria-valuetext") == "neck extension 85°, beyond the normal range"
        view.get_by_role("button", name="Leave neck flexion or neck extension to the base posture").click()
        until(lambda: view.locator(".pose-pane code").inner_text() == "pose: {}")
        assert slider.input_value() == "0"


def test_base_sides_contacts_props_and_view_are_chosen(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server)
        open_pose(view)
        code = view.locator(".pose-pane code")
        view.get_by_label("Base posture", exact=True).and_(view.locator("select")).select_option("seated")
        drag(view, KNEE, 60)
        view.get_by_role("button", name="Add a prop").click()
        view.get_by_label("Prop 1").select_option("table")
        view.get_by_label("height of the table, 40 to 130 cm").fill("80")
        view.get_by_role("button", name="Add a contact").click()
        view.get_by_label("Part 1", exact=True).select_option("left_hand")
        view.get_by_label("Surface of left hand").select_option("table")
        view.get_by_role("button", name="Exchange left and right").click()
        until(lambda: "mirror: true" in code.inner_text())
        assert code.inner_text().split("\n") == [
            "pose:", "  base: seated", "  mirror: true", "  neck_flexion: 20", "  left: {knee_flexion: 60}",
            "  props: [{table: {height: 80}}]", "  contacts: {left_hand: table}"]
        drag(view, "Right knee flexion or knee extension", 70)
        until(lambda: "left: {knee_flexion: 70}" in code.inner_text())
        view.get_by_label("View", exact=True).and_(view.locator("select")).select_option("anterior")
        view.get_by_label("Save the view, too").check()
        view.get_by_role("button", name="Save", exact=True).click()
        until(lambda: "view_angle: anterior" in space.read(NOD))
    assert space.call("validate", NOD).code == 0
    assert "{base: seated, mirror: true" in space.read(NOD) or "base: seated" in space.read(NOD)


def test_a_pose_of_the_project_is_written_into_its_own_file(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server)
        open_pose(view, 2)
        view.get_by_label("Save to").and_(view.locator("select")).select_option(label=f"every image with the pose bow ({BOW})")
        drag(view, KNEE, 15)
        until(lambda: "knee_flexion: 15" in view.locator(".pose-pane code").inner_text())
        view.get_by_role("button", name="Save", exact=True).click()
        until(lambda: "left: {knee_flexion: 15}" in space.read(BOW))
    assert space.read(BOW) == "base: standing\nneck_flexion: 25   # a little\nleft: {knee_flexion: 15}\n"


def test_a_pose_in_a_file_that_is_another_one_by_now_is_kept(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address, refused="409") as view:
        opened(view, server)
        open_pose(view)
        drag(view, KNEE, 33)
        until(lambda: "33" in view.locator(".pose-pane code").inner_text())
        space.edit(NOD, "{neck_flexion: 20}", "{neck_flexion: 44}")
        with view.expect_response("**/api/edits") as refused:
            view.get_by_role("button", name="Save", exact=True).click()
        assert refused.value.status == 409
        view.locator(".conflict h3").wait_for()
        assert "44" in view.locator(".conflict pre").inner_text() and "33" not in space.read(NOD)
        view.get_by_role("button", name="Save mine in its place").click()
        until(lambda: "neck_flexion: 20, left: {knee_flexion: 33}" in space.read(NOD))


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_they_are_accessible_and_fit_the_window(served: tuple[Space, Server], chromium: Any, width: int, scheme: str) -> None:
    space, server = served
    with tab(chromium, home=server.address, width=width, scheme=scheme) as view:
        opened(view, server)
        area = open_code(view)
        area.fill(space.read(NOD).replace("lateral", "latral"))
        until(lambda: view.locator(".found li").count() == 3)
        assert violations(view) == [] and view.evaluate("document.documentElement.scrollWidth <= innerWidth")
        view.get_by_role("button", name="Close", exact=True).click()
        view.get_by_role("button", name="Close without saving").click()
        open_pose(view)
        view.get_by_role("button", name="Add a prop").click()
        view.get_by_role("button", name="Add a contact").click()
        drag(view, KNEE, 150)
        until(lambda: view.locator(".findings li").count() > 0)
        assert violations(view) == [] and view.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_strengths_of_what_a_model_renders_are_moved_and_written(chromium: Any, tmp_path: Path) -> None:
    with hired():
        space = new_studio(tmp_path)
        Image.new("RGB", (16, 16), "red").save(space.write("refs/start.png", b""))
        space.write(NOD, CONTROLLED)
        space.call("build", "-q")
        before = space.read(NOD)
        with studio(space.root, env={"CALOTYPE_PAINTER": str(space.notes)}) as server, tab(chromium, home=server.address) as view:
            server.wait_for_build()
            opened(view, server)
            open_pose(view)
            section = view.locator(".strengths")
            slider = section.get_by_label("Strength", exact=True)
            assert [each.get_attribute("max") for each in slider.all()] == ["1", "2"] and slider.first.input_value() == "0.4"
            assert "usual: 0.3 to 0.7" in section.inner_text() and "usual: 0.3 to 1.2" in section.inner_text()
            slider.first.focus()
            for _ in range(8):
                view.keyboard.press("ArrowRight")
            assert "drifts" in section.inner_text()
            section.get_by_label("Method", exact=True).and_(view.locator("select")).select_option("both")
            section.get_by_label("Start", exact=True).evaluate(
                "(input) => { input.value = 0.95; input.dispatchEvent(new Event('input', { bubbles: true })); }")
            assert section.get_by_label("Start", exact=True).input_value() == "0.75"
            section.get_by_label("Type of control 1").select_option("depth")
            assert violations(view) == []
            view.keyboard.press("Control+s")
            until(lambda: space.read(NOD) != before)
    assert space.read(NOD) == before.replace("strength: 0.4}", "strength: 0.8, method: both}").replace(
        "{type: openpose, from: pose, strength: 0.9, end: 0.8}", "{type: depth, from: pose, strength: 0.9, end: 0.8, start: 0.75}")
