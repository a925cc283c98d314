"""How many tokens CLIP makes of a text, and where it stops reading. Must not import a model's library: that takes
seconds.

CLIP's text encoders share one byte-pair encoding (Radford et al. 2021, after Sennrich et al. 2016); all it takes is
the list of merges, best first. A list of the model's own comes first, then the one that open_clip carries.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import groupby, pairwise
from pathlib import Path

from calotype.ground.light_dataclass import dataclass, field

BUNDLED = "bpe_simple_vocab_16e6.txt.gz"
MERGES = 49152 - 256 - 2
"""Those of CLIP's vocabulary; the list in open_clip's file goes on beyond them."""
LARGEST = 1 << 24
"""Bytes of a list of merges; CLIP's has half a million."""
LONGEST = 256
"""Letters of a word that are merged as one: the time grows by their square."""
_PIECE = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W_]+|(?:[^\w\s]|_)+", re.IGNORECASE)
_RUN = re.compile(r"\S+")
_END = "</w>"
_WORD = 6
"""Letters of a word up to which the estimate says one token; three more are another."""


@dataclass(slots=True)
class Counter:
    """Counts tokens by `ranks`, pair -> place among the merges. With None it estimates, rather too high."""

    ranks: Mapping[tuple[str, str], int] | None
    _known: dict[str, int] = field(default_factory=dict)
    _runs: dict[str, int] = field(default_factory=dict)

    @property
    def exact(self) -> bool:
        return self.ranks is not None

    def cut(self, text: str, limit: int) -> tuple[int, str]:
        """How many tokens `text` has, and its words from the first one that does not fit whole into `limit`."""
        total, start = 0, len(text)
        for run in _RUN.finditer(text):
            before, total = total, total + self._count(run[0])
            if before <= limit < total:
                start = run.start() + self._fits(run[0], limit - before)
        return total, text[start:].lstrip(" ,")

    def _fits(self, run: str, limit: int) -> int:
        """The place in `run` of its first piece that does not fit whole."""
        total = 0
        for place, piece in _pieces(run):
            total += self._tokens(piece)
            if total > limit:
                return place
        return len(run)

    def _count(self, run: str) -> int:
        """The tokens of what stands between two spaces: no piece reaches over one."""
        if run not in self._runs:
            self._runs[run] = sum(self._tokens(piece) for _, piece in _pieces(run))
        return self._runs[run]

    def _tokens(self, piece: str) -> int:
        if piece not in self._known:
            self._known[piece] = _estimated(piece) if self.ranks is None else sum(
                _merged(piece[start : start + LONGEST], self.ranks) for start in range(0, len(piece), LONGEST)
            )
        return self._known[piece]


def counter(folder: Path | None) -> Counter:
    """By the merges in a model's `folder`, where it has them, else by those of an installed open_clip, else none."""
    for path in merges(folder):
        try:
            return Counter(_ranks(path))
        except (OSError, EOFError, zlib.error, UnicodeDecodeError):
            continue
    return Counter(None)


def merges(folder: Path | None) -> Iterator[Path]:
    """The lists of merges on this machine, the model's own first."""
    of_model = folder / "tokenizer" / "merges.txt" if folder is not None else None
    yield from (path for path in (of_model, _bundled())
                if path is not None and path.is_file() and path.stat().st_size <= LARGEST)


def _bundled() -> Path | None:
    try:
        module = find_spec("open_clip")
    except (ImportError, ValueError):
        return None
    return Path(module.origin).parent / BUNDLED if module is not None and module.origin else None


def _ranks(path: Path) -> dict[tuple[str, str], int]:
    data = path.read_bytes()
    lines = (gzip.decompress(data) if path.suffix == ".gz" else data).decode().split("\n")
    merges = (line.split() for line in (lines[1:] if "#version" in lines[0] else lines)[:MERGES])
    return {(pair[0], pair[1]): rank for rank, pair in enumerate(merges) if len(pair) == 2}


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The pieces that are encoded each by itself, with their places: words, single digits, runs of other signs."""
    for match in _PIECE.finditer(text):
        piece, start = match[0].lower(), match.start()
        if not piece.isalnum() or piece.isalpha():
            yield start, piece
            continue
        for letters, run in groupby(match[0], str.isalpha):
            signs = "".join(run)
            for sign in [signs] if letters else signs:
                yield start, sign.lower()
                start += len(sign)


def _merged(piece: str, ranks: Mapping[tuple[str, str], int]) -> int:
    """How many symbols are left of a piece when no merge applies any more; the best goes first."""
    symbols = [_letters()[byte] for byte in piece.encode()]
    symbols[-1] += _END
    while len(symbols) > 1:
        best = min(pairwise(symbols), key=lambda pair: ranks.get(pair, len(ranks)))
        if best not in ranks:
            break
        symbols = _joined(symbols, best)
    return len(symbols)


def _joined(symbols: Sequence[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    for symbol in symbols:
        if joined and joined[-1] == pair[0] and symbol == pair[1]:
            joined[-1] += symbol
        else:
            joined.append(symbol)
    return joined


@cache
def _letters() -> list[str]:
    """A visible letter for each byte: its own where it has one, else one from 256 up, as GPT-2's encoding has it."""
    visible = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte if byte in visible else next(others)) for byte in range(256)]


def _estimated(piece: str) -> int:
    """At least what the encoding is likely to make of it: a wish to shorten costs less than words that are lost.

    A sign beyond ASCII takes a token for each of its bytes at worst, and breaks the word it stands in into short parts.
    """
    ascii_signs = sum(sign.isascii() for sign in piece)
    others = len(piece.encode()) - ascii_signs
    if others or not piece.isalpha():
        return max(1, others + (ascii_signs + 1) // 2)
    return 1 + max(0, -(-(len(piece) - _WORD) // 3))
