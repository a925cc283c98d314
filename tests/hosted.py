"""What tests of the hosted renderer share: a project whose pictures are made by the server of `fal_server`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conftest import Run, Space
from fal_server import KEY, Fal, serving

ENDPOINTS = "text: fal-ai/flux/dev, image: fal-ai/flux/dev/image-to-image"
CONFIG = """\
version: 1
renderer: hosted
defaults: {{size: [32, 32]}}
scoring: {{weights: {{technical: 1}}}}
hosted: {{endpoints: {{{endpoints}}}, delay: 0, timeout: {timeout}, {more}}}
"""


@dataclass(frozen=True)
class Hosted(Space):
    """A project and the server that its pictures are bought from."""

    fal: Fal | None = None

    def configure(self, more: str = "wait: 30", endpoints: str = ENDPOINTS, timeout: float = 20) -> None:
        """`timeout` is long enough for a machine that is busy; the server hangs for 1.5 seconds."""
        self.write("calotype.yaml", CONFIG.format(endpoints=endpoints, more=more, timeout=timeout))

    def exercise(self, *images: str, name: str = "nod") -> None:
        """Each image is what its flow mapping holds beside view, position and description."""
        rows = "".join(f"  - {{view_angle: lateral, body_position: standing, description: up, {image}}}\n" for image in images)
        self.write(f"specs/exercises/{name}.yaml", f"kind: exercise\nid: {name}\nregion: neck\ntitle: Nod\nimages:\n{rows}")

    def build(self, *words: str) -> Run:
        return self.call("build", "--json", *words)

    def reason(self, done: Run, target: str = "exercises/nod/01") -> str:
        return next(str(row["reason"]) for row in done.json["targets"] if row["target"] == target)

    @property
    def journal(self) -> list[dict[str, Any]]:
        data = (self.root / "cache/hosted.jsonl").read_bytes()
        return [json.loads(line) for line in data[:data.rfind(b"\n") + 1].splitlines()]

    @property
    def events(self) -> list[str]:
        return [event["event"] for event in self.journal]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fal]:
    with serving(tmp_path_factory.mktemp("fal")) as fal:
        yield fal


@pytest.fixture
def hosted(service: Fal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hosted:
    """An empty project, and a server that has taken nothing yet."""
    service.reset()
    at_home(service, monkeypatch)
    root = tmp_path / "project"
    root.mkdir()
    project = Hosted(root, fal=service)
    project.configure()
    return project


def at_home(fal: Fal, monkeypatch: pytest.MonkeyPatch) -> None:
    """fal_client asks this server, here and in every process started from here, and asks again without delay."""
    monkeypatch.setenv("FAL_KEY", KEY)
    monkeypatch.setenv("FAL_QUEUE_RUN_HOST", fal.host)
    monkeypatch.setenv("FAL_RUN_HOST", fal.host)
    monkeypatch.setenv("SSL_CERT_FILE", str(fal.authority))
    import fal_client.client

    monkeypatch.setattr(fal_client.client, "QUEUE_URL_FORMAT", f"https://{fal.host}/")
    monkeypatch.setattr(fal_client.client, "REST_URL", f"https://{fal.host}")
    monkeypatch.setattr(fal_client.client, "CDN_URL", f"https://{fal.host}")
    from calotype.workers.render.hosted import hosted_training, picture_orders

    monkeypatch.setattr(hosted_training, "POLL", 0.02)

    monkeypatch.setattr(picture_orders, "PAUSE", 0.02)
    monkeypatch.setattr(picture_orders, "POLL", 0.02)
