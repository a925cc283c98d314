"""What draws is silenced: diffusers, and what it stands on."""

from __future__ import annotations

from contextlib import AbstractContextManager

from calotype.workers.silence import silence


def quiet() -> AbstractContextManager[None]:
    """Within it nothing of diffusers, transformers or peft reaches the terminal but what they raise."""
    return silence("diffusers", "transformers", "peft", "accelerate", "compel")
