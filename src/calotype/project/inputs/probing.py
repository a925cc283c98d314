"""Asking for weights of which it is not sure that anybody uses them. Must not know what for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from calotype.project.inputs.digests import Inputs


@contextmanager
def probing(inputs: Inputs, *, assumes: bool) -> Iterator[None]:
    """For a block, what is asked for alone makes no weights used: its requests do, where they are made use of. Weights
    that are not here are assumed to be only where `assumes`: what nobody has named may as well be left out."""
    known, before = len(inputs.asked), inputs.assumes
    inputs.assumes = before and assumes
    try:
        yield
    finally:
        inputs.assumes = before
        if len(inputs.asked) > known:
            inputs.probed.update(list(inputs.asked)[known:])
