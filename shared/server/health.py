"""What watches a process: liveness, readiness, metrics."""

import os

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client import REGISTRY as PROCESS_REGISTRY
from prometheus_client.multiprocess import MultiProcessCollector

from shared.client.discovery import directory
from shared.telemetry.metrics import database_collectors

from .problems import problem

METRICS_TYPE = CONTENT_TYPE_LATEST


@csrf_exempt  # a wrong method is told so, not asked for a token
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process does."""
    return JsonResponse({"status": "live"})


@csrf_exempt
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when this service's own database does; peers do not matter."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        return problem(503, "database_unavailable", "The database does not answer.")
    return JsonResponse({"status": "ready"})


@csrf_exempt
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer all metrics of this service's web processes."""
    return HttpResponse(render_metrics(), content_type=METRICS_TYPE)


def render_metrics() -> bytes:
    """Return the metrics in Prometheus' text format, summed over the processes."""
    directory.show_states()
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # noqa: TID251 - the library's switch
        MultiProcessCollector(registry)
    else:
        registry.register(PROCESS_REGISTRY)
    for collector in database_collectors():
        registry.register(collector)
    return generate_latest(registry)
