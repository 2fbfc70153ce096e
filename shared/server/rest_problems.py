"""Problem documents for what goes wrong in REST views."""

import json

from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from shared.wire.headers import RETRY_AFTER

from .problems import CONTENT_TYPE, problem_document, problem_for, whole_seconds

_REST_CODES = {
    exceptions.ParseError: "malformed_body",
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "authentication_failed",
    exceptions.PermissionDenied: "forbidden",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "too_many_requests",
}


def rest_exception_handler(error: Exception, context: dict) -> Response | None:
    """Answer an exception in a REST view with a problem document."""
    if isinstance(error, exceptions.APIException):
        status, code, detail, errors, retry_after = _read_api_exception(error)
        document = problem_document(status, code, detail, errors=errors)
        headers = {}
        if retry_after is not None:
            headers[RETRY_AFTER] = whole_seconds(retry_after)
        if getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = error.auth_header
    else:
        plain = problem_for(error)
        if plain is None:
            return None
        document, status = json.loads(plain.content), plain.status_code
        headers = {name: value for name, value in plain.items() if name == RETRY_AFTER}
    set_rollback()
    response = Response(document, status=status, headers=headers)
    renderer = getattr(context["request"], "accepted_renderer", None)
    if renderer is None or renderer.format == "json":
        response.content_type = CONTENT_TYPE
    return response


def _read_api_exception(
    error: exceptions.APIException,
) -> tuple[int, str, str, list[dict[str, str]] | None, float | None]:
    if isinstance(error, exceptions.ValidationError):
        errors = list(_flatten("", error.get_full_details()))
        return 400, "validation_error", "Some fields are not valid.", errors, None
    code = next(
        (code for kind, code in _REST_CODES.items() if isinstance(error, kind)),
        "refused",
    )
    detail = error.detail
    if isinstance(detail, dict):  # simplejwt wraps its text
        detail = detail.get("detail", "The token is not valid.")
    own_code = getattr(error, "problem_code", None)
    return (
        error.status_code,
        own_code or code,
        str(detail),
        None,
        getattr(error, "wait", None),
    )


def _flatten(field: str, details: object) -> list[dict[str, str]]:
    """Turn DRF's nested details into a flat list of fields."""
    if _is_one_error(details):
        name = field.removesuffix("non_field_errors").rstrip(".")
        detail = str(details["message"])
        return [{"field": name, "code": details["code"], "detail": detail}]
    if isinstance(details, dict):
        items = details.items()
    else:
        items = (("", item) for item in details)
    flat: list[dict[str, str]] = []
    for name, value in items:
        flat.extend(_flatten(".".join(filter(None, (field, str(name)))), value))
    return flat


def _is_one_error(details: object) -> bool:
    """Tell an error from a serializer that has a field called ``code``."""
    return isinstance(details, dict) and isinstance(details.get("code"), str)
