"""Libraries silenced: their progress bars, their warnings, and their telemetry."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@contextmanager
def quiet() -> Iterator[None]:
    """Within it nothing of diffusers, transformers or peft reaches the terminal but what they raise.

    Their warnings are for those who write pipelines; what a user must know we find out ourselves.
    """
    _hush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@cache
def _hush() -> None:
    """Once per process, before the first of them is imported."""
    import logging

    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import diffusers.utils.logging as diffusers
        import transformers.utils.logging as transformers
    for library in (diffusers, transformers):
        library.set_verbosity_error()
        library.disable_progress_bar()
    for name in ("diffusers", "transformers", "peft", "accelerate", "compel"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
