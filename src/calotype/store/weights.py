"""Where the weights of a model lie on this machine, and their digest. Must not know what a model is for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from calotype.ground.digest import canonical_json, sha256


def watched(root: Path, name: str, revision: str | None) -> list[str]:
    """Paths, absolute or in the project, whose change may mean that `locate` finds something else."""
    return [name]


def locate(root: Path, name: str, revision: str | None) -> Path | None:
    place = root / name
    return place if place.exists() else None


def parts(place: Path, variant: str | None) -> list[str]:
    if place.is_file():
        return [""]
    return sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())


def digest(place: Path, variant: str | None, digest_of: Callable[[Path], str | None]) -> str:
    if place.is_file():
        return str(digest_of(place))
    return sha256(canonical_json({part: digest_of(place / part) for part in parts(place, variant)}))


def size_of(name: str, variant: str | None) -> int | None:
    """Bytes of a model that is not here, where that is known."""
    return None
