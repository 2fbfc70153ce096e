"""System checks: contracts and the code that serves them agree, in both directions."""

from collections.abc import Iterator

from django.conf import settings
from django.core.checks import Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from shared.inbox.consumers import consumers_of
from shared.server.middleware import is_internal
from shared.server.serves import InternalView, MethodSwitch
from shared.wire.endpoints import ENDPOINTS
from shared.wire.events import EVENTS


@register
def check_endpoints(app_configs: object, **options: object) -> list[Error]:
    """Refuse contracts without a view, and internal views without a contract."""
    served = {view.endpoint.name for _, view in _internal_views() if view}
    missing = [
        Error(
            f"{endpoint.name} is declared, but no view serves it.",
            hint="Add it to an internal_views.py and mount it in internal_urls.py.",
            id="contracts.E001",
        )
        for endpoint in ENDPOINTS.values()
        if endpoint.peer == settings.SERVICE and endpoint.name not in served
    ]
    undeclared = [
        Error(
            f"{route} is an internal path, but its view has no contract.",
            hint="Declare it in shared/contracts and use @serves.",
            id="contracts.E002",
        )
        for route, view in _internal_views()
        if view is None or view.endpoint.name not in ENDPOINTS
    ]
    return missing + undeclared


@register
def check_subscriptions(app_configs: object, **options: object) -> list[Error]:
    """Refuse an event that lists this service without a consumer for it."""
    return [
        Error(
            f"{event_type.type} lists {settings.SERVICE} as a subscriber, but no "
            f"consumer reacts to it.",
            hint="Add an @consumes function to a consumers.py, or drop the subscriber.",
            id="contracts.E003",
        )
        for event_type in EVENTS.values()
        if settings.SERVICE in event_type.subscribers and not consumers_of(event_type)
    ]


def _internal_views() -> Iterator[tuple[str, InternalView | None]]:
    for route, callback in _routes(get_resolver().url_patterns, "/"):
        if isinstance(callback, MethodSwitch):
            for view in callback.views.values():
                yield route, view
        elif is_internal(route):
            yield route, None


def _routes(
    patterns: list[URLPattern | URLResolver], prefix: str
) -> Iterator[tuple[str, object]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route, pattern.callback
