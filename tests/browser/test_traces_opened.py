"""The traces of a scene, opened from its page in a real browser: as files, and from Studio, where nothing in them runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chromium import chromium, tab, violations
from conftest import Space
from studio_server import studio

__all__ = ["chromium"]
PAGE = "build/scenes/tea.html"
TEA = """\
kind: scene
id: tea
candidates: 2
enhance: {iterations: 1}
shots: [{id: pour, prompt: a woman pours tea, pose: {base: standing}}]
"""


@pytest.fixture(scope="module")
def tea(tmp_path_factory: pytest.TempPathFactory) -> Space:
    space = Space(tmp_path_factory.mktemp("opened") / "project")
    space.root.mkdir()
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [128, 128]}\ntraces: {keep: all}\n")
    space.write("specs/scenes/tea.yaml", TEA)
    assert space.call("build", "-q").code == 0
    for name in ("00_original_prompt.txt", "prompt_trace_summary.json"):  # as what an endpoint says would stand there
        evil = space.read(f"build/traces/tea/scene_1/{name}").replace("pours tea", "pours <script>document.title='run'</script>")
        space.write(f"build/traces/tea/scene_1/{name}", evil)
    return space


@pytest.fixture(params=["as a file", "in Studio"])
def address(tea: Space, request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "as a file":
        yield (tea.root / PAGE).as_uri()
        return
    with studio(tea.root) as server:
        server.wait_for_build()
        yield f"{server.address.rstrip('/')}/{PAGE}"


def opened(page: Any, address: str) -> Any:
    """The links of the first trace, on the page at `address`."""
    page.goto(address)
    page.locator("details.trace summary").click()
    return page.locator("details.trace a")


def test_every_link_of_a_trace_opens_its_file_and_runs_nothing(tea: Space, address: str, chromium: Any) -> None:
    with chromium.new_context() as context:  # a viewer of texts complains of its own style, which the policy of Studio refuses
        page = context.new_page()
        count = opened(page, address).count()
        assert count == len(tea.files("build/traces/tea/scene_1"))
        for number in range(count):
            link = opened(page, address).nth(number)
            name = Path(link.get_attribute("href")).name
            link.click()
            page.wait_for_url(f"**/build/traces/tea/scene_1/{name}")
            assert page.title() != "run"
            if not name.endswith(".png"):
                first = tea.read(f"build/traces/tea/scene_1/{name}").splitlines()[0]
                page.locator("body", has_text=first).wait_for()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_findings_and_traces_are_accessible_and_fit_the_window(tea: Space, chromium: Any, width: int, scheme: str) -> None:
    with tab(chromium, width=width, scheme=scheme) as page:
        opened(page, (tea.root / PAGE).as_uri())
        assert page.locator(".findings dt").all_inner_texts()[-1] == "Prompt"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []
