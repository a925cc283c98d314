"""Executors by name. Must not know what they run."""

from __future__ import annotations

from typing import cast

from calotype.workers import plugins
from calotype.workers.execute.protocol import Executor

BUILTIN = {"local": "calotype.workers.execute.local:LocalExecutor"}


def find(name: str) -> Executor:
    """The executor called `name`. Raises Problem when it is unknown or broken."""
    return cast(Executor, plugins.find(name, "executor", BUILTIN, {"name": str, "run": None}))
