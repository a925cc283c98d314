"""The rule about strengths: what has proved itself, by the guides. Must not refuse what a schema allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.ground.troubleshooting import ANATOMY, DRIFT, STYLE, see
from calotype.language.lint.subject import Remark
from calotype.language.spec import Pointer


@dataclass(frozen=True, slots=True)
class Band:
    what: str
    low: float
    high: float
    below: str
    above: str
    heading: str = ""
    """Of the page about troubles, where a value above is one."""


IMG2IMG = Band("img2img strength", 0.3, 0.7, "the picture hardly leaves the one it starts from",
               "the character drifts; take the lowest that reaches the pose", DRIFT)
LORA = Band("LoRA weight", 0.0, 1.0, "it pushes away from what the LoRA was taught",
            "the LoRA burns in and drowns the prompt", STYLE)
CONTROL = Band("control strength", 0.3, 1.2, "the picture hardly follows the map",
               "the map's own lines show in the picture")
GUIDANCE = Band("guidance", 5.0, 12.0, "the picture hardly follows the prompt", "colours burn and anatomy breaks",
                ANATOMY)
CONTROLNET_ONLY = "controlnet"
"""The method with which a reference has no img2img strength."""


def in_spec(data: Mapping[str, Any]) -> Iterator[Remark]:
    """Every strength out of its band in a spec."""
    yield from _settings(data, ())
    for index, variation in enumerate(data.get("variations", ())):
        if "strength" in variation:
            yield from _out(variation["strength"], IMG2IMG, ("variations", index, "strength"))
    anchors = data.get("anchors", {})
    yield from _settings(anchors, ("anchors",))
    for items, at in (
        *((data.get(name, ()), (name,)) for name in ("images", "variations", "shots")),
        (anchors.get("poses", ()), ("anchors", "poses")),
    ):
        for index, item in enumerate(items):
            yield from _settings(item, (*at, index))


def in_config(data: Mapping[str, Any], guidance: bool = True) -> Iterator[Remark]:
    """Every strength out of its band in calotype.yaml; of `guidance` where the models are those that its band is of."""
    yield from _settings(data.get("defaults", {}), ("defaults",))
    groups = [("loras", "weight", LORA), ("controlnets", "strength", CONTROL)]
    for group, key, band in [*([("presets", "guidance_scale", GUIDANCE)] if guidance else []), *groups]:
        for name, values in data.get(group, {}).items():
            if key in values:
                yield from _out(values[key], band, (group, name, key))


def _settings(data: Mapping[str, Any], at: Pointer) -> Iterator[Remark]:
    reference = data.get("reference", {})
    if "strength" in reference and reference.get("method") != CONTROLNET_ONLY:
        yield from _out(reference["strength"], IMG2IMG, (*at, "reference", "strength"))
    for key, name, band in (("loras", "weight", LORA), ("controls", "strength", CONTROL)):
        for index, setting in enumerate(data.get(key, ())):
            if name in setting:
                yield from _out(setting[name], band, (*at, key, index, name))


def _out(value: float, band: Band, pointer: Pointer) -> Iterator[Remark]:
    if not band.low <= value <= band.high:
        why = band.below if value < band.low else band.above
        more = f"; {see(band.heading)}" if band.heading and value > band.high else ""
        yield Remark("strength-band", f"{band.what} {value:g} is unusual: {why}", pointer,
                     f"take {band.low:g} to {band.high:g}; if it is meant so, set `lint: {{strength-band: off}}`{more}")
