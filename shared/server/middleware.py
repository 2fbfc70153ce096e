"""What happens to every request before its view: trace, log line, key, deadline."""

import logging
import re
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import resolve

from shared.peers.checking import (
    InvalidInternalKeyError,
    KeysUnavailableError,
    checker,
    count_refusal,
)
from shared.telemetry import metrics
from shared.telemetry.trace import read_trace, use_trace
from shared.wire import headers
from shared.wire.deadline import Deadline, serving_a_peer, use_deadline

from .problems import method_not_allowed, problem, problem_for

logger = logging.getLogger("shared.requests")

Handler = Callable[[HttpRequest], HttpResponse]

_INTERNAL = re.compile(r"/api/v1/[^/]+/internal(/|$)")
_QUIET = ("/health/", "/metrics", "/static/")
_TIMEOUT = re.compile(r"[0-9]{1,6}")
_MOST_MILLISECONDS = 600_000
_MOST_URI = 4096
# Any other is the client's invention, and would be a metric of its own.
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
# Less than this is gone before a view has run its first query.
_LEAST_SECONDS = 0.005

_META_KEY = headers.meta_name(headers.INTERNAL_KEY)
_META_BEHALF = headers.meta_name(headers.ON_BEHALF_OF)
_META_TIMEOUT = headers.meta_name(headers.REQUEST_TIMEOUT)
_META_TRACEPARENT = headers.meta_name(headers.TRACEPARENT)
_META_TRACE_ID = headers.meta_name(headers.TRACE_ID)
_META_FORWARDING = tuple(headers.meta_name(name) for name in headers.FORWARDING)


def is_internal(path: str) -> bool:
    """Say whether a decoded path belongs to peers only."""
    return _INTERNAL.match(path) is not None


def came_through_gateway(request: HttpRequest) -> bool:
    """Say whether the gateway has passed this request on."""
    meta = request.META
    return any(name in meta for name in _META_FORWARDING)


class RequestMiddleware:
    """Gives each request its trace, and writes one log line and one observation."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request inside its trace."""
        meta = request.META
        trace = read_trace(
            meta.get(_META_TRACEPARENT, ""), meta.get(_META_TRACE_ID, "")
        )
        started = time.perf_counter()
        with use_trace(trace):
            response = _refuse_unreadable(meta) or self.get_response(request)
            if isinstance(response, HttpResponseNotAllowed):
                response = method_not_allowed(response)
            response[headers.TRACE_ID] = trace.trace_id
            if not response.streaming and not response.has_header("Content-Length"):
                # Answers made above CommonMiddleware; without it they go in chunks.
                response["Content-Length"] = str(len(response.content))
            if not request.path_info.startswith(_QUIET):
                self._record(request, response, time.perf_counter() - started)
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        """Turn refusals and a database that is away into problems, in any view."""
        return problem_for(exception)

    def _record(
        self, request: HttpRequest, response: HttpResponse, seconds: float
    ) -> None:
        match = request.resolver_match
        route = match.route if match else "(none)"
        is_known = match is not None and request.method in _METHODS
        metrics.request_duration.labels(
            request.method if is_known else "-", route, response.status_code
        ).observe(seconds)
        logger.info(
            "request",
            extra={
                "method": request.method,
                "route": "/" + route if match else request.path_info[:200],
                "status": response.status_code,
                "duration_ms": round(seconds * 1000, 1),
                "caller": getattr(request, "internal_caller", None),
            },
        )


def _refuse_unreadable(meta: dict[str, object]) -> HttpResponse | None:
    if len(meta.get("RAW_URI", "")) > _MOST_URI:
        return problem(414, "uri_too_long", "The URL is longer than 4 KiB.")
    if "\0" in meta.get("PATH_INFO", "") or "%00" in meta.get("QUERY_STRING", ""):
        # SQLite looks for it, PostgreSQL raises: nobody may depend on either.
        return problem(400, "bad_request", "The address holds a NUL.")
    if "HTTP_TRANSFER_ENCODING" in meta and not meta.get("CONTENT_LENGTH"):
        # Django would read an empty body, and a change would be lost in silence.
        return problem(411, "length_required", "The body needs a Content-Length.")
    return None


class InternalMiddleware:
    """Lets only peers with a key reach internal paths, and gives them a deadline.

    A peer's request goes straight to its view: sessions, cookies, CORS and the rest of
    the middleware below are for people, and cost twice what the endpoint does.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request from outside as before, one from a peer after its check."""
        if not is_internal(request.path_info):
            return self.get_response(request)
        if came_through_gateway(request):
            count_refusal("through the gateway")
            return problem(404, "not_found", "There is nothing here.")
        try:
            request.internal_caller = checker.caller_of(request.META.get(_META_KEY))
        except InvalidInternalKeyError as error:
            count_refusal(error.cause)
            logger.warning("internal key refused", extra={"cause": error.cause})
            return problem_for(error)
        except KeysUnavailableError as error:
            return problem_for(error)
        return self._serve(request)

    def _serve(self, request: HttpRequest) -> HttpResponse:
        request.on_behalf_of = _read_uuid(request.META.get(_META_BEHALF, ""))
        deadline = _read_deadline(request.META.get(_META_TIMEOUT, ""))
        if deadline and deadline.remaining() < _LEAST_SECONDS:
            return problem(
                504, "deadline_exceeded", "The caller's time was over on arrival."
            )
        match = request.resolver_match = resolve(request.path_info)
        with use_deadline(deadline), serving_a_peer():
            return match.func(request, **match.kwargs)


def _read_uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _read_deadline(text: str) -> Deadline | None:
    if not _TIMEOUT.fullmatch(text):
        return None
    milliseconds = int(text)
    if not 1 <= milliseconds <= _MOST_MILLISECONDS:
        return None
    return Deadline.after(milliseconds / 1000)


def client_address(request: HttpRequest) -> str:
    """Return the address of the person's machine, "" when it is not known.

    Exactly one hop is trusted: the last entry of X-Forwarded-For, which the gateway
    wrote itself, on a connection that can be the gateway's; else the peer's address.
    """
    remote = _read_address(request.META.get("REMOTE_ADDR", ""))
    if remote is not None and not remote.is_private:
        return str(remote)
    if not settings.NUM_TRUSTED_PROXIES:
        return str(remote or "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2]
    return str(_read_address(forwarded) or remote or "")


def _read_address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
