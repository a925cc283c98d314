"""Presets and plug-ins that calotype.yaml, or an override, names: whether they are there. Must not set any up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from calotype.ground.diagnostics import Diagnostic, Problem, did_you_mean, error
from calotype.ground.folders import MARKER
from calotype.ground.light_dataclass import replace
from calotype.language.config import Config
from calotype.language.judging.scorer_weights import PERFORMERS
from calotype.language.yaml.document import Document, parse
from calotype.project.overrides import Profile
from calotype.project.specs.shared_files import Snapshot
from calotype.workers.plugins import BUILTIN, Registry

_WEIGHTS = ("scoring", "weights")


def check_named(profile: Profile, snapshot: Snapshot, registry: Registry) -> None:
    """Raises Problem where an override, `plugins` or `scoring` names what does not exist: once, not image by image."""
    config = snapshot.config
    if profile.preset is not None and profile.preset not in config.presets:
        known = sorted(config.presets)
        hint = did_you_mean(profile.preset, known) or f"presets are {', '.join(known)}"
        raise Problem(error("unknown-preset", f"there is no preset `{profile.preset}`", hint=hint))
    if profile.renderer is not None:
        registry.renderer(profile.renderer)
    for name in config.plugins:
        registry.require(name)
    if "weights" in config.scoring["written"]:
        _check_weights(config, snapshot, registry)


def _check_weights(config: Config, snapshot: Snapshot, registry: Registry) -> None:
    weights: Mapping[str, float] = config.scoring["weights"]
    faults = {name: fault for name in weights for fault in _unknown(name, registry)}
    if not faults and any(weights.values()):
        return
    document: Document = parse(snapshot.reads[MARKER].text, MARKER)
    if not faults:
        raise Problem(document.error("no-scorer", "no scorer weighs anything: all `weights` are 0", _WEIGHTS, key=True,
                                     hint="give one a weight above 0, or leave `weights` out"))
    places = {name: document.place((*_WEIGHTS, name), True) for name in faults}
    raise Problem([replace(fault, file=MARKER, line=places[name][0], column=places[name][1])
                   for name, fault in faults.items()])


def _unknown(name: str, registry: Registry) -> Iterator[Diagnostic]:
    if name in PERFORMERS:
        scorers = ", ".join(f"`{scorer}`" for scorer in BUILTIN["scorer"] if scorer not in PERFORMERS)
        yield error("unknown-scorer", f"there is no scorer `{name}`", hint=f"there are {scorers}")
    elif name not in BUILTIN["scorer"]:
        try:
            registry.scorer(name)
        except Problem as problem:
            yield problem.diagnostics[0]
