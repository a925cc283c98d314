"""200 pages of a Studio that listen, in one process beside the one that writes: what each heard last, and when."""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time

CLIENTS = 200


def main() -> None:
    """Listens at the address and port given until the standard input is closed; then prints, for each client, when it
    heard news and of how many builds they told: pairs, in seconds since the epoch."""
    host, port = sys.argv[1], int(sys.argv[2])
    heard: list[list[tuple[float, int]]] = [[] for _ in range(CLIENTS)]
    with selectors.DefaultSelector() as selector:
        for number in range(CLIENTS):
            stream = socket.create_connection((host, port))
            stream.sendall(f"GET /api/events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
            selector.register(stream, selectors.EVENT_READ, number)
        selector.register(sys.stdin, selectors.EVENT_READ)
        print("listening", flush=True)
        while True:
            for key, _ in selector.select():
                if key.data is None:
                    print(json.dumps(heard))
                    return
                data = key.fileobj.recv(1 << 16)  # type: ignore[union-attr]
                if b"event: news" in data:
                    heard[key.data].append((time.time(), _builds(data)))


def _builds(data: bytes) -> int:
    """The number of builds that news tell of."""
    return int(data.rpartition(b'"builds": ')[2].partition(b",")[0].partition(b"}")[0] or 0)


if __name__ == "__main__":
    main()
