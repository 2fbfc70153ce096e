"""Every error answer: a problem document (RFC 9457), on every path."""

import json
import logging
import sys
import traceback
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed

from shared.telemetry.trace import current_trace_id
from shared.wire.errors import DomainError
from shared.wire.headers import RETRY_AFTER

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
# Django's test client and browsers show it; everybody else reads the members.
_BY_EXCEPTION: tuple[tuple[type[Exception], int, str, str], ...] = (
    (RequestDataTooBig, 413, "body_too_large", "The body is larger than 1 MiB."),
    (Http404, 404, "not_found", "There is nothing here."),
    (PermissionDenied, 403, "forbidden", "You may not do this."),
    (SuspiciousOperation, 400, "bad_request", "The request cannot be read."),
    (BadRequest, 400, "bad_request", "The request cannot be read."),
    (
        OperationalError,
        503,
        "database_unavailable",
        "The service cannot reach its data right now. Try again.",
    ),
    (
        InterfaceError,
        503,
        "database_unavailable",
        "The service cannot reach its data right now. Try again.",
    ),
)


def problem_document(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    members: dict[str, object] | None = None,
) -> dict[str, object]:
    """Return the members of a problem document."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "trace_id": current_trace_id(),
        **(members or {}),
    }
    if errors:
        document["errors"] = errors
    return document


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    members: dict[str, object] | None = None,
    retry_after: float | None = None,
) -> HttpResponse:
    """Return a problem document as Django's response."""
    document = problem_document(status, code, detail, errors=errors, members=members)
    response = HttpResponse(
        json.dumps(document, ensure_ascii=False),
        status=status,
        content_type=CONTENT_TYPE,
    )
    if retry_after is None and status == HTTPStatus.SERVICE_UNAVAILABLE:
        retry_after = 1
    if retry_after is not None:
        response[RETRY_AFTER] = whole_seconds(retry_after)
    return response


def whole_seconds(seconds: float) -> str:
    """Return *seconds* as Retry-After wants them: whole, and at least 1."""
    return str(max(1, -int(-seconds // 1)))


def problem_for(error: BaseException | None) -> HttpResponse | None:
    """Return the problem that *error* means to a client, None for a fault of ours.

    What the failed calls held is let go: see _release.
    """
    try:
        return _problem_for(error)
    finally:
        _release(error)


def _problem_for(error: BaseException | None) -> HttpResponse | None:
    if isinstance(error, DomainError):
        return problem(
            error.status,
            error.code,
            error.detail,
            errors=error.errors,
            members=error.members,
            retry_after=error.retry_after,
        )
    for kind, status, code, detail in _BY_EXCEPTION:
        if isinstance(error, kind):
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                logger.error("database unavailable", exc_info=error)
            return problem(status, code, detail)
    return None


def _release(error: BaseException | None) -> None:
    """Empty the frames of *error*, and of what it came from, that have ended.

    Django's database errors refer to themselves, and so keep their cursor until the
    garbage collector runs: in any thread. Closing the cursor of a connection that
    waits for SQLite's write lock waits too, and when that thread is the one that holds
    the lock, both wait until the timeout.
    """
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def method_not_allowed(refusal: HttpResponseNotAllowed) -> HttpResponse:
    """Return the problem for Django's own refusal of a method, which has no body."""
    answer = problem(405, "method_not_allowed", "This path does not have this method.")
    answer["Allow"] = refusal["Allow"]
    return answer


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django cannot read."""
    return problem_for(exception) or problem(
        400, "bad_request", "The request cannot be read."
    )


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that is not permitted."""
    return problem(403, "forbidden", "You may not do this.")


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a path that no route matches, or an object that is not there."""
    code = "not_found"
    if request.resolver_match is None:
        code = "route_not_found"
    return problem(404, code, "There is nothing here.")


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours; what it was is in the log, under the trace id."""
    error = sys.exc_info()[1]
    answer = problem_for(error)
    if answer is not None:
        return answer
    logger.error(
        "unhandled exception", exc_info=error, extra={"service": settings.SERVICE}
    )
    return problem(500, "internal_error", "Something went wrong on our side.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without a valid CSRF token."""
    return problem(
        403, "csrf_failed", "The form has expired. Load the page again and retry."
    )
