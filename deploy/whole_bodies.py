"""Takes in a request's whole body before the application sees the request, so that a slow sender holds no thread.

A web server that hands the body on as it comes needs one thread for as long as the sender likes: sixteen connections
that send a byte a second stop sixteen threads. Here a body that is being sent costs a few kilobytes, and no more time
than its length allows.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]

GRACE_SECONDS = 30.0
LEAST_BYTES_A_SECOND = 16 * 1024
"""What a sender must reach after the grace: three photos of fifteen megabytes may take 48 minutes, a form half one."""
MOST_BYTES = 64 * 1024 * 1024
"""More than any page takes; what is longer is cut, so that the application refuses it by its length."""
BYTES_IN_MEMORY = 128 * 1024
CHUNK_BYTES = 64 * 1024
TOO_SLOW = b"Trop lent. / Too slow.\n"


class SenderGone(Exception):
    """The connection was closed before the body was whole."""


class WholeBodies:
    """An ASGI application that calls another one once a request's body is there; answers 408 when it takes too long."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answers one request, as ASGI asks for."""
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        with SpooledTemporaryFile(max_size=BYTES_IN_MEMORY) as body:
            try:
                await _store_body(receive, body)
            except TimeoutError:
                await _refuse_slow_sender(send)
            except SenderGone:
                return
            else:
                body.seek(0)
                await self.application(scope, _stored_messages(body, receive), send)


async def _store_body(receive: Receive, body: IO[bytes]) -> None:
    """Writes the body to the file; raises TimeoutError for a sender that is too slow, SenderGone without one."""
    started, more = time.monotonic(), True
    while more and body.tell() <= MOST_BYTES:
        allowed_seconds = GRACE_SECONDS + body.tell() / LEAST_BYTES_A_SECOND
        message = await asyncio.wait_for(receive(), max(0.0, started + allowed_seconds - time.monotonic()))
        if message["type"] != "http.request":
            raise SenderGone
        body.write(message.get("body", b""))
        more = message.get("more_body", False)


def _stored_messages(body: IO[bytes], receive: Receive) -> Receive:
    """Returns a `receive` that gives the stored body in chunks, and then what the connection itself says."""
    is_given = False

    async def next_message() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        chunk = body.read(CHUNK_BYTES)
        is_given = len(chunk) < CHUNK_BYTES
        return {"type": "http.request", "body": chunk, "more_body": not is_given}

    return next_message


async def _refuse_slow_sender(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 408, "headers": headers})
    await send({"type": "http.response.body", "body": TOO_SLOW})
