"""The first request, which the server asks of itself, so that those of others are answered as fast as any other: what
the libraries load and make at the first one, and what the first new scene needs, is there then."""

from __future__ import annotations

from threading import Thread
from typing import Any

from calotype.roof.studio.credentials import Credentials
from calotype.roof.studio.guard import Application, Message

_BODY = b"{}"
"""A storyboard of nothing: it is refused, and changes nothing."""


def ask_first(application: Application, host: str, credentials: Credentials) -> None:
    """Asks on a thread of its own, which holds up neither the start nor the end."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": "/api/generate",
        "raw_path": b"/api/generate", "query_string": b"", "root_path": "", "scheme": "http", "server": None,
        "client": None, "headers": [
            (b"host", host.encode()), (b"authorization", f"Bearer {credentials.token}".encode()),
            (b"content-type", b"application/json"), (b"content-length", str(len(_BODY)).encode())]}
    Thread(target=_ask, args=(application, scope), name="calotype-first-request", daemon=True).start()


def _ask(application: Application, scope: dict[str, Any]) -> None:
    import anyio
    import anyio.to_thread

    from calotype.project.new_scene import prepare

    async def receive() -> Message:
        return {"type": "http.request", "body": _BODY, "more_body": False}

    async def send(message: Message) -> None:
        pass

    async def ask() -> None:
        await application(scope, receive, send)
        await anyio.to_thread.run_sync(prepare)

    anyio.run(ask)
