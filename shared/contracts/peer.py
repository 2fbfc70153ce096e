"""Declare endpoints, and call them: now, surely, or several at once."""

import contextvars
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic
from uuid import UUID

from django.conf import settings

from shared.client import pipeline
from shared.client.discovery import directory
from shared.outbox.models import OutboxMessage
from shared.outbox.writing import in_own_transaction, write_message
from shared.telemetry import metrics
from shared.wire import endpoints
from shared.wire.endpoints import ENDPOINTS, Answer, Request
from shared.wire.errors import CallError


class CallInTransactionError(RuntimeError):
    """A call was made inside a transaction, which would hold its locks meanwhile."""


class Endpoint(endpoints.Endpoint[Request, Answer]):
    """An internal endpoint that this process can call."""

    def now(
        self,
        request: Request,
        *,
        on_behalf_of: UUID | None = None,
        timeout_seconds: float | None = None,
    ) -> Answer:
        """Call the peer and return its answer; raises CallError when there is none.

        For reads that somebody waits for. Raises CallInTransactionError inside a
        transaction in local mode; in production that is counted.
        """
        _forbid_transaction(self)
        return pipeline.call(
            self, request, on_behalf_of=on_behalf_of, timeout_seconds=timeout_seconds
        )

    def later(
        self, request: Request, *, on_behalf_of: UUID | None = None
    ) -> OutboxMessage:
        """Store the call in the outbox, in the caller's transaction.

        The relay delivers it, in order per ``ordered_by``, until it is done. Raises
        InvalidRequestError when the request breaks the contract, so nothing that
        cannot be delivered enters the outbox.
        """
        payload = self.encoder.encode(request)
        self.validate(payload)
        ordering_key = str(getattr(request, self.ordered_by)) if self.ordered_by else ""
        return write_message(
            kind=OutboxMessage.Kind.CALL,
            type_=self.name,
            destination=self.peer,
            payload=payload.decode(),
            ordering_key=ordering_key,
            on_behalf_of=on_behalf_of,
        )

    def call(
        self, request: Request, *, on_behalf_of: UUID | None = None
    ) -> "Call[Request, Answer]":
        """Return the call as a value, for :func:`gather`."""
        return Call(self, request, on_behalf_of)


@dataclass(frozen=True)
class Call(Generic[Request, Answer]):
    """A call that is yet to be made."""

    endpoint: Endpoint[Request, Answer]
    request: Request
    on_behalf_of: UUID | None = None


def gather(
    calls: Mapping[str, Call], *, timeout_seconds: float
) -> dict[str, object | CallError]:
    """Make *calls* at the same time; each slot is an answer or a CallError.

    The time is that of the slowest, at most *timeout_seconds*. The threads carry the
    caller's context (trace, deadline) and never touch the database.
    """
    for call in calls.values():
        _forbid_transaction(call.endpoint)
    if not calls:
        return {}
    directory.refresh_if_due()
    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        futures = {
            name: pool.submit(
                contextvars.copy_context().run, _answer_or_error, call, timeout_seconds
            )
            for name, call in calls.items()
        }
        return {name: future.result() for name, future in futures.items()}


def _answer_or_error(call: Call, timeout_seconds: float) -> object | CallError:
    try:
        return pipeline.call_from_thread(
            call.endpoint,
            call.request,
            on_behalf_of=call.on_behalf_of,
            timeout_seconds=timeout_seconds,
        )
    except CallError as error:
        return error


@dataclass(frozen=True)
class Peer:
    """A service that others call; its methods declare its internal endpoints."""

    name: str

    def get(self, template: str, request: type[Request], **about: object) -> Endpoint:
        """Declare a read."""
        return self._declare("GET", template, request, **about)

    def post(self, template: str, request: type[Request], **about: object) -> Endpoint:
        """Declare a keyed write that answers 201."""
        return self._declare(
            "POST", template, request, **{"success_status": 201} | about
        )

    def put(self, template: str, request: type[Request], **about: object) -> Endpoint:
        """Declare a keyed write that answers 200."""
        return self._declare("PUT", template, request, **about)

    def _declare(
        self,
        method: str,
        template: str,
        request: type[Request],
        *,
        returns: type[Answer],
        callers: set[str],
        ordered_by: str = "",
        success_status: int = 200,
        is_keyed: bool = True,
    ) -> Endpoint[Request, Answer]:
        endpoint = Endpoint(
            peer=self.name,
            method=method,
            template=template,
            request=request,
            returns=returns,
            callers=frozenset(callers),
            ordered_by=ordered_by,
            success_status=success_status,
            is_keyed=is_keyed and method != "GET",
        )
        if endpoint.name in ENDPOINTS:
            raise ValueError(f"{endpoint.name} is declared twice")
        ENDPOINTS[endpoint.name] = endpoint
        return endpoint


def _forbid_transaction(endpoint: Endpoint) -> None:
    if not in_own_transaction():
        return
    metrics.remote_call_in_transaction.labels(endpoint.name).inc()
    if settings.IS_LOCAL:
        raise CallInTransactionError(
            f"{endpoint.name} was called inside a transaction, which would hold its "
            f"locks meanwhile. Call before the transaction, or use .later()."
        )
