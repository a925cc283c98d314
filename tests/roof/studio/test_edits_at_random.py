"""Random edits through the code pane's and the pose editor's routes, and by an editor beside them: after each one the tree is
that of a clean build, or, while a spec is invalid, the last good one."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from calotype.language.pose.terms import BASES, JOINTS
from studio_server import PATIENCE, Server
from studio_server import studio as serve
from survival import Studio, studio

__all__ = ["studio"]
CONFIG = "version: 1\nrenderer: mannequin\npresets: {tiny: {size: [16, 16]}}\ndefaults: {preset: tiny}\n"
POSE = "specs/poses/bow.yaml"
TERMS = [name for name, joint in JOINTS.items() if joint.laterality != "directed"]
BROKEN = ("a: [\n", "", "kind: exercise\n", "\tx: 1\n", "kind: exercise\nid: a\nregion: neck\ntitle: a\nimages: []\n")


class Author:
    """Somebody who edits in the browser and beside it. Every method is one edit."""

    def __init__(self, studio: Studio, server: Server, chance: random.Random) -> None:
        self.studio, self.server, self.chance = studio, server, chance
        self.sound: dict[str, str] = {}
        """Broken files, as they were before."""

    def act(self) -> str:
        if self.sound and self.chance.random() < 0.7:
            return self.mend()
        action = self.chance.choice((
            self.move, self.move, self.move, self.type, self.type, self.beside, self.beside, self.break_a_spec, self.stale, self.add,
            self.remove, self.refused))
        action()
        return action.__name__

    @property
    def specs(self) -> list[str]:
        return [file for file in self.studio.files("specs/exercises") if file not in self.sound]

    def put(self, file: str, text: str, sha256: str | None = None) -> int:
        known = self.server.ask(f"/api/spec?path={file}").json["sha256"] if sha256 is None else sha256
        return self.server.write("/api/spec", {"path": file, "text": text, "sha256": known}, method="PUT").status

    def move(self, refused: bool = False) -> None:
        """A pose, as the editor of poses writes it: drawn first, then put at its place."""
        file = self.chance.choice([*self.specs, POSE] if POSE not in self.sound else self.specs)
        spec = self.server.ask(f"/api/spec?path={file}").json
        pose: dict[str, Any] = {"base": self.chance.choice(list(BASES))}
        for name in self.chance.sample(TERMS, 2):
            if not any(JOINTS[name].axis == JOINTS[other].axis for other in pose if other in JOINTS):
                low, high = JOINTS[name].possible
                pose[name] = self.chance.randint(int(low), int(high)) if not refused else int(high) + 1
        pointer = [] if file == POSE else ["images", 0, "pose"]
        drawn = self.server.write("/api/pose/drawing", {"pose": pose, "size": [64, 64], "implied": False})
        assert drawn.status == (422 if refused else 200), drawn.body
        written = self.server.write("/api/values", {"path": file, "sha256": spec["sha256"], "changes": [
            {"pointer": pointer, "value": pose if refused else drawn.json["pose"]}]}, method="PUT")
        assert written.status == (422 if refused else 200), written.body
        after = self.studio.read(file)
        assert (after == spec["text"]) or not refused
        remarks = [[line.partition("#")[2] for line in text.split("\n") if "#" in line] for text in (spec["text"], after)]
        assert remarks[0] == remarks[1]

    def refused(self) -> None:
        self.move(refused=True)

    def type(self) -> None:
        file = self.chance.choice(self.specs)
        text = self.studio.read(file)
        change = self.chance.choice((("title: ", f"title: {self.chance.choice('abc')}"), ("\n", "\n# typed\n"), ("seed: 1", "seed: 2"),
                                     ("pose: bow", "pose: {knee_flexion: 20}"), ("description: up", "description: down")))
        assert self.put(file, text.replace(*change, 1)) == 200

    def beside(self) -> None:
        file = self.chance.choice(self.specs)
        text = self.studio.read(file)
        self.studio.write(file, text + "# beside\n" if self.chance.random() < 0.5 else text.replace(
            "seed: ", f"seed: {self.chance.randint(1, 9)}", 1))

    def break_a_spec(self) -> None:
        file = self.chance.choice([*self.specs, POSE] if POSE not in self.sound else self.specs)
        self.sound[file] = self.studio.read(file)
        text = self.chance.choice(BROKEN[:2] if file == POSE else BROKEN)
        if self.chance.random() < 0.5:
            assert self.put(file, text) == 200
        else:
            self.studio.write(file, text)

    def mend(self) -> str:
        file = self.chance.choice(list(self.sound))
        assert self.put(file, self.sound.pop(file)) == 200
        return "mend"

    def stale(self) -> None:
        file = self.chance.choice(self.specs)
        sha256 = self.server.ask(f"/api/spec?path={file}").json["sha256"]
        self.studio.write(file, self.studio.read(file) + "# newer\n")
        now = self.studio.read(file)
        assert self.put(file, "lost: 1\n", sha256) == 409 and self.studio.read(file) == now

    def add(self) -> None:
        name = f"n{self.chance.randint(0, 99):02}"
        file = f"specs/exercises/{name}.yaml"
        if not (self.studio.root / file).exists():
            assert self.put(file, f"kind: exercise\nid: {name}\nregion: hip\ntitle: New\nimages:\n  - view_angle: lateral # v\n"
                            "    body_position: standing\n    description: up\n    seed: 1\n", "") == 200

    def remove(self) -> None:
        if len(self.specs) > 2:
            self.studio.remove(self.chance.choice(self.specs))


def holds(studio: Studio, tree: dict[str, bytes]) -> bool:
    """Whether what is published is `tree`. What is just being replaced while one looks is not."""
    try:
        return studio.content() == tree
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(("seed", "count"), [(1, 100), (2, 100)])
def test_after_each_edit_the_tree_is_that_of_a_clean_build(studio: Studio, seed: int, count: int) -> None:
    studio.write("calotype.yaml", CONFIG)
    studio.write(POSE, "base: standing   # upright\nneck_flexion: 20\n")
    for name in "abc":
        studio.exercise(name, "description: up, seed: 1, pose: bow", "description: up, seed: 3")
    with serve(studio.root) as server:
        server.wait_for_build()
        author, good = Author(studio, server, random.Random(seed)), studio.content()
        for number in range(count):
            done = author.act()
            if author.sound:
                server.wait(lambda: server.state.get("invalid"), done)
                assert holds(studio, good), done
                continue
            good, end = studio.clean().content(), time.monotonic() + PATIENCE
            while not holds(studio, good):
                assert time.monotonic() < end, (number, done, server.state)
                time.sleep(0.02)
