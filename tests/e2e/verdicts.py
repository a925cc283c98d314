"""Real plug-ins that judge by colour, for tests: a renderer of one colour a seed, scorers, gates, an identity method."""

from __future__ import annotations

from pathlib import Path

MODULE = '''
"""A seed is a colour: 0xRRGGBB over a fine pattern, so that no picture is blank."""

import os
from pathlib import Path

from calotype.workers.protocol import Estimate, Rendered, Scored, open_input

ASKED = Path(__file__).with_name("asked.log")


class Swatch:
    name = "swatch"
    epoch = 1

    def request(self, image):
        start = image.reference.pixels if image.reference else None
        return {"renderer": "swatch", "epoch": 1, "seed": image.seed, "size": list(image.size), "start": start}

    def affinity(self, request):
        return ("swatch",)

    def estimate(self, request):
        return Estimate(0.001)

    def perform(self, batch, inputs, cancel):
        from PIL import Image

        for index, request in enumerate(batch):
            size, seed = tuple(request["size"]), request["seed"]
            picture = Image.new("RGB", size, (seed >> 16 & 255, seed >> 8 & 255, seed & 255))
            picture.paste((128, 128, 128), (size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2))
            yield Rendered(index, picture)


class Judge:
    """What each judge has in common: it sees the colour of the corner."""
    epoch = 1

    def affinity(self, request):
        return (self.name,)

    def estimate(self, request):
        return Estimate(0.001)

    def perform(self, batch, inputs, cancel):
        for index, request in enumerate(batch):
            with ASKED.open("a") as log:
                log.write(f"{self.name} {request['pixels'][:8]}\\n")
            corner = open_input(inputs, request["pixels"]).convert("RGB").getpixel((0, 0))
            yield self.judge(index, corner, request)


class Scorer(Judge):
    def request(self, image, pixels):
        return {"scorer": self.name, "epoch": self.epoch, "pixels": pixels}


class Red(Scorer):
    name = "red"

    def judge(self, index, corner, request):
        return Scored(index, corner[0] / 2.55 // 0.001 * 0.001)


class Green(Scorer):
    """Has nothing to say of a picture without any green."""
    name = "green"

    def judge(self, index, corner, request):
        return Scored(index, corner[1] / 2.55 // 0.001 * 0.001 if corner[1] else None)


class NoBlue(Scorer):
    name = "no_blue"
    gates = True

    def judge(self, index, corner, request):
        return Scored(index, 50.0, reason="is blue all over" if corner[2] > 200 else "")


class Absent(Scorer):
    name = "absent"

    def unavailable_reason(self):
        return "eyes not installed", "pip install eyes"


class Hue(Judge):
    """How like the references a picture is in red; black does not tell."""
    name = "hue"

    def request(self, identity, image, pixels):
        references = [image.pixels(path) for path in identity.references] or list(identity.anchors)
        return {"identity": "hue", "epoch": 1, "pixels": pixels, "references": references}

    def judge(self, index, corner, request):
        if corner == (0, 0, 0):
            return Scored(index, None)
        likeness = round(corner[0] / 255, 3)
        return Scored(index, 100 * likeness, {"similarity": likeness, "own": 0.5})


class Dull(Hue):
    """As Hue, but tells a total alone; of a red that is odd it claims to be more than alike."""
    name = "dull"

    def request(self, identity, image, pixels):
        return {**super().request(identity, image, pixels), "identity": "dull"}

    def judge(self, index, corner, request):
        if corner[0] % 2:
            return Scored(index, 50.0, {"similarity": 1.5})
        return Scored(index, round(corner[0] / 2.55, 1))
'''
POINTS = """\
[calotype.renderers]
swatch = calotype_verdicts:Swatch
[calotype.scorers]
red = calotype_verdicts:Red
green = calotype_verdicts:Green
no_blue = calotype_verdicts:NoBlue
absent = calotype_verdicts:Absent
[calotype.identities]
hue = calotype_verdicts:Hue
dull = calotype_verdicts:Dull
"""


def install(folder: Path) -> Path:
    """Lays the distribution out in `folder`, which is then to be put on the path. Returns the log of what was asked."""
    info = folder / "calotype_verdicts-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: calotype-verdicts\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    (folder / "calotype_verdicts.py").write_text(MODULE)
    return folder / "asked.log"


def asked(log: Path, name: str) -> int:
    """How often a judge was really asked."""
    return log.read_text().split().count(name) if log.exists() else 0
