"""What all specs share, read once: calotype.yaml, poses, characters, prompt styles. Must not know what an image needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calotype.build import sources
from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.language.config import Config, load_config
from calotype.language.load import load_spec
from calotype.language.prompt import Styles
from calotype.language.spec import Spec

