"""The metrics of a process, each named once; served by shared.server.health."""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.registry import Collector

_CALL = ("from_service", "to_service", "endpoint")

call_duration = Histogram(
    "service_call_duration_seconds",
    "Duration of one logical call with all its attempts.",
    _CALL,
    # From a local answer to the longest total deadline of a relay.
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
call_total = Counter("service_call", "Logical calls by outcome.", (*_CALL, "outcome"))
call_attempts = Counter("service_call_attempts", "Requests sent.", _CALL)
breaker_state = Gauge(
    "circuit_breaker_state",
    "0 closed, 1 half open, 2 open.",
    ("to_service", "instance"),
    multiprocess_mode="livemax",  # a process that is gone refuses nothing
)
bulkhead_in_use = Gauge(
    "bulkhead_in_use",
    "Calls in flight.",
    ("to_service",),
    multiprocess_mode="livesum",
)
bulkhead_rejected = Counter("bulkhead_rejected", "Calls refused.", ("to_service",))
retry_budget_exhausted = Counter(
    "retry_budget_exhausted", "Retries that the budget refused.", ("to_service",)
)
inbox_duplicates = Counter(
    "inbox_duplicates", "Requests answered from the inbox.", ("caller", "endpoint")
)
contract_violations = Counter(
    "contract_violations", "Answers that broke their contract.", ("endpoint",)
)
remote_call_in_transaction = Counter(
    "remote_call_in_transaction", "Calls made inside a transaction.", ("endpoint",)
)
internal_requests_refused = Counter(
    "internal_requests_refused", "Internal requests refused, by cause.", ("cause",)
)
relay_deliveries = Counter(
    "outbox_deliveries", "Deliveries by the relay.", ("destination", "outcome")
)
job_failures = Counter("worker_job_failures", "Periodic jobs that failed.", ("job",))
request_duration = Histogram(
    "http_request_duration_seconds",
    "Duration of one request.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def count_call(
    service: str,
    peer: str,
    endpoint: str,
    *,
    outcome: str,
    seconds: float,
    attempts: int,
    in_use: int,
) -> None:
    """Count one logical call: how it ended, how long it took, what it sent.

    *in_use* is the number of calls to the peer that are in flight now.
    """
    duration, sent, in_flight = _of_call(service, peer, endpoint)
    duration.observe(seconds)
    sent.inc(attempts)
    in_flight.set(in_use)
    _ended(service, peer, endpoint, outcome).inc()


# Finding a metric by its labels costs more than counting. There are as many as
# endpoints, times their outcomes.
@cache
def _of_call(
    service: str, peer: str, endpoint: str
) -> tuple[Histogram, Counter, Gauge]:
    labels = (service, peer, endpoint)
    return (
        call_duration.labels(*labels),
        call_attempts.labels(*labels),
        bulkhead_in_use.labels(peer),
    )


@cache
def _ended(service: str, peer: str, endpoint: str, outcome: str) -> Counter:
    return call_total.labels(service, peer, endpoint, outcome)


# What is in a service's database, not in one process: read when Prometheus asks.
_database_collectors: list[Collector] = []


def add_database_collector(collector: Collector) -> None:
    """Let *collector* answer at every scrape of this service."""
    _database_collectors.append(collector)


def database_collectors() -> list[Collector]:
    """Return the collectors that read the database."""
    return list(_database_collectors)
