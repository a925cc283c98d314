"""What may be done with weights: the licences of well-known ones, as they were reviewed, and what a project says.

A licence goes by a name, never by bytes: so it is the same on a machine that has no weights. Must not know who asks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from calotype.ground.folders import MARKER
from calotype.ground.light_dataclass import dataclass
from calotype.language.config import Config
from calotype.language.spec import Spec
from calotype.language.trained_loras import training_bases

Commercial = Literal["yes", "no", "unknown"]
REVIEWED = Path(__file__).with_suffix(".json")
"""The reviewed file: one set of names a row, where `*` stands for any text; docs/licences.md prints it."""
_SUFFIX = re.compile(r"(?<!^package)[@:].*| \(config\)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence of weights. `name` is its SPDX identifier or its own name, empty where nobody has told; `commercial`
    says whether they may be used commercially; `note` what else counts; `source` is the page that says so, or
    `calotype.yaml`; `reviewed` the day on which it was read; `instead` names other weights for the same, that may."""

    name: str = ""
    commercial: Commercial = "unknown"
    note: str = ""
    source: str = ""
    reviewed: str = ""
    instead: str = ""

    def __str__(self) -> str:
        """`MIT, commercial yes`."""
        return ", ".join(filter(None, (self.name, f"commercial {self.commercial}")))


UNKNOWN = Licence()


class Licences:
    """The licences of weights by their references, as the manifest locks them and messages name them. `characters` are
    by id: a LoRA that is trained here is trained on the model of its character."""

    def __init__(self, config: Config, characters: Mapping[str, Spec]) -> None:
        self._own = config.licences
        self._trained_on = training_bases(config, characters)
        self._called: dict[str, list[str]] = {}
        for name, lora in config.loras.items():
            self._called.setdefault(lora["path"], []).append(name)
        for name, net in config.controlnets.items():
            self._called.setdefault(net["model"], []).append(name)

    def of(self, reference: str) -> Licence:
        """What the project says of the weights by their name, by what it calls them (a LoRA, a ControlNet) or by a
        folder that they lie in; else, of a LoRA that is trained here, the licence of the base model; else what was
        reviewed."""
        for name in self._names(reference):
            if name in self._own:
                return _of_project(self._own[name])
        base = self._trained_on.get(reference)
        if base is not None and base not in self._trained_on:
            return _of_trained(base, self.of(base))
        return reviewed(reference)

    def _names(self, reference: str) -> Iterator[str]:
        path = _path(reference)
        folders = list(_with_folders(path))[1:]
        yield from (reference, path)
        for place in (reference, path, *folders):
            yield from self._called.get(place, ())
        yield from folders


def reviewed(reference: str) -> Licence:
    """The licence of well-known weights; UNKNOWN of any other."""
    exact, patterns = _reviewed()
    for place in _with_folders(_path(reference).casefold()):
        if place in exact:
            return exact[place]
        for pattern, licence in patterns:
            if pattern.fullmatch(place):
                return licence
    return UNKNOWN


def rows() -> list[dict[str, Any]]:
    """The rows of the reviewed file: `names`, `licence`, `commercial`, `source`, `reviewed`, and maybe `note` and
    `instead`."""
    read: list[dict[str, Any]] = json.loads(REVIEWED.read_bytes())
    return read


@cache
def _reviewed() -> tuple[Mapping[str, Licence], list[tuple[re.Pattern[str], Licence]]]:
    """By exact names, and by those that a star stands in; both in small letters."""
    exact: dict[str, Licence] = {}
    patterns: list[tuple[re.Pattern[str], Licence]] = []
    for row in rows():
        licence = Licence(row["licence"], row["commercial"], row.get("note", ""), row["source"], row["reviewed"],
                          row.get("instead", ""))
        for name in map(str.casefold, row["names"]):
            if "*" in name:
                patterns.append((re.compile(".*".join(map(re.escape, name.split("*")))), licence))
            else:
                exact[name] = licence
    return exact, patterns


def _of_project(entry: Mapping[str, Any]) -> Licence:
    return Licence(entry["licence"], entry["commercial"], entry.get("note", ""), MARKER)


def _of_trained(base: str, licence: Licence) -> Licence:
    """A LoRA that is trained here is made from its base model, and may be used as that may."""
    return Licence(licence.name, licence.commercial, f"trained here on {base}", licence.source, licence.reviewed)


def _path(reference: str) -> str:
    """The name of a model, with its part, without revision, variant, and whether its configs alone are read. What a
    Python package brings along is called `package:NAME/PATH`."""
    return _SUFFIX.sub("", reference)


def _with_folders(path: str) -> Iterator[str]:
    """The path itself, then what it lies in, from the inside."""
    yield path
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
