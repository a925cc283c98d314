"""HEAD as GET without the body: of the API, whose routes tell of GET alone."""

from __future__ import annotations

from calotype.roof.studio.guard import Application, Message, Receive, Scope, Send


def heads_of_gets(application: Application, prefix: str) -> Application:
    """`application`, which is asked GET for each HEAD of a path below `prefix`. What is answered without end is given
    up with its head."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or not scope["path"].startswith(prefix):
            await application(scope, receive, send)
            return
        is_over = False

        async def send_head(message: Message) -> None:
            nonlocal is_over
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})
                is_over = True

        async def receive_or_leave() -> Message:
            return {"type": "http.disconnect"} if is_over else await receive()

        await application({**scope, "method": "GET"}, receive_or_leave, send_head)

    return call
