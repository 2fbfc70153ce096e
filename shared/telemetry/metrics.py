"""The metrics of a process, each named once; served by shared.server.health."""

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

# What is in a service's database, not in one process: read when Prometheus asks.
_database_collectors: list[Collector] = []


def add_database_collector(collector: Collector) -> None:
    """Let *collector* answer at every scrape of this service."""
    _database_collectors.append(collector)


def database_collectors() -> list[Collector]:
    """Return the collectors that read the database."""
    return list(_database_collectors)
