"""A language model behind an OpenAI-compatible endpoint: one question, one text. Must not know what is asked.

The key comes from the environment alone and stands in no value, message or file. Of an endpoint nothing is believed:
what is no completion is refused, what is busy is asked again a little later.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error
from calotype.workers.enhance.answer_text import bare
from calotype.workers.enhance.endpoint_words import BUSY, NoCompletion, refuses, words_of
from calotype.workers.protocol import Cancel

if TYPE_CHECKING:
    from openai import OpenAI

KEYS = ("CALOTYPE_ENHANCE_KEY", "OPENAI_API_KEY")
"""Variables of the environment that hold the key; the first that is set counts."""
TIMEOUT = 60.0
MOST_TOKENS = 12_000
"""Of an answer, with what a model thinks before it."""
MOST_BYTES = 100_000
"""Of an answer."""
_AGAIN = 2
"""Times that a question is asked again where the endpoint was busy, failed, or answered nonsense."""
_PAUSE, _LONGEST_PAUSE = 0.5, 20.0
_LENGTH_NAMES = ("max_tokens", "max_completion_tokens")
"""How the bound of an answer is called: newer models of OpenAI refuse the first."""
_SHAPE_NAMES = ("response_format", "json_schema", "json_object", "schema")


class Completions:
    """Of `endpoint`, a base URL, the model that it calls `model`; `timeout` in seconds. To be closed: it keeps one
    client, and what the endpoint has refused of a question."""

    def __init__(self, endpoint: str, model: str, timeout: float = TIMEOUT) -> None:
        self.endpoint, self.model, self.timeout = endpoint, model, timeout
        self._opened: OpenAI | None = None
        self._cancel: Cancel = lambda: False
        self._lengths, self._shapes = [*_LENGTH_NAMES, ""], ["json_schema", "json_object", ""]

    def __enter__(self) -> Completions:
        return self

    def __exit__(self, *_: object) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def ask(self, instructions: str, question: str, cancel: Cancel, schema: Mapping[str, Any] | None = None) -> str:
        """The answer to a `question`, bare; with a JSON Schema, JSON that is meant to fit it. Raises Problem where
        there is none, and InterruptedError where the run was stopped."""
        attempt = 0
        while True:
            if cancel():
                raise InterruptedError
            try:
                return _text(self._client(cancel).chat.completions.create(**self._call(instructions, question, schema)))
            except Exception as cause:  # of a library, of a network, of whatever answered
                if cancel():
                    raise InterruptedError from None
                if self._says_it_otherwise(cause, schema):
                    continue
                if attempt == _AGAIN or not _may_pass(cause):
                    raise self._unanswered(cause) from None
                _wait(_pause(cause, attempt), cancel)
                attempt += 1

    def _call(self, instructions: str, question: str, schema: Mapping[str, Any] | None) -> dict[str, Any]:
        messages = [{"role": "system", "content": instructions}, {"role": "user", "content": question}]
        call: dict[str, Any] = {"model": self.model, "messages": messages}
        if self._lengths[0]:
            call[self._lengths[0]] = MOST_TOKENS
        if schema is not None and self._shapes[0] == "json_schema":
            named = {"name": "answer", "strict": True, "schema": schema}
            call["response_format"] = {"type": "json_schema", "json_schema": named}
        elif schema is not None and self._shapes[0]:
            call["response_format"] = {"type": self._shapes[0]}
        return call

    def _says_it_otherwise(self, cause: Exception, schema: Mapping[str, Any] | None) -> bool:
        """Whether the endpoint refused a parameter for which there is another, or that may be left out: the next
        question has it so."""
        if self._lengths[0] and refuses(cause, *_LENGTH_NAMES):
            self._lengths.pop(0)
            return True
        if schema is not None and self._shapes[0] and refuses(cause, *_SHAPE_NAMES):
            self._shapes.pop(0)
            return True
        return False

    def _client(self, cancel: Cancel) -> OpenAI:
        self._cancel = cancel
        if self._opened is None:
            from openai import OpenAI

            from calotype.workers.enhance.bounded_client import BoundedClient

            self._opened = OpenAI(
                api_key=key_at_hand() or "none", base_url=self.endpoint, timeout=self.timeout, max_retries=0,
                http_client=BoundedClient(self.timeout, MOST_BYTES, lambda: self._cancel()))
        return self._opened

    def _unanswered(self, cause: Exception) -> Problem:
        message, hint = words_of(cause, masked, KEYS[0], self.model)
        return Problem(error("endpoint", f"the endpoint {self.endpoint} {message}", hint=hint))


def completions_of(settings: Mapping[str, Any]) -> Completions:
    """Of the endpoint that `settings`, the section `enhance` of calotype.yaml, names."""
    return Completions(str(settings["endpoint"]), str(settings["model"]), float(settings.get("timeout", TIMEOUT)))


def lacking_package() -> tuple[str, str] | None:
    """Why no endpoint can be asked on this machine, and what to do about it. Imports nothing."""
    if find_spec("openai") is not None:
        return None
    return "the package `openai` is not installed", "pip install 'calotype[enhance]'"


def key_at_hand() -> str:
    """The endpoint's key, from the environment; empty where there is none."""
    return next((value for value in map(os.environ.get, KEYS) if value), "")


def masked(text: str) -> str:
    """`text` without the key."""
    key = key_at_hand()
    return text.replace(key, "***") if key else text


def _text(answer: object) -> str:
    """The text of a completion; raises NoCompletion for anything else, such as a page of HTML."""
    choices = getattr(answer, "choices", None)
    choice = choices[0] if isinstance(choices, list) and choices else None
    content = getattr(getattr(choice, "message", None), "content", None)
    if getattr(choice, "finish_reason", None) == "length":
        raise NoCompletion(f"answered at such length that it was cut off after {MOST_TOKENS} tokens")
    text = bare(content) if isinstance(content, str) else ""
    if not text:
        raise NoCompletion("answered with something that is no completion")
    return text


def _may_pass(cause: Exception) -> bool:
    """Whether asking again may help: not where the endpoint says that the question or the key is wrong."""
    status = getattr(cause, "status_code", None)
    return status is None or status in BUSY or status >= 500


def _pause(cause: Exception, attempt: int) -> float:
    """Seconds to wait: as the endpoint says, else longer each time."""
    headers = getattr(getattr(cause, "response", None), "headers", {})
    try:
        asked = float(headers.get("retry-after", ""))
    except ValueError:
        asked = _PAUSE * 2**attempt
    return min(max(asked, 0.0), _LONGEST_PAUSE)


def _wait(seconds: float, cancel: Cancel) -> None:
    until = time.monotonic() + seconds
    while not cancel() and time.monotonic() < until:
        time.sleep(min(0.05, seconds))
