"""What chance and size decide in a training, and its curve."""

from __future__ import annotations

import io
from collections import Counter

import pytest
import torch
from PIL import Image

from calotype.workers.train import loss_curve
from calotype.workers.train.step_draws import picture_at, time_and_noise
from calotype.workers.train.training_job import TrainingSettings
from calotype.workers.train.training_pictures import scaled_size


def test_each_round_shows_every_picture_once_in_an_order_of_its_own() -> None:
    rounds = [[picture_at(step, 8, seed=1) for step in range(8 * turn, 8 * turn + 8)] for turn in range(20)]
    assert all(sorted(order) == list(range(8)) for order in rounds)
    assert len({tuple(order) for order in rounds}) > 15
    assert rounds != [[picture_at(step, 8, seed=2) for step in range(8 * turn, 8 * turn + 8)] for turn in range(20)]


def test_a_step_draws_the_same_whenever_it_is_taken() -> None:
    first = [time_and_noise(step, (1, 4, 8, 8), 1000, seed=1) for step in range(5)]
    torch.rand(7)
    again = [time_and_noise(step, (1, 4, 8, 8), 1000, seed=1) for step in reversed(range(5))]
    assert all(torch.equal(left, right) for one, other in zip(first, reversed(again), strict=True)
               for left, right in zip(one, other, strict=True))
    assert len({int(time) for time, _ in first}) > 1


def test_times_cover_the_whole_schedule() -> None:
    times = [int(time_and_noise(step, (1,), 1000, seed=1)[0]) for step in range(2000)]
    assert min(times) >= 0 and max(times) <= 999
    quarters = Counter(time // 250 for time in times)
    assert all(400 < quarters[quarter] < 600 for quarter in range(4))


@pytest.mark.parametrize(("size", "scaled"), [
    ((1024, 1024), (1024, 1024)), ((512, 512), (1024, 1024)), ((832, 1216), (832, 1216)), ((2000, 1000), (1472, 704)),
    ((4000, 10), (20480, 64)),
])
def test_pictures_keep_their_shape(size: tuple[int, int], scaled: tuple[int, int]) -> None:
    assert scaled_size(*size, 1024) == scaled


def test_alpha_is_the_rank_unless_it_is_said() -> None:
    assert TrainingSettings(rank=24).strength == 24.0
    assert TrainingSettings(rank=24, alpha=6).components()["alpha"] == 6.0
    assert "checkpoint_every" not in TrainingSettings().components()


def test_the_curve_falls_where_the_loss_does() -> None:
    losses = [1.0 - step / 400 for step in range(300)]
    picture = Image.open(io.BytesIO(loss_curve.draw(losses)))
    assert picture.size == loss_curve.SIZE
    line = [(x, y) for x in range(picture.width) for y in range(picture.height)
            if picture.getpixel((x, y)) == (0x1f, 0x5f, 0xa8)]
    left, right = min(line), max(line)
    assert right[0] - left[0] > 600 and right[1] > left[1] + 150


@pytest.mark.parametrize("losses", [[0.5], [0.0, 0.0], [0.1] * 3, [1e-9, 1e9]])
def test_any_losses_have_a_curve(losses: list[float]) -> None:
    assert loss_curve.draw(losses) == loss_curve.draw(losses)


def test_the_running_mean_is_that_of_the_steps_around() -> None:
    assert loss_curve.running_mean([1.0, 3.0]) == [1.0, 3.0]
    smooth = loss_curve.running_mean([0.0, 1.0] * 100)
    assert all(0.35 < value < 0.65 for value in smooth)
