"""Libraries silenced: their progress bars, their warnings, and their telemetry."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_WITH_BARS = ("diffusers", "transformers")
"""Libraries that log, and show progress, by ways of their own."""


@contextmanager
def silence(*libraries: str) -> Iterator[None]:
    """Within it nothing of the `libraries` reaches the terminal but what they raise.

    Their warnings are for those who write pipelines; what a user must know we find out ourselves.
    """
    _hush(libraries)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@cache
def _hush(libraries: tuple[str, ...]) -> None:
    """Once per process, before the first of them is imported."""
    import logging
    from importlib import import_module

    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in _WITH_BARS:
            if name in libraries:
                library = import_module(f"{name}.utils.logging")
                library.set_verbosity_error()
                library.disable_progress_bar()
    for name in libraries:
        logging.getLogger(name).setLevel(logging.CRITICAL)
