"""The Python API as its users meet it."""

from __future__ import annotations

import subprocess
import sys

import pytest

import calotype
from conftest import Space

SPEC = "kind: exercise\nid: {id}\nregion: neck\nimages:\n  - {{view_angle: lateral, body_position: standing, description: up}}\n"


@pytest.fixture
def two(space: Space) -> Space:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n")
    for name in ("nod", "turn"):
        space.write(f"specs/exercises/neck/{name}.yaml", SPEC.format(id=name))
    return space


def test_a_text_is_one_target(two: Space):
    project = calotype.Project.open(two.root)
    assert project.plan("exercises/nod").renders == 1
    assert project.build("exercises/nod").renders == 1
    assert project.check("exercises/nod").exit_code == 0
    assert [row.target for row in project.list("exercises/turn")] == ["exercises/turn/01"]
    assert project.graph("exercises/turn/01").nodes == ("exercises/turn/01",)
    assert project.validate("specs") == []
    assert project.build(["exercises/nod", "exercises/turn"]).cache_hits == 1


def test_what_is_wrong_is_a_problem_of_the_package(two: Space):
    with pytest.raises(calotype.Problem) as caught:
        calotype.Project.open(two.root).build("exercises/nod_")
    assert caught.value.exit_code == 2
    assert caught.value.diagnostics[0].code == "unknown-target"


def test_the_package_names_what_it_offers_and_imports_it_when_asked():
    assert {"Problem", "Project", "__version__"} <= set(dir(calotype))
    assert all(hasattr(calotype, name) for name in dir(calotype))
    script = "import sys, calotype; dir(calotype); print('calotype.api' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "False\n"
    with pytest.raises(AttributeError):
        _ = calotype.Nothing
