"""Judging: what scorers cost together and one by one.

    python benchmarks/judge.py                              # every figure; some minutes
    python benchmarks/judge.py --only panel --images 200    # four scorers over 200 pictures of 1024 x 1024

`rerank`: whole `calotype plan` processes over 10,000 candidates whose scores are recorded.
`panel`: whole processes that import, load small, random models and score every picture: one with the four scorers, or
one for each. Small models show what is shared (imports, decoding, proving the pixels); what each model computes is its
own either way. Medians of paired ratios of processor time, contenders taking turns.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

SCORERS = ("pick", "clip", "vqa", "aesthetic")
BATCH = 16
PARTS = ("panel", "rerank")


def prepare(folder: Path, images: int, size: int) -> None:
    """The models, the pictures and what each scorer is asked, as `perform` reads them."""
    import shutil

    import tiny_judges
    from calotype.ground.images import digest_of

    shutil.copytree(tiny_judges.models(), folder / "models")
    pictures = tiny_judges.drawings(images, size)
    files = tiny_judges.stored(pictures, folder / "pictures")
    places = {digest: folder / "models" / place.relative_to(tiny_judges.models())
              for digest, place in tiny_judges.inputs().items()}
    requests = [dict(tiny_judges.request(scorer, digest_of(picture))) for picture in pictures for scorer in SCORERS]
    named = {digest: str(place) for digest, place in {**places, **files}.items()}
    (folder / "asked.json").write_text(json.dumps({"requests": requests, "places": named}))


def perform(folder: Path, scorers: list[str]) -> None:
    """The requests of those scorers, in batches as a build makes them; prints how often what was done."""
    from calotype.workers.judge.panel import Panel
    from calotype.workers.protocol import Scored

    asked = json.loads((folder / "asked.json").read_text())
    requests = [request for request in asked["requests"] if request["scorer"] in scorers]
    places = {digest: Path(place) for digest, place in asked["places"].items()}
    panel = Panel()
    panel.configure({"device": "cpu"}, lambda kind, **fields: None)
    for first in range(0, len(requests), BATCH):
        outcomes = list(panel.perform(requests[first:first + BATCH], places, lambda: False))
        assert all(isinstance(outcome, Scored) for outcome in outcomes), outcomes
    (folder / f"counts-{'-'.join(scorers)}.json").write_text(json.dumps(panel.counts))


def panel(images: int, size: int, rounds: int) -> None:
    from measure import Cost, interleaved, run

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(folder, images, size)

        def scoring(*scorers: str) -> Cost:
            command = [sys.executable, str(HERE / "judge.py"), "--perform", str(folder), *scorers]
            return run(command, HERE.parent, dict(os.environ))

        def one_by_one(_: int) -> Cost:
            costs = [scoring(scorer) for scorer in SCORERS]
            return Cost(sum(cost.seconds for cost in costs), sum(cost.cpu for cost in costs))

        costs = interleaved({"together": lambda _: scoring(*SCORERS), "one by one": one_by_one}, rounds)
        counts = json.loads((folder / f"counts-{'-'.join(SCORERS)}.json").read_text())
    _row(f"4 scorers together on {images} pictures of {size} x {size} / one by one, processor time", "<= 0.7x",
         _ratio(costs, "cpu"))
    _row("... wall time", "", _ratio(costs, "seconds"))
    expected = f"{images}; {3 * images}; {images}; 4"
    _row("... decodes; embeddings of pictures by three models; questions; loads", expected,
         "; ".join(str(counts[name]) for name in ("decodes", "picture embeddings", "questions", "loads")))


def rerank(candidates: int) -> None:
    from reranking import reranked

    for each in (100, 10):
        seconds, heavy = reranked(max(candidates // each, 2), each)
        _row(f"`plan` after a change of weights: {candidates} candidates of 4 scorers, {each} an image", "<= 1.5 s",
             f"{seconds:.2f} s")
        _row("... decoders and frameworks that it imports", "none", ", ".join(heavy) or "none")


def _ratio(costs: dict[str, list[Any]], kind: str) -> str:
    pairs = [(getattr(ours, kind), getattr(theirs, kind))
             for ours, theirs in zip(costs["together"], costs["one by one"], strict=True)]
    middle = statistics.median(ours / theirs for ours, theirs in pairs)
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    return f"{middle:.2f}x ({ours:.1f} s against {theirs:.1f} s)"


def _row(what: str, reach: str, measured: str) -> None:
    print(f"| {what} | {reach} | {measured} |", flush=True)


def main() -> None:
    reader = argparse.ArgumentParser(description="Figures of judging.")
    reader.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    reader.add_argument("--images", type=int, default=200)
    reader.add_argument("--size", type=int, default=1024)
    reader.add_argument("--candidates", type=int, default=10_000)
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--perform", nargs="+", metavar="FOLDER SCORER", help=argparse.SUPPRESS)
    options = reader.parse_args()
    if options.perform:
        perform(Path(options.perform[0]), options.perform[1:])
        return
    print("| what | reach | measured |\n| --- | --- | --- |")
    if "panel" in options.only:
        panel(options.images, options.size, options.rounds)
    if "rerank" in options.only:
        rerank(options.candidates)


if __name__ == "__main__":
    main()
