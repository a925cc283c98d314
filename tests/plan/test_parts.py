"""A pass over all specs by several processes finds what one process finds, in the same order."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable

import pytest

from calotype.plan import parts
from calotype.plan.analysis import Analysis, Found
from calotype.project.changes import changed_specs
from calotype.project.overrides import Profile
from calotype.project.workspace import open_workspace
from conftest import Space

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
NAMES = [f"move_{number:02d}" for number in range(12)]
SPEC = """\
kind: exercise
id: {name}
region: {region}
title: {name}
images:
  - {{view_angle: lateral, body_position: seated, description: "head level, seen from the {name} side", seed: {seed}}}
  - {{view_angle: lateral, body_position: standing, description: arms hang down beside the straight body}}
"""
ANN = "kind: character\nid: ann\nprompt: a girl\nidentity: {method: palette, threshold: 0.5}\n"
TEA = "kind: scene\nid: tea\ncharacters: [ann]\nshots: [{id: cup, prompt: ann holds a cup without any text}]\nenhance: {iterations: 2}\n"


def file_of(name: str) -> str:
    return f"specs/exercises/{name}.yaml"


@pytest.fixture
def built(space: Space) -> Space:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n")
    space.write("specs/characters/ann.yaml", ANN)
    space.write("specs/scenes/tea.yaml", TEA)
    for seed, name in enumerate(NAMES):
        space.write(file_of(name), SPEC.format(name=name, region="neck" if seed % 2 else "hip", seed=seed))
    space.settle()
    assert space.call("build", "-q").code == 0
    return space


def summary(found: Found) -> list[str]:
    return [found.planned.image.target, found.reason]


def in_parts(space: Space, *, warn: bool = True) -> tuple[list[list[str]] | None, Analysis]:
    with open_workspace(space.root, Profile()) as workspace:
        analysis = Analysis(workspace, changed_specs(space.root, None, workspace.state), warn=warn)
        analysis.check_shared()
        return parts.analyze_in_parts(analysis, summary, processes=2), analysis


def by_one(space: Space) -> tuple[list[list[str]], Analysis]:
    with open_workspace(space.root, Profile()) as workspace:
        analysis = Analysis(workspace, changed_specs(space.root, None, workspace.state), warn=True)
        return list(map(summary, analysis.targets())), analysis


def clean(text: str) -> str:
    return re.sub(r'("seconds": |time=")[\d.]+|\([\d.]+ s\)', "", text)


def edited(space: Space) -> None:
    space.edit(file_of("move_03"), "seed: 3", "seed: 30")
    space.edit(file_of("move_08"), "head level", "head turned left, chin right")
    space.remove("content/images/exercises/neck/move_05_01.png")
    space.remove(file_of("move_06"))


STATES: dict[str, Callable[[Space], object]] = {
    "nothing changed": lambda space: None,
    "some specs edited, one gone": edited,
    "an invalid spec": lambda space: space.edit(file_of("move_07"), "region", "regoin"),
    "an unknown pose": lambda space: space.edit(file_of("move_07"), "seed: 7}", "seed: 7, pose: nowhere}"),
    "a bare clone": lambda space: (space.remove("cache"), space.remove("build")),
    "two specs of one id": lambda space: space.edit(file_of("move_07"), "id: move_07", "id: move_02"),
    "a character in another folder": lambda space: space.move("specs/characters/ann.yaml", "specs/zoo/ann.yaml"),
    "an unknown character": lambda space: space.edit("specs/characters/ann.yaml", "id: ann", "id: anna"),
    "an unreadable shared pose": lambda space: space.write("specs/poses/bow.yaml", "base: nowhere\n"),
    "a damaged manifest": lambda space: space.write("content/manifest/exercises/neck.jsonl", b"<<<<<<<\n"),
}


@pytest.mark.parametrize("state", STATES)
def test_commands_say_what_one_process_says(built: Space, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    STATES[state](built)
    commands = (["check", "--full", "--json"], ["check", "--full", "--format", "junit"], ["validate", "--full", "--json"])
    alone = [built.call(*words) for words in commands]
    monkeypatch.setattr(parts, "processes_for", lambda items, worth: 2)
    for words, before in zip(commands, alone, strict=True):
        found = built.call(*words)
        assert (found.code, clean(found.out), clean(found.err)) == (before.code, clean(before.out), clean(before.err))


def test_parts_are_joined_to_what_one_pass_finds(built: Space) -> None:
    edited(built)
    made, analysis = in_parts(built)
    expected, other = by_one(built)
    assert made == expected
    assert analysis.diagnostics == other.diagnostics
    assert analysis.names.paths == other.names.paths
    assert {"near-duplicate", "identity-uncompared"} <= {diagnostic.code for diagnostic in analysis.diagnostics}


def test_the_other_process_does_its_part(built: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    me, seen = os.getpid(), []
    part = parts._part

    def slow_here(analysis: Analysis, summary: parts.Summary) -> list[object]:
        if os.getpid() == me:
            seen.append(analysis.files)
            time.sleep(0.3)
        return part(analysis, summary)

    monkeypatch.setattr(parts, "_part", slow_here)
    made, _ = in_parts(built)
    assert made == by_one(built)[0]
    assert 0 < sum(map(len, seen)) < len(NAMES)


@pytest.mark.parametrize("state", ["two specs of one id", "an unknown character"])
def test_what_parts_cannot_tell_is_left_to_one_process(built: Space, state: str) -> None:
    STATES[state](built)
    before = len(in_parts(built, warn=False)[1].diagnostics)
    made, analysis = in_parts(built, warn=False)
    assert made is None
    assert len(analysis.diagnostics) == before
    assert not analysis.names.paths


def test_few_specs_are_not_worth_a_process(built: Space) -> None:
    with open_workspace(built.root, Profile()) as workspace:
        analysis = Analysis(workspace, changed_specs(built.root, None, workspace.state))
        analysis.check_shared()
        assert parts.analyze_in_parts(analysis, summary) is None
