"""Where a spec or calotype.yaml asks for what this machine lacks. Must not look for any weights itself."""

from __future__ import annotations

from collections.abc import Callable

from calotype.ground.diagnostics import Diagnostic
from calotype.ground.folders import MARKER
from calotype.ground.light_dataclass import replace
from calotype.language.image import Image
from calotype.language.weights import Model

CODE = "weights-missing"
"""The code of what is wrong with a machine, not with a spec."""


Look = Callable[[str, str], tuple[str, int | None, int | None]]
"""The file, line and column where a field was decided for a target."""


def at_field(missing: Diagnostic, field: str, image: Image, at: Look) -> Diagnostic:
    """`missing` where the field of the image's request that asks for it was decided."""
    file, line, column = at(field, image.target)
    return replace(missing, file=file, line=line, column=column)


def placed(missing: Diagnostic, what: Model | str | None, image: Image, at: Look) -> Diagnostic:
    """`missing` at the place in the spec that asks for `what`; at the image itself where that is decided elsewhere."""
    file, line, column = at(_field(what, image), image.target)
    if file == MARKER:
        file, line, column = at("", image.target)
    return replace(missing, file=file, line=line, column=column)


def _field(what: Model | str | None, image: Image) -> str:
    """The setting of an image that makes it read `what`."""
    if isinstance(what, str):
        return "loras" if any(lora.path == what for lora in image.loras) else ""
    if what is None:
        return ""
    if any(control.net == what for control in image.controls):
        return "controls"
    reference = image.reference
    if reference is not None and reference.control is not None and reference.control.net == what:
        return "reference"
    if what.name == image.models.get("refiner"):
        return "preset"
    return "characters" if what.name == (image.models.get("ip_adapter") or {}).get("model") else ""
