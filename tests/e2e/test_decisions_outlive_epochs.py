"""A renderer's epoch moves: everything it drew is rendered anew, and a picture that comes out the same keeps its pick."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Protocol

import pytest
import sketch

from calotype.workers.warm import PROCESS
from conftest import Run, Space

NOD, PICKS = "specs/exercises/neck/nod.yaml", "specs/picks/exercises/nod.yaml"
NAME = "exercises/nod/01"
SPEC = """\
kind: exercise
id: nod
region: neck
title: Nod
images:
  - {view_angle: lateral, body_position: seated, description: head up, seed: 40, candidates: 3}
"""
SAME_PIXELS = ('if name != "scheduler"', 'if name not in ("scheduler", "epoch")')


class Move(Protocol):
    def __call__(self, epoch: int, *, same_pixels: bool = True) -> None: ...



@pytest.fixture
def move_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Move:
    """Installs the renderer, and gives what installs it with another epoch, which changes no pixel unless told so."""
    module = sketch.install(tmp_path / "site")
    monkeypatch.syspath_prepend(str(module.parent))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # bytecode goes by whole seconds
    monkeypatch.setitem(sys.modules, module.stem, None)  # gives back, at the end, what other tests have imported

    def move(epoch: int, *, same_pixels: bool = True) -> None:
        text = sketch.MODULE.replace(*SAME_PIXELS) if same_pixels else sketch.MODULE
        module.write_text(text.replace(sketch.EPOCH, f"EPOCH = {epoch}"))
        sys.modules.pop(module.stem, None)
        PROCESS.close()  # a process that starts with the new code has no worker of the old

    move(1)
    return move


@pytest.fixture
def nod(space: Space, move_epoch: Move) -> Space:
    """One target of three candidates, of which a human picked one that is not the best by score."""
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [64, 64]}\n")
    space.write(NOD, SPEC)
    assert build(space).json["renders"] == 3
    assert space.call("pick", NAME, str(line(space)["pick"]["candidate"] % 3 + 1)).code == 0
    assert build(space).statuses == {NAME: "cached"}
    return space


def build(space: Space) -> Run:
    """A build that did what a plan said before, and left what both kinds of check find as the build said."""
    planned, done = space.call("plan", "--json"), space.call("build", "--json")
    assert (planned.json["renders"], list(planned.statuses)) == (done.json["renders"], list(done.statuses))
    checks = [space.call("check", "--json", *words) for words in ((), ("--full",))]
    assert [check.code for check in checks] == [done.code, done.code]
    assert checks[0].statuses == checks[1].statuses
    return done


def line(space: Space) -> dict[str, Any]:
    """The one line of the manifest."""
    [row] = space.read("content/manifest/exercises/neck.jsonl").splitlines()
    return dict(json.loads(row))


def test_a_pick_is_kept_by_its_pixels_and_the_picks_file_is_left_alone(nod: Space, move_epoch: Move) -> None:
    before, picks = line(nod), nod.snapshot("specs/picks")
    move_epoch(2)
    assert nod.call("check", "--json").statuses == {NAME: "stale"}
    done = build(nod)
    assert (done.code, done.json["renders"], done.json["diagnostics"]) == (0, 3, [])
    after = line(nod)
    assert after["action"] != before["action"]
    assert (after["pick"], after["pixels"]) == (before["pick"], before["pixels"])
    assert after["pick"]["by"] == "human"
    assert nod.snapshot("specs/picks") == picks


@pytest.mark.parametrize("lost", ["cache", "build"])
def test_it_is_kept_for_good_whatever_is_lost_and_however_often_the_epoch_moves(
    nod: Space, move_epoch: Move, lost: str
) -> None:
    picked = line(nod)["pixels"]
    move_epoch(2)
    build(nod)
    nod.remove(lost)
    assert build(nod).json["targets"] == []
    move_epoch(3)
    assert build(nod).json["renders"] == 3
    assert (line(nod)["pick"]["by"], line(nod)["pixels"]) == ("human", picked)


def test_a_spec_renamed_after_the_epoch_moved_keeps_it(nod: Space, move_epoch: Move) -> None:
    picked = line(nod)["pixels"]
    move_epoch(2)
    build(nod)
    nod.edit(NOD, "id: nod", "id: bow")
    done = build(nod)
    assert (done.code, done.json["renders"]) == (0, 0)
    assert (line(nod)["target"], line(nod)["pick"]["by"], line(nod)["pixels"]) == ("exercises/bow/01", "human", picked)


@pytest.mark.parametrize("built", [False, True])
def test_a_new_pick_takes_its_place_under_the_new_name_too(nod: Space, move_epoch: Move, built: bool) -> None:
    move_epoch(2)
    build(nod)
    nod.edit(NOD, "id: nod", "id: bow")
    if built:
        build(nod)
    number = line(nod)["pick"]["candidate"] % 3 + 1
    assert nod.call("pick", "exercises/bow/01", str(number)).code == 0
    assert nod.files("specs/picks") == [PICKS]
    assert nod.read(PICKS).count("- target") == 1
    assert build(nod).code == 0
    assert line(nod)["pick"] == {"by": "human", "candidate": number}


def test_a_spec_renamed_while_the_epoch_moves_keeps_it(nod: Space, move_epoch: Move) -> None:
    picked = line(nod)["pixels"]
    nod.edit(NOD, "id: nod", "id: bow")
    build(nod)
    move_epoch(2)
    assert build(nod).json["renders"] == 3
    assert (line(nod)["pick"]["by"], line(nod)["pixels"]) == ("human", picked)


def test_a_new_pick_takes_the_place_of_the_one_that_was_kept(nod: Space, move_epoch: Move) -> None:
    move_epoch(2)
    build(nod)
    number = line(nod)["pick"]["candidate"] % 3 + 1
    assert nod.call("pick", NAME, str(number)).code == 0
    assert nod.read(PICKS).count("- target") == 1
    assert build(nod).statuses == {NAME: "cached"}
    assert line(nod)["pick"] == {"by": "human", "candidate": number}


def test_an_epoch_that_draws_other_pixels_gives_the_choice_back(nod: Space, move_epoch: Move) -> None:
    move_epoch(2, same_pixels=False)
    done = build(nod)
    assert (done.code, done.json["renders"], line(nod)["pick"]["by"]) == (0, 3, "score")
    assert nod.files("specs/picks") == [PICKS]
    move_epoch(1)
    assert build(nod).json["renders"] == 0
    assert line(nod)["pick"]["by"] == "human"


def test_where_a_human_chooses_only_an_epoch_that_draws_other_pixels_asks_again(nod: Space, move_epoch: Move) -> None:
    nod.edit(NOD, "candidates: 3", "candidates: 3, select: human")
    move_epoch(2)
    assert build(nod).code == 0
    move_epoch(3, same_pixels=False)
    picture = nod.snapshot("content/images")
    assert (build(nod).code, nod.snapshot("content/images")) == (3, picture)
