"""Lettering in a picture: captions, labels, signatures, watermarks. Must not know what the picture was to show.

An optical reader finds and reads it: rapidocr, whose wheel carries the ONNX models of PP-OCRv6 (Apache-2.0), on
onnxruntime, on the CPU with one thread. They are read where the package is installed, and never fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.weights import PACKAGE, Model
from calotype.workers.judge.paper import on_white
from calotype.workers.protocol import Cancel, Estimate, Inputs, Request, Scored, open_input

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

    from calotype.language.image import Image

MODELS: Mapping[str, str] = {
    "detector": "PP-OCRv6_det_small.onnx",
    "direction": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "reader": "PP-OCRv6_rec_small.onnx",
}
"""What finds lines of lettering, tells which way up they are, and reads them."""
PACKAGES, INSTALL = ("rapidocr", "onnxruntime"), "pip install 'calotype[text]'"

HALF_CLEAN = 0.02
"""The share of the picture under lettering that scores 50: a line as wide as the picture and 1/50 as high."""
CONFIDENT, LETTERS = 0.7, 3
"""What counts as lettering: so sure a reading, 0-1, of so many letters or digits. In drawings the detector takes hands,
joints and whole figures for lettering, and the reader makes of each one or two characters, some of them surely."""
SETTINGS: Mapping[str, Any] = {
    "Global.log_level": "critical", "Global.text_score": 0.0, "Global.min_side_len": 30, "Global.max_side_len": 2000,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1, "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "EngineConfig.onnxruntime.use_cuda": False, "EngineConfig.onnxruntime.use_dml": False,
    "Det.limit_side_len": 736, "Det.limit_type": "min", "Det.thresh": 0.3, "Det.box_thresh": 0.5,
    "Det.unclip_ratio": 1.6, "Rec.rec_batch_num": 1,
}
"""Of rapidocr: those of its defaults that decide what is found, and what keeps it quiet and the same every time."""

STRIP = 4
"""A picture is read as one that is at most so many times as long as it is wide."""

Corners = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of lettering: what it says, how sure the reader is (0-1), and its four corners in pixels, in order."""

    text: str
    confidence: float
    corners: Corners

    @property
    def counts(self) -> bool:
        return self.confidence >= CONFIDENT and sum(map(str.isalnum, self.text)) >= LETTERS

    @property
    def told(self) -> Mapping[str, Any]:
        """As JSON."""
        corners = [list(corner) for corner in self.corners]
        return {"text": self.text, "confidence": round(self.confidence, 3), "corners": corners}

    @property
    def area(self) -> float:
        """In square pixels, by the shoelace formula."""
        edges = zip(self.corners, (*self.corners[1:], self.corners[0]), strict=True)
        return abs(sum(x * below - right * y for (x, y), (right, below) in edges)) / 2


class Text:
    """It only orders candidates: a name on a shirt or a clock on the wall may be what was asked for."""

    name = "text"
    epoch = 1

    def __init__(self) -> None:
        self._lock = Lock()
        self._reader: Any = None
        self._read_by: Mapping[str, str] = {}

    def request(self, image: Image, pixels: str) -> Request:
        weights = {role: image.weights(Model(f"{PACKAGE}rapidocr/models/{name}")) for role, name in MODELS.items()}
        return {"scorer": self.name, "epoch": self.epoch, "pixels": pixels, "weights": weights}

    def affinity(self, request: Request) -> tuple[str, ...]:
        return (self.name, *sorted(request["weights"].values()))

    def estimate(self, request: Request) -> Estimate:
        return Estimate(seconds=0.5)

    def unavailable_reason(self) -> tuple[str, str] | None:
        lacking = [name for name in PACKAGES if find_spec(name) is None]
        return (f"`{lacking[0]}` is not installed", INSTALL) if lacking else None

    def perform(self, batch: Sequence[Request], inputs: Inputs, cancel: Cancel) -> Iterator[Scored]:
        for index, request in enumerate(batch):
            if cancel():
                return
            picture = on_white(open_input(inputs, request["pixels"]))
            yield score(self._lines(picture, request["weights"], inputs), picture.size, index)

    def _lines(self, picture: Pixels, weights: Mapping[str, str], inputs: Inputs) -> list[Line]:
        """By the models of these digests. One picture at a time: the reader keeps state while it reads."""
        with self._lock:
            if self._read_by != weights:
                self._reader = load({role: inputs[digest] for role, digest in weights.items()})
                self._read_by = dict(weights)
            return lines(self._reader, picture)


def score(found: Iterable[Line], size: tuple[int, int], index: int = 0) -> Scored:
    """100 / (1 + a / HALF_CLEAN), where a is the share of the picture, 0-1, under the lines that count: 100 where there
    are none.

    The parts are that share in per cent, `area`, and how many lines they are, `boxes`; the facts what `lines` say, how
    surely, and where.
    """
    counted = [line for line in found if line.counts]
    share = min(1.0, sum(line.area for line in counted) / (size[0] * size[1]))
    parts = {"area": round(100 * share, 3), "boxes": float(len(counted))}
    return Scored(index, round(100 / (1 + share / HALF_CLEAN), 3), parts, {"lines": [line.told for line in counted]})


def load(weights: Mapping[str, Path]) -> Any:
    """The reader whose models are the files of MODELS' roles. With a path for each, rapidocr looks for no other."""
    from rapidocr import RapidOCR

    paths = {"Det.model_path": weights["detector"], "Cls.model_path": weights["direction"],
             "Rec.model_path": weights["reader"]}
    return RapidOCR(params={**SETTINGS, **{name: str(path) for name, path in paths.items()}})


def lines(reader: Any, picture: Pixels) -> list[Line]:
    """All that `reader` takes for lettering in an RGB picture, from above and from the left."""
    import numpy

    read = reader(numpy.ascontiguousarray(numpy.asarray(_no_strip(picture))[:, :, ::-1]))  # as OpenCV has it: BGR
    if getattr(read, "boxes", None) is None or getattr(read, "txts", None) is None:
        return []
    return [Line(str(text), float(confidence), tuple((round(float(x)), round(float(y))) for x, y in box))
            for text, confidence, box in zip(read.txts, read.scores, read.boxes, strict=True)]


def _no_strip(picture: Pixels) -> Pixels:
    """The picture with white paper at its right or below it, where it is a strip that the reader cannot shrink."""
    from PIL import Image

    least = max(picture.size) // STRIP
    if min(picture.size) >= least:
        return picture
    paper = Image.new("RGB", (max(picture.width, least), max(picture.height, least)), "white")
    paper.paste(picture)
    return paper
