"""What the environment says of connections: nothing is written down as bought where none can be made, and pictures come
by the same proxy as everything else."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from threading import Thread

import pytest

from hosted import Hosted, hosted, service

__all__ = ["hosted", "service"]


@pytest.fixture
def one(hosted: Hosted) -> Hosted:
    hosted.exercise("")
    return hosted


@pytest.mark.parametrize(("variable", "value"), [("SSL_CERT_FILE", "/nowhere.pem"), ("HTTPS_PROXY", "foo://127.0.0.1:1")])
def test_where_no_connection_can_be_made_nothing_counts_as_bought(
    one: Hosted, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    with monkeypatch.context() as environment:
        environment.setenv(variable, value)
        done = one.build()
        assert done.code == 1 and "no connection to fal can be made" in one.reason(done)
        assert variable in str(done.json["diagnostics"][-1]["hint"])
    assert not (one.root / "cache/hosted.jsonl").exists() and one.call("hosted", "list").code == 0
    assert one.build().code == 0 and len(one.fal.posts) == 1


def test_pictures_come_by_the_proxy_by_which_they_are_bought(
    one: Hosted, proxy: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = proxy
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", address)
    assert one.build().code == 0
    assert asked == [f"CONNECT {one.fal.host} HTTP/1.1"] * 4  # submit, status, result, picture


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    """The address of a proxy, and the first lines of what it is asked."""
    asked: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=_accept, args=(server, asked), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", asked


def _accept(server: socket.socket, asked: list[str]) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        Thread(target=_tunnel, args=(client, asked), daemon=True).start()


def _tunnel(client: socket.socket, asked: list[str]) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(4096)
    asked.append(head.partition(b"\r\n")[0].decode())
    host, _, port = asked[-1].split()[1].rpartition(":")
    with client, socket.create_connection((host, int(port))) as service:
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        back = Thread(target=_pass_on, args=(service, client), daemon=True)
        back.start()
        _pass_on(client, service)
        back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
