"""The view of an internal endpoint, made from a plain function and its contract."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from shared.inbox.handling import fingerprint_of, handle_once, read_key
from shared.wire import headers
from shared.wire.deadline import Deadline, current_deadline
from shared.wire.endpoints import Answer, Endpoint, Request
from shared.wire.errors import DomainError

from .erased import refuse_erased
from .problems import problem_for

_META_IDEMPOTENCY = headers.meta_name(headers.IDEMPOTENCY_KEY)
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the service, the person it acts for, the key and deadline it gave."""

    service: str
    on_behalf_of: UUID | None = None
    idempotency_key: UUID | None = None
    deadline: Deadline | None = None


class CallerNotAllowedError(DomainError):
    """This service may not call this endpoint."""

    code = "caller_not_allowed"
    status = 403


class MethodNotAllowedError(DomainError):
    """This endpoint does not have this method."""

    code = "method_not_allowed"
    status = 405


class BodyTooLargeError(DomainError):
    """The body is larger than 1 MiB."""

    code = "body_too_large"
    status = 413


PlainView = Callable[[Request, Caller], Answer]


def serves(
    endpoint: Endpoint[Request, Answer],
) -> Callable[[PlainView], "InternalView"]:
    """Make *endpoint*'s view from a function of the request and the caller.

    Grant, decoding, idempotency and encoding happen around it. A keyed endpoint runs
    the function in the transaction of its inbox record; what it raises rolls back.
    It refuses requests about people who were erased.
    """

    def decorate(view: PlainView) -> InternalView:
        return InternalView(endpoint, view)

    return decorate


class InternalView:
    """The callable that Django routes to, and the route it belongs at."""

    def __init__(self, endpoint: Endpoint, view: PlainView) -> None:
        self.endpoint = endpoint
        self._view = view
        self.__name__ = view.__name__
        self.__doc__ = view.__doc__
        self.__module__ = view.__module__

    def __call__(self, request: HttpRequest, **path_fields: str) -> HttpResponse:
        """Answer one request of a peer."""
        try:
            return self._answer(request, path_fields)
        except (DomainError, DatabaseError) as error:
            answer = problem_for(error)
            if answer is None:
                raise
            return answer

    def _answer(
        self, request: HttpRequest, path_fields: dict[str, str]
    ) -> HttpResponse:
        endpoint = self.endpoint
        if request.internal_caller not in endpoint.callers:
            raise CallerNotAllowedError
        body = _read_body(request)
        caller = Caller(
            request.internal_caller, request.on_behalf_of, deadline=current_deadline()
        )
        if not endpoint.is_keyed:
            message = self._decode(request, path_fields, body)
            return _respond(*self._run(message, caller))
        key = read_key(request.META.get(_META_IDEMPOTENCY, ""))
        caller = replace(caller, idempotency_key=key)
        handled = handle_once(
            caller=caller.service,
            scope=endpoint.name,
            key=key,
            fingerprint=fingerprint_of(
                request.method, request.path_info, request.META["QUERY_STRING"], body
            ),
            run=lambda: self._change(self._decode(request, path_fields, body), caller),
        )
        response = _respond(handled.status, handled.body)
        if handled.is_replay:
            response[headers.IDEMPOTENCY_REPLAYED] = "true"
        return response

    def _decode(
        self, request: HttpRequest, path_fields: dict[str, str], body: bytes
    ) -> Request:
        query = request.GET.dict() if request.META["QUERY_STRING"] else {}
        return self.endpoint.decode_request(path_fields, query, body)

    def _change(self, message: Request, caller: Caller) -> tuple[int, bytes]:
        refuse_erased(message)
        return self._run(message, caller)

    def _run(self, message: Request, caller: Caller) -> tuple[int, bytes]:
        answer = self._view(message, caller)
        status_of = getattr(answer, "http_status", None)
        status = status_of() if status_of else self.endpoint.success_status
        return status, self.endpoint.encoder.encode(answer)


def _read_body(request: HttpRequest) -> bytes:
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > MOST_BYTES:
        raise BodyTooLargeError
    return request.body


def _respond(status: int, body: bytes) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")


def mount(*views: InternalView) -> list[URLPattern]:
    """Return the routes of internal views; each knows its own template."""
    by_route: dict[str, dict[str, InternalView]] = {}
    for view in views:
        by_route.setdefault(view.endpoint.django_route, {})[view.endpoint.method] = view
    return [path(route, MethodSwitch(methods)) for route, methods in by_route.items()]


class MethodSwitch:
    """One route, several endpoints: each method has its own contract."""

    def __init__(self, views: dict[str, InternalView]) -> None:
        self.views = views

    def __call__(self, request: HttpRequest, **path_fields: str) -> HttpResponse:
        view = self.views.get(request.method)
        if view is None:
            response = problem_for(MethodNotAllowedError())
            response["Allow"] = ", ".join(sorted(self.views))
            return response
        return view(request, **path_fields)
