"""A real plug-in of three scorers for tests: one sees what the human sees, one throws dice, one is often silent."""

from __future__ import annotations

import shutil
from pathlib import Path

MODULE = '''
"""Scores by the digits of a picture's digest: what `eye` reads there is what the human of the tests looks at."""

from pathlib import Path

from calotype.workers.protocol import Estimate, Failure, Scored

ASKED = Path(__file__).with_name("asked.log")


def digits(pixels, place):
    return int(pixels[place:place + 4], 16) / 0xFFFF


class Judge:
    epoch = 1

    def request(self, image, pixels):
        return {"scorer": self.name, "epoch": 1, "pixels": pixels}

    def affinity(self, request):
        return (self.name,)

    def estimate(self, request):
        return Estimate(0.001)

    def perform(self, batch, inputs, cancel):
        for index, request in enumerate(batch):
            if cancel():
                return
            assert inputs[request["pixels"]].is_file()
            with ASKED.open("a") as log:
                log.write(f"{self.name}\\n")
            yield self.judge(index, request["pixels"])


class Eye(Judge):
    name = "eye"

    def judge(self, index, pixels):
        return Scored(index, round(100 * digits(pixels, 0), 3))


class Dice(Judge):
    name = "dice"

    def judge(self, index, pixels):
        return Scored(index, round(100 * digits(pixels, 4), 3))


class Shy(Judge):
    name = "shy"

    def judge(self, index, pixels):
        silent = digits(pixels, 8) < 0.5
        return Scored(index, None if silent else round(100 * digits(pixels, 12), 3))


class Torn(Judge):
    name = "torn"

    def judge(self, index, pixels):
        return Failure(index, "the lens is torn", "mend it")


class Lens(Judge):
    name = "lens"

    def unavailable_reason(self):
        return "there is no lens", "buy one"
'''


def install(folder: Path) -> Path:
    """Lays the distribution out in `folder`, which is then to be put on the path."""
    info = folder / "calotype_judges-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: calotype-judges\nVersion: 1.0\n")
    names = "".join(f"{name.lower()} = calotype_judges:{name}\n" for name in ("Eye", "Dice", "Shy", "Torn", "Lens"))
    (info / "entry_points.txt").write_text(f"[calotype.scorers]\n{names}")
    (folder / "calotype_judges.py").write_text(MODULE)
    return folder


def asked(folder: Path) -> list[str]:
    """The scorers that have really been asked since the last time, one name a picture."""
    log = folder / "asked.log"
    if not log.exists():
        return []
    names = log.read_text().splitlines()
    log.unlink()
    return sorted(names)


def eye(pixels: str) -> int:
    """What the human of the tests looks at."""
    return int(pixels[:4], 16)


def copied(root: Path, to: Path) -> Path:
    shutil.copytree(root, to, symlinks=True)
    return to
