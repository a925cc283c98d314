"""A plug-in behind its guard: what it gives is passed on, and what it breaks is told with its name and its place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.finding import Finding
from calotype.workers.guarded import Guarded, words_of
from calotype.workers.protocol import Estimate

REQUEST = {"renderer": "pencil", "epoch": 1, "seed": 3}


class Member:
    """A plug-in that has one member: a method that gives `answer`, or raises it, or an attribute."""

    def __init__(self, name: str, answer: object) -> None:
        self._answer = answer
        setattr(self, name, answer if name in ("lane", "section", "prompt_limit") else self._give)

    def _give(self, *_: object, **_named: object) -> object:
        if isinstance(self._answer, BaseException):
            raise self._answer
        return self._answer


class Wordless(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


def ask(name: str, answer: object, kind: str = "renderer") -> Any:
    member = getattr(Guarded(Member(name, answer), kind, "pencil", "pencils 1.2"), name)
    return member() if callable(member) else member


def told(ask: Callable[[], object]) -> Diagnostic:
    with pytest.raises(Problem) as caught:
        ask()
    assert caught.value.exit_code == 2
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("request", REQUEST), ("affinity", ("pencil", "red")), ("affinity", ()), ("estimate", Estimate(0.5, 0.04, "EUR")),
        ("unavailable_reason", None), ("unavailable_reason", ("no device", "buy one")), ("configure", None),
        ("diagnose", [Finding("pencil", "ok", "sharp")]), ("lane", "device"), ("section", "models"), ("prompt_limit", None),
        ("prompt_limit", 300),
    ],
)
def test_what_is_right_is_passed_on(name: str, answer: object) -> None:
    assert ask(name, answer) == answer


def judge(kind: str, request: object) -> Any:
    return Guarded(Member("request", request), kind, "pencil", "pencils 1.2").request("an image", "ab12")


@pytest.mark.parametrize("kind", ["scorer", "identity"])
def test_a_judge_speaks_of_the_picture_and_for_the_judge_that_were_asked(kind: str) -> None:
    sound = {kind: "pencil", "epoch": 1, "pixels": "ab12"}
    assert judge(kind, sound) == sound
    assert "the key `action`" in told(lambda: judge(kind, {**sound, "action": "render"})).message
    for key, other in (("pixels", "cd34"), ("pixels", 5), (kind, "crayon"), (kind, 3)):
        fault = told(lambda key=key, other=other: judge(kind, {**sound, key: other}))  # type: ignore[misc]
        assert fault.code == f"broken-{kind}" and f"whose `{key}` is not what it was asked for" in fault.message


def test_a_scorer_may_have_nothing_to_say_and_others_may_not() -> None:
    assert judge("scorer", None) is None
    assert "a `NoneType`, no mapping" in told(lambda: judge("identity", None)).message


def test_findings_may_be_yielded() -> None:
    assert ask("diagnose", iter([Finding("pencil", "ok", "sharp")])) == [Finding("pencil", "ok", "sharp")]


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("request", None, "is a `NoneType`, no mapping"),
        ("request", {"renderer": "pencil"}, "lacks `epoch`, `seed`"),
        ("request", {**REQUEST, 5: 1}, "has a key that is no text"),
        ("request", {**REQUEST, "prompt": {1}}, "is not JSON"),
        ("request", {**REQUEST, "strength": math.nan}, "is not JSON"),
        ("request", {**REQUEST, "prompt": "\udc80"}, "is not JSON"),
        ("affinity", None, "is no tuple of texts"),
        ("affinity", "red", "is no tuple of texts"),
        ("affinity", ([],), "is no tuple of texts"),
        ("estimate", None, "is a `NoneType`, no Estimate"),
        ("estimate", Estimate(math.inf), "holds inf"),
        ("estimate", Estimate(-1.0), "holds -1.0"),
        ("estimate", Estimate("3"), "holds '3'"),  # type: ignore[arg-type]
        ("unavailable_reason", "no device", "is neither None nor a reason and a hint"),
        ("unavailable_reason", False, "is neither None nor a reason and a hint"),
        ("diagnose", None, "gives something else than Findings"),
        ("diagnose", ["sharp"], "gives something else than Findings"),
        ("lane", "gpu", "is 'gpu'; it must be one of cpu, device, network"),
        ("lane", ["cpu"], "is ['cpu']"),
        ("section", 3, "is no text"),
        ("prompt_limit", "many", "is neither None nor a number from 1 on"),
    ],
)
def test_what_is_amiss_is_named(name: str, answer: object, said: str) -> None:
    diagnostic = told(lambda: ask(name, answer))
    assert diagnostic.code == "broken-renderer"
    assert diagnostic.message.startswith(f"the renderer `pencil` of pencils 1.2 gives a `{name}` that ")
    assert said in diagnostic.message
    assert diagnostic.hint == "reinstall, update or remove pencils 1.2, or use another renderer"


@pytest.mark.parametrize("name", ["request", "affinity", "estimate", "configure", "unavailable_reason", "diagnose", "close"])
def test_what_a_member_raises_is_named_with_its_line(name: str) -> None:
    diagnostic = told(lambda: ask(name, KeyError("red")))
    assert diagnostic.message.startswith(f"the renderer `pencil` of pencils 1.2 fails in `{name}`: KeyError: 'red' (")
    assert "(test_guarded.py:" in diagnostic.message


@pytest.mark.parametrize("raised", [SystemExit(4), Wordless(), RuntimeError("bad \udc80")])
def test_whatever_is_raised_can_be_told(raised: BaseException) -> None:
    told(lambda: ask("request", raised)).message.encode()


def test_problems_and_refused_files_keep_their_words() -> None:
    assert told(lambda: ask("request", Problem(error("weights-missing", "gone")))).code == "weights-missing"
    with pytest.raises(PermissionError):
        ask("request", PermissionError(13, "denied", "refs/a.png"))


def test_a_file_that_a_plug_in_misses_is_a_fault_of_the_plug_in() -> None:
    fault = told(lambda: ask("request", FileNotFoundError(2, "No such file", "/eyes/model.bin")))
    assert fault.code == "broken-renderer" and "fails in `request`: FileNotFoundError" in fault.message


def test_an_attribute_that_raises_is_named() -> None:
    class Odd:
        @property
        def epoch(self) -> int:
            raise RuntimeError("unknown")

    diagnostic = told(lambda: Guarded(Odd(), "scorer", "pencil", "pencils 1.2").epoch)
    assert diagnostic.message.startswith("the scorer `pencil` of pencils 1.2 fails in `epoch`: RuntimeError: unknown (")


def test_a_member_that_is_absent_is_absent() -> None:
    assert not hasattr(Guarded(object(), "renderer", "pencil", "pencils 1.2"), "unavailable_reason")


@pytest.mark.parametrize(
    ("raised", "said"),
    [(RuntimeError(), "RuntimeError"), (RuntimeError("\n\n one\ntwo"), "RuntimeError: one"), (Wordless(), "Wordless")],
)
def test_words_are_one_line(raised: Exception, said: str) -> None:
    assert words_of(raised) == said
