"""Names and words that would be markup, addresses or orders, on every page of the Studio: each is shown as it is written, and
every link leads somewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from chromium import chromium, tab, violations
from conftest import Space
from studio_server import SMALL, Server, served

__all__ = ["chromium", "served"]
MARKUP = "<img src=x onerror=alert(1)>"
WORDS = (
    f"{MARKUP}<script>alert(2)</script>", "quotes ' \" ` and \\ &amp; &lt;", "50% off #1 ? a+b=c;d@e:f", "two  spaces and\ttab",
    "\u202egnp.exe \u05e9\u05dc\u05d5\u05dd", "\U0001f600\U0001f469\u200d\U0001f680 \u00e9", "x" * 180, "javascript:alert(3)//", "{{ 7*7 }} ${7*7}")
FILE = f"specs/exercises/{MARKUP}/50% #1? 'a' \"b\" & \U0001f600 \u202e\u05e9 {'y' * 80}.yaml"


def spec() -> str:
    """A spec whose every text is one of WORDS."""
    images = [{"view_angle": "lateral", "body_position": "standing", "description": words, "title": words, "caption": words, "alt": words,
               **({"candidates": 2, "select": "human"} if number < 2 else {"seed": number})} for number, words in enumerate(WORDS)]
    return json.dumps({"kind": "exercise", "id": "nod", "region": "neck", "title": WORDS[0], "tags": list(WORDS), "images": images}, indent=1, ensure_ascii=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Space:
    space = Space(tmp_path_factory.mktemp("built") / "project")
    space.root.mkdir()
    space.write("calotype.yaml", SMALL)
    space.write(FILE, spec())
    done = space.call("build", "-q")
    assert done.code == 3, done.err
    return space


def opened(view: Any, server: Server, path: str) -> Any:
    view.on("dialog", lambda dialog: pytest.fail(f"a script of the author's ran: {dialog.message}"))
    view.goto(f"{server.address}{path}#token={server.token}")
    view.locator(".chip[data-kind]").wait_for()
    return view


def links(view: Any, server: Server) -> set[str]:
    """The addresses on the page, each of which answers."""
    addresses = {address.partition("#")[0] for address in view.evaluate("[...document.querySelectorAll('a[href], img[src]')].map(each => each.href || each.src)")}
    for address in addresses:
        assert address.startswith(server.address), address
        answer = server.ask("/" + address.removeprefix(server.address))
        assert answer.status in (200, 307), address
    return addresses


@pytest.mark.parametrize("path", ["build/index.html", "build/exercises-neck.html", "build/exercises/nod.html", "build/changed.html", "inbox"])
def test_every_page_shows_words_as_they_are_and_its_links_lead_somewhere(served: tuple[Space, Server], chromium: Any, path: str) -> None:
    _, server = served
    for width in (1280, 390):
        with tab(chromium, home=server.address, width=width) as view:
            opened(view, server, path)
            if path == "inbox":
                view.locator("#Stage figure").wait_for()
            assert links(view, server)
            assert view.evaluate("document.querySelectorAll('#Page script, #Page [onerror], #Page img[src=x], #Stage script').length") == 0
            assert violations(view) == [] and view.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_texts_of_a_spec_and_its_file_are_shown_whole(served: tuple[Space, Server], chromium: Any) -> None:
    _, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server, "build/exercises/nod.html")
        assert view.locator("h1").text_content() == WORDS[0] and view.locator(".head code").first.text_content() == FILE
        assert view.locator(".head .tag").all_text_contents() == [" ".join(words.split()) for words in WORDS]
        assert view.locator("figure .name b").all_text_contents()[1:] == list(WORDS[1:]), "the first is called as its spec is"
        for number, words in enumerate(WORDS):
            figure = view.locator("figure").nth(number)
            assert figure.locator(".caption").text_content() == words
            assert figure.locator("img").first.get_attribute("alt") in (words, f"Candidate 1: {words}")
        for tag in (WORDS[0], WORDS[2], WORDS[4]):
            view.goto(f"{server.address}build/exercises/nod.html")
            view.locator(".head .tag").nth(WORDS.index(tag)).click()
            view.locator("#Found a.hit").first.wait_for()
            assert view.locator("#Found [role=status]").inner_text() == f"{len(WORDS)} images of 1 spec"


def test_reasons_and_names_of_pictures_are_shown_as_they_are(served: tuple[Space, Server], chromium: Any, tmp_path: Path) -> None:
    space, server = served
    name = f"{MARKUP.replace('/', '')} 50% #1? ' \" \U0001f600.png"
    Image.new("RGB", (64, 64), "navy").save(tmp_path / name)
    with tab(chromium, home=server.address) as view:
        opened(view, server, "inbox")
        view.locator("#Stage figure").wait_for()
        for words in (WORDS[0], WORDS[1]):
            view.keyboard.press("r")
            view.locator("dialog.ask textarea").fill(words)
            view.keyboard.press("Enter")
            view.locator("dialog.ask").wait_for(state="detached")
            view.locator("#Stage .out", has_text=words).first.wait_for()
        view.goto(f"{server.address}build/exercises/nod.html")
        figure = view.locator("figure[id='01']")
        figure.locator(".out", has_text=WORDS[1]).wait_for()
        assert figure.locator(".out").first.text_content() == f"rejected: {WORDS[0]}"
        view.locator("figure[id='03'] input[type=file]").set_input_files(tmp_path / name)
        view.locator(".toast", has_text=name).wait_for()
        figure.locator(".why summary").click()
        figure.locator(".why h4", has_text="Key").wait_for()
    assert WORDS[1] in space.call("show", "exercises/nod/01").out


def test_a_file_with_such_a_name_is_edited_and_its_errors_are_told(served: tuple[Space, Server], chromium: Any) -> None:
    space, server = served
    with tab(chromium, home=server.address) as view:
        opened(view, server, "build/exercises/nod.html")
        view.locator(".edit button").click()
        area = view.locator(".code-pane textarea").first
        area.wait_for()
        assert view.locator(".code-pane h2").text_content() == FILE
        area.fill(spec().replace('"seed": 3', '"sede": 3'))
        view.locator(".found li", has_text="sede").wait_for()
        view.keyboard.press("Control+s")
        server.wait(lambda: '"sede"' in space.read(FILE))
        view.get_by_role("button", name="Close", exact=True).click()
        view.locator(".errors code", has_text=MARKUP).wait_for()
        assert str(view.locator(".errors li code").first.text_content()).startswith(f"{FILE}:")
        assert view.locator("figure[id='03'] > a.print").count() == 1
        space.write(FILE, spec())
        view.locator(".errors").wait_for(state="detached")
        view.get_by_role("button", name="Edit the pose of exercises/nod/03").click()
        view.locator(".pose-pane code", has_text="pose").wait_for()
        view.locator(".joint-group summary").first.click()
        view.get_by_label("Neck flexion or neck extension", exact=True).and_(view.locator("input")).press("ArrowRight")
        view.locator(".pose-pane code", has_text="neck_flexion: 1").wait_for()
        view.keyboard.press("Control+s")
        server.wait(lambda: "neck_flexion" in space.read(FILE))
    assert space.call("validate").code == 0
