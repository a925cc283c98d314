"""Conditioning of one image: which ControlNets, and which maps. Must not know how a map is drawn, nor who reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.action import Action
from calotype.language.condition import MODELS, PREPROCESSORS, from_picture, from_pose, profile_of
from calotype.language.config import Named
from calotype.language.image import Control
from calotype.language.weights import Model

Pixels = str | Mapping[str, str]
"""A pixel digest, or `{"$pick": target}` while it is not known."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What maps of an image are drawn from, and how large: its canonical posture, its view, its size in pixels."""

    posture: Mapping[str, Any]
    view: str
    side: str
    size: tuple[int, int]
    joints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Controls:
    """The controls that settings ask for. `nets` are the ControlNets by name; `pixels(path)` gives the pixel digest of
    a picture, `weights(model)` the digest of a model, `epoch(name)` the epoch of a detector that is a plug-in (None: it
    is built in). None of them is asked before a control is read."""

    nets: Named
    pixels: Callable[[str], str]
    weights: Callable[[Model], str]
    epoch: Callable[[str], int | None]

    def of(self, settings: Mapping[str, Any], frame: Frame) -> Iterator[Control]:
        for setting in settings.get("controls", ()):
            kind = setting["type"]
            if setting.get("from") == "pose":
                yield self._control(setting, condition=partial(self._from_pose, setting, frame))
            elif "map" in setting:
                yield self._control(setting, ready=partial(self.pixels, setting["map"]))
            else:
                yield self._control(setting, condition=partial(self._from_file, kind, setting["image"], frame.size))

    def of_picture(self, kind: str, pixels: Pixels, size: tuple[int, int]) -> Control:
        """The control by the map `kind` of the picture an image starts from."""
        return self._control({"type": kind}, condition=partial(self._from_picture, kind, pixels, size))

    def _control(
        self, one: Mapping[str, Any], ready: Callable[[], str] | None = None,
        condition: Callable[[], Action] | None = None,
    ) -> Control:
        kind, net = one["type"], self.nets[one["type"]]
        model = Model(net["model"], net.get("revision"), net.get("variant"), net.get("file"))
        return Control(
            kind, model, ready, cache(condition) if condition else None,
            float(one.get("strength", net.get("strength", 1.0))),
            float(one.get("start", 0.0)), float(one.get("end", 1.0)),
            kind if net.get("union", "union" in net["model"].lower()) else None,
        )

    def _from_pose(self, setting: Mapping[str, Any], frame: Frame) -> Action:
        kind = setting["type"]
        return from_pose(
            kind, frame.posture, frame.view, frame.side, frame.size, frame.joints, self.nets[kind]["model"],
            setting.get("hidden", False))

    def _from_file(self, kind: str, path: str, size: tuple[int, int]) -> Action:
        return self._from_picture(kind, self.pixels(path), size)

    def _from_picture(self, kind: str, pixels: Pixels, size: tuple[int, int]) -> Action:
        detector = preprocessor_of(kind, self.nets)
        settings = {name: value for name, value in detector.items() if name not in ("model", "revision")}
        if "model" in detector:
            settings["weights"] = self.weights(Model(detector["model"], detector.get("revision")))
        if detector["name"] == "vitpose":
            settings["profile"] = profile_of(kind, self.nets[kind]["model"])
        epoch = self.epoch(detector["name"])
        if epoch is not None:
            settings["epoch"] = epoch
        return from_picture(kind, pixels, size, settings)


def preprocessor_of(kind: str, nets: Named) -> Mapping[str, Any]:
    """How a map `kind` is made of a picture: the packaged settings of that kind, the project's over them."""
    project = nets.get(kind, {}).get("preprocessor", {})
    packaged = PREPROCESSORS.get(kind, {})
    if project.get("name", packaged.get("name")) == packaged.get("name"):
        return {**packaged, **project}
    return {"model": MODELS[project["name"]], **project} if project["name"] in MODELS else project
