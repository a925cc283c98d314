"""Pages of the Studio on odd days: renewed into any other page, without their spec, without a server."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from test_studio_pages import FIRST, PICKS, SECOND, opened

from chromium import chromium, tab
from conftest import Space
from studio_server import AWAITING, NOD, Server, served, studio, write_project

__all__ = ["chromium", "served"]
PAGE = "build/exercises/nod.html"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Space:
    space = Space(tmp_path_factory.mktemp("odd") / "project")
    space.root.mkdir()
    write_project(space, AWAITING, f"{AWAITING}, pose: {{neck_flexion: 30}}", f"{AWAITING}, seed: 9", "seed: 4")
    assert space.call("build", "-q").code == 3
    return space


def images(chance: random.Random) -> list[str]:
    """What stands in the mappings of some images of a nod."""
    parts = [["seed: 1", "seed: 2", "seed: 3", AWAITING], ["", "title: <b>one</b>", "title: two & 'three'"],
             ["", "pose: {neck_flexion: 20}", "pose: {neck_flexion: -10}"]]
    return [", ".join(filter(None, map(chance.choice, parts))) for _ in range(chance.randint(1, 5))]


RENEWED = """async ([before, after]) => {
  const { renew } = await import("/studio/dom.js");
  const parsed = (text) => new DOMParser().parseFromString(text, "text/html").getElementById("Page");
  const old = parsed(before);
  for (const figure of old.querySelectorAll("figcaption, li[data-pixels]")) {
    const ours = document.createElement("p");
    ours.setAttribute("data-studio", "");
    figure.append(ours);
  }
  for (const compare of old.querySelectorAll(".compare")) {
    compare.classList.add("slider");
    compare.append(Object.assign(document.createElement("input"), { type: "range" }));
  }
  for (const details of old.querySelectorAll("details")) details.open = true;
  renew(old, parsed(after));
  for (const added of old.querySelectorAll("[data-studio], .slider > input")) added.remove();
  for (const compare of old.querySelectorAll(".slider")) compare.classList.remove("slider");
  const next = parsed(after);
  for (const page of [old, next]) {
    for (const details of page.querySelectorAll("details")) details.open = false;
    for (const bare of page.querySelectorAll("[class='']")) bare.removeAttribute("class");
  }
  return [old.outerHTML, next.outerHTML];
}"""


def test_a_page_is_renewed_into_just_the_newer_page(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    chance = random.Random(14)
    pages = [space.read(PAGE), space.read("build/index.html"), space.read("build/changed.html")]
    for number in range(12):
        write_project(space, *images(chance))
        decided = chance.choice([None, ("approve", "1"), ("pick", "2"), ("reject", "1", "--reason", "a < b")])
        space.call("build", "-q")
        if decided:
            space.call(decided[0], FIRST, *decided[1:])
            space.call("build", "-q")
        pages += [space.read(PAGE)] if number % 3 else [space.read(PAGE), space.read("build/changed.html")]
    context = chromium.new_context()  # pictures of pages that are over are asked for, and told on the console
    view = opened(context.new_page(), server, "build/index.html")
    for _ in range(150):
        before, after = chance.choice(pages), chance.choice(pages)
        renewed, plain = view.evaluate(RENEWED, [before, after])
        assert renewed == plain
    context.close()


def test_what_a_person_set_stays_while_the_page_is_renewed(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    space.edit(NOD, "seed: 4", "seed: 5")
    server.wait(lambda: b"seed" in server.ask("/build/changed.html").body and server.state["builds"] >= 2)
    with tab(chromium, home=server.address) as view:
        opened(view, server, PAGE)
        link = view.locator("figure[id='04'] > a.print")
        link.focus()
        view.locator("figure[id='04'] .why summary").click()
        link.focus()
        view.evaluate("scrollTo(0, 200)")
        space.edit(NOD, "seed: 5", "seed: 6")
        view.locator("figure[id='04'] dd:text-is('6')").wait_for()
        assert view.evaluate("document.activeElement.matches(\"figure[id='04'] > a.print\")"), "its address is another"
        assert view.evaluate("scrollY") == 200 and view.locator("figure[id='04'] .why[open]").count() == 1


def test_a_slider_stays_where_it_is(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    space.edit(NOD, "seed: 4", "seed: 5")
    server.wait(lambda: b"class=\"compare\"" in server.ask("/build/changed.html").body)
    with tab(chromium, home=server.address) as view:
        opened(view, server, "build/changed.html")
        view.locator(".slider input").fill("20")
        view.locator(".slider input").focus()
        space.edit(NOD, "seed: 5", "seed: 6")
        view.locator("dd ins", has_text="6").wait_for()
        assert view.locator(".slider input").input_value() == "20"
        assert view.locator(".slider").evaluate("each => each.style.getPropertyValue('--at')") == "20%"
        assert view.evaluate("document.activeElement.type") == "range" and view.locator(".slider input").count() == 1


def test_a_comparison_outlives_the_pictures_that_it_compares(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server, PAGE)
        view.get_by_role("button", name="Compare candidate 2").first.click()
        images = view.locator("dialog.comparison img")
        images.nth(1).wait_for()
        before = [images.nth(at).get_attribute("src") for at in (0, 1)]
        status = view.locator("dialog.comparison [role=status]")
        assert status.inner_text() == ""
        space.write(NOD, space.read(NOD).replace(AWAITING, f"{AWAITING}, pose: {{neck_flexion: 12}}", 1))
        status.filter(has_text="There is a newer picture").wait_for()
        assert [images.nth(at).get_attribute("src") for at in (0, 1)] == before
        assert images.evaluate_all("images => images.map(image => image.naturalWidth)") == [64, 64]
        view.keyboard.press("c")
        view.locator("dialog.comparison .stage:not(.over)").wait_for()
        view.keyboard.press("Escape")
        view.locator("dialog.comparison").wait_for(state="detached")
        view.get_by_role("button", name="Compare candidate 2").first.click()
        images.nth(1).wait_for()
        assert {images.nth(at).get_attribute("src") for at in (0, 1)}.isdisjoint(before) and status.inner_text() == ""


def test_a_page_whose_spec_is_gone_says_so_until_it_is_back(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    context = chromium.new_context()  # a 404 is told on the console
    view = context.new_page()
    opened(view, server, PAGE)
    text = space.read(NOD)
    space.write("specs/exercises/neck/other.yaml", text.replace("id: nod", "id: other"))
    (space.root / NOD).unlink()
    view.locator(".gone", has_text="its spec was renamed or removed").wait_for()
    assert view.locator("figure[id='01'] img").count() and not view.get_by_role("button", name="Pick candidate").first.is_visible()
    view.locator(".gone a").click()
    view.locator("h1", has_text="Contact sheets").wait_for()
    view.goto(f"{server.address}{PAGE}")
    view.locator("h1", has_text="There is no such page").wait_for()
    space.write(NOD, text)
    view.locator("figure[id='04']").wait_for()
    assert view.locator(".gone").count() == 0
    context.close()


def test_a_page_that_was_loaded_before_a_build_ended_shows_it(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        view.add_init_script("delete window.SharedWorker")  # whose requests cannot be held back
        held = []
        view.route("**/api/events", lambda route: held.append(route))
        view.goto(f"{server.address}{PAGE}")
        space.edit(NOD, "seed: 4", "seed: 77")
        server.wait_for_build(2)
        view.wait_for_timeout(100)
        held[0].continue_()
        view.locator("figure[id='04'] dd:text-is('77')").wait_for()


def test_a_key_decides_on_what_is_seen(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server, "inbox")
        view.locator("h1", has_text="1 of 3").wait_for()
        view.wait_for_timeout(300)
        view.evaluate("""() => { for (const key of ["a", "a", "2", "i", "r"]) document.body.dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true })); }""")
        view.locator("h1", has_text="1 of 2").wait_for()
        server.wait(lambda: server.state["awaiting"] == 2)
        assert view.locator(".toast.bad").count() == 0
    assert (space.read(PICKS).count("decision:"), FIRST in space.read(PICKS)) == (1, True)


def test_what_another_tab_took_back_is_no_wall_before_what_was_decided_earlier(
    served: tuple[Space, Server], chromium: Any
) -> None:
    _, server = served
    context = chromium.new_context()
    mine, other = context.new_page(), context.new_page()
    for view in (mine, other):
        opened(view, server, "inbox")
        view.locator("h1", has_text="1 of 3").wait_for()
    mine.keyboard.press("1")
    mine.locator(f".head code:text-is('{SECOND}')").wait_for()
    mine.keyboard.press("1")
    server.wait(lambda: server.state["awaiting"] == 1)
    other.locator("h1", has_text="1 of 1").wait_for()
    assert server.write("/api/undo", {"decision": "pick", "target": SECOND}).status == 200
    mine.keyboard.press("u")
    mine.locator(".toast.bad").wait_for()
    mine.keyboard.press("u")
    mine.locator(".toast", has_text=f"Taken back: pick of {FIRST}").wait_for()
    other.locator("h1", has_text="of 3").wait_for()
    context.close()


def test_the_inbox_goes_on_when_the_server_was_away(built: Space, chromium: Any, tmp_path: Path) -> None:
    shutil.copytree(built.root, tmp_path / "project")
    space, token = Space(tmp_path / "project"), {"CALOTYPE_TOKEN": "abcdefghijklmnop"}
    context = chromium.new_context()
    view, problems = context.new_page(), []
    view.on("pageerror", lambda problem: problems.append(str(problem)))
    with studio(space.root, "--no-watch", env=token) as server:
        server.wait_for_build()
        port = server.host.rpartition(":")[2]
        view.goto(f"{server.address}inbox#token=abcdefghijklmnop")
        view.locator("h1", has_text="1 of 3").wait_for()
    view.locator(".chip", has_text="Not connected").wait_for()
    view.keyboard.press("1")
    view.locator(".toast.bad", has_text="nothing was decided").wait_for()
    view.keyboard.press("u")
    view.keyboard.press("ArrowDown")
    view.locator("text=The server does not answer").first.wait_for()
    with studio(space.root, "--no-watch", "--port", port, env=token) as server:
        view.locator("h1", has_text="of 3").wait_for(timeout=20_000)
        view.keyboard.press("1")
        view.locator(".toast", has_text="Picked").wait_for()
    assert problems == []
    context.close()
