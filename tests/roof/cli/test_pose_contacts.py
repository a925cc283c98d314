"""What a pose touches, told by the program: `pose --json`, warnings of `validate`, alt texts that claim nothing more."""

from __future__ import annotations

import pytest

from conftest import Space

SPEC = """\
kind: exercise
id: reach
region: hip
images:
  - view_angle: lateral
    body_position: supine
    pose:
      right: {hip_flexion: 20, knee_flexion: 0}
      left: {shoulder_abduction: 90, elbow_flexion: 10}
      contacts: {left_hand: right_knee}
"""
KNEELING = """\
base: kneeling
right: {hip_flexion: 90, knee_flexion: 90}
contacts: {right_knee: none, right_foot: floor}
"""


@pytest.fixture
def project(space: Space) -> Space:
    space.write("calotype.yaml", "version: 1\n")
    space.write("specs/poses/half.yaml", KNEELING)
    return space


def test_a_pose_tells_its_solved_angles_and_each_gap(project: Space) -> None:
    told = project.call("pose", "half", "--json").json
    assert told["schema"] == 1 and {"angles", "contacts", "penetration", "alt"} <= set(told)
    assert [(row["part"], row["surface"]) for row in told["contacts"]] == [("left_knee", "floor"), ("right_foot", "floor")]
    assert all(abs(row["gap"]) <= 1 for row in told["contacts"]) and told["penetration"] <= 2
    assert told["angles"]["right"]["hip_flexion"] == 90 and told["angles"]["right"]["knee_flexion"] == 90
    assert "the right foot on the floor" in told["alt"]


def test_angles_are_drawn_as_they_stand_where_nothing_is_to_be_solved(project: Space) -> None:
    project.write("specs/poses/stiff.yaml", KNEELING + "solve: false\n")
    told = project.call("pose", "stiff", "--json").json
    gaps = {row["part"]: row["gap"] for row in told["contacts"]}
    assert gaps["left_knee"] == pytest.approx(14.4, abs=0.2)
    assert told["posture"]["solve"] is False and "solver" not in told["posture"]
    drawn = {name: project.call("pose", name, "-o", name) and project.root.joinpath(name, "drawing.png").read_bytes()
             for name in ("half", "stiff")}
    assert drawn["half"] != drawn["stiff"]


def test_a_released_contact_says_so(project: Space) -> None:
    project.write("specs/poses/extension.yaml", "base: seated\nright: {knee_flexion: 0}\n")
    rows = {row["part"]: row for row in project.call("pose", "extension", "--json").json["contacts"]}
    assert rows["right_foot"] == {"part": "right_foot", "surface": "none", "gap": 0.0, "released": "floor"}
    assert rows["left_foot"]["surface"] == "floor" and rows["seat"]["surface"] == "chair"


def test_what_cannot_be_met_is_a_warning_with_the_gap_and_the_angle(project: Space) -> None:
    project.write("specs/exercises/hip/reach.yaml", SPEC)
    ran = project.call("validate", "--json")
    assert ran.code == 0
    warning, = ran.json["diagnostics"]
    assert (warning["code"], warning["severity"]) == ("contact-unmet", "warning")
    assert (warning["line"], warning["column"]) == (10, 29)
    assert "`left_hand` stays" in warning["message"] and "cm off `right_knee`" in warning["message"]
    assert warning["hint"].startswith("`left: {shoulder_ab") or warning["hint"].startswith("`left: {shoulder_ad")
    degrees = warning["hint"].split(": ")[-1].split("}")[0]
    name = warning["hint"].split("{")[1].split(":")[0]
    project.edit("specs/exercises/hip/reach.yaml", "shoulder_abduction: 90", f"{name}: {degrees}")
    assert not project.call("validate", "--json").json["diagnostics"]


def test_the_words_never_claim_a_contact_that_is_not_there(project: Space) -> None:
    project.write("specs/exercises/hip/reach.yaml", SPEC)
    told = project.call("pose", "exercises/reach/01", "--json").json
    assert "hand" not in told["alt"] and "hand" not in told["description"].partition("Contact")[2]
    assert any(row["part"] == "left_hand" and row["gap"] > 1 for row in told["contacts"])
    assert [one["code"] for one in told["diagnostics"]] == ["contact-unmet"]


def test_the_level_of_the_rule_is_the_projects(project: Space) -> None:
    project.write("specs/exercises/hip/reach.yaml", SPEC)
    project.write("calotype.yaml", "version: 1\nlint: {contact-unmet: error}\n")
    assert project.call("plan").code == 2
    project.write("calotype.yaml", "version: 1\nlint: {contact-unmet: off}\n")
    assert not project.call("validate", "--json").json["diagnostics"]


def test_only_a_pose_that_is_solved_says_so_in_its_request(project: Space) -> None:
    project.write("specs/exercises/hip/stand.yaml", (
        "kind: exercise\nid: stand\nregion: hip\nimages:\n"
        "  - {view_angle: lateral, body_position: standing, pose: {left: {shoulder_flexion: 90}}}\n"
        "  - {view_angle: lateral, body_position: standing, pose: half}\n"))
    first, second = (project.call("pose", f"exercises/stand/0{number}", "--json").json for number in (1, 2))
    assert not {"solver", "written"} & set(first["posture"])
    assert second["posture"]["solver"] == 2
    assert second["posture"]["written"] == ["right.hip_flexion", "right.knee_flexion"]
    assert project.call("build", "--json").json["renders"] == 2
    assert project.call("build", "--json").json["renders"] == 0


def test_solve_is_true_or_false(project: Space) -> None:
    project.write("specs/poses/odd.yaml", "base: standing\nsolve: maybe\n")
    ran = project.call("pose", "odd")
    assert ran.code == 2 and "odd.yaml:2:8" in ran.err


def test_what_passes_through_a_prop_counts_and_is_a_warning(project: Space) -> None:
    project.write("specs/poses/low.yaml", "base: seated\nleft: {shoulder_abduction: 15, elbow_flexion: 0}\n"
                  "contacts: {seat: bed}\nprops: [{bed: {height: 45}}]\n")
    told = project.call("pose", "low", "--json")
    assert told.json["penetration"] > 2 and "through the bed" in told.err
    clear = project.call("pose", "half", "--json").json
    assert clear["penetration"] <= 2


def test_a_faulty_prop_is_an_error_with_its_place_and_a_hint(project: Space) -> None:
    project.write("specs/poses/pull.yaml", "base: standing\nprops:\n  - band: {from: left_hand, to: left_hand}\n"
                  "  - step: {height: 0.15}\n  - theraband\n")
    ran = project.call("validate", "--json")
    assert ran.code == 2
    faults = {(fault["line"], fault["column"]): fault["hint"] for fault in ran.json["diagnostics"]}
    assert faults[3, 29].startswith("name two parts") and faults[4, 20] == "did you mean 15?"
    assert faults[5, 5] == "did you mean `band`?"


def test_a_ball_and_a_bed_are_told_with_what_touches_them(project: Space) -> None:
    project.write("specs/poses/ball.yaml", "base: supine\ncontacts: {back: bed, calves: ball}\nprops: [{ball: {diameter: 50}}]\n")
    told = project.call("pose", "ball", "--json").json
    assert {row["part"]: row["surface"] for row in told["contacts"]} == {
        "back": "bed", "left_calf": "ball", "right_calf": "ball"}
    assert all(abs(row["gap"]) <= 1 for row in told["contacts"]) and told["penetration"] <= 2
    assert "both calves on a ball" in told["alt"] and "a ball 50 centimetres thick" in told["alt"]
