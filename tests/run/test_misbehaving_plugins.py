"""Builds with a plug-in that misbehaves: each ends, with its words and its exit code, and stdout holds the answer alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import sketch
from kit import nod_spec

from conftest import Space

NOD = "specs/exercises/neck/nod.yaml"
EXECUTOR = '''

from calotype.workers.execute.local import LocalExecutor


class Forgetful:
    """Leaves out the first answer."""

    name = "forgetful"

    def run(self, source, encode, jobs=1, cancel=lambda: False, tell=lambda kind, **fields: None):
        answers = LocalExecutor().run(source, encode, 1, cancel, tell)
        next(answers)
        yield from answers
'''


@pytest.fixture
def module(space: Space, tmp_path: Path) -> Path:
    """The module of the renderer `sketch`, for processes of its own; the project has one spec of two images."""
    module = sketch.install(tmp_path / "site")
    space.env["PYTHONPATH"] = str(module.parent)
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [64, 64]}\n")
    space.write(NOD, nod_spec("nod", "seed: 1", "seed: 2"))
    return module


def spoil(module: Path, old: str, new: str) -> None:
    assert old in module.read_text()
    module.write_text(module.read_text().replace(old, new))


def test_a_request_that_is_another_each_time_fails_its_targets(space: Space, module: Path) -> None:
    spoil(module, '"renderer": "sketch",', '"renderer": "sketch", "moment": __import__("time").time_ns(),')
    done = space.run("build", "--json", timeout=60)
    assert (done.code, done.json["renders"], done.json["failed"]) == (1, 0, 2)
    assert {diagnostic["code"] for diagnostic in done.json["diagnostics"]} == {"unsettled-request"}
    assert "the renderer `sketch` asks for it by another request each time" in done.json["diagnostics"][0]["message"]


@pytest.mark.parametrize("command", ["plan", "build", "check", "list"])
def test_a_request_that_raises_is_told_where_the_renderer_is_named(space: Space, module: Path, command: str) -> None:
    spoil(module, "        words, start =", "        raise LookupError('no brush')\n        words, start =")
    done = space.run(command, "--json")
    assert done.code == 2
    (diagnostic,) = done.json["diagnostics"]
    assert (diagnostic["code"], diagnostic["file"], diagnostic["line"]) == ("broken-renderer", "calotype.yaml", 2)
    assert "fails in `request`: LookupError: no brush (calotype_sketch.py:" in diagnostic["message"]


def test_a_lane_that_there_is_none_of_is_told_before_anything_is_done(space: Space, module: Path) -> None:
    spoil(module, "    epoch = EPOCH\n", "    epoch = EPOCH\n    lane = 'gpu'\n")
    done = space.run("build", "--json")
    assert (done.code, space.files("content")) == (2, [])
    assert "gives a `lane` that is 'gpu'" in done.json["diagnostics"][0]["message"]


@pytest.mark.parametrize("section", ["nowhere", "renderer"])
def test_settings_from_a_section_that_there_is_none_of_are_refused(space: Space, module: Path, section: str) -> None:
    spoil(module, "    epoch = EPOCH\n", f"    epoch = EPOCH\n    section = '{section}'\n")
    done = space.run("build", "--json")
    assert (done.code, done.json["diagnostics"][0]["code"]) == (2, "no-settings")


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ("RuntimeError('bad \\udc80')", "RuntimeError: bad \\udc80"),
        ("type('Panic', (BaseException,), {})('in native code')", "Panic: in native code"),
    ],
)
def test_whatever_a_render_raises_fails_it_alone(space: Space, module: Path, raised: str, said: str) -> None:
    spoil(module, "            yield Rendered", f"            if request['seed'] == 1:\n                raise {raised}\n"
                                               "            yield Rendered")
    done = space.run("build", "--json")
    assert (done.code, done.json["renders"], done.json["failed"]) == (1, 1, 1)
    assert said in done.json["diagnostics"][0]["message"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_a_renderer_prints_is_no_part_of_the_answer(space: Space, module: Path, jobs: str) -> None:
    spoil(module, "            yield Rendered", "            print('a stroke')\n            yield Rendered")
    done = space.run("build", "--json", "-j", jobs)
    assert done.json["renders"] == 2
    assert done.err.count("a stroke") == 2


@pytest.mark.parametrize("words", ["print('a stroke')", "__import__('os').write(1, b'a stroke')",
                                   "__import__('os').system('echo a stroke')"])
@pytest.mark.parametrize("command", ["plan", "build", "check", "list", "validate", "check --format sarif"])
def test_nor_is_what_any_member_prints_however_it_does(
    space: Space, module: Path, command: str, words: str
) -> None:
    """By Python, by native code, by a process that it starts."""
    spoil(module, "        words, start =", f"        {words}\n        words, start =")
    form = [] if "--format" in command else ["--json"]
    done = space.run(*command.split(), *form)
    assert isinstance(done.json, dict)
    assert "a stroke" in done.err and "a stroke" not in done.out


def test_an_executor_that_leaves_out_an_answer_fails_the_build(space: Space, module: Path) -> None:
    module.write_text(module.read_text() + EXECUTOR)
    entry = module.parent / "calotype_sketch-1.0.dist-info" / "entry_points.txt"
    entry.write_text(entry.read_text() + "[calotype.executors]\nforgetful = calotype_sketch:Forgetful\n")
    done = space.run("build", "--json", "--executor", "forgetful")
    assert (done.code, done.json["renders"], done.json["failed"]) == (1, 1, 1)
    assert done.json["diagnostics"][0]["code"] == "broken-executor"
    assert "the executor `forgetful` gave no answer for it" in done.json["diagnostics"][0]["message"]
    assert space.run("build", "--json").json["renders"] == 1


JUNK = '''

class Junk:
    """Answers with whatever stands in the place of ANSWER."""

    name = "junk"

    def run(self, source, encode, jobs=1, cancel=lambda: False, tell=lambda kind, **fields: None):
        from calotype.workers.work import Failed, Made, Stopped
        work = source(0)
        yield ANSWER
'''


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("{}['no such key']", "fails in `run`: KeyError: 'no such key' (calotype_sketch.py:"),
        ("__import__('sys').exit(3)", "fails in `run`: SystemExit: 3"),
        ("None", "yields a `NoneType`, which is no answer"),
        ("'a picture'", "yields a `str`, which is no answer"),
        ("Stopped(999)", "yields an answer to 999, which is not open"),
        ("Stopped([])", "yields an answer to [], which is not open"),
        ("Made(work.nodes[0], None, 3, 0.1)", "yields an answer whose facts are no mapping"),
        ("Made(work.nodes[0], None, {}, float('nan'))", "yields an answer of nan seconds"),
        ("Made(work.nodes[0], 'junk', {}, 0.1)", "yields a result that is none of its work"),
        ("Failed(work.nodes[0], None)", "yields a failure without words"),
    ],
)
def test_an_executor_that_raises_or_yields_junk_is_blamed_by_its_name(
    space: Space, module: Path, answer: str, said: str
) -> None:
    module.write_text(module.read_text() + JUNK.replace("ANSWER", answer))
    entry = module.parent / "calotype_sketch-1.0.dist-info" / "entry_points.txt"
    entry.write_text(entry.read_text() + "[calotype.executors]\njunk = calotype_sketch:Junk\n")
    done = space.run("build", "--json", "--executor", "junk")
    assert (done.code, done.json["diagnostics"][0]["code"]) == (2, "broken-executor"), done.err
    assert f"the executor `junk` of calotype-sketch 1.0 {said}" in done.json["diagnostics"][0]["message"]
    assert space.run("build", "--json").json["renders"] == 2
