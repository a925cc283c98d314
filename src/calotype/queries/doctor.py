"""Whether this machine and this project are fit to build. Must not repair anything."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem
from calotype.ground.finding import Finding
from calotype.ground.sizes import size_text
from calotype.ground.version import VERSION
from calotype.language.enhancing.enhancement import ENDPOINT
from calotype.project.overrides import Profile
from calotype.project.workspace import Workspace, open_workspace
from calotype.queries.status import status_query
from calotype.queries.weights_in_use import ModelRow
from calotype.workers.protocol import Group, Worker, configure, unavailable_reason

CORE = ("click", "PyYAML", "jsonschema", "jsonschema-rs", "Jinja2", "pillow", "numpy", "rich")
_LITTLE = 1 << 30
Diagnose = Callable[[Mapping[str, Mapping[str, Any]]], Iterable[Finding]]


def examine(root: Path) -> list[Finding]:
    checks: list[Callable[[Path], Iterator[Finding]]] = [
        _program, _packages, _yaml, _folders, _disk, _models, _workers, _project, _trainings]
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
    yield Finding("disk", "ok" if free >= _LITTLE else "warning", f"{size_text(free)} free",
                  None if free >= _LITTLE else "renders may not fit")


def _models(root: Path) -> Iterator[Finding]:
    """The weights that the project's images read."""
    from calotype.queries import weights_in_use

    try:
        rows, faults = weights_in_use.rows(root), weights_in_use.broken(root)
    except Problem:
        return  # the project's own finding says what is wrong
    yield from (_model(row, faults.get(row.name)) for row in rows)


def _model(row: ModelRow, fault: str | None) -> Finding:
    label = f"{'LoRA' if row.loras else 'model'} {row.label()}"
    size = "size unknown" if row.size is None else size_text(row.size)
    read = f"read by {row.images} image{'s' * (row.images != 1)}"
    if fault is not None:
        return Finding(label, "error", fault, "calotype models verify")
    if row.place != "missing":
        return Finding(label, "ok", f"{size}, {row.place}, {read}")
    if row.source is not None:
        return Finding(label, "warning", f"not trained, {read}", row.hint)
    return Finding(label, "error", f"missing ({size}), {read}", row.hint)


def _workers(root: Path) -> Iterator[Finding]:
    """Each renderer, scorer and conditioner in use, and what it says of this machine itself."""
    from calotype.queries import weights_in_use

    try:
        with open_workspace(root, Profile()) as workspace:
            for group, name in weights_in_use.workers_in_use(workspace):
                yield from _worker(workspace, group, name)
            if workspace.shared.config.enhance:
                yield from _worker(workspace, "enhancer", ENDPOINT)
    except Problem:
        return


def _worker(workspace: Workspace, group: Group, name: str) -> Iterator[Finding]:
    label = f"{group} {name}"
    try:
        worker: Worker = workspace.registry.find(group, name)
        configure(worker, workspace.settings_of(worker))
        reason = unavailable_reason(worker)
    except Problem as problem:
        yield Finding(label, "error", problem.diagnostics[0].message, problem.diagnostics[0].hint)
        return
    if reason is not None:
        yield Finding(label, "error", *reason)
    else:
        yield Finding(label, "ok", f"epoch {worker.epoch}")
    diagnose: Diagnose | None = getattr(worker, "diagnose", None)
    if diagnose is not None:
        yield from diagnose(workspace.shared.config.presets)


def _project(root: Path) -> Iterator[Finding]:
    """The specs, and whether they can be planned."""
    try:
        with status_query(root) as query:
            count = sum(1 for _ in query.targets())
    except Problem as problem:
        if all(diagnostic.code == "weights-missing" for diagnostic in problem.diagnostics):
            yield Finding("project", "error", "cannot be planned without its models", problem.diagnostics[0].hint)
        else:
            count = len(problem.diagnostics)
            yield Finding("project", "error", _count(count, "error"), "`calotype validate` shows them")
        return
    yield Finding("project", "ok", _count(count, "target"))


def _trainings(root: Path) -> Iterator[Finding]:
    """The LoRAs that are trained on characters of the project."""
    from calotype.queries.product_status import readiness

    try:
        with status_query(root) as query:
            for _ in query.targets():
                pass
            yield from readiness(query.workspace, [target for target, _ in query.edges_of_products()])
    except Problem:
        return  # the project's own finding says what is wrong


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
