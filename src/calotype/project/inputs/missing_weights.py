"""What is said of weights that a render needs and that this machine lacks. Must not look for them."""

from __future__ import annotations

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.sizes import size_text
from calotype.language.trained_loras import LORA
from calotype.language.weights import PACKAGE, Model
from calotype.models import package_files, weight_files
from calotype.models.pickled import conversion

_OWN = "put it there, or below a folder that `models: {folder: ...}` or CALOTYPE_MODELS names"


class WeightsMissing(Problem):
    """Weights, `what`, that are neither here nor locked by the manifest: what needs them has no key."""

    def __init__(self, diagnostic: Diagnostic, what: Model | str) -> None:
        super().__init__(diagnostic)
        self.what = what


class Untrained(WeightsMissing):
    """The LoRA `name`, which is trained on the images of the character `source`, and nobody has trained it yet, or its
    file is `damaged`: how, in words that go on from its name."""

    def __init__(self, diagnostic: Diagnostic, what: str, name: str, source: str, damaged: str = "") -> None:
        super().__init__(diagnostic, what)
        self.reason = f"the LoRA `{name}` {damaged or 'is not trained'}: {training(source)}"


def not_here(diagnostic: Diagnostic, what: Model | str, lora: str | None, source: str | None) -> WeightsMissing:
    """What is raised of weights without a key; see `missing`."""
    if isinstance(what, str) and lora is not None and source is not None:
        return Untrained(diagnostic, what, lora, source)
    return WeightsMissing(diagnostic, what)


def training(source: str) -> str:
    """The command that trains the LoRA of a character."""
    return f"calotype build {source}/{LORA}"


def missing(what: Model | str, lora: str | None, source: str | None = None) -> Diagnostic:
    """Weights that a render needs and that this machine lacks; a LoRA by its name, `lora`, and one that is trained here
    by the character that it is trained on, `source`."""
    if isinstance(what, str) and source is not None:
        return error("weights-missing", f"the LoRA `{lora}` is not trained here", hint=training(source))
    if isinstance(what, str):
        called = f"the LoRA `{lora}` (`{what}`)" if lora else f"`{what}`"
        return error("weights-missing", f"{called} is not there", hint=_OWN)
    if what.name.startswith(PACKAGE):
        package, path = package_files.split(what.name)
        return error("weights-missing", f"`{path}` of the package `{package}` is not on this machine",
                     hint=package_files.install(what.name))
    if not weight_files.may_be_on_hub(what.name):
        return error("weights-missing", f"the model `{what}` is not on this machine", hint=_OWN)
    if hint := conversion(what):
        return error("weights-missing", f"the model `{what}` is not on this machine: it is published as pickles, which "
                     "are never loaded", hint=hint)
    size = weight_files.size_of(what.name, what.variant) if what.part is None and not what.settings else None
    extent = f"about {size_text(size)}" if size else "of unknown size"
    return error("weights-missing", f"the model `{what}` ({extent}) is not on this machine",
                 hint=f"fetch it: calotype models pull {what.name}")
