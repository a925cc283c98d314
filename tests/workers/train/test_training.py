"""A LoRA is trained: it learns, it goes on after a kill as if nothing had been, and what goes wrong is told in words."""

from __future__ import annotations

import math
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

import sdxl
import tiny
import training
from calotype.workers.render.diffusers.errors import Cancelled, Refused
from calotype.workers.train.training_loop import Diverged, TrainingLoop

BLUE, RED = (26, 45, 188), (255, 20, 20)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return training.write_set(tmp_path_factory.mktemp("pictures") / "images")


@pytest.fixture(scope="module")
def whole(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The LoRA of a training that nothing disturbed."""
    return training.trained(training.job(pictures), tmp_path_factory.mktemp("whole") / "checkpoint").lora


class Blue:
    """A tiny base model that draws blue: its U-Net has learnt nothing else, and its VAE's latents have the spread that
    SDXL's have."""

    def __init__(self, folder: Path) -> None:
        import diffusers

        tiny.base(folder, seed=1)
        self.place = folder
        self.pipe = diffusers.StableDiffusionXLPipeline.from_pretrained(folder)
        shades = [self._seen((20 + 4 * (n % 4), 40 + 5 * (n % 3), 200 - 6 * (n % 5))) for n in range(20)]
        both = torch.cat([*shades, *[self._seen(RED)] * len(shades)])
        self.mean, self.spread = both.mean((0, 2, 3)), 2 * (both - both.mean(0)).std((0, 2, 3))
        vae = self.pipe.vae
        vae.register_to_config(
            latents_mean=self.mean.tolist(), latents_std=(self.spread * vae.config.scaling_factor).tolist())
        self._learn(torch.cat([self._scaled(latents) for latents in shades]))
        tiny._save(self.pipe, folder)

    def latents(self, colour: tuple[int, int, int]) -> torch.Tensor:
        return self._scaled(self._seen(colour))

    def along(self, lora: Path | None = None) -> list[float]:
        """How far on the way from blue (0) to red (1) four pictures are, in latents."""
        self.pipe.unload_lora_weights()
        if lora is not None:
            self.pipe.load_lora_weights(lora)
        self.pipe.set_progress_bar_config(disable=True)
        drawn = self.pipe(
            "luca, a figure standing", height=64, width=64, num_inference_steps=10, guidance_scale=1.0,
            num_images_per_prompt=4, generator=[torch.Generator().manual_seed(n) for n in range(4)],
            output_type="latent").images
        blue, way = self.latents(BLUE), self.latents(RED) - self.latents(BLUE)
        return (((drawn - blue) * way).sum((1, 2, 3)) / (way * way).sum()).tolist()

    def _seen(self, colour: tuple[int, int, int]) -> torch.Tensor:
        with torch.no_grad():
            samples = self.pipe.image_processor.preprocess(Image.new("RGB", (64, 64), colour))
            return self.pipe.vae.encode(samples).latent_dist.mode()

    def _scaled(self, latents: torch.Tensor) -> torch.Tensor:
        return (latents - self.mean.view(1, 4, 1, 1)) / self.spread.view(1, 4, 1, 1)

    def _learn(self, latents: torch.Tensor, steps: int = 300, batch: int = 8) -> None:
        from diffusers import DDPMScheduler

        unet, chance = self.pipe.unet.train(), torch.Generator().manual_seed(0)
        noising = DDPMScheduler.from_config(self.pipe.scheduler.config)
        optimizer = torch.optim.AdamW(unet.parameters(), lr=2e-3)
        with torch.no_grad():
            texts, _, pooled, _ = self.pipe.encode_prompt("a figure standing", do_classifier_free_guidance=False)
        added = {"text_embeds": pooled.expand(batch, -1), "time_ids": torch.tensor([[64.0, 64, 0, 0, 64, 64]] * batch)}
        for _ in range(steps):
            chosen = latents[torch.randint(0, len(latents), (batch,), generator=chance)]
            noise = torch.randn(chosen.shape, generator=chance)
            times = torch.randint(0, 1000, (batch,), generator=chance)
            said = unet(noising.add_noise(chosen, noise, times), times, texts.expand(batch, -1, -1),
                        added_cond_kwargs=added, return_dict=False)[0]
            torch.nn.functional.mse_loss(said, noise).backward()
            optimizer.step()
            optimizer.zero_grad()
        unet.eval()


@pytest.mark.filterwarnings("ignore")
def test_a_colour_is_learnt_from_eight_pictures(tmp_path: Path) -> None:
    blue = Blue(tmp_path / "base")
    pictures = training.write_set(tmp_path / "images", count=8, colour=RED)
    made, idle = (
        training.trained(training.job(pictures, steps=400, rank=16, learning_rate=rate, checkpoint_every=200),
                         tmp_path / f"checkpoint {rate}", inputs={**sdxl.inputs(), sdxl.digest("base"): blue.place})
        for rate in (3e-3, 1e-30))
    quarters = [sum(made.record["losses"][n:n + 100]) / sum(idle.record["losses"][n:n + 100]) for n in range(0, 400, 100)]
    assert quarters[0] < 0.95 and quarters[-1] < 0.8, f"of the loss of a model that learns nothing: {quarters}"
    (tmp_path / "red.safetensors").write_bytes(made.lora)
    before, after = blue.along(), blue.along(tmp_path / "red.safetensors")
    assert all(place < 0.3 for place in before), before
    assert all(place > 0.45 for place in after), after


def test_a_training_gives_the_same_bytes_again_whatever_was_drawn_before(pictures: Path, whole: bytes, tmp_path: Path) -> None:
    torch.manual_seed(99)
    state = torch.random.get_rng_state()
    assert training.trained(training.job(pictures), tmp_path / "checkpoint").lora == whole
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize("change", [{"steps": 5}, {"rank": 8}, {"alpha": 2.0}, {"learning_rate": 2e-3}, {"seed": 4}])
def test_what_decides_the_lora_gives_another(pictures: Path, whole: bytes, tmp_path: Path, change: dict[str, Any]) -> None:
    assert training.trained(training.job(pictures, **change), tmp_path / "checkpoint").lora != whole


def test_how_often_is_kept_decides_nothing(pictures: Path, whole: bytes, tmp_path: Path) -> None:
    assert training.trained(training.job(pictures, checkpoint_every=100), tmp_path / "checkpoint").lora == whole


PROGRAM = """
import sys, warnings
warnings.simplefilter("ignore")
import training
from pathlib import Path
training.trained(training.job(Path(sys.argv[1])), Path(sys.argv[2]))
"""


@pytest.mark.parametrize("instant", ["atomic.staged:3", "atomic.renamed:2"])
def test_killed_and_resumed_it_ends_in_the_same_bytes(pictures: Path, whole: bytes, tmp_path: Path, instant: str) -> None:
    """Steps are kept at 0, 2, 4 and 6: killed as step 4 is about to be kept, and when step 2 just was."""
    checkpoint = tmp_path / "checkpoint"
    paths = os.pathsep.join(str(Path(__file__).parents[2] / place) for place in ("", "../src"))
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(pictures), str(checkpoint)], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": paths, "CALOTYPE_KILL_AT": instant})
    assert ended.returncode == -9, ended.stderr
    assert len(load_file(checkpoint)["losses"]) == 2
    steps = Steps()
    made = training.trained(training.job(pictures), checkpoint, tell=steps)
    assert steps.numbers == [3, 4, 5, 6]
    assert made.lora == whole and len(made.record["losses"]) == 6


class Steps:
    """Hears what a training tells."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.numbers: list[int] = []
        self.notes: list[str] = []
        self._last = stop_after

    def __call__(self, kind: str, /, **fields: Any) -> None:
        if kind == "train.step":
            assert fields["steps"] == 6 and math.isfinite(fields["loss"])
            self.numbers.append(fields["step"])
        elif kind == "note":
            self.notes.append(fields["message"])

    def cancelled(self) -> bool:
        return self._last is not None and len(self.numbers) >= self._last


def test_a_training_that_is_stopped_keeps_its_last_step(pictures: Path, whole: bytes, tmp_path: Path) -> None:
    stopped, resumed = Steps(stop_after=3), Steps()
    with pytest.raises(Cancelled):
        training.trained(training.job(pictures), tmp_path / "checkpoint", stopped.cancelled, stopped)
    made = training.trained(training.job(pictures), tmp_path / "checkpoint", tell=resumed)
    assert made.lora == whole
    assert stopped.numbers + resumed.numbers in ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 4, 5, 6])
    assert any("goes on after step" in note for note in resumed.notes)


def test_a_training_that_ended_is_not_done_again(pictures: Path, whole: bytes, tmp_path: Path) -> None:
    training.trained(training.job(pictures), tmp_path / "checkpoint")
    steps = Steps()
    assert training.trained(training.job(pictures), tmp_path / "checkpoint", tell=steps).lora == whole
    assert steps.numbers == []


def test_what_another_training_or_damage_left_is_not_gone_on_with(pictures: Path, whole: bytes, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint"
    training.trained(training.job(pictures, seed=5), checkpoint)
    assert training.trained(training.job(pictures), checkpoint).lora == whole
    checkpoint.write_bytes(checkpoint.read_bytes()[:-7])
    assert training.trained(training.job(pictures), checkpoint).lora == whole


def test_another_caption_or_picture_begins_anew(pictures: Path, tmp_path: Path) -> None:
    folder = training.write_set(tmp_path / "images")
    first = training.trained(training.job(folder), tmp_path / "checkpoint")
    (folder / "03.txt").write_text("luca, seated", encoding="utf-8")
    second = training.trained(training.job(folder), tmp_path / "checkpoint")
    Image.new("RGB", (64, 64), "navy").save(folder / "03.png")
    third = training.trained(training.job(folder), tmp_path / "checkpoint")
    assert len({made.record["set"] for made in (first, second, third)}) == 3
    assert len({made.lora for made in (first, second, third)}) == 3


def test_a_training_that_leaves_the_numbers_ends_with_an_error_and_keeps_nothing(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(Diverged, match=r"at step [2-6]: its loss is NaN or infinite") as refused:
        training.trained(training.job(pictures, learning_rate=1e30), tmp_path / "checkpoint")
    assert "learning_rate" in str(refused.value.hint)
    assert not (tmp_path / "checkpoint").exists()


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_disk_without_room_is_told_before_the_first_step(pictures: Path, tmp_path: Path) -> None:
    steps = Steps()
    with files_of_at_most(10_000), pytest.raises(Refused, match="cannot be kept") as refused:
        training.trained(training.job(pictures), tmp_path / "checkpoint", tell=steps)
    assert "make room" in str(refused.value.hint)
    assert steps.numbers == [] and list(tmp_path.iterdir()) == []


def test_where_memory_runs_short_a_step_is_taken_again_with_less_of_it(
    pictures: Path, whole: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory_for(monkeypatch, lambda unet: unet.is_gradient_checkpointing)
    steps = Steps()
    assert training.trained(training.job(pictures), tmp_path / "checkpoint", tell=steps).lora == whole
    assert any("memory ran short" in note for note in steps.notes)


def test_where_memory_never_suffices_it_is_told(pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory_for(monkeypatch, lambda unet: False)
    with pytest.raises(Refused, match="cpu ran out of memory") as refused:
        training.trained(training.job(pictures), tmp_path / "checkpoint")
    assert "resolution" in str(refused.value.hint)


def memory_for(monkeypatch: pytest.MonkeyPatch, suffices: Any) -> None:
    taken = TrainingLoop._loss

    def loss(loop: TrainingLoop, example: Any, number: int) -> Any:
        if not suffices(loop._unet):
            raise torch.OutOfMemoryError("CUDA out of memory")
        return taken(loop, example, number)

    monkeypatch.setattr(TrainingLoop, "_loss", loss)


@pytest.mark.parametrize(("name", "content", "says"), [
    ("03.txt", None, "the caption `03.txt` cannot be read"),
    ("03.txt", b"\xff\xfe", "the caption `03.txt` cannot be read: it is no UTF-8"),
])
def test_a_caption_that_is_none_is_told(tmp_path: Path, name: str, content: bytes | None, says: str) -> None:
    folder = training.write_set(tmp_path / "images")
    (folder / name).unlink() if content is None else (folder / name).write_bytes(content)
    with pytest.raises(Refused, match=says):
        training.trained(training.job(folder), tmp_path / "checkpoint")


def test_a_folder_without_pictures_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder, says in ((tmp_path / "empty", "no pictures in `empty`"), (tmp_path / "none", "cannot be read")):
        with pytest.raises(Refused, match=says):
            training.trained(training.job(folder), tmp_path / "checkpoint")


def test_the_record_says_what_was_done(pictures: Path, tmp_path: Path) -> None:
    record: Mapping[str, Any] = training.trained(training.job(pictures), tmp_path / "checkpoint").record
    assert record["settings"]["alpha"] == 4.0 and record["pictures"] == 8 and record["seconds"] > 0
    assert record["device"] == "cpu" and record["dtype"] == "float32" and record["peak_vram"] is None
    assert {"torch", "diffusers", "peft"} <= record["versions"].keys() and len(record["losses"]) == 6
