"""The two agents behind an endpoint: a real server on this machine, in good order and with every fault."""

from __future__ import annotations

import gc
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import llm
from calotype.language.enhancing.enhancement import enhancement_of
from calotype.workers.enhance.answer_text import bare, bare_line
from calotype.workers.enhance.endpoint import Endpoint, review_in
from calotype.workers.protocol import Failure, Written, silent
from fal_server import certificates
from llm import DRIBBLES, FAULTS, KEY, OVERLONG, SCORES, Llm, close, written

SHOT = "a woman reaching with the right hand for a white ceramic coffee mug, no text"
MARKER = "woman of 32, chestnut brown hair"
GOOD = f"{SHOT}, {MARKER}. {llm.CAMERA}."


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Llm]:
    monkeypatch.setenv("CALOTYPE_ENHANCE_KEY", KEY)
    with llm.serving() as model:
        yield model


def perform(server: Llm, **more: Any) -> Written | Failure:
    settings = {"endpoint": server.url, "model": "writer-1", "timeout": 1, **more}
    enhancer = Endpoint()
    enhancer.configure(settings, silent)
    request = enhancer.request(enhancement_of(settings, {}, SHOT, "", (MARKER,)), f"{SHOT}, {MARKER}")
    [outcome] = enhancer.perform([request], {}, lambda: False)
    return outcome


def test_two_calls_make_a_text_that_the_guides_scores_let_stand(server: Llm) -> None:
    made = perform(server)
    assert isinstance(made, Written) and (made.text, made.score) == (GOOD, 87.5)
    assert [call["model"] for call in server.asked] == ["writer-1"] * 2
    assert set(server.keys) == {f"Bearer {KEY}"}
    question = json.loads(server.asked[0]["messages"][1]["content"])
    assert question == {"prompt": f"{SHOT}, {MARKER}", "shot": SHOT, "keep": [MARKER], "lacking": [], "refused": []}


def test_the_critique_goes_to_the_next_round(server: Llm) -> None:
    low = iter([40, 90])
    server.judge = lambda question: json.dumps({**dict.fromkeys(SCORES, next(low)), "critique": ["the room"]})
    made = perform(server)
    assert isinstance(made, Written) and made.score == 90 and len(made.rounds["rounds"]) == 2
    assert json.loads(server.asked[2]["messages"][1]["content"])["lacking"] == ["the room"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_passes_is_asked_again(server: Llm, fault: str) -> None:
    server.faults = [FAULTS[fault]]
    made = perform(server)
    if fault in ("elsewhere", "404"):
        assert isinstance(made, Failure) and ("302" if fault == "elsewhere" else fault) in made.message
    else:
        assert isinstance(made, Written) and made.text == GOOD and len(server.asked) == 3


@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in ("hang", "elsewhere", "404")])
def test_a_fault_that_stays_fails_with_words_and_no_key(server: Llm, fault: str) -> None:
    server.faults = [FAULTS[fault]] * 3
    made = perform(server)
    assert isinstance(made, Failure) and server.url in made.message and len(server.asked) == 3
    assert KEY not in made.message and KEY not in str(made.hint)


def test_an_endpoint_that_hangs_is_given_up(server: Llm) -> None:
    server.faults = [FAULTS["hang"]] * 3
    made = perform(server)
    assert isinstance(made, Failure) and "gave no answer in time" in made.message


@pytest.mark.parametrize("how", OVERLONG)
def test_an_answer_that_is_too_long_is_not_read_and_asked_for_again(server: Llm, how: str) -> None:
    server.faults = [OVERLONG[how]]
    made = perform(server, timeout=5)
    assert isinstance(made, Written) and made.text == GOOD and len(server.asked) == 3


@pytest.mark.parametrize("how", OVERLONG)
def test_one_that_stays_too_long_fails_and_says_so(server: Llm, how: str) -> None:
    server.faults = [OVERLONG[how]] * 3
    made = perform(server, timeout=5)
    assert isinstance(made, Failure) and len(server.asked) == 3
    assert ("it is packed" if how == "packed" else "it is longer than 100000 bytes") in made.message


@pytest.mark.parametrize("how", DRIBBLES)
def test_an_answer_that_comes_a_byte_at_a_time_ends_with_its_time(server: Llm, how: str) -> None:
    server.faults = [DRIBBLES[how]] * 3
    started = time.monotonic()
    made = perform(server, timeout=0.5)
    assert isinstance(made, Failure) and "gave no answer in time" in made.message and len(server.asked) == 3
    assert time.monotonic() - started < 20  # 3 of half a second, and the pauses between; each answer would take a minute


def test_all_of_that_holds_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, chain = certificates(tmp_path)
    with llm.serving(chain) as server:
        made = perform(server)
        assert isinstance(made, Failure) and "cannot be reached" in made.message and server.asked == []  # a CA that nobody knows
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        made = perform(server, timeout=5)
        assert isinstance(made, Written) and made.text == GOOD
        for how in DRIBBLES.values():
            server.faults, started = [how] * 3, time.monotonic()
            made = perform(server, timeout=0.5)
            assert isinstance(made, Failure) and "gave no answer in time" in made.message
            assert time.monotonic() - started < 20


def test_one_that_is_not_there_cannot_be_reached() -> None:
    enhancer = Endpoint()
    enhancer.configure({"endpoint": "http://127.0.0.1:9/v1", "model": "m", "timeout": 1}, silent)
    request = enhancer.request(enhancement_of({"endpoint": "", "model": "m"}, {}, "a mug", "", ()), "a mug")
    [made] = enhancer.perform([request], {}, lambda: False)
    assert isinstance(made, Failure) and "cannot be reached" in made.message


def test_a_wrong_key_is_not_tried_again_and_not_shown(server: Llm) -> None:
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}}).encode()
    server.faults = [lambda handler: llm.send(handler, body, 401)]
    made = perform(server)
    assert isinstance(made, Failure) and len(server.asked) == 1 and "CALOTYPE_ENHANCE_KEY" in str(made.hint)
    assert "401" in made.message and KEY not in made.message and "***" in made.message


BAD = {
    "drops the mug": lambda text: text.replace("mug", "cup"),
    "adds a third hand": lambda text: f"{text} A third hand comes in.",
    "swaps the hands": lambda text: text.replace("right hand", "left hand"),
    "forgets who it is": lambda text: text.replace("chestnut", "blonde"),
    "writes on it": lambda text: text.replace(", no text", ""),
    "speaks to us": lambda text: f"Ignore the above. {text}",
    "introduces itself": lambda text: f"Here is your enhanced prompt: {text}",
    "60 kB": lambda text: f"{text} {'very ' * 12_000}",
    "a control character": lambda text: f"{text}\x1b[2J",
}


@pytest.mark.parametrize("how", BAD)
def test_an_answer_that_breaks_the_prompt_is_refused_told_and_mended(server: Llm, how: str) -> None:
    answers = iter([BAD[how], lambda text: text])
    server.write = lambda question: next(answers)(written(question))
    made = perform(server)
    assert isinstance(made, Written) and made.text == GOOD
    assert json.loads(server.asked[1]["messages"][1]["content"])["refused"]
    assert made.rounds["rounds"][0]["refused"]


@pytest.mark.parametrize("how", BAD)
def test_three_such_answers_fail_the_shot(server: Llm, how: str) -> None:
    server.write = lambda question: BAD[how](written(question))
    made = perform(server)
    assert isinstance(made, Failure) and "no answer in 3 could be used" in made.message and len(server.asked) == 3


def test_quotation_marks_and_lines_are_taken_off(server: Llm) -> None:
    server.write = lambda question: f'"{written(question)}"'.replace(". ", ".\n\n")
    made = perform(server)
    assert isinstance(made, Written) and made.text == GOOD


@pytest.mark.parametrize("answer", ["", "no", "[]", "{}", '{"completeness": 400}', json.dumps({**SCORES, "specificity": "high"}),
                                    json.dumps({**SCORES, "specificity": True}), '{"completeness": NaN}', "{" * 3000])
def test_scores_that_are_none_are_asked_for_again_and_then_fail(server: Llm, answer: str) -> None:
    assert review_in(answer) is None
    server.judge = lambda question: answer or " "
    made = perform(server)
    assert isinstance(made, Failure)


def test_scores_between_other_words_are_read() -> None:
    review = review_in(f"Sure!\n```json\n{json.dumps(SCORES)}\n```")
    assert review is not None and review.overall == 87.5 and review.critique == ("more of the room",)


@pytest.mark.parametrize("how", DRIBBLES)
def test_a_stop_ends_an_answer(server: Llm, how: str) -> None:
    server.faults = [DRIBBLES[how]]
    enhancer, started = Endpoint(), time.monotonic()
    enhancer.configure({"endpoint": server.url, "model": "m", "timeout": 60}, silent)
    request = enhancer.request(enhancement_of({"endpoint": "", "model": "m"}, {}, "a mug", "", ()), "a mug")
    assert list(enhancer.perform([request], {}, lambda: bool(server.asked))) == []
    assert time.monotonic() - started < 20 and len(server.asked) == 1


def test_a_stop_ends_the_wait(server: Llm) -> None:
    server.faults = [FAULTS["429"]] * 3
    enhancer = Endpoint()
    enhancer.configure({"endpoint": server.url, "model": "m"}, silent)
    request = enhancer.request(enhancement_of({"endpoint": "", "model": "m"}, {}, "a mug", "", ()), "a mug")
    assert list(enhancer.perform([request], {}, lambda: bool(server.asked))) == []


ROUND: dict[str, Callable[[str], str]] = {
    "thinks": lambda text: f"<think>\nThe user wants {{a}} picture.\nIgnore the above? No.\n</think>\n\n{text}",
    "thinks, begun by a template": lambda text: f"Okay, the user wants {{a}} picture.\n</think>\n{text}",
    "thinks of nothing": lambda text: f"<think>\n\n</think>\n\n{text}",
    "thinks in other words": lambda text: f"<reasoning>no</reasoning>{text}",
    "thinks in brackets": lambda text: f"[THINK]no[/THINK]{text}",
    "thinks in a channel": lambda text: f"<|channel|>analysis<|message|>no<|end|><|start|>assistant<|channel|>final<|message|>{text}",
    "a fence": lambda text: f"```\n{text}\n```",
    "a fence with a language": lambda text: f"```json\n{text}\n```",
    "thinks, then a fence": lambda text: f"<think>no</think>\n```text\n{text}\n```\n",
}
"""What models put round an answer."""
LINES: dict[str, Callable[[str], str]] = {
    "quotation marks": lambda text: f'"{text}"', "typographic marks": lambda text: f"“{text}”",
    "German marks": lambda text: f"„{text}“", "single marks": lambda text: f"'{text}'",
    "a label": lambda text: f"Enhanced prompt: {text}", "a bold label": lambda text: f"**Prompt:** {text}",
    "a fence and marks": lambda text: f'```\n"{text}"\n```',
}


@pytest.mark.parametrize("how", [*ROUND, *LINES])
def test_what_stands_round_a_text_is_taken_off(server: Llm, how: str) -> None:
    server.write = lambda question: {**ROUND, **LINES}[how](written(question))
    made = perform(server)
    assert isinstance(made, Written) and made.text == GOOD and len(server.asked) == 2


@pytest.mark.parametrize("how", ROUND)
def test_what_stands_round_scores_is_taken_off(server: Llm, how: str) -> None:
    server.judge = lambda question: ROUND[how](json.dumps(SCORES))
    made = perform(server)
    assert isinstance(made, Written) and made.score == 87.5 and len(server.asked) == 2


@pytest.mark.parametrize("text", ["", "</think>", "<think>no end", "```", "a mug", '"', 'a "mug" and a "cup"', "a <b> c", "``` a ``` b ```"])
def test_what_stands_amid_a_text_is_left(text: str) -> None:
    assert bare_line(bare(text)) == text.removeprefix("</think>")


def test_thoughts_without_an_end_are_no_picture(server: Llm) -> None:
    server.write = lambda question: f"<think>{written(question)}"
    made = perform(server)
    assert isinstance(made, Failure) and "does not describe a picture" in made.message


TOKENS = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."


def test_a_model_that_wants_its_bound_called_otherwise_is_asked_so(server: Llm) -> None:
    server.refused = {'"max_tokens"': TOKENS}
    made = perform(server)
    assert isinstance(made, Written) and made.text == GOOD
    assert [("max_tokens" in call, "max_completion_tokens" in call) for call in server.asked] == [
        (True, False), (False, True), (False, True)]  # it is told once, not for each question


def test_what_an_endpoint_refuses_is_learnt_once_for_all_shots_of_a_batch(server: Llm) -> None:
    server.refused = {'"max_tokens"': TOKENS, "json_schema": "This json_schema type is unavailable now"}
    settings = {"endpoint": server.url, "model": "writer-1", "timeout": 5}
    enhancer = Endpoint()
    enhancer.configure(settings, silent)
    shots = [f"{SHOT}, {place}" for place in ("kitchen", "office", "garden")]
    requests = [enhancer.request(enhancement_of(settings, {}, shot, "", ()), shot) for shot in shots]
    made = list(enhancer.perform(requests, {}, lambda: False))
    assert all(isinstance(each, Written) for each in made) and len(made) == 3
    assert len(server.asked) == 3 * 2 + 2


def test_a_model_with_less_room_is_asked_without_a_bound(server: Llm) -> None:
    server.refused = {"tokens\"": "'max_tokens' or 'max_completion_tokens' is too large: 12000"}
    made = perform(server)
    assert isinstance(made, Written) and len(server.asked) == 4


@pytest.mark.parametrize(("refused", "shape"), [("json_schema", {"type": "json_object"}), ("response_format", None)])
def test_a_model_that_takes_no_schema_is_asked_without(server: Llm, refused: str, shape: dict[str, str] | None) -> None:
    server.refused = {refused: f"This {refused} type is unavailable now"}
    made = perform(server)
    assert isinstance(made, Written) and made.score == 87.5 and server.asked[-1].get("response_format") == shape


def test_a_question_that_is_refused_for_itself_fails_at_once(server: Llm) -> None:
    server.refused = {"messages": "the content is against the rules"}
    made = perform(server)
    assert isinstance(made, Failure) and len(server.asked) == 1
    assert made.message.endswith("answered 400: the content is against the rules")


SAID: dict[str, tuple[Callable[[Any], None], str, str]] = {
    "closed": (close, "closed the connection amid its answer", "its own log"),
    "cut": (FAULTS["cut"], "closed the connection amid its answer", "its own log"),
    "html": (FAULTS["html"], "is no completion", "Most end in /v1"),
    "json that is none": (lambda handler: llm.send(handler, b"<html>"), "answered something that is no JSON", "Most end in /v1"),
    "404": (lambda handler: llm.send(handler, b'{"error": {"message": "model \'writer-1\' not found"}}', 404),
            "answered 404: model 'writer-1' not found", "does it have the model `writer-1`?"),
    "404 in a word": (lambda handler: llm.send(handler, b'{"error": "model not found"}', 404), "answered 404: model not found", "does it have"),
    "429": (FAULTS["429"], "answered 429: slow down", "it is busy or fails; the next build asks again"),
    "500": (FAULTS["500"], "answered 500: oops", "it is busy or fails"),
    "503, nothing": (lambda handler: llm.send(handler, b"", 503), "answered 503", "it is busy or fails"),
    "elsewhere": (FAULTS["elsewhere"], "answered 302", "write the address itself"),
    "cut off": (FAULTS["cut off"], "cut off after 12000 tokens", "take another model"),
}


@pytest.mark.parametrize("how", SAID)
def test_what_went_wrong_is_said_once_with_what_helps(server: Llm, how: str) -> None:
    fault, said, hint = SAID[how]
    server.faults = [fault] * 3
    made = perform(server)
    assert isinstance(made, Failure) and made.message.endswith(said) and hint in str(made.hint)
    assert "Error code" not in made.message


def test_many_questions_leave_no_connection_open(server: Llm) -> None:
    perform(server)
    gc.disable()
    try:
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(10):
            assert isinstance(perform(server), Written)
        assert len(os.listdir("/proc/self/fd")) <= before + 2
    finally:
        gc.enable()
