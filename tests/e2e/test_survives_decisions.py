"""Random decisions, merges and renames: plan, check and build agree after each, and what is remembered agrees with what is read."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import pytest
from kit import codes, manifest_lines
from PIL import Image

from calotype.language.decisions import Decision, dump_picks, read_picks
from conftest import Run
from survival import Studio, studio

__all__ = ["studio"]

SPEC = """\
kind: exercise
id: {id}
region: {region}
title: One
images:
  - {{view_angle: {view}, body_position: standing, description: {word}, candidates: 3}}
  - {{view_angle: lateral, body_position: seated, description: {word}, candidates: 2, select: {select}}}
"""
KINDS: tuple[Literal["pick", "approve", "reject"], ...] = ("pick", "approve", "reject")
CANDIDATES = {"01": 3, "02": 2}
WORDS, VIEWS, REGIONS = ("bend", "turn"), ("lateral", "anterior"), ("neck", "hip")
FILES = ("a", "b", "by/anna", "exercises/s0", "exercises/s1")


class Team:
    """People who decide and edit at random. Every method is one step; `specs` are the fields of each spec by its file."""

    def __init__(self, studio: Studio, seed: int) -> None:
        self.studio, self.random = studio, random.Random(seed)
        self.specs: dict[str, dict[str, str]] = {}
        self.ids = (f"s{number}" for number in range(1000))
        self.steps: list[Callable[[], None]] = [
            self.put_in, self.put_in, self.pick, self.pick, self.approve, self.approve, self.reject, self.undo, self.remove_decision, self.rename_picks_file, self.rename_spec, self.add_twin,
            self.merge, self.merge, self.misname, self.edit_request, self.remove_spec, self.lose_state]

    def step(self) -> str:
        """Takes one step and returns its name."""
        chosen = self.random.choice(self.steps)
        chosen()
        return chosen.__name__

    def add_spec(self, **fields: str) -> None:
        spec_id = next(self.ids)
        choices = {"word": WORDS, "view": VIEWS, "region": REGIONS, "select": ("best", "human")}
        self.save(f"specs/exercises/{spec_id}.yaml", {
            **{name: self.random.choice(values) for name, values in choices.items()}, **fields, "id": spec_id})

    def add_twin(self) -> None:
        """Another spec that asks for the renders of one that is there."""
        self.add_spec(**self.any_spec()[1])

    def remove_spec(self) -> None:
        file, _ = self.any_spec()
        if len(self.specs) > 1:
            del self.specs[file]
            self.studio.remove(file)

    def rename_spec(self) -> None:
        file, fields = self.any_spec()
        self.save(file, {**fields, "id": next(self.ids)})

    def edit_request(self) -> None:
        file, fields = self.any_spec()
        self.save(file, {**fields, "view": self.random.choice(VIEWS), "word": self.random.choice(WORDS)})

    def pick(self) -> None:
        self.decide("pick")

    def put_in(self) -> None:
        """One of two pictures of somebody's own, maybe the one that is published already."""
        colour, (target, _) = self.random.choice(("red", "navy")), self.any_candidate()
        file = self.studio.root / f"{colour}.png"
        Image.new("RGB", (16, 16), colour).save(file)
        done = self.studio.call("pick", target, str(file), "--json")
        assert done.code == 0 or codes(done) in (["known-picture"], ["rejected-candidate"]), done.out

    def approve(self) -> None:
        self.decide("approve")

    def reject(self) -> None:
        self.decide("reject", "--reason", "not this one")

    def decide(self, *words: str) -> None:
        target, number = self.any_candidate()
        done = self.studio.call(words[0], target, str(number), *words[1:], "--json")
        assert done.code == 0 or codes(done) == ["rejected-candidate"], done.out

    def undo(self) -> None:
        target, _ = self.any_candidate()
        done = self.studio.call(self.random.choice(KINDS), target, "--undo", "--json")
        assert done.code == 0 or codes(done) in (["nothing-to-undo"], ["unknown-candidate"], ["approved"]), done.out

    def remove_decision(self) -> None:
        for file, decisions in self.any_picks():
            decisions.remove(self.random.choice(decisions))
            self.write_picks(file, decisions)

    def misname(self) -> None:
        """A decision of another target's name, as copying by hand leaves it."""
        for file, decisions in self.any_picks():
            at = self.random.randrange(len(decisions))
            decisions[at] = replace(decisions[at], target=self.any_candidate()[0])
            self.write_picks(file, decisions)

    def rename_picks_file(self) -> None:
        for file, _ in self.any_picks():
            free = [path for path in map("specs/picks/{}.yaml".format, FILES) if not (self.studio.root / path).exists()]
            if free:
                self.studio.move(file, self.random.choice(free))

    def merge(self) -> None:
        """What somebody else decided comes into a file of its own, or beside what is there."""
        target, number = self.any_candidate()
        line = manifest_lines(self.studio).get(target)
        if line is None or line["origin"] == "imported":  # not published yet: it awaits its first pick
            return
        candidate = line["candidates"][number - 1]
        file = f"specs/picks/{self.random.choice(FILES)}.yaml"
        text = (self.studio.root / file).read_bytes() if (self.studio.root / file).exists() else dump_picks([])
        decision = Decision(target, candidate["action"], candidate["pixels"], self.random.choice(KINDS))
        self.write_picks(file, [*read_picks(text, file), decision])

    def lose_state(self) -> None:
        self.studio.remove("cache/state")

    def any_spec(self) -> tuple[str, dict[str, str]]:
        return self.random.choice(sorted(self.specs.items(), key=lambda item: item[0]))

    def any_candidate(self) -> tuple[str, int]:
        """A target and the number of one of its candidates."""
        image = self.random.choice(sorted(CANDIDATES))
        return f"exercises/{self.any_spec()[1]['id']}/{image}", self.random.randint(1, CANDIDATES[image])

    def any_picks(self) -> list[tuple[str, list[Decision]]]:
        """One picks file with its decisions; none where there is none."""
        files = self.studio.files("specs/picks")
        chosen = [self.random.choice(files)] if files else []
        return [(file, list(read_picks((self.studio.root / file).read_bytes(), file))) for file in chosen]

    def write_picks(self, file: str, decisions: list[Decision]) -> None:
        if decisions:
            self.studio.write(file, dump_picks(decisions))
        else:
            self.studio.remove(file)

    def save(self, file: str, fields: dict[str, str]) -> None:
        self.specs[file] = fields
        self.studio.write(file, SPEC.format(**fields))


def check(studio: Studio) -> Run:
    """A check, which says the same whether or not it reads what did not change."""
    quick, full = studio.call("check", "--json"), studio.call("check", "--json", "--full")
    assert (quick.code, quick.json["targets"]) == (full.code, full.json["targets"])
    assert diagnostics(quick) == diagnostics(full)
    return quick


def build(studio: Studio) -> Run:
    """A build that does what a plan said, where a check said it, and leaves nothing but what awaits a human."""
    plan, checked = studio.call("plan", "--json"), check(studio)
    done = studio.call("build", "--json")
    assert done.code == (3 if done.json["awaiting"] else 0), done.out
    expected = {target: "rendered" if status == "render" else status for target, status in plan.statuses.items()}
    assert expected == done.statuses
    assert [plan.json[name] for name in ("renders", "awaiting", "removed")] == [
        done.json[name] for name in ("renders", "awaiting", "removed")]
    assert diagnostics(plan) <= diagnostics(checked)
    assert {target for target, status in plan.statuses.items() if status != "removed"} <= checked.statuses.keys()
    settled = check(studio)
    assert (settled.code, settled.statuses) == (done.code, awaiting(done))
    assert studio.call("build", "--json").statuses == awaiting(done)
    return done


def awaiting(done: Run) -> dict[str, str]:
    return {target: status for target, status in done.statuses.items() if status == "awaiting"}


def diagnostics(done: Run) -> set[str]:
    return {json.dumps(diagnostic) for diagnostic in done.json["diagnostics"]}


@pytest.mark.parametrize("seed", [1, 2, 3, 10, 19, 21, 38, 56])
def test_whatever_people_decide_plan_check_and_build_agree(studio: Studio, seed: int) -> None:
    team = Team(studio, seed)
    team.add_spec(word="bend", view="lateral")
    team.add_spec(word="turn", view="anterior")
    taken = ["begin"]
    done = build(studio)
    for _ in range(20):
        taken.append(team.step())
        try:
            done = build(studio)
        except AssertionError as failure:
            raise AssertionError(f"after {', '.join(taken)}") from failure
    published = studio.content()
    studio.remove("cache")
    assert build(studio).statuses == awaiting(done)
    assert studio.content() == published
