"""Renderers by name. Must not know when one is used, nor import any before it is asked for."""

from __future__ import annotations

from typing import cast

from calotype.ground.diagnostics import Problem, error
from calotype.workers import plugins
from calotype.workers.render.protocol import Renderer

BUILTIN = {
    "mannequin": "calotype.workers.render.mannequin:Mannequin",
    "sdxl": "calotype.workers.render.sdxl:Sdxl",
}
ANNOUNCED = ("hosted",)
"""Renderers that specs may name one day: a name that is right but too early deserves its own message."""

_MEMBERS = {"name": str, "epoch": int, "request": None, "affinity": None, "estimate": None, "render": None}
_found: dict[str, Renderer] = {}


def find(name: str) -> Renderer:
    """The renderer called `name`, one object per process. Raises Problem when it is unknown or broken."""
    if name not in _found:
        _found[name] = _find(name)
    return _found[name]


def _find(name: str) -> Renderer:
    try:
        return cast(Renderer, plugins.find(name, "renderer", BUILTIN, _MEMBERS))
    except Problem as problem:
        if name in ANNOUNCED and problem.diagnostics[0].code == "unknown-renderer":
            message = f"this version of Calotype has no renderer `{name}`"
            raise Problem(error("unknown-renderer", message, hint="use `renderer: mannequin`")) from None
        raise
