"""Models that are published as pickles, which are never loaded: how they become safetensors. Must not look for any."""

from __future__ import annotations

from calotype.ground.diagnostics import Diagnostic, error
from calotype.language.weights import Model

_PAGES = {"lllyasviel/Annotators": "docs/controls.md", "h94/IP-Adapter-FaceID": "docs/sdxl.md"}
"""Where it stands how the files of a repository of the Hub are converted."""


def conversion(model: Model) -> str | None:
    """What to do about a model whose weights are published as pickles; None of one that may hold safetensors."""
    page = _PAGES.get(model.name)
    return f"convert its files once, as {page} says, and name the folder with them as `model`" if page else None


def refusal(model: Model, file: str | None = None) -> Diagnostic:
    """That `model` cannot be fetched; `file` is the pickle in the place of what is read of it."""
    what = f"`{file}` in `{model.name}` is a pickle" if file else f"`{model.name}` is published as pickles"
    hint = conversion(model) or "use a model published as .safetensors, or convert it on a machine you can lose"
    return error("pickle-refused", f"{what}, which can run any program when loaded", hint=hint)
