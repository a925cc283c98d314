"""Where weights lie that an installed Python package brings along. Must not import the package.

Such a model is called `package:NAME/path/in/it.onnx`.
"""

from __future__ import annotations

import sysconfig
from importlib.util import find_spec
from pathlib import Path

from calotype.language.weights import PACKAGE

EXTRAS = {"rapidocr": "text"}
"""The extra of Calotype that installs a package."""


def locate(name: str) -> Path | None:
    """The file, or None where the package is not installed or has no such file."""
    package, path = split(name)
    folder = _folder(package)
    place = folder / path if folder is not None else None
    return place if place is not None and place.is_file() else None


def watched(name: str) -> list[str]:
    """Absolute paths whose change may mean that `locate` finds something else."""
    package, path = split(name)
    folder = _folder(package) or Path(sysconfig.get_path("purelib")) / package
    return [str(folder / path)]


def install(name: str) -> str:
    """The command that installs the package of a model."""
    package, _ = split(name)
    return f"pip install 'calotype[{EXTRAS[package]}]'" if package in EXTRAS else f"pip install {package}"


def split(name: str) -> tuple[str, str]:
    """The package that a model's name says, and the path in it."""
    package, _, path = name.removeprefix(PACKAGE).partition("/")
    return package, path


def _folder(package: str) -> Path | None:
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec is not None else None
    return Path(places[0]) if places else None
