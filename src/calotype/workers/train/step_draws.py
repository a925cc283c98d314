"""What chance decides in a training: from its seed and a number alone, so that it goes on anywhere as it would have.

Every draw has a generator of its own on the CPU; none is shared, none is kept.
"""

from __future__ import annotations

from typing import Any

from calotype.ground.digest import sha256


def picture_at(step: int, count: int, seed: int) -> int:
    """Which of `count` pictures the step (from 0) learns from: all of them in turn, each round in another order."""
    import torch

    rounds, place = divmod(step, count)
    return int(torch.randperm(count, generator=generator("order", seed, rounds))[place])


def time_and_noise(step: int, shape: tuple[int, ...], times: int, seed: int) -> tuple[Any, Any]:
    """The timestep, (1,) from 0 to `times` - 1, and the noise of a step: normal, float32, of `shape`."""
    import torch

    chance = generator("step", seed, step)
    time = torch.randint(0, times, (1,), generator=chance)
    return time, torch.randn(shape, generator=chance)


def generator(purpose: str, seed: int, number: int) -> Any:
    """A generator that gives the same for the same purpose, seed and number, whatever was drawn before."""
    import torch

    return torch.Generator("cpu").manual_seed(int(sha256(f"{purpose} {seed} {number}".encode())[:15], 16))
