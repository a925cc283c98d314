"""The identity of a character: how it is told that a picture shows it. Must not know how pictures are compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class Identity:
    """How pictures are held against a character.

    `character` is its id, `method` names the identity method (arcface, dino, palette). `references` are what it is
    known by: paths of pictures and embeddings (.npy) in the project. `anchors` are the pixel digests of the pictures
    that stand for its anchors, which count where there are no references. `threshold` is the least similarity of a
    match, 0 to 1; None: it is calibrated on the references. `combine` says how several references count: `best` or
    `mean`. `settings` is the section `identity` of calotype.yaml.
    """

    character: str
    method: str
    references: tuple[str, ...]
    anchors: tuple[str, ...] = ()
    threshold: float | None = 0.65
    combine: str = "best"
    settings: Mapping[str, Any] = field(default_factory=dict)
