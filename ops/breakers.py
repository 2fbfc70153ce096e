"""The circuit breakers of a service, as the metrics of its processes show them."""

import urllib.request
from dataclasses import dataclass
from enum import IntEnum

from prometheus_client.parser import text_string_to_metric_families

from .platform import Platform

_METRIC = "circuit_breaker_state"
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class BreakerState(IntEnum):
    """The values of the metric."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


@dataclass(frozen=True)
class BreakerSeen:
    """One breaker: in which program, towards which instance."""

    program: str
    peer: str
    instance: str
    state: BreakerState


@dataclass(frozen=True)
class Breakers:
    """What a service's processes show; *unread* are those that do not answer."""

    not_closed: tuple[BreakerSeen, ...]
    unread: tuple[str, ...]


def breakers_of(platform: Platform, service: str) -> Breakers:
    """Return the breakers in the web processes and in the worker of *service*."""
    not_closed, unread = [], []
    for program, url in (
        (f"{service}-web", platform.url(service)),
        (f"{service}-worker", platform.worker_url(service)),
    ):
        try:
            with _opener.open(f"{url}/metrics", timeout=3) as response:
                text = response.read().decode()
        except OSError:
            unread.append(program)
            continue
        seen = read_breakers(program, text)
        not_closed += [row for row in seen if row.state is not BreakerState.CLOSED]
    return Breakers(tuple(not_closed), tuple(unread))


def read_breakers(program: str, text: str) -> list[BreakerSeen]:
    """Return the breakers in *text*, metrics in Prometheus' format."""
    return [
        BreakerSeen(
            program,
            sample.labels["to_service"],
            sample.labels["instance"],
            BreakerState(int(sample.value)),
        )
        for family in text_string_to_metric_families(text)
        if family.name == _METRIC
        for sample in family.samples
    ]
