"""Whether this machine and this project are fit to build. Must not repair anything."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from calotype.ground.diagnostics import Problem
from calotype.ground.version import VERSION
from calotype.project.answers import Finding
from calotype.queries.status import status_query

CORE = ("click", "PyYAML", "jsonschema", "jsonschema-rs", "Jinja2", "pillow", "numpy", "rich")
_LITTLE = 1 << 30


def examine(root: Path) -> list[Finding]:
    checks: list[Callable[[Path], Iterator[Finding]]] = [
        _program, _packages, _yaml, _folders, _disk, _models, _project]
    return [finding for check in checks for finding in check(root)]


def _program(_: Path) -> Iterator[Finding]:
    yield Finding("calotype", "ok", f"{VERSION}, Python {platform.python_version()} on {sys.platform}")


def _packages(_: Path) -> Iterator[Finding]:
    from importlib import metadata

    for name in CORE:
        try:
            yield Finding(name, "ok", metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Finding(name, "error", "not installed", f"pip install {name}")


def _yaml(_: Path) -> Iterator[Finding]:
    import yaml

    if not yaml.__with_libyaml__:
        yield Finding("libyaml", "error", "PyYAML was built without it", "pip install --force-reinstall PyYAML")


def _folders(root: Path) -> Iterator[Finding]:
    for name in ("specs", "content", "build", "cache"):
        folder = root / name
        place = folder if folder.is_dir() else root
        writable = os.access(place, os.W_OK)
        yield Finding(f"{name}/", "ok" if writable or name == "specs" else "error",
                      "there" if folder.is_dir() else "not there yet", None if writable else f"make {place} writable")


def _disk(root: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(root).free
    yield Finding("disk", "ok" if free >= _LITTLE else "warning", f"{free / 1e9:.1f} GB free",
                  None if free >= _LITTLE else "renders may not fit")


def _models(root: Path) -> Iterator[Finding]:
    """What rendering by models takes, where the project's images read any."""
    from calotype.project.shared import take
    from calotype.queries import weights

    try:
        rows = weights.rows(root)
        config = take(root).config
    except Problem:
        return  # the project's own finding says what is wrong
    if rows:
        from calotype.queries.fitness import findings

        yield from findings(rows, config.presets, config.models)


def _project(root: Path) -> Iterator[Finding]:
    """The specs and the renderers they name."""
    try:
        with status_query(root) as query:
            names = [found.planned.image.renderer for found in query.targets()]
            renderers = [query.workspace.renderer(name) for name in sorted(set(names))]
    except Problem as problem:
        if all(diagnostic.code == "weights-missing" for diagnostic in problem.diagnostics):
            yield Finding("project", "error", "cannot be planned without its models", "calotype models pull")
        else:
            yield Finding("project", "error", f"{len(problem.diagnostics)} errors", "`calotype validate` shows them")
        return
    for renderer in renderers:
        yield Finding(f"renderer {renderer.name}", "ok", f"epoch {renderer.epoch}")
    yield Finding("project", "ok", f"{len(names)} targets")
