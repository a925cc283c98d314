"""Whether an endpoint that writes prompts would answer, for `calotype doctor`. It is asked for its list of models,
which costs nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.finding import Finding
from calotype.workers.enhance.completions import KEYS, key_at_hand, lacking_package, masked

SECONDS, MOST_BYTES = 10.0, 4_000_000
"""At most for the list of models."""
_NAME, _SHOWN = "enhance", 5
_HERE = ("localhost", "127.0.0.1", "::1")
_NO_LIST = (404, 405, 501)


def findings(settings: Mapping[str, Any]) -> Iterator[Finding]:
    """What is found of the endpoint of `settings`, the section `enhance` of calotype.yaml."""
    if lacking_package() is not None:
        return
    endpoint, model = str(settings["endpoint"]), str(settings["model"])
    yield _key(endpoint)
    yield _reached(endpoint, model)


def _key(endpoint: str) -> Finding:
    from urllib.parse import urlsplit

    name = next((name for name in KEYS if os.environ.get(name)), None)
    if name is not None:
        return Finding(f"{_NAME} key", "ok", f"`{name}` is set")
    if urlsplit(endpoint).hostname in _HERE:
        return Finding(f"{_NAME} key", "ok", "none is set; a server on this machine may want none")
    return Finding(f"{_NAME} key", "warning", "none is set", f"export {KEYS[0]}=..., if {endpoint} wants a key")


def _reached(endpoint: str, model: str) -> Finding:
    from calotype.workers.enhance.bounded_client import Unanswered, get

    label, key = f"{_NAME} endpoint", key_at_hand()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        status, body = get(f"{endpoint.rstrip('/')}/models", headers, SECONDS, MOST_BYTES)
    except Unanswered as failure:
        hint = "is it there, and is `enhance: {endpoint: ...}` its address?"
        return Finding(label, "error", f"{endpoint} {failure}", hint)
    if status in (401, 403):
        return Finding(label, "error", f"{endpoint} answered {status}", f"set {KEYS[0]} to the endpoint's key")
    if status in _NO_LIST:
        return Finding(label, "ok", f"{endpoint} answers; it has no list of models")
    models = _models(body) if status == 200 else None
    if models is None:
        return Finding(label, "warning", f"{endpoint} answered {status}, with no list of models",
                       "does that address answer as OpenAI's does? It often ends in /v1")
    if any(name in (model, f"{model}:latest") for name in models):
        return Finding(label, "ok", f"{endpoint} answers, and lists `{model}`")
    listed = masked(", ".join(sorted(models)[:_SHOWN])) or "none"
    return Finding(label, "warning", f"{endpoint} answers, and does not list `{model}`", f"it lists {listed}")


def _models(body: bytes) -> list[str] | None:
    """The names in a list of models; None where it is none."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    rows = data.get("data") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        return None
    names = [row.get("id") for row in rows if isinstance(row, dict)]
    return ["".join(filter(str.isprintable, name))[:100] for name in names if isinstance(name, str)]
