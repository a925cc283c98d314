"""The one lookup: what is known of an action by its key, and where its bytes are. Must not know what any action does.

Three tiers answer, in this order where they disagree: what is published (`Published`, the manifest), the local caches,
and, where there is one, a remote. Whether a result is known and whether its bytes can be had are two questions: a key
that depends on an action needs its output alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from calotype.ground.light_dataclass import dataclass
from calotype.store.action_cache import ActionCache, Result, Row
from calotype.store.cas import Cas


@dataclass(frozen=True, slots=True)
class Made:
    """What is known of a finished action. `output` is what keys of dependants hold: a pixel digest, a text, a number.

    `blob` is the digest of the file it left, where that is known; `at_hand` says whether those bytes can be had, `path`
    the published file that holds them (relative to the project), `local` whether the local action cache was seen to
    have a row.
    """

    output: str
    blob: str | None = None
    at_hand: bool = False
    path: str | None = None
    local: bool = True

    @property
    def pixels(self) -> str:
        """The output of an action that made a picture."""
        return self.output


class Record(NamedTuple):
    """What is published of one action: its output and, of a picture that stands, the file's digest and its path.
    `proved`: the file was just read, and shows these pixels."""

    output: str
    blob: str | None = None
    path: str | None = None
    proved: bool = False


LineRecords = Mapping[str, Sequence[Record]]
"""What a target's own published line says, by key."""


class Published(Protocol):
    """The published tier, as `project` hands it down."""

    def records(self, key: str) -> Sequence[Record]:
        """What all lines say of `key`."""
        ...

    def file(self, path: str, blob: str, pixels: str) -> Path | None:
        """The published file at `path`, if it holds the bytes `blob` still, or others that show the same `pixels`."""
        ...


class Results:
    """Results of every kind of action. Raises OSError where the disk refuses."""

    def __init__(self, cas: Cas, cache: ActionCache, published: Published) -> None:
        self._cas, self._cache, self._published = cas, cache, published

    def get_many(self, keys: Iterable[str], line: LineRecords, *, bytes_first: bool = False) -> dict[str, Made]:
        """What is known of each key of which anything is known.

        The published output counts. With `bytes_first`, of several results one whose bytes can be had counts before
        any other: a picture that lost is replaced by one made here, since no line promises its bytes.
        """
        distinct = list(dict.fromkeys(keys))
        rows = self._cache.get_many(distinct)
        choose = self._with_bytes if bytes_first else self._as_published
        answers = ((key, choose(key, line.get(key, ()), self._local(rows.get(key)))) for key in distinct)
        return {key: made for key, made in answers if made is not None}

    def outputs(self, keys: Iterable[str], line: LineRecords) -> dict[str, Made]:
        """As `get_many`, of actions that leave no file: for what the `line` tells, no cache is asked."""
        distinct = list(dict.fromkeys(keys))
        told = {key: Made(line[key][0].output, local=False) for key in distinct if line.get(key)}
        rest = [key for key in distinct if key not in told]
        return told | self.get_many(rest, line) if rest else told

    def holds_all(self, keys: Iterable[str]) -> bool:
        """Whether the local action cache has a row for each of them."""
        distinct = set(keys)
        return self._cache.get_many(distinct).keys() == distinct

    def local(self, key: str) -> Made | None:
        """What the local caches alone hold of a key."""
        return self._local(self._cache.get(key))

    def blobs(self, keys: Iterable[str]) -> set[str]:
        """The blobs that local results of `keys` name."""
        made = map(self._local, self._cache.get_many(keys).values())
        return {result.blob for result in made if result is not None and result.blob is not None}

    def place(self, made: Made) -> Path | None:
        """The file that holds the bytes: a blob of the CAS, else the published file. None where they are gone."""
        if made.blob is None:
            return None
        if self._cas.has(made.blob):
            return self._cas.path(made.blob)
        return self._published.file(made.path, made.blob, made.output) if made.path is not None else None

    def sound_place(self, made: Made) -> Path | None:
        """As `place`, with a blob proved by its digest first: one that was damaged is put aside."""
        self.discard(made)
        return self.place(made)

    def discard(self, made: Made) -> bool:
        """Whether the bytes are gone, or turn out to be damaged and are put aside."""
        if made.blob is None:
            return True
        if self._cas.has(made.blob):
            return self._cas.get(made.blob) is None
        return self.place(made) is None

    def record(self, rows: Sequence[Row]) -> None:
        """Makes results durable after the blobs that they name, which were put into the CAS before.

        The first result of a key stands, as long as its bytes are there.
        """
        self._cas.sync()
        standing = self._cache.get_many(key for key, *_ in rows)
        lost = [key for key, *_, outputs, _ in rows if self._is_lost(standing.get(key), outputs)]
        if lost:
            self._cache.remove(lost)
        self._cache.put_many(rows)

    def _is_lost(self, result: Result | None, outputs: Mapping[str, object]) -> bool:
        if result is None or "blob" not in outputs:
            return False
        blob = result.outputs.get("blob")
        return blob is None or not self._cas.has(str(blob))

    def _with_bytes(self, key: str, line: Sequence[Record], local: Made | None) -> Made | None:
        mine = [self._recorded(record, local) for record in line]
        if mine and mine[0].at_hand:
            return mine[0]
        if local is not None and local.at_hand and not mine:
            return local
        others = [self._recorded(record, local) for record in self._published.records(key)]
        every = [*others, *mine, *([local] if local is not None else [])]
        return next((made for made in every if made.at_hand), every[0] if every else None)

    def _as_published(self, key: str, line: Sequence[Record], local: Made | None) -> Made | None:
        record = next(iter(line or self._published.records(key)), None)
        if record is None or (local is not None and local.output == record.output):
            return local
        return Made(record.output, record.blob, path=record.path, local=local is not None)

    def _recorded(self, record: Record, local: Made | None) -> Made:
        """A picture that stands is its file; of one that lost the line tells the output alone."""
        if record.blob is None:
            return local or Made(record.output, local=False)
        assert record.path is not None
        at_hand = record.proved or self._cas.has(record.blob) or (
            self._published.file(record.path, record.blob, record.output) is not None)
        return Made(record.output, record.blob, at_hand, record.path, local is not None)

    def _local(self, result: Result | None) -> Made | None:
        if result is None:
            return None
        outputs = result.outputs
        blob = str(outputs["blob"]) if "blob" in outputs else None
        return Made(_output(outputs), blob, blob is not None and self._cas.has(blob))


def _output(outputs: Mapping[str, object]) -> str:
    """What keys of dependants hold of a result: its pixel digest, else its text, else its number."""
    given = outputs.get("pixels") or outputs.get("output")
    return str(given) if given is not None else repr(outputs.get("score"))
