"""The one registry of workers and executors: built in, else an installed entry point, and checked before it is used.

It knows the members that a plug-in must have, and nothing of what they do.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, cast
from weakref import WeakKeyDictionary

from calotype.ground.diagnostics import Problem, did_you_mean, error
from calotype.ground.fingerprint import fingerprint_at
from calotype.language.judging.scorer_weights import PERFORMERS
from calotype.workers.guarded import Guarded, broken, words_of

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from calotype.ground.diagnostics import Diagnostic
    from calotype.workers.protocol import Conditioner, Enhancer, IdentityMethod, Renderer, Scorer
    from calotype.workers.work import Executor

Kind = Literal["renderer", "scorer", "conditioner", "identity", "enhancer", "executor"]

BUILTIN: Mapping[Kind, Mapping[str, str]] = {
    "renderer": {
        "mannequin": "calotype.workers.render.mannequin:Mannequin",
        "diffusers": "calotype.workers.render.diffusers:Diffusers",
        "sdxl": "calotype.workers.render.diffusers:Diffusers",
        "hosted": "calotype.workers.render.hosted:Hosted",
    },
    "scorer": {
        "technical": "calotype.workers.judge.technical:Technical",
        "pose": "calotype.workers.judge.pose_scorer:Pose",
        "text": "calotype.workers.judge.lettering:Text",
        "pick": "calotype.workers.judge.pickscore:Pick",
        "clip": "calotype.workers.judge.clipscore:Clip",
        "vqa": "calotype.workers.judge.vqascore:Vqa",
        "aesthetic": "calotype.workers.judge.aesthetic:Aesthetic",
        "panel": "calotype.workers.judge.panel:Panel",
    },
    "conditioner": {
        "pose": "calotype.workers.condition.pose:PoseMaps",
        "canny": "calotype.workers.condition.picture:Canny",
        "openpose": "calotype.workers.condition.picture:OpenPose",
        "midas": "calotype.workers.condition.picture:Midas",
        "depth_anything": "calotype.workers.condition.picture:DepthAnything",
        "hed": "calotype.workers.condition.picture:Hed",
        "vitpose": "calotype.workers.condition.picture:VitPose",
    },
    "identity": {
        "arcface": "calotype.workers.identity.arcface:ArcFace",
        "dino": "calotype.workers.identity.dino:Dino",
        "palette": "calotype.workers.identity.palette:Palette",
    },
    "enhancer": {
        "embedded": "calotype.workers.enhance.embedded_enhancer:Embedded",
        "endpoint": "calotype.workers.enhance.endpoint:Endpoint",
    },
    "executor": {
        "local": "calotype.workers.execute.local:LocalExecutor",
        "processes": "calotype.workers.execute.processes:ProcessesExecutor",
    },
}
"""`module:Class` of what comes with Calotype: it saves the 45 ms that reading the installed entry points costs."""
OTHER_NAMES: Mapping[tuple[Kind, str], str] = {("renderer", "sdxl"): "diffusers"}
"""Names that built-in plug-ins answer to besides their own."""

_WORKER: Mapping[str, Any] = {"name": str, "epoch": int, "affinity": None, "estimate": None, "perform": None}
MEMBERS: Mapping[Kind, Mapping[str, Any]] = {
    "renderer": {**_WORKER, "request": None},
    "scorer": {**_WORKER, "request": None},
    "conditioner": _WORKER,
    "identity": {**_WORKER, "request": None},
    "enhancer": {**_WORKER, "request": None},
    "executor": {"name": str, "run": ("source", "encode", "jobs", "cancel", "tell")},
}
"""What a plug-in must have: the type of an attribute, None for a method, names for a method with these parameters."""
_VERSION_1 = {"renderer": "render", "scorer": "score", "executor": "run"}
"""The member by which a plug-in of the first protocol is told from one that is merely incomplete."""


_loaded: WeakKeyDictionary[ModuleType, bytes] = WeakKeyDictionary()
"""The fingerprint that the file of a plug-in's module had when this process first looked the plug-in up. A process
imports a module once, so it stays the code in use whatever becomes of its file."""


class Registry:
    """Plug-ins by kind and name, each looked up once: one object for each, as long as the registry lives."""

    def __init__(self) -> None:
        self._plugins: dict[tuple[Kind, str], Any] = {}

    def renderer(self, name: str) -> Renderer:
        return cast("Renderer", self.find("renderer", name))

    def scorer(self, name: str) -> Scorer:
        return cast("Scorer", self.find("scorer", name))

    def identity(self, name: str) -> IdentityMethod:
        return cast("IdentityMethod", self.find("identity", name))

    def conditioner(self, name: str) -> Conditioner:
        return cast("Conditioner", self.find("conditioner", name))

    def enhancer(self, name: str) -> Enhancer:
        return cast("Enhancer", self.find("enhancer", name))

    def executor(self, name: str) -> Executor:
        return cast("Executor", self.find("executor", name))

    def forget_failures(self) -> None:
        """What was missing or broken is looked up again: it may have been installed or mended since."""
        self._plugins = {place: plugin for place, plugin in self._plugins.items() if not isinstance(plugin, Problem)}

    def find(self, kind: Kind, name: str) -> Any:
        """The plug-in called `name`: of a built-in class, or what an entry point of its group names.

        Raises Problem when there is no such name, or when what it names cannot be imported, made or used; the hint says
        what to do. A failure is remembered as well: a search takes milliseconds, and each image asks.
        """
        name = OTHER_NAMES.get((kind, name), name)
        plugin = self._plugins.get((kind, name))
        if plugin is None:
            try:
                plugin = _load(kind, name)
                _note_source(plugin)
            except Problem as problem:
                plugin = problem
            self._plugins[kind, name] = plugin
        if isinstance(plugin, Problem):
            raise Problem(plugin.diagnostics, plugin.exit_code)
        return plugin

    def outdated(self) -> Iterator[tuple[Kind, str, Path]]:
        """The plug-ins in use whose module's file is another than when it was imported: kind, name and that file."""
        for (kind, name), plugin in self._plugins.items():
            module, source = _module_of(plugin), source_file(plugin)
            if module is None or source is None or module not in _loaded:
                continue
            if _fingerprint(source) != _loaded[module]:
                yield kind, name, source

    def require(self, name: str) -> None:
        """Raises Problem unless a plug-in of some kind is called `name`: one that calotype.yaml has settings for."""
        names = {name for kind in BUILTIN for name in (*BUILTIN[kind], *(point.name for point in _entry_points(kind)))}
        if name not in names:
            hint = did_you_mean(name, sorted(names)) or "install it, or take its settings out of `plugins`"
            message = f"`plugins` has settings for `{name}`, and no plug-in of that name is installed"
            raise Problem(error("unknown-plugin", message, file="calotype.yaml", hint=hint))


def source_file(plugin: object) -> Path | None:
    """The file of the module that defines `plugin`, or None. Other bytes there: maybe another epoch."""
    file = getattr(_module_of(plugin), "__file__", None)
    return Path(file) if file else None


def _module_of(plugin: object) -> ModuleType | None:
    """That which defines `plugin`."""
    if isinstance(plugin, Guarded):
        plugin = plugin.plugin
    return plugin if isinstance(plugin, ModuleType) else sys.modules.get(type(plugin).__module__)


def _note_source(plugin: object) -> None:
    module, source = _module_of(plugin), source_file(plugin)
    if module is not None and source is not None:
        _loaded.setdefault(module, _fingerprint(source))


def _fingerprint(file: Path) -> bytes:
    """Empty where the file is gone."""
    try:
        return fingerprint_at(file)
    except OSError:
        return b""


def _load(kind: Kind, name: str) -> Any:
    builtin = BUILTIN[kind]
    if name in builtin:
        module, _, attribute = builtin[name].partition(":")
        return getattr(import_module(module), attribute)()
    points = _entry_points(kind)
    offered = [point for point in points if point.name == name]
    if not offered:
        raise Problem(_unknown(kind, name, sorted({*builtin, *(point.name for point in points)})))
    if len(offered) > 1:
        raise _broken(kind, offered[0], f"is offered by {_source(offered[1])} too")
    plugin = Guarded(_made(kind, offered[0]), kind, name, _source(offered[0]))
    _check(kind, offered[0], plugin)
    return plugin


def entry_point_group(kind: Kind) -> str:
    return "calotype.identities" if kind == "identity" else f"calotype.{kind}s"


def _entry_points(kind: Kind) -> list[EntryPoint]:
    from importlib.metadata import entry_points

    return list(entry_points(group=entry_point_group(kind)))


def _unknown(kind: Kind, name: str, names: Sequence[str]) -> Diagnostic:
    offered = [each for each in names if each not in PERFORMERS]
    hint = " ".join(filter(None, [did_you_mean(name, offered), f"(installed: {', '.join(offered)})"]))
    code = "unknown-renderer" if kind == "renderer" else f"unknown-{kind}"
    return error(code, f"there is no {kind} `{name}`", hint=hint)


def _made(kind: Kind, point: EntryPoint) -> Any:
    try:
        plugin = point.load()
        return plugin() if isinstance(plugin, type) else plugin
    except (Exception, SystemExit) as failure:
        raise _broken(kind, point, f"cannot be loaded: {words_of(failure)}") from failure


def _check(kind: Kind, point: EntryPoint, plugin: Any) -> None:
    lacking = [name for name, shape in MEMBERS[kind].items() if not _fits(getattr(plugin, name, None), shape)]
    first = _VERSION_1.get(kind, "")
    if lacking and lacking[-1] in ("perform", "run") and callable(getattr(plugin, first, None)):
        raise _broken(kind, point, f"speaks version 1 of the {kind}'s protocol (`{first}`), not version 2")
    if lacking:
        names = ", ".join(f"`{name}`" for name in lacking)
        raise _broken(kind, point, f"lacks {names} of the {kind}'s protocol, version 2")
    if plugin.name != point.name:
        raise _broken(kind, point, f"calls itself `{plugin.name}`")


def _fits(member: object, shape: type | Sequence[str] | None) -> bool:
    if isinstance(shape, type):
        return type(member) is shape
    return callable(member) and (shape is None or _takes(member, shape))


def _takes(method: Any, names: Sequence[str]) -> bool:
    from inspect import signature

    return set(names) <= set(signature(method).parameters)


def _broken(kind: Kind, point: EntryPoint, reason: str) -> Problem:
    return broken(kind, point.name, _source(point), reason)


def _source(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value
