"""The site as the web server loads it: `site` takes in whole requests, and answers in one of WEB_THREADS threads."""

import string
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote

from a2wsgi import WSGIMiddleware

from deploy.whole_bodies import Application, Receive, Send, WholeBodies
from wsgi import app

WEB_THREADS = 8
"""A worker's; SQLite has one writer at a time, so more would only wait."""
CHUNKS_AHEAD = 1024
"""How much of an answer may wait for a slow reader before its thread waits too; more than the largest page has."""

_threads = WSGIMiddleware(cast(Any, app), workers=WEB_THREADS, send_queue_size=CHUNKS_AHEAD)
_whole_requests = WholeBodies(cast(Application, _threads))


async def site(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """Answers one request; letters that an address may not have, but some programs send, are encoded first."""
    query = quote(scope.get("query_string", b""), safe=string.punctuation)
    await _whole_requests({**scope, "query_string": query.encode("ascii")}, receive, send)
