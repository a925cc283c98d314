"""A batch from pictures to scores: each picture decoded once, each model taken up once, failures request by request."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem
from calotype.ground.images import as_input
from calotype.workers.accelerator import free_memory, is_out_of_memory
from calotype.workers.guarded import words_of
from calotype.workers.judge.calibration import CALIBRATIONS
from calotype.workers.judge.panel.formulas import clip_score, pick_score
from calotype.workers.judge.panel.loading import quiet
from calotype.workers.judge.panel.panel_models import Key, Loaded, PanelModels, key_of, remember
from calotype.workers.protocol import Failure, InputGone, Request, Scored, open_input

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

DECODED = 256 * 1024**2
"""Bytes of decoded pictures that are held at once."""
CALL = 16
"""Pictures of one call, where calls take several."""
TOO_LARGE = "say `models: {device: cpu}`, or name a smaller model for the scorer"
REPORT = "check the model: calotype models verify"

Rows = Sequence[tuple[int, Request]]
"""Requests, each with its place in the batch."""


class Batch:
    def __init__(self, models: PanelModels, inputs: Mapping[str, Path], cancel: Callable[[], bool]) -> None:
        self._models, self._inputs, self._cancel = models, inputs, cancel
        self._pictures: dict[str, Pixels] = {}
        self._gone: InputGone | None = None

    def score(self, requests: Sequence[Request]) -> Iterator[Scored | Failure]:
        """The outcomes, model by model. Raises the first InputGone when all that could be scored is."""
        self._models.begin({_key(request) for request in requests})
        for rows in self._decoded(requests):
            by_model: dict[Key, list[tuple[int, Request]]] = {}
            for index, request in rows:
                by_model.setdefault(_key(request), []).append((index, request))
            for same in by_model.values():
                if self._cancel():
                    return
                yield from self._with_model(same)
            self._pictures.clear()
        if self._gone is not None:
            raise self._gone

    def _decoded(self, requests: Sequence[Request]) -> Iterator[Rows]:
        """Requests whose pictures are at hand, all of one picture together, as many as memory is set aside for."""
        by_picture: dict[str, list[tuple[int, Request]]] = {}
        for index, request in enumerate(requests):
            by_picture.setdefault(request["pixels"], []).append((index, request))
        rows: list[tuple[int, Request]] = []
        held = 0
        for pixels, same in by_picture.items():
            try:
                picture = self._pictures[pixels] = self._models.decoded(
                    pixels, lambda pixels=pixels: as_input(open_input(self._inputs, pixels)))  # type: ignore[misc]
            except InputGone as gone:
                self._gone = self._gone or gone
                continue
            rows += same
            held += 3 * picture.width * picture.height
            if held > DECODED:
                yield rows
                rows, held = [], 0
        if rows:
            yield rows

    def _with_model(self, rows: Rows) -> Iterator[Scored | Failure]:
        """The outcomes of requests of one model."""
        first = rows[0][1]
        try:
            loaded = self._models.model(_kind(first), first["model"], self._inputs)
            if _kind(first) == "clip" and not self._models.settings.deterministic:
                self._embed_together(loaded, [request["pixels"] for _, request in rows])
        except Exception as failure:
            yield from (self._failed(index, request, failure) for index, request in rows)
            return
        for index, request in rows:
            if self._cancel():
                return
            yield self._scored(index, request, loaded)
        self._models.done(_key(first))

    def _scored(self, index: int, request: Request, loaded: Loaded) -> Scored | Failure:
        try:
            raw, facts = self._tried(loaded, lambda: self._raw(request, loaded))
        except Exception as failure:
            return self._failed(index, request, failure)
        if not math.isfinite(raw):
            return Failure(index, f"the scorer `{request['scorer']}` gives no number for it", REPORT)
        total = CALIBRATIONS[request["calibration"]].score(raw)
        return Scored(index, total, {"raw": round(raw, 6)}, {"device": str(loaded.device), **_versions(), **facts})

    def _tried(self, loaded: Loaded, work: Callable[[], Any]) -> Any:
        """What `work` gives; on the CPU, where the device runs out of memory."""
        import torch

        try:
            with quiet(), torch.inference_mode():
                return work()
        except (RuntimeError, MemoryError) as failure:
            if not is_out_of_memory(failure):
                raise
            del failure  # its traceback holds the tensors that were too many
        free_memory(self._models.room.device)
        if not self._models.to_cpu(loaded):
            raise MemoryError
        return self._tried(loaded, work)

    def _raw(self, request: Request, loaded: Loaded) -> tuple[float, dict[str, Any]]:
        """The raw score, and what is worth recording of how it was made."""
        scorer, pixels = request["scorer"], request["pixels"]
        if scorer == "vqa":
            self._models.counts["questions"] += 1
            tokens, limit = loaded.part.tokens(request["text"])
            chance = loaded.part.yes(self._pictures[pixels], request["text"], loaded.device)
            return chance, self._unread(request, tokens, limit)
        embedding = self._embedded(loaded, [pixels])[0]
        if scorer == "aesthetic":
            return self._models.head(request["model"]["head"], self._inputs).score(embedding), {}
        text = self._text(loaded, request["text"])
        unread = self._unread(request, loaded.part.tokens(request["text"]), loaded.part.limit)
        if scorer == "pick":
            return pick_score(text, embedding, loaded.part.scale), unread
        return clip_score(text, embedding), unread

    def _embed_together(self, loaded: Loaded, pixels: Sequence[str]) -> None:
        unknown = [each for each in dict.fromkeys(pixels) if each not in loaded.pictures]
        for first in range(0, len(unknown), CALL):
            self._tried(loaded, lambda first=first: self._embedded(loaded, unknown[first:first + CALL]))  # type: ignore[misc]

    def _embedded(self, loaded: Loaded, pixels: Sequence[str]) -> list[tuple[float, ...]]:
        """The embeddings of pictures; those that are not known yet by one call."""
        unknown = [each for each in pixels if each not in loaded.pictures]
        if unknown:
            made = loaded.part.pictures([self._pictures[each] for each in unknown], loaded.device)
            self._models.counts["picture embeddings"] += len(unknown)
            for name, embedding in zip(unknown, made, strict=True):
                remember(loaded.pictures, name, embedding)
        return [loaded.pictures[each] for each in pixels]

    def _text(self, loaded: Loaded, text: str) -> tuple[float, ...]:
        if text not in loaded.texts:
            remember(loaded.texts, text, loaded.part.text(text, loaded.device))
            self._models.counts["text embeddings"] += 1
        return loaded.texts[text]

    def _unread(self, request: Request, tokens: int, limit: int | None) -> dict[str, Any]:
        """Of a text that is longer than what is read of it, both in tokens; people are told."""
        if limit is None or tokens <= limit:
            return {}
        self._models.note(f"the scorer `{request['scorer']}` reads {limit} of {tokens} tokens of "
                          f"`{request['text'][:40]}...`: what stands beyond counts for nothing")
        return {"tokens": tokens, "tokens_read": limit}

    def _failed(self, index: int, request: Request, failure: Exception) -> Failure:
        scorer = request["scorer"]
        if isinstance(failure, Problem) and failure.diagnostics:
            first = failure.diagnostics[0]
            return Failure(index, f"the scorer `{scorer}`: {first.message}", first.hint)
        if is_out_of_memory(failure):
            return Failure(index, f"the scorer `{scorer}` ran out of memory", TOO_LARGE)
        weights = self._inputs.get(request["model"]["weights"])
        with_model = f" with `{weights.name}`" if weights is not None else ""
        return Failure(index, f"the scorer `{scorer}` failed{with_model}: {words_of(failure)}", REPORT)


def _kind(request: Request) -> str:
    """What the model of a request is read as: scorers that read a CLIP share it."""
    return "vqa" if request["scorer"] == "vqa" else "clip"


def _key(request: Request) -> Key:
    return key_of(_kind(request), request["model"])


@cache
def _versions() -> dict[str, Any]:
    from importlib.metadata import PackageNotFoundError, version

    versions = {}
    for name in ("torch", "transformers", "open_clip_torch"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {"versions": versions}
