"""The folders outside a project in which its weights are looked for: large files that many projects share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calotype.ground.folders import MODELS_VARIABLE, PACKS_VARIABLE


def model_folders(root: Path, models: Mapping[str, Any], packs: bool = False) -> tuple[Path, ...]:
    """Absolute, in the order in which they are looked into: `folder` of calotype.yaml's `models` (from the project, if
    it is relative), then those that CALOTYPE_MODELS lists as PATH does, then, for `packs`, where insightface keeps its
    own. Whether they are there is not asked."""
    own = [models.get("folder", ""), *os.environ.get(MODELS_VARIABLE, "").split(os.pathsep)]
    home = [os.path.join(os.environ.get(PACKS_VARIABLE) or "~/.insightface", "models")] if packs else []
    return tuple(dict.fromkeys(root / Path(folder).expanduser() for folder in [*own, *home] if folder.strip()))
