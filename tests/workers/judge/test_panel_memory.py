"""The panel and the renderer never hold more memory than a device has: what is short of it waits on the CPU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import sdxl
import tiny_judges as judges
from calotype.ground.images import digest_of
from calotype.workers.accelerator import HOLDERS, Holders
from calotype.workers.judge.panel import Panel, panel_models
from calotype.workers.judge.panel.panel_models import WORK, PanelModels, Room
from calotype.workers.protocol import Failure, Scored
from calotype.workers.render.diffusers import Diffusers

SCORERS = ("pick", "clip", "vqa", "aesthetic")
COUNT = 3


@dataclass
class Card:
    """A device of `limit` bytes beyond what a call takes, of which a renderer holds `renderer`. It is the CPU under
    another name, so what it computes is the same."""

    limit: float
    renderer: float = 0
    busy: bool = False
    asked: int = 0
    most: float = 0
    held: set[int] = field(default_factory=set)

    def room(self, device: Any, models: list[PanelModels]) -> Room:
        def used() -> float:
            loaded = [each for panel in models for each in panel._loaded.values() if each.device == device]
            self.held.add(len(loaded))
            amount = self.renderer + sum(each.size for each in loaded)
            self.most = max(self.most, amount)
            assert amount <= self.limit
            return amount

        def ask() -> bool:
            self.asked += 1
            freed, self.renderer = (False, self.renderer) if self.busy else (self.renderer > 0, 0)
            return freed

        return Room(device, lambda: self.limit - used() + WORK, ask)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {**judges.inputs(), **judges.stored(judges.drawings(COUNT), tmp_path_factory.mktemp("pictures"))}


@pytest.fixture(scope="module")
def requests() -> list[Any]:
    return [judges.request(scorer, digest_of(picture)) for picture in judges.drawings(COUNT) for scorer in SCORERS]


@pytest.fixture(scope="module")
def expected(places, requests) -> list[Scored]:
    return judges.scores(judges.panel(), requests, places)


@pytest.fixture(scope="module")
def sizes(places, requests) -> list[int]:
    """Bytes of each of the four models, the largest last."""
    worker = judges.panel()
    judges.scores(worker, requests, places)
    return sorted(loaded.size for loaded in worker._models._loaded.values())


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A panel on a card."""
    import torch

    def panel_on(card: Card) -> tuple[Panel, list[str]]:
        notes: list[str] = []
        worker = Panel()
        worker.configure({}, lambda kind, **fields: notes.append(fields.get("message", kind)))
        models: list[PanelModels] = []
        room = card.room(torch.device("cpu:0"), models)
        monkeypatch.setattr(panel_models.Room, "of", classmethod(lambda cls, name: room))
        models.append(worker._ready())
        return worker, notes

    yield panel_on


def test_on_a_card_with_room_all_models_stay_there(on, places, requests, expected, sizes):
    card = Card(sum(sizes))
    worker, notes = on(card)
    for _ in range(2):
        assert totals(judges.scores(worker, requests, places)) == totals(expected)
    assert worker.counts["moves"] == 4
    assert card.asked == 0 and not [note for note in notes if "CPU" in note]


def test_on_a_card_with_room_for_one_model_they_take_turns(on, places, requests, expected, sizes):
    card = Card(sizes[-1])
    worker, notes = on(card)
    assert totals(judges.scores(worker, requests, places)) == totals(expected)
    assert card.most <= sizes[-1] and max(card.held) == 1
    assert not [note for note in notes if "CPU" in note]


def test_a_renderer_that_is_not_at_work_lets_go_of_the_card(on, places, requests, expected, sizes):
    card = Card(sum(sizes), renderer=sum(sizes))
    worker, _ = on(card)
    assert totals(judges.scores(worker, requests, places)) == totals(expected)
    assert card.asked == 1 and card.renderer == 0


def test_beside_a_renderer_at_work_they_compute_on_the_cpu(on, places, requests, expected, sizes):
    card = Card(sum(sizes), renderer=sum(sizes), busy=True)
    worker, notes = on(card)
    outcomes = judges.scores(worker, requests, places)
    assert totals(outcomes) == totals(expected)
    assert {outcome.facts["device"] for outcome in outcomes} == {"cpu"}
    assert len([note for note in notes if "no room" in note]) == 4
    card.busy = False
    assert {outcome.facts["device"] for outcome in judges.scores(worker, requests, places)} == {"cpu:0"}


def test_a_model_that_does_not_fit_computes_on_the_cpu_and_the_others_do_not(on, places, requests, expected, sizes):
    worker, _ = on(Card(sizes[-1] - 1))
    outcomes = judges.scores(worker, requests, places)
    assert totals(outcomes) == totals(expected)
    devices = {request["scorer"]: outcome.facts["device"] for request, outcome in zip(requests, outcomes, strict=True)}
    assert sorted(devices.values()) == ["cpu", "cpu:0", "cpu:0", "cpu:0"]


def test_memory_that_runs_out_at_work_moves_the_model_to_the_cpu(on, places, requests, expected, sizes, monkeypatch):
    import torch

    worker, notes = on(Card(sum(sizes)))
    models = worker._ready()
    folder = judges.models() / "pick"
    models.begin(())
    part = models.model("clip", {"weights": judges.digest(folder)}, places).part
    pictures = part.pictures

    def short(each: Any, device: Any) -> Any:
        if device == models.room.device:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return pictures(each, device)

    monkeypatch.setattr(part, "pictures", short)
    assert totals(judges.scores(worker, requests, places)) == totals(expected)
    assert [note for note in notes if "ran short" in note]


def test_memory_that_runs_out_on_the_way_to_the_card_leaves_the_model_on_the_cpu(
    on, places, requests, expected, sizes, monkeypatch
):
    """The room was there when it was looked for, and another program took it."""
    import torch

    worker, notes = on(Card(sum(sizes)))
    device = worker._ready().room.device
    to = torch.nn.Module.to

    def short(module: Any, *target: Any, **how: Any) -> Any:
        if device not in target:
            return to(module, *target, **how)
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(torch.nn.Module, "to", short)
    outcomes = judges.scores(worker, requests, places)
    assert totals(outcomes) == totals(expected)
    assert {outcome.facts["device"] for outcome in outcomes} == {"cpu"}
    judges.scores(worker, requests, places)
    assert len([note for note in notes if "ran short" in note]) == 1
    monkeypatch.undo()
    assert {outcome.facts["device"] for outcome in judges.scores(worker, requests, places)} == {str(device)}


def test_memory_that_is_too_short_everywhere_is_told_of_that_scorer(on, places, requests, sizes, monkeypatch):
    worker, _ = on(Card(sum(sizes)))
    models = worker._ready()
    models.begin(())
    part = models.model("clip", {"weights": judges.digest(judges.models() / "pick")}, places).part

    def short(each: Any, device: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(part, "pictures", short)
    outcomes = judges.scores(worker, requests, places)
    failed = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    assert {outcome.message for outcome in failed} == {"the scorer `pick` ran out of memory"}
    assert len(failed) == COUNT


def test_a_panel_at_rest_lets_go_of_the_card_and_goes_back(on, places, requests, expected, sizes):
    worker, _ = on(Card(sum(sizes)))
    judges.scores(worker, requests, places)
    loads = worker.counts["loads"]
    assert worker.let_go()
    assert not worker.let_go()
    outcomes = judges.scores(worker, requests, places)
    assert totals(outcomes) == totals(expected) and worker.counts["loads"] == loads
    assert {outcome.facts["device"] for outcome in outcomes} == {"cpu:0"}


def test_a_panel_at_work_lets_go_of_nothing(on, places, requests, sizes):
    worker, _ = on(Card(sum(sizes)))
    outcomes = worker.perform(requests, places, lambda: False)
    next(outcomes)
    assert not worker.let_go()
    outcomes.close()
    assert worker.let_go()


def test_a_renderer_lets_go_unless_it_is_at_work():
    renderer = Diffusers()
    renderer.configure(sdxl.SETTINGS, lambda kind, **fields: None)
    assert not renderer.let_go()
    pictures = renderer.perform([sdxl.request(), sdxl.request(seed=2)], sdxl.inputs(), lambda: False)
    first = next(pictures)
    assert renderer in HOLDERS._holders and not renderer.let_go()
    list(pictures)
    assert renderer.let_go() and not renderer.let_go()
    again, *_ = renderer.perform([sdxl.request()], sdxl.inputs(), lambda: False)
    assert again.pixels.tobytes() == first.pixels.tobytes()


def test_a_worker_that_is_gone_is_not_asked():
    class Holder:
        def let_go(self) -> bool:
            return True

    holders, holder = Holders(), Holder()
    holders.join(holder)
    assert holders.make_room()
    del holder
    assert not holders.make_room()


def test_the_default_four_take_less_than_fifteen_and_a_half_gigabytes():
    """By their architectures, without any weights: ViT-H/14, ViT-B/32, ViT-L/14 and BLIP in float32, and the work of a
    call. Beside SDXL in half precision and its work (7 + 3 GB) they do not fit into 16 GB, so they take turns there."""
    total = sum(parameters() * 4 for parameters in (pick, clip, blip, large))
    assert 7.6e9 < total < 8.0e9
    assert total + WORK < 15.5e9
    assert total + WORK + 10e9 > 16e9


def clip_of(text: dict[str, Any], vision: dict[str, Any], width: int) -> int:
    import torch
    from transformers import CLIPConfig, CLIPModel

    with torch.device("meta"):
        return CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=width)).num_parameters()


def pick() -> int:
    return clip_of({"hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16, "num_hidden_layers": 24},
                   {"hidden_size": 1280, "intermediate_size": 5120, "num_attention_heads": 16, "num_hidden_layers": 32,
                    "patch_size": 14}, 1024)


def large() -> int:
    return clip_of({"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12},
                   {"hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16, "num_hidden_layers": 24,
                    "patch_size": 14}, 768)


def clip() -> int:
    import open_clip
    import torch

    with torch.device("meta"):
        model = open_clip.model.CLIP(**open_clip.get_model_config("ViT-B-32"))
    return sum(value.numel() for value in model.parameters())


def blip() -> int:
    import torch
    from transformers import BlipConfig, BlipForQuestionAnswering

    with torch.device("meta"):
        config = BlipConfig(vision_config={"image_size": 384}, text_config={})
        return BlipForQuestionAnswering(config).num_parameters()


def totals(outcomes: list[Any]) -> list[Any]:
    return [outcome.total for outcome in outcomes]
