"""A batch from first to last: calls of fitting size, and failures image by image."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.ground.troubleshooting import OUT_OF_MEMORY, see
from calotype.workers.accelerator import HOLDERS, free_memory, is_out_of_memory
from calotype.workers.protocol import Failure, Rendered, Request
from calotype.workers.render.diffusers import decode, facts
from calotype.workers.render.diffusers.affinity import shape_of
from calotype.workers.render.diffusers.calls import PicturesCall, call_for
from calotype.workers.render.diffusers.errors import Cancelled, Refused
from calotype.workers.render.diffusers.quiet import quiet
from calotype.workers.render.diffusers.session import Session

TOO_LARGE = "try a smaller `size`, `models: {memory: low}`, or the preset low_vram; " + see(OUT_OF_MEMORY)
UNSAFE = ("the safety checker holds the picture for unsafe",
          "try another seed or other words, or leave `safety_checker` out of `models`")


@dataclass(frozen=True)
class Unit:
    """What one call makes: places in the batch, and their requests."""

    places: tuple[int, ...]
    requests: tuple[Request, ...]

    def of(self, chosen: Sequence[int]) -> Unit:
        """Those of its members that are chosen by their number in it."""
        return Unit(tuple(self.places[number] for number in chosen), tuple(self.requests[number] for number in chosen))


class Batch:
    def __init__(self, session: Session, inputs: Mapping[str, Path], cancel: Callable[[], bool]) -> None:
        self._session, self._inputs, self._cancel = session, inputs, cancel

    def render(self, requests: Sequence[Request]) -> Iterator[Rendered | Failure]:
        try:
            for unit in self._units(requests):
                if self._cancel():
                    return
                yield from self._perform(unit)
        except Cancelled:
            return

    def _units(self, requests: Sequence[Request]) -> Iterator[Unit]:
        """Requests of one shape together, in their order, as many as a call takes."""
        shapes: dict[str, list[int]] = {}
        for place, request in enumerate(requests):
            shapes.setdefault(shape_of(request), []).append(place)
        for places in shapes.values():
            controls = requests[places[0]].get("controls", ())
            edits = "references" in requests[places[0]]
            alone = edits or any(control.get("mode") for control in controls)  # an edit and a union take one image
            size = 1 if alone else self._session.limit
            for first in range(0, len(places), size):
                chosen = tuple(places[first:first + size])
                yield Unit(chosen, tuple(requests[place] for place in chosen))

    def _perform(self, unit: Unit) -> Iterator[Rendered | Failure]:
        """Makes a unit; where memory runs out, with what others hold of it, then by halves, and at last with as little
        as can be."""
        began, loading, loads = time.perf_counter(), self._session.loading, self._session.counts["loads"]
        facts.reset_peak(self._session.device)
        try:
            with quiet():
                parts = self._by_length(unit)
                pictures, again = self._call(unit) if len(parts) == 1 else ([], [])
        except Refused as refused:
            yield from self._one_by_one(unit, refused)
        except (RuntimeError, MemoryError) as failure:
            if not is_out_of_memory(failure):
                raise
            del failure  # its traceback holds the tensors that were too many
            yield from self._smaller(unit)
        else:
            if len(parts) > 1:
                for part in parts:
                    yield from self._perform(part)
                return
            loaded = self._session.loading - loading
            measured = self._facts(unit, time.perf_counter() - began - loaded, loaded)
            measured["loads"] = self._session.counts["loads"] - loads
            made = zip(unit.places, pictures, again, strict=True)
            yield from (_answer(place, picture, twice, measured) for place, picture, twice in made)

    def _by_length(self, unit: Unit) -> list[Unit]:
        """The unit as one or several whose texts are of one length."""
        if len(unit.places) == 1:
            return [unit]
        lengths = self._prepared(unit).tokens()
        of_length: dict[int, list[int]] = {}
        for number, length in enumerate(lengths):
            of_length.setdefault(length, []).append(number)
        return [unit.of(numbers) for numbers in of_length.values()]

    def _prepared(self, unit: Unit) -> PicturesCall:
        return call_for(self._session, unit.requests, self._inputs, self._cancel)

    def _call(self, unit: Unit) -> tuple[list[Any], list[bool]]:
        """The pictures, None in the place of those that the safety checker holds for unsafe; and of each whether it was
        decoded in float32."""
        pictures, again = self._prepared(unit).pictures()
        checker = unit.requests[0]["models"].get("safety_checker")
        if not checker:
            return pictures, again
        unsafe = decode.unsafe(self._session.safety_checker(checker), pictures)
        return [None if refused else picture for picture, refused in zip(pictures, unsafe, strict=True)], again

    def _one_by_one(self, unit: Unit, refused: Refused) -> Iterator[Rendered | Failure]:
        """What one image of a unit is refused for is not the others' fault."""
        if len(unit.places) == 1:
            yield Failure(unit.places[0], refused.message, refused.hint)
            return
        for number in range(len(unit.places)):
            yield from self._perform(unit.of([number]))

    def _smaller(self, unit: Unit) -> Iterator[Rendered | Failure]:
        session, half = self._session, len(unit.places) // 2
        free_memory(session.device)
        if HOLDERS.make_room():
            yield from self._perform(unit)
        elif half:
            session.limit = half
            for part in (range(half), range(half, len(unit.places))):
                yield from self._perform(unit.of(part))
        elif session.lighten():
            session.settings.tell("note", message="memory ran short: parts of the model are moved in as they work")
            yield from self._perform(unit)
        else:
            yield Failure(unit.places[0], f"{session.device} ran out of memory", TOO_LARGE)

    def _facts(self, unit: Unit, seconds: float, loading: float) -> dict[str, Any]:
        session = self._session
        dtype = session.dtype(unit.requests[0]["models"]["dtype"])
        return {
            "device": facts.device_name(session.device), "dtype": str(dtype).rpartition(".")[2],
            "batch": len(unit.places), "render_seconds": round(seconds / len(unit.places), 4),
            "load_seconds": round(loading, 4), "peak_vram": facts.peak(session.device), "versions": facts.versions(),
            "low_memory": session.low_memory, **self._loras(),
        }

    def _loras(self) -> dict[str, Any]:
        """How many tensors of each LoRA act, and how many do not: a LoRA that does not fit whole is refused."""
        active = self._session.base.adapters.matched if self._session.base is not None else {}
        rows = [{"weights": digest[:10], "matched": count, "unmatched": 0} for digest, count in active.items()]
        return {"loras": rows} if rows else {}


def _answer(place: int, picture: Any, again: bool, measured: Mapping[str, Any]) -> Rendered | Failure:
    """The picture, if it is one that may be shown, and shows anything."""
    if picture is None:
        return Failure(place, *UNSAFE)
    try:
        decode.check(picture)
    except Refused as refused:
        return Failure(place, refused.message, refused.hint)
    return Rendered(place, picture, {**measured, "decoded_in_float32": again})
