"""Random edits in the browser and beside it: by the code pane, the pose editor and the inbox, by pictures that are put in, and by
an editor that knows nothing of Studio. However they fall, the tree becomes that of a clean build of the same specs."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from PIL import Image
from test_edits_at_random import POSE, Author

from calotype.language.decisions import read_picks
from chromium import chromium
from studio_server import PATIENCE, Server
from studio_server import studio as serve
from survival import Studio, studio

__all__ = ["chromium", "studio"]
CONFIG = "version: 1\nrenderer: painter\npresets: {tiny: {size: [16, 16]}}\ndefaults: {preset: tiny}\n"
CHOICE = "description: up, seed: 5, candidates: 2, select: human"


class Hand(Author):
    """An author whose specs are typed, whose poses are moved and whose decisions are taken in a browser."""

    def __init__(self, space: Studio, server: Server, chance: random.Random, view: Any) -> None:
        super().__init__(space, server, chance)
        self.view = view
        view.goto(f"{server.address}#token={server.token}")

    def act(self) -> str:
        if self.sound and self.chance.random() < 0.5:
            return self.mend()
        action = self.chance.choice((
            self.move, self.move, self.move, self.type, self.type, self.beside, self.beside, self.break_a_spec, self.stale, self.add,
            self.remove, self.refused, self.decide, self.decide, self.decide, self.reject, self.undo, self.upload))
        action()
        return action.__name__

    def has_page(self, file: str) -> bool:
        return bool(self.server.ask(self.page_of(file)).status == 200)

    @staticmethod
    def page_of(file: str) -> str:
        return f"/build/exercises/{file.rpartition('/')[2].removesuffix('.yaml')}.html"

    def go(self, path: str) -> None:
        self.view.goto(f"{self.server.address.rstrip('/')}{path}")
        self.view.locator(".chip[data-kind]").wait_for()

    def put(self, file: str, text: str, sha256: str | None = None) -> int:
        """By the code pane, where the file has a page."""
        if sha256 is not None or not file.startswith("specs/exercises/") or not self.has_page(file):
            return super().put(file, text, sha256)
        self.go(self.page_of(file))
        edit = self.view.get_by_role("button", name=f"Edit {file}")
        with suppress(Exception):  # the page of a spec that is broken from its first line has its last good button
            edit.wait_for(timeout=5000)
        if edit.count() == 0:
            return super().put(file, text, sha256)
        edit.click()
        area = self.view.locator(".code-pane .code textarea")
        area.fill(text)
        self.view.keyboard.press("Control+s")
        self.server.wait(lambda: self.studio.read(file) == text, f"the text of {file} is not saved")
        self.view.locator(".code-pane .state", has_text="Saved").wait_for()
        return 200

    def move(self, refused: bool = False) -> None:
        """A joint of the first image, by its slider."""
        files = [file for file in self.specs if self.has_page(file)]
        if refused or POSE in self.sound or not files:
            super().move(refused)
            return
        file = self.chance.choice(files)
        self.go(self.page_of(file))
        buttons = self.view.get_by_role("button", name=re.compile("^Edit the pose of"))
        buttons.first.wait_for()
        buttons.first.click()
        code = self.view.locator(".pose-pane code")
        until(lambda: (code.count() and code.inner_text()) or self.view.locator(".toast.bad").count(), f"no pose of {file}")
        if self.view.locator(".pose-pane").count() == 0:  # its image is not there any more
            return
        if self.chance.random() < 0.4:
            self.view.get_by_label("Base posture", exact=True).and_(self.view.locator("select")).select_option(
                self.chance.choice(("standing", "seated", "kneeling")))
        neck = self.view.locator(".joint-group", has=self.view.locator("summary", has_text="Neck"))
        if neck.get_attribute("open") is None:
            neck.locator("summary").click()
        self.view.get_by_label("Neck flexion or neck extension", exact=True).and_(self.view.locator("input")).evaluate(
            "(input, value) => { input.value = value; input.dispatchEvent(new Event('input', { bubbles: true })); }",
            self.chance.randint(-30, 40))
        before, status = self.studio.read(file), self.view.locator(".pose-pane .state")
        save = self.view.get_by_role("button", name="Save", exact=True)
        until(lambda: status.inner_text() == "Saved" or save.is_enabled(), "the figure is not drawn")
        if status.inner_text() == "Saved":  # it was there already
            return
        self.view.keyboard.press("Control+s")
        until(lambda: self.studio.read(file) != before or status.inner_text() == "Saved" or self.view.locator(".toast.bad").count(),
              "the pose is not saved")

    def at_inbox(self) -> Any:
        """The candidates of what is shown that may be picked; none where nothing waits."""
        self.go("/inbox")
        self.view.locator("#Stage h1").first.wait_for()
        self.view.locator("#Stage li[data-pixels], #Stage .inbox-empty, #Stage .empty").first.wait_for()
        return self.view.locator("#Stage li[data-pixels]:not(.rejected)")

    def decide(self) -> None:
        standing = self.at_inbox()
        if standing.count() == 0:
            return
        number = self.chance.choice(standing.locator(".result b").all_inner_texts())
        self.view.keyboard.press(number.strip())
        self.told()

    def reject(self) -> None:
        if self.at_inbox().count() < 2:
            return
        self.view.keyboard.press("r")
        self.view.locator("dialog.ask textarea").fill("not <this> one & \"that\"")
        self.view.keyboard.press("Enter")
        self.told()

    def undo(self) -> None:
        self.at_inbox()
        self.view.keyboard.press("u")
        self.told()

    def told(self) -> None:
        self.view.locator(".toast").first.wait_for()

    def upload(self) -> None:
        files = [file for file in self.specs if self.has_page(file)]
        if not files:
            return
        self.go(self.page_of(self.chance.choice(files)))
        picture = self.studio.notes / "mine.png"
        Image.new("RGB", (16, 16), (self.chance.randrange(256), self.chance.randrange(256), 0)).save(picture)
        self.view.locator("figure .put-in").first.wait_for()
        self.view.locator("figure input[type=file]").first.set_input_files(picture)
        self.told()

    def settle_up(self) -> None:
        """Mends every spec, takes back what stands by a picture of its own, and decides what waits: what is left is what
        the specs and the decisions ask for."""
        while self.sound:
            self.mend()
        self.server.wait(lambda: not self.server.state.get("invalid"), "every spec is mended")
        for decision, target, pixels in [*self.by_pictures()]:
            self.server.write("/api/undo", {"decision": decision, "target": target, "candidate": pixels})
        end = time.monotonic() + 4 * PATIENCE
        while True:
            assert time.monotonic() < end, self.server.state
            self.quiet()
            if self.at_inbox().count():
                self.decide()
            elif self.server.state["awaiting"] == 0:
                return

    def by_pictures(self) -> Iterator[tuple[str, str, str]]:
        for file in self.studio.files("specs/picks"):
            for each in read_picks((self.studio.root / file).read_bytes(), file):
                if each.decision in ("approve", "import"):
                    yield "approve" if each.decision == "approve" else "pick", each.target, each.pixels

    def quiet(self) -> None:
        """Waits until nothing was built for a while."""
        since, number = time.monotonic(), self.server.state.get("builds")
        while time.monotonic() - since < 0.8:
            state = self.server.state
            if state.get("building") or state.get("builds") != number:
                since, number = time.monotonic(), state.get("builds")
            time.sleep(0.1)


def until(condition: Any, words: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, words
        time.sleep(0.03)


def compare(space: Studio, number: int) -> None:
    """The tree is that of a clean build, soon."""
    clean = space.sibling("clean")
    done = clean.call("build", "--json")
    assert done.code in (0, 3), done.out + done.err
    content, sheets = clean.content(), clean.sheets()
    end = time.monotonic() + PATIENCE
    while True:
        with suppress(FileNotFoundError):  # what is just being replaced
            mine = space.content(), space.sheets()
            if mine == (content, sheets):
                return
        assert time.monotonic() < end, (number, differing(mine[0], content), differing(mine[1], sheets))
        time.sleep(0.1)


def differing(mine: dict[str, Any], clean: dict[str, Any]) -> list[str]:
    return [name for name in sorted(mine.keys() | clean.keys()) if mine.get(name) != clean.get(name)]


def work(space: Studio, chromium: Any, seed: int, count: int, bout: int) -> None:
    space.write("calotype.yaml", CONFIG)
    space.write(POSE, "base: standing   # upright\nneck_flexion: 20\n")
    for name in "abc":
        space.exercise(name, "description: up, seed: 1, pose: bow", CHOICE, "description: up, seed: 3")
    with serve(space.root, env={"CALOTYPE_PAINTER": str(space.notes)}) as server:
        server.wait_for_build()
        context = chromium.new_context()
        view, problems = context.new_page(), []
        view.on("pageerror", lambda problem: problems.append(str(problem)))
        view.on("dialog", lambda dialog: dialog.accept())
        hand, acts = Hand(space, server, random.Random(seed), view), []
        for number in range(1, count + 1):
            acts.append(hand.act())
            assert not problems, (number, acts[-3:], problems)
            if number % bout == 0 or number == count:
                hand.settle_up()
                compare(space, number)
        context.close()
    print({name: acts.count(name) for name in sorted(set(acts))})


def test_the_tree_is_that_of_a_clean_build_after_edits_in_the_browser(studio: Studio, chromium: Any) -> None:
    work(studio, chromium, seed=14, count=25, bout=13)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2])
def test_the_tree_is_that_of_a_clean_build_after_hundreds(studio: Studio, chromium: Any, seed: int) -> None:
    work(studio, chromium, seed, count=250, bout=25)
