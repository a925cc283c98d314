"""^C, kills and readers that do not read: whoever ends, and whenever, the other goes on and nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time

import pytest
from served import PATIENCE, Beside, beside

from survival import Studio, studio

__all__ = ["studio"]

BEND = "specs/exercises/bend.yaml"


@pytest.fixture
def bends(studio: Studio) -> Studio:
    studio.exercise("bend", "description: bend")
    return studio


def more(studio: Studio, count: int = 6, seconds: float = 0.4) -> None:
    """Adds an exercise whose images take so many seconds each."""
    studio.order(slowly={"seconds": seconds})
    studio.exercise("slow", *(f"description: slowly {number}" for number in range(count)))


def building(terminal: Beside, *words: str, **options: object) -> subprocess.Popen[bytes]:
    """A `build` of what has just been added, at work in the watch, its first picture begun."""
    before = len(terminal.studio.painted)
    more(terminal.studio)
    process = terminal.start("build", *words, **options)
    terminal.wait(lambda: len(terminal.studio.painted) > before)
    assert str(terminal.watch.pid) in (terminal.studio.notes / "painted").read_text().splitlines()[-1]
    return process


def complete(terminal: Beside, killed: int = 0) -> None:
    """The watch goes on, and everything is built, each picture once; but what was in work, or not durable yet, in
    processes of their own that were `killed`."""
    studio = terminal.studio
    studio.order()
    studio.edit(BEND, "title: bend", f"title: bend {random.random()}")
    terminal.wait(lambda: terminal.run("check").code == 0, "all is built")
    assert studio.content() == studio.clean().content()
    assert studio.repeated <= killed and not studio.leftovers("content", "cache")


def test_the_first_interrupt_finishes_the_picture_in_work_and_the_next_build_does_the_rest(bends: Studio) -> None:
    with beside(bends) as terminal:
        process = building(terminal, "-j", "1")
        process.send_signal(signal.SIGINT)
        answer = terminal.end_of(process)
        assert answer.code == 130 and answer.served
        assert b"stopping after what is being rendered now; once more to stop at once" in answer.err
        assert b"1 image rendered" in answer.out or b"2 images rendered" in answer.out
        complete(terminal)


def test_the_second_interrupt_ends_at_once_and_a_hangup_does_not_count(bends: Studio) -> None:
    with beside(bends) as terminal:
        bends.order(slowly={"seconds": 3})
        bends.exercise("slow", "description: slowly")
        process = terminal.start("build")
        terminal.wait(lambda: len(bends.painted) == 2)
        for number in (signal.SIGTERM, signal.SIGHUP):
            process.send_signal(number)
            time.sleep(0.3)
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        answer = terminal.end_of(process)
        assert time.monotonic() - begun < 2.5
        assert answer.code == 130 and answer.err.count(b"stopping after") == 1
        assert answer.err.rstrip().endswith(b"error[interrupted]: interrupted; what was finished is kept")
        complete(terminal)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_question_that_is_interrupted_ends_as_it_does_alone(bends: Studio, number: int) -> None:
    with beside(bends) as terminal:
        for pause in (0.0, 0.01, 0.02, 0.03, 0.05):
            process = terminal.start("plan", "--json")
            time.sleep(pause)
            process.send_signal(number)
            _, err = process.communicate(timeout=PATIENCE)
            begins = b"Traceback" in err and b"KeyboardInterrupt" in err  # Python itself does
            assert begins or (process.returncode in (0, 130, -number) and b"Traceback" not in err)
        terminal.wait(lambda: terminal.run("plan").served)  # the watch finishes what it has begun


def test_a_command_that_is_killed_ends_its_build_and_not_the_watch(bends: Studio) -> None:
    with beside(bends) as terminal:
        process = building(terminal, "-j", "1")
        process.kill()
        process.communicate()
        complete(terminal)
        assert terminal.watch.poll() is None


def test_a_watch_that_is_killed_leaves_the_rest_to_the_command(bends: Studio) -> None:
    with beside(bends) as terminal:
        process = building(terminal, "-q", "-j", "1")
        terminal.watch.kill()
        answer = terminal.end_of(process)
        assert answer.code == 0 and not answer.served, answer
        assert bends.content() == bends.clean().content()
        assert bends.repeated <= 3, "at most what was in work, and what was not durable yet: a second of work"


def test_a_watch_that_is_killed_in_the_midst_of_an_answer_is_told_of(bends: Studio) -> None:
    with beside(bends) as terminal:
        process = building(terminal, "-j", "1", "--json")
        terminal.watch.kill()
        answer = terminal.end_of(process)
        assert answer.code == 0 and answer.out.count(b"\n") == 1 and not answer.served, "it had not begun to answer"


def test_a_decision_whose_watch_is_killed_is_not_made_twice(bends: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    from calotype.roof.serve import client

    link = _Silent([(client.OUT, b""), (b"", b"")])
    said = []
    monkeypatch.setattr("calotype.roof.cli.entry.echo_err", said.append)
    decision, question = (client._Conversation(link, words) for words in (["pick", "a/b/c", "1"], ["build"]))  # type: ignore[arg-type]
    assert decision._deserted() == 1 and "error[watch-ended]" in said[0]
    assert question._deserted() is None
    question._print(1, b"")
    assert question._deserted() == 1, "a part of the answer has been printed"


class _Silent:
    def __init__(self, messages: list[tuple[bytes, bytes]]) -> None:
        self.messages = messages


def test_a_watch_that_is_stopped_hands_its_build_back(bends: Studio) -> None:
    with beside(bends) as terminal:
        process = building(terminal, "--json")
        terminal.watch.send_signal(signal.SIGINT)
        assert terminal.ended() == 130
        answer = terminal.end_of(process)
        assert answer.code == 0 and not answer.served and b"stopping" not in answer.err, answer
        assert "stopping; once more to stop at once" in "".join(terminal.told)
        assert bends.content() == bends.clean().content() and bends.repeated == 0


def test_a_reader_that_does_not_read_keeps_nobody(bends: Studio) -> None:
    bends.exercise("many", *(f"description: many {number}" for number in range(600)))
    with beside(bends) as terminal:
        process = terminal.start("explain", "exercises/bend/01")
        assert terminal.end_of(process).served
        slow = terminal.start("list", "--json")  # 100 kB, and nobody reads them
        time.sleep(1)
        assert slow.poll() is None
        bends.edit(BEND, "description: bend", "description: bend low")
        terminal.wait(lambda: len(bends.painted) == 602)
        terminal.wait(lambda: terminal.run("plan").served)
        out, _ = slow.communicate(timeout=PATIENCE)
        assert len(out) > 1 << 16 and slow.returncode == 0
        assert out == terminal.run("list", "--json").out
        suspended = terminal.start("list", "--json")
        terminal.wait(lambda: _bytes_to_read(suspended) > 0)
        suspended.send_signal(signal.SIGSTOP)
        terminal.wait(lambda: terminal.run("plan").served)
        suspended.kill()
        suspended.communicate()
        assert terminal.run("plan").served


def _bytes_to_read(process: subprocess.Popen[bytes]) -> int:
    import array
    import fcntl
    import termios

    count = array.array("i", [0])
    assert process.stdout is not None
    fcntl.ioctl(process.stdout, termios.FIONREAD, count)
    return count[0]


def test_many_commands_at_once_all_have_their_answers(bends: Studio) -> None:
    with beside(bends) as terminal:
        bends.edit(BEND, "description: bend", "description: bend low")
        words = [("build", "--json"), ("plan",), ("check",), ("list",), ("explain", "exercises/bend/01")] * 4
        processes = [terminal.start(*each) for each in words]
        answers = [terminal.end_of(process) for process in processes]
        assert all(answer.code in (0, 1) for answer in answers)
        assert len(bends.painted) == 2
        assert bends.content() == bends.clean().content()


def test_kills_at_random_instants_lose_nothing(bends: Studio) -> None:
    with beside(bends) as terminal:
        killed = 0
        for turn in range(6):
            bends.order(slowly={"seconds": 0.05})
            bends.exercise(f"slow{turn}", *(f"description: slowly {turn} {number}" for number in range(4)))
            process = terminal.start("build", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(random.random() * 0.5)
            how = random.choice([signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
            killed += 4 * (how == signal.SIGKILL)  # pictures: it may have been refused, and at work by itself
            process.send_signal(how)
            process.wait(PATIENCE)
        complete(terminal, killed)
        assert os.listdir(f"/proc/{terminal.watch.pid}/fd")
