"""What stands before every route: Host, Origin, the token of a write, the size of its body, and the headers of every
answer. Must not know the routes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from calotype.ground.diagnostics import error
from calotype.roof.studio.building.freed import GivesBack
from calotype.roof.studio.credentials import Credentials

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

READS = ("GET", "HEAD", "OPTIONS")
ONCE = (b"host", b"origin", b"authorization", b"content-length")
"""Headers that decide whether a request may pass: one that comes twice could be read in two ways."""
LARGEST_BODY = 21 << 20
"""Bytes of a request: a picture of 20 MB and its form."""
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
_HEADERS = (
    (b"content-security-policy", POLICY.encode()), (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"), (b"cross-origin-resource-policy", b"same-origin"),
)


class Guard:
    """Lets a request through to `application` that comes to one of `hosts` (as a Host header names them), from a page
    of theirs or from no page, and that, to write, proves by `credentials` that it may. `on_bug` is told what no route
    has foreseen."""

    def __init__(self, application: Application, hosts: Sequence[str], credentials: Credentials,
                 on_bug: Callable[[Exception], object]) -> None:
        self._application, self._credentials, self._on_bug = application, credentials, on_bug
        self._gives_back = GivesBack()
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [header for header in message.get("headers", ()) if header[0].lower() not in dict(_HEADERS)]
                message["headers"] = [*kept, *_HEADERS]
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await _refuse(send_guarded, *refusal)
            return
        try:
            await self._application(scope, _limited(receive), send_guarded)
        except Exception as bug:
            self._on_bug(bug)
        self._gives_back.soon()

    def _refusal(self, scope: Scope) -> tuple[int, str, str] | None:
        """Status, code and message of why not; None where it may pass."""
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if headers.get(b"host", "").lower() not in self._hosts:
            return 400, "host", "this server is not called that; open it by the address that it prints"
        names = [name.lower() for name, _ in scope["headers"]]
        if any(names.count(name) > 1 for name in ONCE):
            return 400, "request", "a header stands twice that may stand once"
        if scope["method"] in READS:
            return None
        origin = headers.get(b"origin")
        if origin is not None and origin.lower() not in {f"http://{host}" for host in self._hosts}:
            return 403, "origin", "pages of other sites may not write"
        unproven = self._credentials.refusal(headers.get(b"authorization", ""))
        if unproven:
            return 401, "token", unproven
        length = headers.get(b"content-length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            return 413, "too-large", f"a request may have {LARGEST_BODY:,} bytes"
        return None


class TooLarge(Exception):
    """A body that goes on beyond LARGEST_BODY."""


def _limited(receive: Receive) -> Receive:
    """`receive`, which raises TooLarge where a body that told no length goes on beyond what may be."""
    count = 0

    async def receive_limited() -> Message:
        nonlocal count
        message = await receive()
        count += len(message.get("body", b""))
        if count > LARGEST_BODY:
            raise TooLarge
        return message

    return receive_limited


async def _refuse(send: Send, status: int, code: str, message: str) -> None:
    hint = "send it as a header, Authorization: Bearer TOKEN" if status == 401 else None
    body = json.dumps({"diagnostics": [error(code, message, hint=hint).as_json()]}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()),
               (b"connection", b"close")]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
