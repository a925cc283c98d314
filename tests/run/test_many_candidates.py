"""Many candidates of one image: the work beside rendering them grows as they do, and not with their square."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from kit import use_sketch

from calotype.plan import planner
from calotype.run import replanning
from conftest import Space

CONFIG = """version: 1
renderer: sketch
defaults: {size: [64, 64]}
models: {base: org/base}
controlnets: {canny: {model: org/net}}
"""


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The targets that a run plans again, each time that it does."""
    plans: list[str] = []

    def counted(image: planner.Image, *words: object) -> object:
        plans.append(image.target)
        return planner.plan_image(image, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(replanning, "plan_image", counted)
    return plans


def test_an_image_is_not_planned_again_for_each_batch_of_its_candidates(space: Space, plans: list[str]) -> None:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [16, 16]}\n")
    space.write("specs/exercises/chin.yaml", "kind: exercise\nid: chin\nregion: neck\ntitle: Chin\nimages:\n"
                "  - {view_angle: lateral, body_position: standing, description: chin, candidates: 150}\n")
    done = space.call("build", "--json", "--jobs", "1")
    assert (done.code, done.json["renders"]) == (0, 150)
    assert len(plans) <= 6


@pytest.mark.parametrize(
    "start", ["method: img2img", "method: controlnet, control: canny", "method: both, control: canny"])
def test_nor_is_one_that_starts_from_another_target_or_whose_map_is_made_of_it(
    space: Space, plans: list[str], monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", CONFIG)
    space.write("specs/scenes/coffee.yaml", f"""kind: scene
id: coffee
chain: true
shots:
  - {{id: reach, prompt: reach, candidates: 100}}
  - {{id: sip, prompt: sip, candidates: 160, reference: {{{start}}}}}
""")
    done = space.call("build", "--json", "--jobs", "1")
    assert (done.code, done.json["renders"]) == (0, 260)
    assert plans.count("scenes/coffee/sip") <= 8


def slowly(perform: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    def performed(*words: Any) -> Iterator[Any]:
        for outcome in perform(*words):
            time.sleep(0.008)
            yield outcome

    return performed


def test_nor_are_those_of_two_lanes_whose_batches_take_turns(
    space: Space, plans: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_sketch(space, monkeypatch)
    renderer = import_module("calotype_sketch").Sketch
    monkeypatch.setattr(renderer, "lane", "device", raising=False)
    monkeypatch.setattr(renderer, "perform", slowly(renderer.perform))
    space.write("calotype.yaml", CONFIG)
    shots = "".join(f"  - {{id: {name}, prompt: {name}, candidates: 200, renderer: {name}, size: [16, 16]}}\n"
                    for name in ("mannequin", "sketch"))
    space.write("specs/scenes/coffee.yaml", f"kind: scene\nid: coffee\nshots:\n{shots}")
    done = space.call("build", "--json", "--jobs", "1")
    assert (done.code, done.json["renders"]) == (0, 400)
    assert max(plans.count(target) for target in set(plans)) <= 6


def test_a_pick_that_is_another_by_now_is_planned_with_again(
    space: Space, plans: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture of another build counts for what starts from it, once it is made."""
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", CONFIG)
    space.write("specs/scenes/coffee.yaml", """kind: scene
id: coffee
chain: true
shots:
  - {id: reach, prompt: reach}
  - {id: sip, prompt: sip, candidates: 40}
""")
    first = space.call("build", "--json", "--jobs", "1")
    space.edit("specs/scenes/coffee.yaml", "prompt: reach", "prompt: reach far")
    again = space.call("build", "--json", "--jobs", "1")
    assert [(done.code, done.json["renders"]) for done in (first, again)] == [(0, 41), (0, 41)]
    assert space.call("check").code == 0
