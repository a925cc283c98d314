"""Muscles by name: what authors call them, the nearest to a typo, and the side that works."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from calotype.language.pose import resolve
from calotype.language.pose.muscle_names import MUSCLES, find, named_side, nearest, tinted
from conftest import REPOSITORY


@pytest.mark.parametrize(("text", "name"), [
    ("biceps femoris", "biceps femoris"), ("triceps surae", "triceps surae"), ("pronator teres", "pronator teres"),
    ("gluteus minimus", "gluteus minimus"), ("VMO", "vastus medialis"), ("rectus femoris", "rectus femoris"),
    ("TFL", "tensor fasciae latae"), ("wrist flexors", "wrist flexors"), ("biceps", "biceps brachii"),
    ("Hamstring muscles", "hamstrings"), ("m. soleus", "soleus"), ("left suboccipital muscles", "suboccipital muscles"),
    ("Calves", "triceps surae"), ("upper traps", "upper trapezius"), ("upper fibres of trapezius", "upper trapezius"),
    ("upper fibers of trapezius", "upper trapezius"), ("long head of biceps femoris", "biceps femoris"),
    ("lumbar erector spinae", "erector spinae"), ("Hip-external rotators", "hip external rotators"),
    ("gastrocnemius (medial head)", "gastrocnemius"), ("QL", "quadratus lumborum"),
])
def test_a_muscle_is_known_by_its_names(text: str, name: str) -> None:
    assert find(text) == (name,)


def test_a_name_is_whole_and_two_may_be_joined() -> None:
    assert find("biceps of something") == () and find("gastrocnemius stretch") == ()
    assert find("gastrocnemius and soleus") == find("gastrocnemius/soleus") == ("gastrocnemius", "soleus")
    assert find("gastrocnemius and wings") == ()


def test_no_name_means_two_muscles() -> None:
    names = [(name.lower(), muscle.name) for muscle in MUSCLES.values() for name in (muscle.name, *muscle.synonyms)]
    assert len(dict(names)) == len(names)
    assert all(find(name) == (meant,) for name, meant in names)


@pytest.mark.parametrize(("text", "near"), [
    ("glutus maximus", "gluteus maximus"), ("left subocipital muscles", "suboccipital muscles"), ("quadrcieps", "quadriceps"),
    ("bicep femoral", "biceps femoris"), ("tensor", "tensor fasciae latae"), ("vmo oblique", "VMO"), ("xyz", ""),
    ("heart", ""), ("temporalis", ""), ("scapular stabilizers", ""), ("L quadracep", "quadriceps"),
])
def test_the_nearest_name_of_a_typo(text: str, near: str) -> None:
    assert find(text) == () and nearest(text) == near


@pytest.mark.parametrize(("text", "side"), [
    ("left deltoid", "left"), ("deltoid (right)", "right"), ("both deltoids", "both"), ("left and right deltoid", "both"),
    ("deltoid", ""), ("L quads", "left"), ("quadriceps (R)", "right"), ("Rt. calf", "right"), ("L and R calf", "both"),
])
def test_a_text_may_name_the_side(text: str, side: str) -> None:
    assert named_side(text) == side and find(text)


SIDES: list[tuple[str, Any, list[str]]] = [
    ("quadriceps", {"base": "seated", "right": {"knee_flexion": 0}}, ["right quadriceps"]),
    ("left quadriceps", {"base": "seated", "right": {"knee_flexion": 0}}, ["left quadriceps"]),
    ("both quadriceps", {"base": "seated", "right": {"knee_flexion": 0}}, ["quadriceps"]),
    ("quadriceps", {"base": "seated", "knee_flexion": 0}, ["quadriceps"]),
    ("deltoid", {"from": {"base": "standing"}, "to": {"base": "standing", "left": {"shoulder_abduction": 90}}},
     ["left deltoid"]),
    ("rotator cuff", {"hip_flexion": 90, "left": {"shoulder_flexion": 120}, "right": {"shoulder_flexion": 80},
                      "contacts": {"left_hand": "table"}}, ["right rotator cuff"]),
    ("piriformis", {"base": "supine", "left": {"hip_flexion": 100}, "right": {"hip_flexion": 90, "hip_external_rotation": 50}},
     ["right piriformis"]),
    ("erector spinae", {"right": {"spine_lateral_flexion": 20}}, ["erector spinae"]),
    ("masseter", {"base": "standing"}, []),
]


@pytest.mark.parametrize(("text", "pose", "names"), SIDES)
def test_the_side_that_works_is_shown_unless_one_is_named(text: str, pose: Any, names: list[str]) -> None:
    assert list(tinted([text, text], resolve(pose, None, {}))) == names


def test_the_page_of_muscles_is_the_table() -> None:
    ran = subprocess.run([sys.executable, "docs/make_muscles.py"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert ran.stdout == (REPOSITORY / "docs" / "muscles.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["lumbricals", "interossei", "hypothenar", "flexor pollicis longus", "extensor pollicis longus"])
def test_a_small_muscle_of_the_hand_gets_no_guess_from_elsewhere(text: str) -> None:
    assert find(text) == () and nearest(text) == ""
    assert find("adductor pollicis") == ("thenar muscles",)
