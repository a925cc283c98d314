"""A watch that is asked over the loopback, as on Windows: who does not know its token learns nothing and is not heard."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import stat
import threading
import time
from pathlib import Path

import pytest
from served import LOOPBACK, Beside, beside

from calotype.roof.serve.loopback import Handshake, connected, listening
from calotype.roof.serve.wire import ASK, GO, HEAD, KEY, message, packed
from survival import Studio, studio

__all__ = ["studio"]

BEND = "specs/exercises/bend.yaml"


@pytest.fixture
def bends(studio: Studio) -> Studio:
    studio.exercise("bend", "description: bend", "description: lean")
    return studio


def told(terminal: Beside) -> tuple[Path, int, str]:
    """The file of the watch, and the port and token that it tells."""
    path = terminal.socket
    assert path is not None and path.suffix == ".port"
    port, _, token = path.read_text().partition(" ")
    return path, int(port), token


def test_builds_edits_and_decisions_are_served_and_leave_what_a_clean_build_leaves(bends: Studio) -> None:
    with beside(bends, env=LOOPBACK) as terminal:
        for turn in range(3):
            bends.edit(BEND, "description: bend" + " low" * turn, "description: bend" + " low" * (turn + 1))
            assert terminal.run("build", "--json").code == 0
            terminal.wait(lambda: terminal.run("build").served)
        assert len(bends.painted) == 5
        assert terminal.run("approve", "exercises/bend/01").code == 0
        terminal.wait(lambda: terminal.run("check").served)
        assert terminal.end() == 130
    assert bends.repeated == 0
    shutil.rmtree(bends.root / "specs/picks")
    assert bends.call("build", "-q").code == 0
    assert bends.content() == bends.clean().content()


def test_its_file_is_this_users_alone_and_goes_with_it(bends: Studio) -> None:
    with beside(bends, env=LOOPBACK) as terminal:
        path, port, token = told(terminal)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert len(token) == 64
        path.chmod(0o640)
        assert not terminal.run("plan").served, "others could have read it"
        path.chmod(0o600)
        terminal.wait(lambda: terminal.run("plan").served)
        assert terminal.end() == 130
        assert not path.exists()
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()


@pytest.mark.parametrize("text", ["{port} " + "0" * 64, "{port} {token}00", "{port} ", "{port}", "no port {token}", "", "1 {token}"])
def test_a_wrong_token_is_refused_and_the_command_does_its_work(bends: Studio, text: str) -> None:
    with beside(bends, env=LOOPBACK) as terminal:
        path, port, token = told(terminal)
        path.write_text(text.format(port=port, token=token))
        answer = terminal.run("build")
        assert answer.code == 0 and not answer.served
        path.write_text(f"{port} {token}")
        terminal.wait(lambda: terminal.run("build").served)


def test_who_has_not_proved_that_it_knows_the_token_is_sent_away(bends: Studio) -> None:
    asked = packed(["x"] * 11, ["x"] * 7, [], ["build"])
    words = [message(ASK, asked), message(ASK, bytes(32) + asked), message(GO), message(KEY, b"short"),
             message(KEY, bytes(32)) + message(ASK, bytes(32) + asked), message(KEY, bytes(32)) * 2, os.urandom(500)]
    with beside(bends, env=LOOPBACK) as terminal:
        _, port, _ = told(terminal)
        for word in words:
            with socket.create_connection(("127.0.0.1", port), 10) as link:
                link.sendall(word)
                link.shutdown(socket.SHUT_WR)
                received = b""
                try:
                    while part := link.recv(1 << 16):
                        received += part
                except ConnectionError:
                    pass
                assert received[:1] in (b"", KEY) and len(received) <= HEAD + 64, "at most its half of the handshake"
        terminal.wait(lambda: terminal.run("build").served)


def test_who_took_the_port_of_a_killed_watch_learns_nothing(bends: Studio) -> None:
    """It would else be sent the environment, with whatever secrets stand there."""
    heard = bytearray()
    with beside(bends, env=LOOPBACK) as terminal:
        path, _, token = told(terminal)
        terminal.watch.send_signal(signal.SIGKILL)
        terminal.ended()
        with socket.create_server(("127.0.0.1", 0)) as other:
            path.write_text(f"{other.getsockname()[1]} {token}")

            def listen() -> None:
                link, _ = other.accept()
                with link:
                    heard.extend(link.recv(1 << 16))
                    link.sendall(message(KEY, os.urandom(64)))
                    while part := link.recv(1 << 16):
                        heard.extend(part)

            thread = threading.Thread(target=listen)
            thread.start()
            answer = terminal.run("build", env={"SECRET": "do not tell"})
            thread.join(30)
    assert answer.code == 0 and not answer.served
    assert len(heard) == HEAD + 32 and heard[:1] == KEY


def test_another_project_and_another_calotype_run_by_themselves(bends: Studio) -> None:
    other = bends.clean("other")
    with beside(bends, env=LOOPBACK) as terminal:
        path, _, _ = told(terminal)
        assert not terminal.run("plan", cwd=other.root).served
        status = os.stat(other.root)
        shutil.copy(path, path.with_name(f"{status.st_dev:x}-{status.st_ino:x}.port"))

        def is_told() -> bool:
            assert not terminal.run("plan", cwd=other.root).served, "led to the watch of another project"
            return "it is another project" in "".join(terminal.told)

        terminal.wait(is_told)
        assert not terminal.run("build", env={"PYTHONPATH": os.environ["PYTHONPATH"] + ":/nowhere"}).served
        assert not terminal.run("build", env={"CALOTYPE_SERVE": ""}).served, "another way to ask"
        terminal.wait(lambda: terminal.run("build").served)


def test_an_interrupt_a_kill_and_a_stop_mean_what_they_mean_by_the_socket(bends: Studio) -> None:
    bends.order(slowly={"seconds": 0.4})
    with beside(bends, env=LOOPBACK) as terminal:
        for name, number in (("a", signal.SIGINT), ("b", signal.SIGKILL)):
            before = len(bends.painted)
            bends.exercise(name, *(f"description: slowly {name} {each}" for each in range(4)))
            process = terminal.start("build", "-j", "1")
            terminal.wait(lambda: len(bends.painted) > before)  # noqa: B023
            process.send_signal(number)
            process.communicate(timeout=60)
            assert process.returncode == (130 if number == signal.SIGINT else -signal.SIGKILL)
            terminal.wait(lambda: terminal.run("check").code == 0, "the watch builds the rest")
        bends.exercise("c", *(f"description: slowly c {each}" for each in range(4)))
        process = terminal.start("build", "-q", "-j", "1")
        time.sleep(1)
        assert terminal.end() == 130
        assert terminal.end_of(process).code == 0
    assert bends.call("check").code == 0 and bends.repeated <= 4


def test_both_sides_prove_themselves(tmp_path: Path) -> None:
    path = str(tmp_path / "watch.port")
    link, token = listening(path)
    with link:
        answers: list[bytes] = []

        def serve(known: bytes) -> None:
            client, _ = link.accept()
            with client:
                handshake = Handshake(known)
                client.sendall(message(KEY, handshake.answer(client.recv(1 << 10)[HEAD:])))
                answers.append(handshake.proved(client.recv(1 << 10)))

        def serve_another() -> None:
            with pytest.raises(ValueError):
                serve(secrets.token_bytes(32))

        thread = threading.Thread(target=serve, args=(token,))
        thread.start()
        client, proof = connected(path)
        with client:
            client.sendall(proof + b"question")
            thread.join()
        assert answers == [b"question"]
        thread = threading.Thread(target=serve_another)
        thread.start()
        with pytest.raises(ConnectionRefusedError, match="another listens"):
            connected(path)
        thread.join()
    handshake = Handshake(token)
    with pytest.raises(ValueError):
        handshake.proved(bytes(32) + b"question")
    with pytest.raises(ValueError):
        handshake.answer(b"short")
    handshake.answer(bytes(32))
    with pytest.raises(ValueError):
        handshake.answer(bytes(32))
    with pytest.raises(ValueError):
        handshake.proved(bytes(32) + b"question")
