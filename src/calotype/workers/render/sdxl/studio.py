"""A batch from first to last: calls of fitting size, what fails told one by one. Must not know how a picture is made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calotype.workers.render.protocol import Failure, Rendered, Request
from calotype.workers.render.sdxl import decode, facts, load
from calotype.workers.render.sdxl.call import Call
from calotype.workers.render.sdxl.errors import Cancelled, Refused
from calotype.workers.render.sdxl.quiet import quiet
from calotype.workers.render.sdxl.request import shape_of
from calotype.workers.render.sdxl.session import Session, free_memory
from calotype.workers.render.sdxl.settings import Settings

MOST = 8
"""Images in one call, at most: on a GPU larger batches gain little and cost memory."""
MOST_ON_CPU = 4
MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "failed to allocate")
TOO_LARGE = "try a smaller `size`, `models: {memory: low}`, or the preset low_vram"


@dataclass(frozen=True)
class Unit:
    """What one call makes: places in the batch, and their requests."""

    places: tuple[int, ...]
    requests: tuple[Request, ...]


class Studio:
    """Renders batches on one device. It outlives a build, and so does what it has loaded."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session: Session | None = None
        self._limit = 1

    @property
    def counts(self) -> Mapping[str, int]:
        """How often something was loaded or switched, by what."""
        session = self._session
        if session is None:
            return {}
        adapters = session.base.adapters if session.base is not None else None
        loras = {"lora loads": adapters.loads, "lora switches": adapters.switches} if adapters else {}
        return {**session.counts, **loras}

    def settle(self, settings: Settings) -> None:
        """Takes up the settings of another build; what they say otherwise of loading empties the studio."""
        if self._session is not None and not self._settings.same_loading(settings):
            self._session.forget()
            self._session = None
        self._settings = settings
        if self._session is not None:
            self._session.settings = settings

    def render(
        self, batch: Sequence[Request], inputs: Mapping[str, Path], cancel: Callable[[], bool]
    ) -> Iterator[Rendered | Failure]:
        try:
            with quiet():
                session = self._ready()
        except Refused as refused:
            yield from (Failure(place, refused.message, refused.hint) for place in range(len(batch)))
            return
        for unit in self._units(batch, session):
            if cancel():
                return
            try:
                yield from self._unit(session, unit, inputs, cancel)
            except Cancelled:
                return

    def _ready(self) -> Session:
        import torch

        if self._session is None:
            self._session = Session(self._settings)
            self._limit = 1 if self._settings.deterministic else _limit(self._session.device)
        torch.backends.cudnn.benchmark = not self._settings.deterministic
        torch.backends.cudnn.deterministic = self._settings.deterministic
        return self._session

    def _units(self, batch: Sequence[Request], session: Session) -> Iterator[Unit]:
        """Requests of one shape together, in their order, as many as a call takes."""
        limit = 1 if self._settings.deterministic else self._limit
        shapes: dict[str, list[int]] = {}
        for place, request in enumerate(batch):
            shapes.setdefault(shape_of(request), []).append(place)
        for places in shapes.values():
            alone = any(one.get("mode") for one in batch[places[0]].get("controls", ()))  # a union takes one image
            size = 1 if alone else limit
            for at in range(0, len(places), size):
                chosen = tuple(places[at:at + size])
                yield Unit(chosen, tuple(batch[place] for place in chosen))

    def _unit(
        self, session: Session, unit: Unit, inputs: Mapping[str, Path], cancel: Callable[[], bool]
    ) -> Iterator[Rendered | Failure]:
        """Makes a unit; where memory does not suffice, by halves, and at last with as little of it as can be."""
        started, loading, counted = time.perf_counter(), session.loading, session.counts.copy()
        facts.reset_peak(session.device)
        try:
            with quiet():
                pictures, again = self._call(session, unit, inputs, cancel)
        except Refused as refused:
            yield from self._alone_or_failed(session, unit, inputs, cancel, refused)
            return
        except (RuntimeError, MemoryError) as wrong:
            if not _is_memory(wrong):
                raise
            del wrong
            yield from self._smaller(session, unit, inputs, cancel)
            return
        seconds, loaded = time.perf_counter() - started, session.loading - loading
        told = {
            "device": facts.device_name(session.device), "dtype": str(session.dtype(unit.requests[0]["models"]["dtype"])),
            "batch": len(unit.places), "render_seconds": round((seconds - loaded) / len(unit.places), 4),
            "load_seconds": round(loaded, 4), "peak_vram": facts.peak(session.device), "versions": facts.versions(),
            "low_memory": session.low_memory, "loads": session.counts["loads"] - counted["loads"],
        }
        for place, picture, twice in zip(unit.places, pictures, again, strict=True):
            try:
                decode.check(picture)
            except Refused as refused:
                yield Failure(place, refused.message, refused.hint)
                continue
            yield Rendered(place, picture, {**told, "decoded_in_float32": twice})

    def _call(
        self, session: Session, unit: Unit, inputs: Mapping[str, Path], cancel: Callable[[], bool]
    ) -> tuple[list[Any], list[bool]]:
        def stepped(step: int, steps: int) -> None:
            self._settings.tell("render.step", step=step, steps=steps, images=len(unit.places))

        pictures, again = Call(session, unit.requests, inputs, cancel, stepped).pictures()
        checker = unit.requests[0]["models"].get("safety_checker")
        if checker:
            pictures = self._checked(session, checker, inputs, pictures)
        return pictures, again

    def _checked(self, session: Session, digest: str, inputs: Mapping[str, Path], pictures: list[Any]) -> list[Any]:
        from PIL import Image

        checker = load.safety_checker(inputs[digest], session.dtype("float32"))
        unsafe = decode.blanked(checker, pictures)
        return [Image.new("RGB", one.size) if bad else one for one, bad in zip(pictures, unsafe, strict=True)]

    def _alone_or_failed(
        self, session: Session, unit: Unit, inputs: Mapping[str, Path], cancel: Callable[[], bool], refused: Refused
    ) -> Iterator[Rendered | Failure]:
        """What one image of a batch is refused for is not the others' fault: they are made one by one."""
        if len(unit.places) == 1:
            yield Failure(unit.places[0], refused.message, refused.hint)
            return
        for place, request in zip(unit.places, unit.requests, strict=True):
            yield from self._unit(session, Unit((place,), (request,)), inputs, cancel)

    def _smaller(
        self, session: Session, unit: Unit, inputs: Mapping[str, Path], cancel: Callable[[], bool]
    ) -> Iterator[Rendered | Failure]:
        free_memory(session.device)
        half = len(unit.places) // 2
        if half:
            self._limit = half
            for part in (slice(None, half), slice(half, None)):
                yield from self._unit(session, Unit(unit.places[part], unit.requests[part]), inputs, cancel)
        elif session.lighten():
            self._settings.tell("note", message="memory ran short: parts of the model move to the device as they work")
            yield from self._unit(session, unit, inputs, cancel)
        else:
            yield Failure(unit.places[0], f"{session.device} ran out of memory", TOO_LARGE)


def _is_memory(wrong: BaseException) -> bool:
    import torch

    said = str(wrong).lower()
    return isinstance(wrong, MemoryError | torch.OutOfMemoryError) or any(word in said for word in MEMORY)


def _limit(device: Any) -> int:
    """How many images a call makes at first: by the memory that is free, 3 GB each at full size; a call that runs out
    of memory lowers it."""
    if device.type != "cuda":
        return MOST_ON_CPU
    import torch

    free, _ = torch.cuda.mem_get_info(device)
    return max(1, min(MOST, int((free - 8e9) / 3e9)))
