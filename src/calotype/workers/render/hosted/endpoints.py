"""What endpoints of fal take and cost: the packaged table, under what a project says of them. Prices are data, with
the date on which one was looked up at fal's page, and without where none was. Must not know how one is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

from calotype.ground.light_dataclass import dataclass

MEGAPIXEL = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How one endpoint is asked. `size`: image_size, aspect_ratio (one of `ratios`) or none; `pictures`: image_url,
    image_urls or none; `takes` what it reads beside the prompt; `arguments` what each request holds besides."""

    name: str
    size: str = "none"
    ratios: tuple[str, ...] = ()
    pictures: str = "none"
    takes: frozenset[str] = frozenset()
    arguments: Mapping[str, Any] | None = None

    @property
    def scales(self) -> bool:
        """Whether the picture that an image starts from is what tells it the size."""
        return self.pictures == "image_url" and self.size == "none"

    def ratio(self, size: tuple[int, int]) -> str:
        """Of the ratios that it takes the nearest to that of `size`: width and height."""
        return min(self.ratios, key=lambda ratio: abs(_log_ratio(*map(int, ratio.split(":"))) - _log_ratio(*size)))


@cache
def packaged() -> Mapping[str, Mapping[str, Any]]:
    """What Calotype knows of endpoints, by their names."""
    table: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return table


def endpoint(name: str, models: Mapping[str, Mapping[str, Any]]) -> Endpoint | None:
    """The endpoint `name` as it is known, with what a project's `models` say of it over that; None where neither says
    anything."""
    known, own = packaged().get(name), models.get(name)
    if known is None and own is None:
        return None
    merged = {**(known or {}), **(own or {})}
    arguments = {**(known or {}).get("arguments", {}), **(own or {}).get("arguments", {})}
    return Endpoint(name, merged.get("size", "none"), tuple(merged.get("ratios", ())), merged.get("pictures", "none"),
                    frozenset(merged.get("takes", ())), arguments)


def price_of(name: str, size: tuple[int, int] | None, prices: Mapping[str, Mapping[str, Any]]) -> float | None:
    """US dollars that one image of `name` costs; None where no price is known, or one by the megapixel of what has no
    `size`."""
    price = prices.get(name) or packaged().get(name, {}).get("price")
    if price is None:
        return None
    if "image" in price:
        return float(price["image"])
    if size is None or "megapixel" not in price:
        return None
    return float(price["megapixel"]) * ceil(size[0] * size[1] / MEGAPIXEL)


def _log_ratio(width: int, height: int) -> float:
    from math import log

    return log(width / height)
