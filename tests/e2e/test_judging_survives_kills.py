"""Random projects whose pictures are judged, edited, decided of and killed: what is left is what a clean build makes."""

from __future__ import annotations

import importlib
import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import verdicts

from survival import KILLED, Studio, child, hired, new_studio

CHARACTER = """\
kind: character
id: ann
prompt: a girl
identity: {{method: hue, threshold: {threshold}}}
anchors: {{poses: [{{id: front, prompt: standing, seed: {anchor}, candidates: {count}}}]}}
variations: [{{id: wave, prompt: waving, anchor: front, candidates: {count}, seed: {variation}}}]
"""
IMAGE = "  - {{view_angle: lateral, body_position: standing, description: up, seed: {seed}, candidates: {count}}}\n"
EDGES = (0xF000FE, 0x00F000, 0x0000FF, 0x301000, 0x000000, 0x98FFFF, 0xC8C8C7)
"""Colours next to which a scorer, a gate or a likeness says something else."""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Judges are loaded once in a process, and keep one log."""
    site = tmp_path_factory.mktemp("site") / "judges"
    asked = verdicts.install(site)
    with hired(), pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        patch.setattr(importlib.import_module("calotype_verdicts"), "ASKED", asked)  # another test may have loaded it
        yield asked


@pytest.fixture
def judged(tmp_path: Path, log: Path) -> tuple[Studio, Path]:
    log.write_text("")
    return new_studio(tmp_path), log


class Week:
    """What people do to a project in the course of a week, by a die."""

    def __init__(self, studio: Studio, log: Path, seed: int) -> None:
        self.studio, self.log, self.die = studio, log, random.Random(seed)
        self.kills = 0

    def live(self, days: int) -> None:
        self.config()
        self.exercise("nod")
        self.character()
        for _ in range(days):
            for _ in range(self.die.randint(1, 3)):
                self.die.choice((self.config, self.character, self.decide, self.decide, self.lose,
                                 lambda: self.exercise(self.die.choice(("nod", "bow", "turn")))))()
            self.build_and_die()

    def config(self) -> None:
        names = self.die.sample(("red", "green", "no_blue", "technical", "absent"), self.die.randint(1, 3))
        weights = ", ".join(f"{name}: {self.die.choice((1, 2, 9))}" for name in names)
        select = self.die.choice(("best", "best", "best", "first", "human"))
        self.studio.write("calotype.yaml", f"version: 1\nrenderer: swatch\ndefaults: {{size: [32, 32], select: {select}}}\n"
                          f"scoring: {{weights: {{{weights}}}, threshold: {self.die.choice((0, 30, 80))}}}\n")

    def seed(self) -> int:
        return max(0, self.die.choice(EDGES) - self.die.randint(0, 2))

    def exercise(self, name: str) -> None:
        rows = "".join(IMAGE.format(seed=self.seed(), count=self.die.randint(1, 4)) for _ in range(self.die.randint(1, 3)))
        self.studio.write(f"specs/exercises/{name}.yaml",
                          f"kind: exercise\nid: {name}\nregion: neck\ntitle: {name}\nimages:\n{rows}")

    def character(self) -> None:
        self.studio.write("specs/characters/ann.yaml", CHARACTER.format(
            threshold=self.die.choice(("0.1", "0.6", "0.9", "auto")), anchor=self.seed(), variation=self.seed(),
            count=self.die.randint(1, 3)))

    def decide(self) -> None:
        targets = [row["target"] for row in self.studio.call("list", "--json").json["targets"]]
        if targets:
            target, verb = self.die.choice(targets), self.die.choice(("pick", "pick", "reject"))
            number = str(self.die.randint(1, 4))
            words = [("--undo",), (number, "--reason", "no")] if verb == "reject" else [("--undo",), (number,)]
            said = self.studio.call(verb, target, *self.die.choice(words[-1:] * 3 + words[:1] * (verb == "pick")))
            assert said.code in (0, 2), said.err

    def lose(self) -> None:
        folder = self.die.choice(("cache", "build", "content/images"))
        shutil.rmtree(self.studio.root / folder, ignore_errors=True)

    def build_and_die(self) -> None:
        words = ("build", "-j", self.die.choice("12"))
        for _ in range(self.die.randint(0, 2)):
            ended = child(self.studio, *words, after=self.die.uniform(0, 0.15))
            assert ended in (KILLED, 0, 3), (self.studio.notes / "said").read_text()
            self.kills += ended == KILLED


def published(studio: Studio, awaiting: set[str]) -> dict[str, Any]:
    """What stands of the targets that await nobody: what awaits keeps what stood there before."""
    lines = [json.loads(text) for path in sorted((studio.root / "content/manifest").rglob("*.jsonl"))
             for text in path.read_text().splitlines()]
    return {line["target"]: (line, (studio.root / line["path"]).read_bytes())
            for line in lines if line["target"] not in awaiting}


def endure(studio: Studio, log: Path, seed: int) -> int:
    """A week, and how many builds died in it."""
    week = Week(studio, log, seed)
    week.live(days=5)
    done = studio.call("build", "--json")
    assert done.code in (0, 3), done.out + done.err
    awaiting = {target["target"] for target in done.json["targets"] if target["status"] == "awaiting"}
    assert bool(awaiting) == (done.code == 3)
    clean = studio.sibling("clean")
    fresh = clean.call("build", "--json")
    assert fresh.code == done.code, fresh.err
    assert {target["target"] for target in fresh.json["targets"] if target["status"] == "awaiting"} == awaiting
    assert published(studio, awaiting) == published(clean, awaiting)
    assert studio.leftovers("content", "build", "cache/state") == []
    for command in ("check", "build"):
        again = studio.call(command, "--json")
        assert again.code == done.code and again.json["renders"] == again.json["actions"]["score"] == 0
        assert {target["target"] for target in again.json["targets"]} == awaiting
    return week.kills


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_was_killed_the_tree_is_that_of_a_clean_build(judged: tuple[Studio, Path], seed: int) -> None:
    endure(*judged, seed)


def test_a_score_that_was_given_is_not_asked_for_again_but_for_what_a_kill_took(judged: tuple[Studio, Path]) -> None:
    studio, log = judged
    studio.write("calotype.yaml", "version: 1\nrenderer: swatch\ndefaults: {size: [32, 32]}\n"
                 "scoring: {weights: {red: 1, green: 1}}\n")
    for number in range(12):
        studio.exercise(f"nod_{number}", f"description: up, seed: {0x102030 * (number + 1)}, candidates: 3")
    kills = sum(child(studio, "build", after=0.04 * number) == KILLED for number in range(1, 5))
    assert kills and studio.call("build").code == 0
    asked = Counter(log.read_text().splitlines())
    assert len(asked) == 12 * 3 * 2 and max(asked.values()) <= 1 + kills
    before = log.read_text()
    assert studio.call("build").code == 0 and log.read_text() == before
