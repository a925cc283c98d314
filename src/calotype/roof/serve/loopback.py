"""A watch that is asked over the loopback, where the system hands no files from one process to another.

Every user of the machine may connect to a port, and take one that is free again. So a file that is this user's alone
holds the port and a token; and before a word is said each side proves, by HMAC-SHA256 of random numbers of both, that
it knows the token, which itself is never sent.
"""

from __future__ import annotations

import hmac
import os
import secrets
import socket
from contextlib import suppress

from calotype.ground.files import read_file
from calotype.roof.serve.wire import ANSWER_WITHIN, HEAD, KEY, message

TOKEN = NONCE = PROOF = 32
"""Bytes of the token, of a random number, and of what proves that the token is known."""
_HOST, _LARGEST = "127.0.0.1", 200
_WATCH, _COMMAND = b"watch", b"command"


def listening(path: str) -> tuple[socket.socket, bytes]:
    """A socket that listens at a free port, and the token; both are told in the file at `path`. Raises OSError."""
    link, token = socket.socket(socket.AF_INET, socket.SOCK_STREAM), secrets.token_bytes(TOKEN)
    try:
        exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
        if exclusive is not None:  # Windows: else another may listen at the same port
            link.setsockopt(socket.SOL_SOCKET, exclusive, 1)
        link.bind((_HOST, 0))
        link.listen(64)
        _write(path, f"{link.getsockname()[1]} {token.hex()}")
    except BaseException:
        link.close()
        raise
    return link, token


def connected(path: str) -> tuple[socket.socket, bytes]:
    """A connection to the watch that has written the file at `path`, which has proved that it is that one, and the
    proof that it wants. Raises OSError where it is none."""
    port, token = _read(path)
    link = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        link.settimeout(ANSWER_WITHIN)
        link.connect((_HOST, port))
        nonce = secrets.token_bytes(NONCE)
        link.sendall(message(KEY, nonce))
        head = _received(link, HEAD)
        if head != message(KEY, bytes(NONCE + PROOF))[:HEAD]:
            raise ConnectionRefusedError("no watch listens there")
        nonces = nonce + _received(link, NONCE)
        if not hmac.compare_digest(_received(link, PROOF), _proof(token, _WATCH, nonces)):
            raise ConnectionRefusedError("another listens there")
        return link, _proof(token, _COMMAND, nonces)
    except BaseException:
        link.close()
        raise


class Handshake:
    """What the watch says to one client that is to prove that it knows `token`."""

    def __init__(self, token: bytes) -> None:
        self._token, self._nonces = token, b""

    def answer(self, nonce: bytes) -> bytes:
        """What KEY is answered with. Raises ValueError for what is no nonce, or a second one."""
        if len(nonce) != NONCE or self._nonces:
            raise ValueError("no nonce")
        mine = secrets.token_bytes(NONCE)
        self._nonces = nonce + mine
        return mine + _proof(self._token, _WATCH, self._nonces)

    def proved(self, content: bytes) -> bytes:
        """What follows the proof in `content`. Raises ValueError where it is none."""
        if not self._nonces or not hmac.compare_digest(content[:PROOF], _proof(self._token, _COMMAND, self._nonces)):
            raise ValueError("no proof")
        return content[PROOF:]


def _proof(token: bytes, side: bytes, nonces: bytes) -> bytes:
    return hmac.digest(token, side + nonces, "sha256")


def _received(link: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = link.recv(count - len(data))
        if not part:
            raise ConnectionResetError("it is gone")
        data += part
    return data


def _read(path: str) -> tuple[int, bytes]:
    data, _ = read_file(path, _LARGEST)
    port, _, token = data.decode("ascii", "replace").partition(" ")
    if not port.isdecimal() or not 0 < int(port) < 1 << 16 or len(token) != 2 * TOKEN:
        raise ConnectionRefusedError("no port and token stand there")
    try:
        return int(port), bytes.fromhex(token)
    except ValueError:
        raise ConnectionRefusedError("no token stands there") from None


def _write(path: str, text: str) -> None:
    """Puts the file in place whole, for this user alone."""
    new = f"{path}.new"
    with suppress(FileNotFoundError):
        os.unlink(new)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with open(handle, "w", encoding="ascii") as file:
        file.write(text)
    os.replace(new, path)
