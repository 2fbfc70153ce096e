"""How calls fail, how services refuse."""

from enum import StrEnum


class Happened(StrEnum):
    """May the effect of a failed call exist at the peer?"""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


class CallError(Exception):
    """A call to another service did not give an answer.

    ``happened`` says whether its effect may exist; ``outcome`` names the row of the
    outcome table; ``attempts`` counts the requests that were sent.
    """

    outcome = "failed"

    def __init__(
        self,
        detail: str,
        *,
        peer: str = "",
        endpoint: str = "",
        attempts: int = 0,
        trace_id: str = "",
        happened: Happened = Happened.NO,
        outcome: str = "",
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.peer = peer
        self.endpoint = endpoint
        self.attempts = attempts
        self.trace_id = trace_id
        self.happened = happened
        self.outcome = outcome or self.outcome

    def __str__(self) -> str:
        return f"{self.peer} {self.endpoint}: {self.detail} (happened: {self.happened})"


class CircuitOpen(CallError):  # noqa: N818 - the names of the resilience literature
    """The breaker refused the call; ``retry_after`` is in seconds."""

    outcome = "circuit_open"

    def __init__(self, detail: str, *, retry_after: float, **about: object) -> None:
        super().__init__(detail, **about)
        self.retry_after = retry_after


class BulkheadFull(CallError):  # noqa: N818
    """Too many calls to this peer are in flight in this process."""

    outcome = "bulkhead_full"


class DeadlineExceeded(CallError):  # noqa: N818
    """Time ran out; ``stage`` says where: before_send, backoff, or attempt."""

    outcome = "deadline_exceeded"

    def __init__(self, detail: str, *, stage: str, **about: object) -> None:
        super().__init__(detail, **about)
        self.stage = stage


class PeerUnavailable(CallError):  # noqa: N818
    """The peer could not be reached, or the line broke before its answer was whole."""

    outcome = "unavailable"


class PeerRejected(CallError):  # noqa: N818
    """The peer answered 4xx; ``problem`` is its problem document.

    ``retry_after`` is in seconds, when a 429 gave one.
    """

    outcome = "rejected"

    def __init__(
        self,
        detail: str,
        *,
        status: int,
        problem: dict[str, object],
        retry_after: float | None = None,
        **about: object,
    ) -> None:
        super().__init__(detail, **about)
        self.status = status
        self.problem = problem
        self.retry_after = retry_after

    @property
    def code(self) -> str:
        """The ``code`` of the peer's problem document, or ""."""
        return str(self.problem.get("code", ""))


class PeerFailed(CallError):  # noqa: N818
    """The peer answered 5xx; ``retry_after`` is in seconds, when it gave one."""

    outcome = "failed"

    def __init__(
        self,
        detail: str,
        *,
        status: int,
        retry_after: float | None = None,
        **about: object,
    ) -> None:
        super().__init__(detail, **about)
        self.status = status
        self.retry_after = retry_after


class ContractViolation(CallError):  # noqa: N818
    """The peer answered 2xx with a body that its contract does not allow."""

    outcome = "contract_violation"


class DomainError(Exception):
    """A refusal with a meaning: subclasses set ``code``, ``status``, ``title``.

    The docstring of the subclass is the default detail; ``errors`` lists refused fields
    as ``{"field", "code", "detail"}``; ``retry_after`` is in seconds; ``retryable``
    promises that repeating the request is safe and may succeed.
    """

    code = "refused"
    status = 400
    retryable = False

    def __init__(
        self,
        detail: str = "",
        *,
        errors: list[dict[str, str]] | None = None,
        retry_after: float | None = None,
        members: dict[str, object] | None = None,
    ) -> None:
        self.detail = detail or (type(self).__doc__ or "").strip().splitlines()[0]
        self.errors = errors
        self.retry_after = retry_after
        self.members = members or {}
        super().__init__(self.detail)


class InvalidRequestError(DomainError):
    """The request does not fit the contract."""

    code = "invalid_request"
    status = 400
