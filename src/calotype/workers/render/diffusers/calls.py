"""One call of a pipeline, of whichever kind the family of its model has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from calotype.workers.protocol import Request
from calotype.workers.render.diffusers.families import of_request
from calotype.workers.render.diffusers.families.sdxl import Sdxl
from calotype.workers.render.diffusers.flow.flow_call import FlowCall
from calotype.workers.render.diffusers.flow.flow_family import FlowFamily
from calotype.workers.render.diffusers.session import Session
from calotype.workers.render.diffusers.unet.call import Call


class PicturesCall(Protocol):
    """A call for requests of one shape."""

    def pictures(self) -> tuple[list[Any], list[bool]]:
        """The pictures, and of each whether it had to be decoded in float32. Raises Refused or Cancelled."""
        ...

    def tokens(self) -> list[int]:
        """How long the texts of each request are, in tokens: one call takes only texts of one length."""
        ...


def call_for(
    session: Session, requests: Sequence[Request], inputs: Mapping[str, Path], cancel: Callable[[], bool]
) -> PicturesCall:
    family = of_request(requests[0])
    if isinstance(family, FlowFamily):
        return FlowCall(family, session, requests, inputs, cancel)
    assert isinstance(family, Sdxl)
    return Call(family, session, requests, inputs, cancel)
