"""What went wrong with an endpoint, in words, and what to do about it: on one line, without its key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_SHOWN = 200
_ADDRESS = "does that address answer as OpenAI's does? Most end in /v1"
BUSY = (408, 409, 429)
"""Answers, beside 5xx, of an endpoint that may answer otherwise a little later."""


class NoCompletion(Exception):
    """What the endpoint answered is no completion."""


def words_of(cause: Exception, masked: Callable[[str], str], key_name: str, model: str) -> tuple[str, str]:
    """What `cause`, an exception of the client or NoCompletion, says of the endpoint, and a hint. `masked` takes the
    key out of a text; `key_name` is the variable that holds it."""
    status = getattr(cause, "status_code", None)
    if status is not None:
        shown = "".join(letter for letter in masked(_said(cause)) if letter.isprintable())[:_SHOWN]
        return f"answered {status}{': ' if shown else ''}{shown}", _hint(status, key_name, model)
    if isinstance(cause, NoCompletion):
        return str(cause), "take another model, or ask that one yourself" if "cut off" in str(cause) else _ADDRESS
    if overlong(cause):
        return (f"gave an answer that is not read: it is {overlong(cause)}",
                f"a prompt has a few kilobytes: {_ADDRESS}")
    name, below = type(cause).__name__, type(cause.__cause__).__name__
    if name == "APITimeoutError":
        return "gave no answer in time", "a larger `timeout` of `enhance` in calotype.yaml, in seconds, waits longer"
    if name == "APIConnectionError" and below in ("RemoteProtocolError", "ReadError", "WriteError", "CloseError"):
        return "closed the connection amid its answer", "its own log may say why; the next build asks again"
    if name == "APIConnectionError":
        return "cannot be reached", f"is it there? It is asked for `{model}` by `enhance` in calotype.yaml"
    return "answered something that is no JSON", _ADDRESS


def overlong(cause: Exception) -> str:
    """How an answer that was not read was too long; empty where that was not it."""
    return str(cause.__cause__) if type(cause.__cause__).__name__ == "TooLong" else ""


def refuses(cause: Exception, *names: str) -> bool:
    """Whether the endpoint refuses the question for one of its parameters, by their `names`."""
    return getattr(cause, "status_code", None) in (400, 422) and any(name in _said(cause) for name in names)


def _said(cause: Exception) -> str:
    """What the endpoint says itself, on one line."""
    body: Any = getattr(cause, "body", None)
    if isinstance(body, Mapping):
        body = body.get("message") or body.get("detail") or body.get("error")
    text = body if isinstance(body, str) else str(getattr(getattr(cause, "response", None), "text", ""))
    return " ".join(text.split())


def _hint(status: int, key_name: str, model: str) -> str:
    if status in (401, 403):
        return f"set {key_name} to the endpoint's key"
    if status in BUSY or status >= 500:
        return "it is busy or fails; the next build asks again"
    if 300 <= status < 400:
        return "it leads elsewhere: write the address itself as `endpoint`"
    if status == 404:
        return f"does it have the model `{model}`? Does `endpoint` hold the whole address? Most end in /v1"
    return f"the model `{model}` takes no such question; take another"
