"""The door of streams: GET /api/v1/notifications/stream, ahead of Django.

A stream that were a view would cost a thread and a connection to the database.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from http import HTTPStatus
from typing import TypeVar

from django.conf import settings
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from rest_framework.exceptions import APIException

from shared.server import health
from shared.server.problems import (
    CONTENT_TYPE,
    method_not_allowed,
    problem,
    problem_for,
)
from shared.server.rest_problems import rest_exception_handler
from shared.telemetry.trace import Trace, use_trace
from shared.wire.headers import TRACE_ID

from .admission import Request, admit, authentication
from .hub import Hub, Stream, begin

logger = logging.getLogger(__name__)

PATH = "/api/v1/notifications/stream"
# Opening a stream takes a few queries; a thousand clients may come again together.
OPENING_THREADS = 4
_PAGES = {
    "/health/live": health.live,
    "/health/ready": health.ready,
    "/metrics": health.metrics,
}

Answer = TypeVar("Answer")
Message = dict[str, object]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class StreamApplication:
    """The ASGI application of the stream process: streams, health and metrics."""

    def __init__(self) -> None:
        self._opening = ThreadPoolExecutor(OPENING_THREADS, "opening")
        # Of their own: they go on while a crowd of clients comes again.
        self._looking = ThreadPoolExecutor(2, "looking")
        self._hub: Hub

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection's request, or the life of the process."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif scope["type"] == "http":
            request = Request.of(scope)
            with use_trace(request.trace()) as trace:
                await self._serve(request, trace, send)

    async def _live(self, scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        self._hub = Hub(lambda function: _in_thread(self._looking, function))
        scope["state"]["stop"] = self._hub.stop
        poller = asyncio.create_task(self._hub.run())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._hub.stop()
        poller.cancel()
        with suppress(asyncio.CancelledError):
            await poller
        for pool in (self._opening, self._looking):
            pool.shutdown(wait=False, cancel_futures=True)
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, request: Request, trace: Trace, send: Send) -> None:
        if request.path in _PAGES:
            answer = await _in_thread(self._looking, lambda: _page(request))
        elif request.path != PATH:
            answer = problem(404, "route_not_found", "There is nothing here.")
        elif request.method != "GET":
            answer = method_not_allowed(HttpResponseNotAllowed(["GET"]))
        else:
            answer = await self._stream(request, trace, send)
        if answer is not None:
            await _send(answer, request, trace, send)

    async def _stream(
        self, request: Request, trace: Trace, send: Send
    ) -> HttpResponse | None:
        """Stream until the end; return what to answer instead when it is refused."""
        began = time.monotonic()
        try:
            stream = await self._open(request)
        except Exception as error:
            # Outside of Django nobody else answers.
            return _refusal(error)
        try:
            await _send_events(stream, request, trace, send)
        finally:
            self._hub.close(stream)
            logger.info(
                "stream ended",
                extra={
                    "reason": stream.end_reason or "left",
                    "duration_ms": round((time.monotonic() - began) * 1000),
                },
            )
        return None

    async def _open(self, request: Request) -> Stream:
        """Return a stream that has caught up; raises a refusal."""
        after = request.last_event_id()
        self._hub.require_room()
        admission = await _in_thread(self._opening, lambda: admit(request))
        stream = self._hub.open(admission)
        try:
            stream.start(
                await _in_thread(
                    self._opening,
                    lambda: begin(user_id=admission.user_id, after=after),
                )
            )
        except BaseException:
            self._hub.close(stream)
            raise
        return stream


async def _in_thread(
    pool: ThreadPoolExecutor, function: Callable[[], Answer]
) -> Answer:
    """Run *function* in a thread of *pool*, in this context, with a sound connection.

    As Django does around a request: the connection goes back to its pool, or is kept.
    """

    def run() -> Answer:
        close_old_connections()
        try:
            return function()
        finally:
            close_old_connections()

    context = copy_context()
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(pool, context.run, run)


async def _send_events(
    stream: Stream, request: Request, trace: Trace, send: Send
) -> None:
    headers = {
        "Content-Type": "text/event-stream",
        "Cache-Control": "no-store",
        "X-Accel-Buffering": "no",
        **_common_headers(request, trace),
    }
    await send(_start(200, headers))
    async for chunk in stream.chunks():
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _send(
    answer: HttpResponse, request: Request, trace: Trace, send: Send
) -> None:
    headers = {
        **dict(answer.items()),
        "Content-Length": str(len(answer.content)),
        **_common_headers(request, trace),
    }
    body = b"" if request.method == "HEAD" else answer.content
    await send(_start(answer.status_code, headers))
    await send({"type": "http.response.body", "body": body})


def _start(status: int, headers: dict[str, str]) -> Message:
    encoded = [
        (name.lower().encode("ascii"), value.encode("latin-1"))
        for name, value in headers.items()
    ]
    return {"type": "http.response.start", "status": status, "headers": encoded}


def _common_headers(request: Request, trace: Trace) -> dict[str, str]:
    """Return what every answer has; preflights are answered by the web process."""
    headers = {TRACE_ID: trace.trace_id}
    if settings.CORS_ALLOWED_ORIGINS:
        headers["Vary"] = "origin"
    origin = request.headers.get("origin")
    if origin in settings.CORS_ALLOWED_ORIGINS:
        headers["Access-Control-Allow-Origin"] = origin
    return headers


def _page(request: Request) -> HttpResponse:
    asked = HttpRequest()
    asked.method = request.method
    page = _PAGES[request.path](asked)
    return method_not_allowed(page) if page.status_code == 405 else page


def _refusal(error: Exception) -> HttpResponse:
    answer = _rest_problem(error) or problem_for(error)
    if answer is None:
        logger.error("stream failed", exc_info=error)
        return problem(500, "internal_error", "Something went wrong on our side.")
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = authentication.authenticate_header(None)
    logger.info(
        "stream refused",
        extra={"status": answer.status_code, "error": type(error).__name__},
    )
    return answer


def _rest_problem(error: Exception) -> HttpResponse | None:
    """Return the answer to what DRF and simplejwt raise, as REST views have it."""
    if not isinstance(error, APIException):
        return None
    refused = rest_exception_handler(error, {"request": None})
    return HttpResponse(
        json.dumps(refused.data), status=refused.status_code, content_type=CONTENT_TYPE
    )
