"""How much waits in the outbox, for how long: for operators and for Prometheus."""

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from django.db import DatabaseError, InterfaceError
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from .models import Destination, OutboxMessage

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Depth:
    """The messages for one destination; ages are in seconds."""

    destination: str
    state: str
    pending: int
    oldest_pending_seconds: float
    dead: int
    is_paused: bool
    last_error: str

    def as_dict(self) -> dict[str, object]:
        """Return the fields by name."""
        return asdict(self)


def depths() -> list[Depth]:
    """Return the depth per destination, by name."""
    now = timezone.now()
    pending = {
        row["destination"]: row
        for row in OutboxMessage.objects.pending()
        .order_by()
        .values("destination")
        .annotate(count=Count("position"), oldest=Min("created_at"))
    }
    dead = dict(
        OutboxMessage.objects.dead()
        .order_by()
        .values_list("destination")
        .annotate(count=Count("position"))
    )
    known = {row.name: row for row in Destination.objects.all()}
    result = []
    for name in sorted({*known, *pending, *dead}):
        row = known.get(name) or Destination(name=name)
        waiting = pending.get(name)
        age = (now - waiting["oldest"]).total_seconds() if waiting else 0.0
        result.append(
            Depth(
                destination=name,
                state=row.state,
                pending=waiting["count"] if waiting else 0,
                oldest_pending_seconds=max(0.0, age),
                dead=dead.get(name, 0),
                is_paused=row.is_paused,
                last_error=row.last_error,
            )
        )
    return result


class DepthCollector(Collector):
    """Reads the depths when Prometheus asks: they are in the database."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges of the outbox."""
        gauges = {
            "pending": GaugeMetricFamily(
                "outbox_pending", "Messages that wait.", labels=["destination"]
            ),
            "oldest_pending_seconds": GaugeMetricFamily(
                "outbox_oldest_pending_seconds",
                "Age of the oldest message that waits.",
                labels=["destination"],
            ),
            "dead": GaugeMetricFamily(
                "outbox_dead", "Dead letters.", labels=["destination"]
            ),
        }
        try:
            rows = depths()
        except (DatabaseError, InterfaceError):
            # The metrics of the process matter most while its database is away.
            logger.warning("depth of the outbox not read", exc_info=True)
            return
        for depth in rows:
            for name, gauge in gauges.items():
                gauge.add_metric([depth.destination], getattr(depth, name))
        yield from gauges.values()
