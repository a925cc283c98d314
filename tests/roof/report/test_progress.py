"""Progress: a bar on a terminal, few plain lines elsewhere, silence when asked or when nothing renders."""

import io
import os
import re
import subprocess
import sys
import textwrap

import pytest

from calotype.ground.events import Event, Events
from calotype.roof.report.progress import Tally, progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def xterm(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def render(number):
    return {"action": "render", "key": f"k{number}", "target": f"exercises/chin_tuck/{number:02}"}


def show(stream, count=3, seconds=1.0, failing=(), start=1000.0, **options):
    """A build of `count` renders that each take `seconds`, told to a display on `stream`."""
    at = start
    with progress(stream=stream, **options) as listener:
        listener(Event("build.started", at, {}))
        listener(Event("plan.ready", at, {"renders": count, "seconds": count * seconds}))
        for number in range(count):
            listener(Event("action.started", at, render(number)))
            at += seconds
            if number in failing:
                listener(Event("action.failed", at, {**render(number), "message": "no [red]paint[/]"}))
            else:
                listener(Event("action.finished", at, {**render(number), "seconds": seconds}))
        listener(Event("build.finished", at, {}))
    return stream.getvalue()


def test_plain_lines_say_what_is_to_do_and_how_far_it_is():
    assert show(io.StringIO(), 4, 3.0).splitlines() == [
        "4 images to render, about 12 s",
        "1/4, 3.0 s each, 9.0 s left: exercises/chin_tuck/00",
        "2/4, 3.0 s each, 6.0 s left: exercises/chin_tuck/01",
        "3/4, 3.0 s each, 3.0 s left: exercises/chin_tuck/02",
        "4/4, 3.0 s each: exercises/chin_tuck/03",
    ]


def test_what_is_to_be_paid_is_said_before_it_is_paid():
    stream = io.StringIO()
    with progress(stream=stream) as listener:
        listener(Event("plan.ready", 0.0, {
            "renders": 16, "actions": {"render": 16, "enhance": 4}, "expected": {"render": 160.0}, "price": 0.6,
            "currency": "USD"}))
    assert stream.getvalue() == "16 images to render, 4 prompts to enhance, 0.60 USD, about 2 min 40 s\n"


def test_plain_lines_of_a_fast_build_are_few():
    assert len(show(io.StringIO(), 1000, 0.01).splitlines()) <= 6


def test_plain_lines_of_a_long_build_are_a_few_hundred():
    assert 50 < len(show(io.StringIO(), 20_000, 5.0).splitlines()) < 500


def test_verbose_gives_each_picture_a_line():
    lines = show(io.StringIO(), 3, 0.1, verbose=True).splitlines()
    assert lines[1:] == [f"render exercises/chin_tuck/0{number} (0.1 s)" for number in range(3)]


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_quiet_shows_nothing(stream):
    assert show(stream(), failing=[1], quiet=True) == ""


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_failure_is_told_at_once_and_in_its_own_words(stream):
    text = show(stream(), failing=[1])
    assert "failed exercises/chin_tuck/01: no [red]paint[/]" in text


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_what_fails_a_thousand_times_is_told_of_the_first_few(stream):
    text = show(stream(), 1000, 0.01, failing=range(1000))
    assert text.count("failed exercises/") == 3 and text.count("fail alike are counted at the end") == 1
    assert show(stream(), 50, 0.01, failing=range(50), verbose=True).count("failed exercises/") == 50


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_build_without_renders_shows_nothing(stream):
    assert show(stream(), 0) == ""


def test_a_terminal_gets_a_bar_that_is_gone_at_the_end():
    text = show(Terminal(), 3)
    assert "━" in text and "exercises/chin_tuck/" in text
    assert text.endswith("\x1b[1A\x1b[2K")


def test_no_color_is_obeyed(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    colours = re.findall(r"\x1b\[([0-9;]*)m", show(Terminal(), 3, failing=[1]))
    assert not [code for code in colours if re.search(r"(^|;)(3[0-7]|9[0-7]|4[0-7])(;|$)", code)]


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines(monkeypatch, term):
    monkeypatch.setenv("TERM", term)
    text = show(Terminal(), 3, 5.0)
    assert "\x1b" not in text and "3/3" in text


@pytest.mark.parametrize("columns", ["1", "10", "400"])
def test_a_terminal_of_any_width_will_do(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    assert show(Terminal(), 3)


def test_a_stream_that_is_closed_meanwhile_ends_nothing():
    stream = io.StringIO()
    with progress(stream=stream) as listener:
        events = Events(listener)
        events.emit("plan.ready", renders=1)
        stream.close()
        events.emit("note", message="nobody hears this")


def test_renders_that_the_plan_could_not_count_are_counted():
    tally = Tally()
    tally.hear(Event("plan.ready", 0.0, {"renders": 1, "seconds": 1.0}))
    for number in range(3):
        tally.hear(Event("action.started", 1.0, render(number)))
    assert tally.total == 3 and tally.current == "exercises/chin_tuck/00"
    tally.hear(Event("action.finished", 2.0, {**render(0), "seconds": 1.0}))
    assert tally.current == "exercises/chin_tuck/01"


def test_time_left_is_the_estimate_until_something_is_known():
    tally = Tally()
    assert tally.left(0.0) is None
    tally.hear(Event("plan.ready", 0.0, {"renders": 4, "seconds": 40.0}))
    assert tally.left(0.0) == 40.0
    tally.hear(Event("action.started", 0.0, render(0)))
    assert tally.left(5.0) == 35.0
    tally.hear(Event("action.finished", 5.0, {**render(0), "seconds": 5.0}))
    assert tally.left(5.0) == 15.0


def test_rich_is_imported_for_a_bar_alone():
    code = """
        import io, sys
        from calotype.ground.events import Events
        from calotype.roof.report.progress import progress
        with progress(stream=io.StringIO()) as listener:
            events = Events(listener)
            events.emit("plan.ready", renders=1)
            events.emit("action.started", action="render", key="k", target="t")
        sys.exit("rich" in sys.modules)
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(code)], env=os.environ).returncode == 0


def test_the_steps_of_a_render_in_work_are_shown_and_count():
    tally = Tally()
    tally.hear(Event("plan.ready", 0.0, {"renders": 2}))
    tally.hear(Event("action.started", 0.0, render(1)))
    tally.hear(Event("model.loading", 0.0, {"name": "base", "bytes": 7_000_000_000}))
    assert tally.current == "loading base"
    tally.hear(Event("model.loaded", 1.0, {"name": "base", "seconds": 1.0}))
    tally.hear(Event("render.step", 2.0, {"step": 15, "steps": 30, "images": 1}))
    assert (tally.current, tally.complete) == ("exercises/chin_tuck/01 step 15/30", 0.5)
    tally.hear(Event("action.finished", 3.0, {**render(1), "seconds": 3.0}))
    assert (tally.current, tally.complete) == ("", 1.0)


def test_the_loading_of_a_large_model_is_told_in_a_line_that_of_a_small_one_is_not():
    stream = io.StringIO()
    with progress(stream=stream) as listener:
        listener(Event("model.loading", 0.0, {"name": "base", "bytes": 6_940_000_000}))
        listener(Event("model.loading", 0.0, {"name": "luca.safetensors", "bytes": 45_000_000}))
        listener(Event("render.step", 1.0, {"step": 1, "steps": 30, "images": 1}))
    assert stream.getvalue().splitlines() == ["loading base (6.9 GB)"]


def trained(stream, steps=1200, seconds=1.0, start=1000.0):
    """A training of `steps` that each take `seconds`, told to a display on `stream`."""
    target = {"action": "train", "key": "k", "target": "characters/luca/lora"}
    with progress(stream=stream) as listener:
        listener(Event("action.started", start, target))
        for step in range(1, steps + 1):
            listener(Event("train.step", start + step * seconds, {"step": step, "steps": steps, "loss": 0.125}))
        listener(Event("action.finished", start + steps * seconds, {**target, "seconds": steps * seconds}))
    return stream.getvalue()


def test_a_training_tells_its_steps_its_loss_and_how_long_it_will_take():
    lines = trained(io.StringIO()).splitlines()
    assert 5 < len(lines) < 300
    assert any(line.startswith("characters/luca/lora step ") and ", loss 0.125, " in line and line.endswith(" left") for line in lines)


def test_a_training_fills_its_bar_step_by_step():
    tally = Tally()
    tally.hear(Event("action.started", 1000.0, {"action": "train", "key": "k", "target": "characters/luca/lora"}))
    tally.hear(Event("train.step", 1010.0, {"step": 1, "steps": 4, "loss": 0.5}))
    tally.hear(Event("train.step", 1020.0, {"step": 2, "steps": 4, "loss": 0.25}))
    assert (tally.complete, tally.total) == (0.5, 1)
    assert tally.current == "characters/luca/lora step 2/4, loss 0.25, 20 s left"


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_what_a_plug_in_says_of_its_failure_commands_no_terminal_and_no_workflow(stream):
    message = "no\x1b]0;title\x07 paint\n::error::found\x00"
    shown = stream()
    with progress(stream=shown) as listener:
        listener(Event("plan.ready", 1.0, {"renders": 1, "seconds": 1.0}))
        if stream is io.StringIO:
            listener(Event("action.started", 1.0, render(1)))
        listener(Event("action.failed", 2.0, {**render(1), "message": message}))
    assert not {"\x1b", "\x07", "\x00"} & set(shown.getvalue()) and "\n::error" not in shown.getvalue()
