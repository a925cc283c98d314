"""Random inclusions, exclusions, edits, merges and renames: what is remembered of a training set agrees with what is read, and no
picture is in it that nobody looked at."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any, Literal

import pytest
from kit import codes, manifest_lines

from calotype.language.decisions import Decision, dump_picks, read_picks
from conftest import Run
from survival import Studio, studio

__all__ = ["studio"]

SPEC = """\
kind: character
id: {id}
anchors: {{poses: [{{id: front, prompt: front {front}}}, {{id: back, prompt: back}}]}}
variations:
  - {{id: bow, prompt: bow {bow}, count: 2}}
  - {{id: bend, prompt: bend {bend}, candidates: 2}}
training_set: {{trigger_word: doll, min: 1, select: {select}}}
"""
PARTS = ("anchors/front", "anchors/back", "variations/bow_01", "variations/bow_02", "variations/bend_01")
WORDS = ("low", "high")
FILES = ("a", "by/anna", "characters/c0", "characters/c1")


class Team:
    """People who curate and edit at random. Every method is one step; `fields` are those of each spec by its file."""

    def __init__(self, studio: Studio, seed: int) -> None:
        self.studio, self.random = studio, random.Random(seed)
        self.fields: dict[str, dict[str, str]] = {}
        self.ids = (f"c{number}" for number in range(1000))
        self.steps: list[Callable[[], None]] = [
            self.include, self.include, self.exclude, self.exclude, self.undo, self.edit, self.edit, self.rename, self.merge,
            self.merge, self.rename_picks_file, self.pick, self.lose_state]

    def step(self) -> str:
        chosen = self.random.choice(self.steps)
        chosen()
        return chosen.__name__

    def add(self) -> None:
        name = next(self.ids)
        words = {part: self.random.choice(WORDS) for part in ("front", "bow", "bend")}
        self.save(f"specs/characters/{name}.yaml", {
            **words, "id": name, "select": self.random.choice(("human", "suggest"))})

    def edit(self) -> None:
        file, fields = self.any_spec()
        self.save(file, {**fields, self.random.choice(("front", "bow", "bend")): self.random.choice(WORDS)})

    def rename(self) -> None:
        file, fields = self.any_spec()
        self.save(file, {**fields, "id": next(self.ids)})

    def include(self) -> None:
        self.decide("include")

    def exclude(self) -> None:
        self.decide("exclude", "--reason", "not this one")

    def pick(self) -> None:
        self.decide("pick", str(self.random.randint(1, 2)), target=f"characters/{self.any_spec()[1]['id']}/variations/bend_01")

    def undo(self) -> None:
        self.decide(self.random.choice(("include", "exclude")), "--undo")

    def decide(self, word: str, *words: str, target: str = "") -> None:
        done = self.studio.call(word, target or self.any_target(), *words, "--json")
        assert done.code == 0 or codes(done) == ["nothing-to-undo"], done.out

    def merge(self) -> None:
        """What somebody else said comes into another file."""
        line = manifest_lines(self.studio)[self.any_target()]
        word: Literal["include", "exclude"] = self.random.choice(("include", "exclude"))
        file = f"specs/picks/{self.random.choice(FILES)}.yaml"
        text = (self.studio.root / file).read_bytes() if (self.studio.root / file).exists() else dump_picks([])
        decision = Decision(line["target"], line["action"], line["pixels"], word)
        self.studio.write(file, dump_picks([*read_picks(text, file), decision]))

    def rename_picks_file(self) -> None:
        files = self.studio.files("specs/picks")
        free = [path for path in map("specs/picks/{}.yaml".format, FILES) if not (self.studio.root / path).exists()]
        if files and free:
            self.studio.move(self.random.choice(files), self.random.choice(free))

    def lose_state(self) -> None:
        self.studio.remove("cache/state")

    def any_spec(self) -> tuple[str, dict[str, str]]:
        return self.random.choice(sorted(self.fields.items(), key=lambda item: item[0]))

    def any_target(self) -> str:
        return f"characters/{self.any_spec()[1]['id']}/{self.random.choice(PARTS)}"

    def save(self, file: str, fields: dict[str, str]) -> None:
        self.fields[file] = fields
        self.studio.write(file, SPEC.format(**fields))


def sets(team: Team) -> list[dict[str, Any]]:
    """The training set of each character."""
    names = [fields["id"] for fields in team.fields.values()]
    return [team.studio.call("explain", f"characters/{name}/training_set", "--json").json for name in names]


def spoken_of(studio: Studio) -> set[tuple[str, str]]:
    """(pixels, decision) of everything that stands in picks files."""
    files = studio.files("specs/picks")
    return {(decision.pixels, decision.decision)
            for file in files for decision in read_picks((studio.root / file).read_bytes(), file)}


def diagnostics(done: Run) -> list[str]:
    return sorted(json.dumps(diagnostic) for diagnostic in done.json["diagnostics"])


def agree(team: Team) -> None:
    """After a build quick and full checks say the same, and no member is in the set against what was said of its pixels."""
    done = team.studio.call("build", "--json")
    assert done.code == 0, done.out
    quick, full = team.studio.call("check", "--json"), team.studio.call("check", "--json", "--full")
    assert (quick.code, quick.json["targets"]) == (full.code, full.json["targets"]) == (0, [])
    assert diagnostics(quick) == diagnostics(full)
    spoken, warned = spoken_of(team.studio), {row["code"] for row in full.json["diagnostics"]}
    left_out = [left for each in sets(team) for left in each["left_out"]]
    assert ("fallen-out" in warned) == any(left["state"] == "fallen-out" for left in left_out)
    assert ("contradicting-decisions" in warned) == any(left["state"] == "contradicting" for left in left_out)
    for member in (member for each in sets(team) for member in each["members"]):
        assert member["by"] != "human" or (member["pixels"], "include") in spoken
        assert (team.studio.root / member["path"]).is_file()


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_whatever_people_say_of_a_set_checks_and_builds_agree_on_it(studio: Studio, seed: int) -> None:
    team, taken = Team(studio, seed), ["begin"]
    team.add()
    team.add()
    agree(team)
    for _ in range(15):
        taken.append(team.step())
        try:
            agree(team)
        except AssertionError as failure:
            raise AssertionError(f"after {', '.join(taken)}") from failure
    before = sets(team)
    studio.remove("cache")
    studio.remove("build")
    agree(team)
    assert sets(team) == before
