"""What a machine lacks is told before the first render, once for each thing it lacks; nothing is touched then."""

from __future__ import annotations

from pathlib import Path

import pytest
import sketch

from conftest import Run, Space

SPEC = """\
kind: exercise
id: nod
region: neck
loras: [{name: luca}]
images:
  - {view_angle: lateral, body_position: seated, description: head up}
  - {view_angle: lateral, body_position: seated, description: head down}
"""
NOD = "specs/exercises/neck/nod.yaml"
CONFIG = """\
version: 1
renderer: sketch
defaults: {size: [64, 64]}
models: {base: models/base.safetensors}
loras: {luca: {path: loras/luca.safetensors}}
"""


@pytest.fixture
def nod(space: Space, tmp_path: Path) -> Space:
    module = sketch.install(tmp_path / "site")
    space.env["PYTHONPATH"] = str(module.parent)
    space.write("calotype.yaml", CONFIG)
    space.write("models/base.safetensors", b"base")
    space.write("loras/luca.safetensors", b"luca")
    space.write(NOD, SPEC)
    assert space.run("build", "--json").json["renders"] == 2
    return space


def refused(space: Space) -> Run:
    before = space.snapshot()
    done = space.run("build", "--json")
    assert done.code == 2 and done.json["renders"] == 0
    assert space.snapshot() == before
    return done


def test_weights_that_a_render_needs_are_asked_for_once_before_anything_is_done(nod: Space) -> None:
    nod.remove("loras/luca.safetensors")
    assert nod.run("check").code == 0
    assert nod.run("build", "--json").json["up_to_date"] == 2
    nod.edit(NOD, "head up", "head high")
    nod.edit(NOD, "head down", "head low")
    done = refused(nod)
    assert [one["code"] for one in done.json["diagnostics"]] == ["weights-missing"]
    assert "loras/luca.safetensors" in done.json["diagnostics"][0]["message"]


def test_weights_that_nobody_knows_are_named(nod: Space) -> None:
    nod.write("calotype.yaml", CONFIG.replace("loras/luca.s", "loras/other.s"))
    done = refused(nod)
    assert {one["code"] for one in done.json["diagnostics"]} == {"weights-missing"}


def test_a_renderer_that_cannot_work_here_says_why_before_anything_is_done(nod: Space) -> None:
    module = next(Path(nod.env["PYTHONPATH"]).glob("calotype_sketch.py"))
    text = module.read_text()
    says = "    def unavailable_reason(self):\n        return 'no pencil', 'buy a pencil'\n\n    def affinity("
    module.write_text(text.replace("    def affinity(", says))
    assert nod.run("build", "--json").json["up_to_date"] == 2
    nod.edit(NOD, "head up", "head high")
    [told] = refused(nod).json["diagnostics"]
    assert (told["code"], told["hint"]) == ("renderer-unfit", "buy a pencil")
    assert told["message"] == "`sketch` cannot render here: no pencil"


def test_a_package_that_only_some_images_need_is_told_once_where_they_ask_for_it(nod: Space) -> None:
    module = next(Path(nod.env["PYTHONPATH"]).glob("calotype_sketch.py"))
    says = ("    def lacks(self, request):\n        if request['steps'] == 77:\n"
            "            yield 'steps', 'so many steps need the package pencils', 'pip install pencils'\n\n    def affinity(")
    module.write_text(module.read_text().replace("    def affinity(", says))
    nod.edit("calotype.yaml", "defaults:", "presets: {many: {steps: 77}}\nlint: {alt-missing: off}\ndefaults:")
    assert nod.run("validate", "--json").json["diagnostics"] == []
    nod.edit(NOD, "region: neck", "region: neck\npreset: many")
    [told] = refused(nod).json["diagnostics"]
    assert (told["code"], told["severity"], told["hint"]) == ("package-missing", "error", "pip install pencils")
    assert (told["file"], told["line"]) == ("calotype.yaml", 3)
    done = nod.run("validate", "--json")
    assert done.code == 0 and done.json["diagnostics"] == [{**told, "severity": "warning"}]
    assert nod.run("build", "--dry-run").code == 0
    module.write_text(module.read_text().replace("== 77", "== 78"))
    assert nod.run("validate", "--json").json["diagnostics"] == []
    assert nod.run("build", "--json").json["renders"] == 2


def test_what_images_tell_is_for_the_project_to_say(nod: Space) -> None:
    picture = "content/images/exercises/neck/nod_01.png"
    assert b"parameters" in (nod.root / picture).read_bytes()
    nod.write("calotype.yaml", CONFIG + "output: {embed: none}\n")
    assert nod.run("build", "--json").json["renders"] == 0
    nod.edit(NOD, "head up", "head high")
    assert nod.run("build", "--json").json["renders"] == 1
    data = (nod.root / picture).read_bytes()
    assert b"parameters" not in data and b"adobe" not in data
