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
    `mean`. `written`: a spec or calotype.yaml asks for it; else it counts
    where its weights are here. `settings` is the section `identity` of calotype.yaml.
    """

    character: str
    method: str
    references: tuple[str, ...]
    anchors: tuple[str, ...] = ()
    threshold: float | None = 0.65
    combine: str = "best"
    written: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)


UNASKED = "arcface"
"""The method that holds a character with references and without `identity`."""


def identity_of(
    character: str, data: Mapping[str, Any], settings: Mapping[str, Any], target: str, content: str
) -> Identity | None:
    """How the pictures of a target are held against a character, whose spec says `data`; None where they are not: where
    the spec asks for nothing, and there are no references, or no pack to look at faces with.

    What lies among the character's own assets tells nothing of its anchors, which it may be a picture of.
    """
    own = data.get("identity")
    references = tuple((own or {}).get("references") or data.get("references", ()))
    if own is None and not (references and ("method" in settings or "pack" in settings)):
        return None
    if target.startswith(f"characters/{character}/anchors/"):
        references = tuple(path for path in references if not path.startswith(f"{content}/"))
    said = {**settings, **(own or {})}
    threshold = said["threshold"]
    return Identity(
        character, said.get("method", UNASKED), references, threshold=None if threshold == "auto" else float(threshold),
        combine=said["combine"], written=own is not None, settings=settings)
