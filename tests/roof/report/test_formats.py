"""What a check and a validation say to CI systems: their formats, their limits, and the same exit codes in all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from calotype.ground.diagnostics import error, warning
from calotype.project.outcome import Outcome, TargetOutcome
from calotype.roof.report.entries import entries
from calotype.roof.report.github import commands
from calotype.roof.report.junit import junit
from calotype.roof.report.markdown import LARGEST, summary
from calotype.roof.report.sarif import sarif
from conftest import Run, Space

NOD = "specs/exercises/neck/nod.yaml"
SPEC = """\
kind: exercise
id: nod
region: neck
images:
  - {view_angle: lateral, body_position: seated, description: head up}
  - view_angle: lateral
    body_position: seated
    description: head down
    pose: {neck_flexion: 20}
"""
FORMS = ("text", "json", "github", "sarif", "junit")
NASTY = "a%b,c:d\r\nline <b>two</b> | `x` \x07 ]]> é"


@pytest.fixture
def nod(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n")
    space.write(NOD, SPEC)
    assert space.call("build").code == 0
    return space


def stale(space: Space) -> None:
    space.edit(NOD, "neck_flexion: 20", "neck_flexion: 25")
    space.remove("content/images/exercises/neck/nod_01.png")


def many(count: int, code: str = "stale") -> Outcome:
    return Outcome(targets=tuple(
        TargetOutcome(f"exercises/nod/{number:05d}", code, "content/x.png", "seed: 1 -> 2", NOD, number + 1)
        for number in range(count)), unsettled=count)


def test_every_format_has_the_same_exit_code(nod: Space) -> None:
    assert {nod.call("check", "--format", form).code for form in FORMS} == {0}
    stale(nod)
    assert {nod.call("check", "--format", form).code for form in FORMS} == {1}
    nod.edit(NOD, "head up", "head up, veiw_angle: lateral")
    assert {nod.call("check", "--format", form).code for form in FORMS} == {2}
    assert {nod.call("validate", "--format", form).code for form in FORMS} == {2}


def test_github_annotates_the_line_that_decided(nod: Space) -> None:
    stale(nod)
    lines = nod.call("check", "--format", "github").out.splitlines()
    assert lines[0].startswith(f"::error file={NOD},line=5,title=missing::exercises/nod/01 is missing")
    assert lines[1].startswith(f"::error file={NOD},line=9,title=stale::exercises/nod/02 is stale")
    assert "%0Ahint: run `calotype build` and commit content/" in lines[0]


def test_github_names_files_as_the_repository_does(nod: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(nod.root.parent))
    stale(nod)
    assert f"file=project/{NOD}," in nod.call("check", "--format", "github").out


def test_github_s_limits_are_kept_and_the_summary_has_the_rest(
    nod: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = entries(many(40))
    assert len(commands(found, nod.root).splitlines()) == 10
    text = summary(many(40))
    assert text.count("| error: stale |") == 40 and "<details><summary>20 more</summary>" in text
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    stale(nod)
    nod.call("check", "--format", "github")
    assert "**1** missing" in (tmp_path / "summary.md").read_text()


def test_a_summary_never_grows_beyond_what_github_takes() -> None:
    text = summary(many(30_000))
    assert len(text.encode()) < LARGEST and "more; `calotype check` lists all" in text


def test_the_worst_come_first() -> None:
    outcome = Outcome(diagnostics=(warning("odd", "odd"), error("bad", "bad")), targets=many(1, "awaiting").targets)
    assert [one.diagnostic.severity for one in entries(outcome)] == ["error", "warning", "warning"]


def test_words_are_escaped_for_each_format() -> None:
    outcome = Outcome(diagnostics=(error("odd", NASTY, file="a,b:c.yaml", line=3, column=4),))
    [line] = commands(entries(outcome), Path("/nowhere")).splitlines()
    assert line.startswith("::error file=a%2Cb%3Ac.yaml,line=3,col=4,title=odd::a%25b,c:d%0D%0Aline")
    root = ElementTree.fromstring(junit(outcome))
    assert "a%b,c:d" in (root.find(".//error").text or "")  # type: ignore[union-attr]
    assert json.loads(sarif(entries(outcome)))["runs"][0]["results"][0]["message"]["text"] == NASTY
    row = summary(outcome).splitlines()[-1]
    assert row.count(" | ") == 2 and "<b>" not in row.replace("\\<b\\>", "")


def test_sarif_is_what_code_scanning_reads(nod: Space) -> None:
    stale(nod)
    log = json.loads(nod.call("check", "--format", "sarif").out)
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"] and result["level"] in ("error", "warning", "note")
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"] == {"uri": NOD, "uriBaseId": "%SRCROOT%"} and place["region"]["startLine"] > 0
        assert result["partialFingerprints"]["calotype/v1"]
    assert len(json.loads(sarif(entries(many(9000))))["runs"][0]["results"]) == 5000


def test_a_finding_keeps_its_fingerprint_when_lines_move() -> None:
    def prints(outcome: Outcome) -> list[Any]:
        return [one["partialFingerprints"] for one in json.loads(sarif(entries(outcome)))["runs"][0]["results"]]

    first = TargetOutcome("exercises/nod/01", "stale", "x", "seed: 1 -> 2", NOD, 3)
    moved = TargetOutcome("exercises/nod/01", "stale", "x", "seed: 1 -> 3", NOD, 9)
    assert prints(Outcome(targets=(first,))) == prints(Outcome(targets=(moved,)))


def test_junit_has_a_case_for_each_target(nod: Space) -> None:
    def cases(done: Run) -> dict[str, str]:
        root = ElementTree.fromstring(done.out)
        assert root.get("tests") == str(len(root.findall(".//testcase")))
        return {str(one.get("name")): one[0].tag if len(one) else "passed" for one in root.findall(".//testcase")}

    assert cases(nod.call("check", "--format", "junit")) == {"exercises/nod/01": "passed", "exercises/nod/02": "passed"}
    nod.edit(NOD, "neck_flexion: 20", "neck_flexion: 25")
    assert cases(nod.call("check", "--format", "junit")) == {"exercises/nod/01": "passed", "exercises/nod/02": "failure"}
    nod.edit(NOD, "head up", "head up, veiw_angle: lateral")
    assert list(cases(nod.call("check", "--format", "junit")).values()) == ["error"]


def test_warnings_of_lint_are_told_to_github_too(nod: Space) -> None:
    nod.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\nloras: {a: {path: a.safetensors, weight: 3}}\n")
    done = nod.call("validate", "--format", "github")
    assert done.code == 0 and done.out.startswith("::warning file=calotype.yaml,line=3")


def test_a_validation_in_a_format_ends_as_one_in_words_does(nod: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(nod.root / "summary.md"))
    assert nod.call("validate", "--format", "github").err == "all specs are valid\n"
    assert "All specs are valid." in nod.read("summary.md")
    nod.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\nloras: {a: {path: a.safetensors, weight: 3}}\n")
    assert nod.call("validate", "--format", "junit").err.endswith("all specs are valid\n1 warning\n")
    nod.edit(NOD, "head up", "head up, veiw_angle: lateral")
    assert "up to date" not in nod.call("validate", "--format", "sarif").err


def test_every_sarif_result_has_a_place_in_the_repository(nod: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code scanning refuses the whole file otherwise."""
    monkeypatch.setenv("GITHUB_WORKSPACE", str(nod.root.parent))
    nod.remove(NOD)
    results = json.loads(nod.call("check", "--format", "sarif").out)["runs"][0]["results"]
    places = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results]
    assert places == ["project/calotype.yaml"] * 2


def test_a_file_whose_name_is_no_utf8_changes_no_exit_code(nod: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    odd = os.fsencode(nod.root / "specs/exercises/neck") + b"/odd\xff.yaml"
    try:
        with open(odd, "wb") as file:
            file.write(b"kind: [")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    assert {nod.run("check", "--format", form).code for form in FORMS} == {2}


def test_long_messages_do_not_swell_a_summary() -> None:
    outcome = Outcome(diagnostics=tuple(error("odd", f"{number} " + "x" * 100_000) for number in range(30)))
    assert len(summary(outcome).encode()) < 40_000


def test_a_rule_of_lint_is_explained_to_code_scanning(nod: Space) -> None:
    nod.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\nloras: {a: {path: a.safetensors, weight: 3}}\n")
    [rule] = json.loads(nod.call("validate", "--format", "sarif").out)["runs"][0]["tool"]["driver"]["rules"]
    assert rule["id"] == "strength-band" and "proved itself" in rule["help"]["text"]


def test_people_are_told_as_well_unless_they_ask_for_quiet(nod: Space) -> None:
    stale(nod)
    assert "1 stale" in nod.call("check", "--format", "sarif").err
    assert nod.call("check", "--format", "sarif", "-q").err == ""
