"""A renderer for tests: plain colours, a note of every picture it begins, and bad manners when it is asked for them.

It obeys the folder named by CALOTYPE_PAINTER: `painted` there gets a line for each picture painted, and
`orders.json` maps a word of a prompt to what befalls its picture, with `*` for every picture.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from calotype.language.image import Image
from calotype.workers.protocol import Estimate, Failure, Rendered, Request


class Painter:
    name, epoch = "painter", 1
    exact = True

    def configure(self, settings: Mapping[str, Any], tell: Callable[..., None]) -> None:
        self.tell = tell

    def request(self, image: Image) -> Request:
        start = image.reference.pixels if image.reference else None
        return {"renderer": self.name, "epoch": self.epoch, "seed": image.seed, "size": list(image.size),
                "prompt": image.words().prompt, "posture": image.posture, "preset": dict(image.preset), "start": start}

    def affinity(self, request: Request) -> tuple[str, ...]:
        return (self.name,)

    def estimate(self, request: Request) -> Estimate:
        return Estimate(0.001)

    def perform(
        self, batch: Sequence[Request], inputs: Mapping[str, Path], cancel: Callable[[], bool]
    ) -> Iterator[Rendered | Failure]:
        for index, request in enumerate(batch):
            if cancel():
                return
            yield self._paint(index, request)

    def _paint(self, index: int, request: Request) -> Any:
        from PIL import Image as Pixels

        name = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
        order = _order(request["prompt"])
        if order.get("note", True):
            _note(name)
        if "say" in order:
            print(order["say"], flush=True)
            self.tell("note", message=order["say"])
        if _deaths() < order.get("deaths", 0):
            (_desk() / "deaths").write_text(str(_deaths() + 1))
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(order.get("seconds", 0))
        if order.get("do") in MANNERS:
            return MANNERS[order["do"]](index)
        colour = tuple(os.urandom(3) if order.get("do") == "vary" else bytes.fromhex(name[:6]))
        if order.get("do") == "noise":
            width, height = request["size"]
            noise = random.Random(name).randbytes(width * height * 3)
            return Rendered(index, Pixels.frombytes("RGB", (width, height), noise), {})
        picture = Pixels.new("RGB", tuple(request["size"]), colour)
        picture.paste(colour[::-1], (0, 0, 8, 8))
        return Rendered(index, picture, {})


def _order(prompt: str) -> dict[str, Any]:
    try:
        orders = json.loads((_desk() / "orders.json").read_text())
    except OSError:
        return {}
    return {key: value for word, order in orders.items() if word == "*" or word in prompt
            for key, value in order.items()}


def _note(name: str) -> None:
    """One line, by one write, to one file: whole, whoever else writes there and whenever this process is killed."""
    handle = os.open(_desk() / "painted", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    os.write(handle, f"{os.getpid()} {name}\n".encode())
    os.close(handle)


def _deaths() -> int:
    """How often this renderer has ended its process."""
    file = _desk() / "deaths"
    return int(file.read_text()) if file.exists() else 0


def _desk() -> Path:
    return Path(os.environ["CALOTYPE_PAINTER"])


def _raise(index: int) -> Any:
    raise RuntimeError("the brush broke")


def _vanish(index: int) -> Any:
    raise SystemExit(7)


def _nan(index: int) -> Any:
    from PIL import Image as Pixels

    picture = Pixels.new("RGB", (16, 16))
    picture._size = (math.nan, math.nan)
    return Rendered(index, picture, {})


def _empty(index: int) -> Any:
    from PIL import Image as Pixels

    return Rendered(index, Pixels.new("RGB", (0, 0)), {})


def _deep(index: int) -> Any:
    from PIL import Image as Pixels

    return Rendered(index, Pixels.new("F", (16, 16)), {})


MANNERS: dict[str, Callable[[int], Any]] = {
    "fail": lambda index: Failure(index, "no paint", "buy some"),
    "raise": _raise,
    "exit": _vanish,
    "garbage": lambda index: "a picture, honestly",
    "none": lambda index: None,
    "no pixels": lambda index: Rendered(index, b"\x89PNG", {}),
    "nan size": _nan,
    "empty": _empty,
    "floats": _deep,
    "nan facts": lambda index: Rendered(index, __import__("PIL.Image").Image.new("L", (16, 16)), {"seconds": math.nan}),
    "wrong index": lambda index: Failure(index + 1000, "not mine"),
}
