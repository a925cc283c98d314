"""What the file of a LoRA is, by its header: whole, and of which rank. No tensor is loaded."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from calotype.ground.atomic import stage_bytes
from calotype.models.weights_proof import NOTES, rows_of

_FIRST = re.compile(r"(lora_A|lora_down|\.lora\.down)(\.default)?(\.weight)?$")


def rank_of(data: bytes, scratch: Path) -> int:
    """The rank of most layers of the LoRA that `data` is. Raises ValueError, in words that go on from its name, for
    what is no safetensors file, not a whole one, or no LoRA."""
    place = stage_bytes(scratch, data, durable=False)
    try:
        rows: dict[str, Any] = rows_of(place)
    finally:
        place.unlink(missing_ok=True)
    shapes = [row.get("shape") for name, row in rows.items() if name != NOTES and _FIRST.search(name)]
    ranks = Counter(shape[0] for shape in shapes if isinstance(shape, list) and shape and type(shape[0]) is int)
    if not ranks:
        raise ValueError("is no LoRA")
    return int(ranks.most_common(1)[0][0])
