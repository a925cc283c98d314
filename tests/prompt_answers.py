"""Answers to prompts, as endpoints may give them: sixty that a good model writes, and more than sixty that change the
picture.

The honest ones obey the instructions that an endpoint is given, the others each break the picture in their own way. Of
each kind the last twenty were written after the rules.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Answer = tuple[str, tuple[str, ...], str]
"""The shot, the kept phrases (the prompt is both), and what is answered."""


def _answers(rows: list[dict[str, Any]]) -> dict[str, Answer]:
    return {name: (row["shot"], tuple(row["keep"]), answer) for row in rows for name, answer in row["answers"].items()}


_CORPUS = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
HONEST = _answers(_CORPUS["honest"])
CHANGED = _answers(_CORPUS["changed"])
_shot, _keep, _answer = CHANGED["subject denied"]
CHANGED["100 kB"] = _shot, _keep, _answer + " very" * 20_000
