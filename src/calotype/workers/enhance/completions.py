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
from calotype.ground.light_dataclass import dataclass
from calotype.workers.protocol import Cancel

if TYPE_CHECKING:
    from openai import OpenAI

KEYS = ("CALOTYPE_ENHANCE_KEY", "OPENAI_API_KEY")
"""Variables of the environment that hold the key; the first that is set counts."""
TIMEOUT = 60.0
MOST_TOKENS = 4000
MOST_BYTES = 100_000
"""Of an answer."""
_AGAIN = 2
"""Times that a question is asked again where the endpoint was busy, failed, or answered nonsense."""
_PAUSE, _LONGEST_PAUSE = 0.5, 20.0
_BUSY = (408, 409, 429)
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Completions:
    """`endpoint` is the base URL, `model` what it calls the model, `timeout` in seconds."""

    endpoint: str
    model: str
    timeout: float = TIMEOUT

    def ask(self, instructions: str, question: str, cancel: Cancel, schema: Mapping[str, Any] | None = None) -> str:
        """The answer to a `question`; with a JSON Schema, JSON that is meant to fit it. Raises Problem where there is
        none, and InterruptedError where the run was stopped."""
        client = self._client(cancel)
        for attempt in range(1 + _AGAIN):
            if cancel():
                raise InterruptedError
            try:
                return _text(client.chat.completions.create(**self._call(instructions, question, schema)))
            except Exception as cause:  # of a library, of a network, of whatever answered
                if cancel():
                    raise InterruptedError from None
                if attempt == _AGAIN or not _may_pass(cause):
                    raise self._unanswered(cause) from None
                _wait(_pause(cause, attempt), cancel)
        raise AssertionError("the last attempt answers or raises")

    def _call(self, instructions: str, question: str, schema: Mapping[str, Any] | None) -> dict[str, Any]:
        messages = [{"role": "system", "content": instructions}, {"role": "user", "content": question}]
        call: dict[str, Any] = {"model": self.model, "messages": messages, "max_tokens": MOST_TOKENS, "n": 1}
        if schema is not None:
            named = {"name": "answer", "strict": True, "schema": schema}
            call["response_format"] = {"type": "json_schema", "json_schema": named}
        return call

    def _client(self, cancel: Cancel) -> OpenAI:
        from openai import OpenAI

        from calotype.workers.enhance.bounded_client import BoundedClient

        return OpenAI(api_key=key_at_hand() or "none", base_url=self.endpoint, timeout=self.timeout, max_retries=0,
                      http_client=BoundedClient(self.timeout, MOST_BYTES, cancel))

    def _unanswered(self, cause: Exception) -> Problem:
        status = getattr(cause, "status_code", None)
        hint = f"is it there? It is asked for `{self.model}` by `enhance` in calotype.yaml"
        if status in (401, 403):
            hint = f"set {KEYS[0]} to the endpoint's key"
        elif _overlong(cause):
            hint = "a prompt has a few kilobytes: does that address answer as OpenAI's does, in plain JSON?"
        return Problem(error("endpoint", f"the endpoint {self.endpoint} {_words(cause, status)}", hint=hint))


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


class _NoCompletion(Exception):
    """What the endpoint answered is no completion."""


def _text(answer: object) -> str:
    """The text of a completion; raises _NoCompletion for anything else, such as a page of HTML."""
    choices = getattr(answer, "choices", None)
    message = getattr(choices[0], "message", None) if isinstance(choices, list) and choices else None
    content = getattr(message, "content", None)
    if not isinstance(content, str) or not content.strip():
        raise _NoCompletion("answered with something that is no completion")
    if getattr(choices[0] if choices else None, "finish_reason", None) == "length":
        raise _NoCompletion(f"answered at such length that it was cut off after {MOST_TOKENS} tokens")
    return content


def _may_pass(cause: Exception) -> bool:
    """Whether asking again may help: not where the endpoint says that the question or the key is wrong."""
    status = getattr(cause, "status_code", None)
    return status is None or status in _BUSY or status >= 500


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


def _overlong(cause: Exception) -> str:
    """How an answer that was not read was too long; empty where that was not it."""
    return str(cause.__cause__) if type(cause.__cause__).__name__ == "TooLong" else ""


def _words(cause: Exception, status: int | None) -> str:
    """What went wrong, on one line that holds no key."""
    if isinstance(cause, _NoCompletion):
        return str(cause)
    if type(cause).__name__ == "APITimeoutError":
        return "gave no answer in time"
    if _overlong(cause):
        return f"gave an answer that is not read: it is {_overlong(cause)}"
    if type(cause).__name__ == "APIConnectionError":
        return "cannot be reached"
    text = " ".join(str(getattr(cause, "message", cause)).split())
    shown = "".join(letter for letter in masked(text) if letter.isprintable())[:_SHOWN]
    return f"answered {status}: {shown}" if status is not None else f"answered nothing that can be read: {shown}"
