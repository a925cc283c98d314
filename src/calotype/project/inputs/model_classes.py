"""What base models are laid out for, as their files say or as the manifest locked it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from calotype.ground.diagnostics import Problem, error
from calotype.language.weights import Model
from calotype.models import weight_files
from calotype.models.pipeline_class import INDEX, SDXL, pipeline_class


class ModelClasses:
    """The classes of pipelines of diffusers that models are laid out for, each looked up once. `locked` is what the
    manifest says; `folders` may hold weights outside the project."""

    def __init__(self, root: Path, locked: Mapping[str, str], folders: Sequence[Path]) -> None:
        self._root, self._locked, self._folders = root, locked, folders
        self._classes: dict[str, str] = {}

    def of(self, model: Model) -> str:
        """Empty where nobody says: the model is elsewhere, and none was locked."""
        name = f"{model} (class)"
        if name not in self._classes:
            place = weight_files.locate(self._root, model, self._folders)
            self._classes[name] = self._locked.get(name, "") if place is None else _read(model, place)
        return self._classes[name]

    @property
    def locks(self) -> dict[str, str]:
        """What the manifest is to say: of SDXL, which nobody needs to be told of, no word."""
        return {name: kind for name, kind in self._classes.items() if kind not in ("", SDXL)}


def _read(model: Model, place: Path) -> str:
    try:
        return pipeline_class(place)
    except Problem:  # that it is no safetensors file is said once it is proved
        return ""
    except OSError as cause:
        file = f"{model.path}/{INDEX}" if place.is_dir() else model.path
        raise Problem(error("unreadable", f"cannot be read: {cause.strerror}", file=file)) from None
