"""The start page of the admin: what needs attention, today, a chart, the neighbours."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from shared.operators.desk import (
    Figure,
    Gauge,
    Number,
    concerns_of,
    figures_of,
    per_day,
)
from shared.outbox.desk import deliveries
from shared.topology import staff_roles

CHART_DAYS = 30
# Bars first, then lines; the second is a variable of start.css.
COLOURS = ("var(--color-primary-500)", "var(--desk-second)")


@dataclass(frozen=True)
class Card:
    """One number of today, ready to be read."""

    title: str
    value: str
    unit: str
    note: str
    link: str


@dataclass(frozen=True)
class Chart:
    """The last days, for the eye and as a table."""

    title: str
    summary: str
    names: list[str]
    rows: list[tuple[date, list[str]]]
    data: str
    options: str
    is_empty: bool


def start_page(
    request: HttpRequest,
    context: dict[str, object],
    clock: Callable[[], datetime] = timezone.now,
) -> dict[str, object]:
    """Add to the first page of the admin what this person may see; a UNFOLD callback.

    Who may see nothing is told so, as by any admin.
    """
    if not context["app_list"]:
        return context
    today = clock().date()
    days = [today - timedelta(days=back) for back in reversed(range(CHART_DAYS))]
    figures = figures_of(request)
    numbers = [_numbers(figure, days) for figure in figures]
    desk = {
        "today": today,
        "attention": concerns_of(request),
        "cards": [_card(*pair) for pair in zip(figures, numbers, strict=True)],
        "chart": _chart(figures, numbers, days),
        "deliveries": deliveries(request),
        "neighbours": neighbours(request),
    }
    return {**context, "title": "Overview", "desk": desk}


def neighbours(request: HttpRequest) -> list[dict[str, str]]:
    """Return the other admins that this person may enter, and where they are.

    Without another word they are on the host by which the browser came, at their ports.
    """
    role = getattr(request.user, "role", None)
    here = urlsplit(request.build_absolute_uri("/"))
    host = f"[{here.hostname}]" if ":" in here.hostname else here.hostname
    addresses = {
        name: settings.ADMIN_URLS[name] or f"{here.scheme}://{host}:{port}/admin/"
        for name, port in settings.SERVICE_PORTS.items()
        if name != settings.SERVICE and (role is None or role in staff_roles(name))
    }
    return [
        {"name": name, "address": address, "place": urlsplit(address).netloc}
        for name, address in addresses.items()
    ]


def _numbers(figure: Figure | Gauge, days: Sequence[date]) -> list[Number]:
    if isinstance(figure, Gauge):
        return []
    return per_day(figure, days if figure.in_chart else days[-2:])


def _card(figure: Figure | Gauge, numbers: Sequence[Number]) -> Card:
    if isinstance(figure, Gauge):
        return Card(figure.title, _text(figure.value), "", figure.note, figure.link)
    yesterday, today = numbers[-2:]
    return Card(
        title=figure.title,
        value=_text(today),
        unit="" if today is None else figure.unit,
        note=f"yesterday {_text(yesterday)} {figure.unit if yesterday else ''}".strip(),
        link=figure.link,
    )


def _chart(
    figures: Sequence[Figure | Gauge],
    numbers: Sequence[Sequence[Number]],
    days: Sequence[date],
) -> Chart | None:
    series = {
        figure.title: [number or 0 for number in found]
        for figure, found in zip(figures, numbers, strict=True)
        if isinstance(figure, Figure) and figure.in_chart
    }
    if not series:
        return None
    totals = [f"{name.lower()} {_text(sum(found))}" for name, found in series.items()]
    columns = zip(*series.values(), strict=True)
    return Chart(
        title=f"{' and '.join(series).capitalize()}, day by day",
        summary=f"The last {CHART_DAYS} days: {', '.join(totals)}.",
        names=list(series),
        rows=[
            (day, [_text(number) for number in found])
            for day, found in zip(reversed(days), reversed(list(columns)), strict=True)
        ],
        data=_data(series, days),
        options=json.dumps(_OPTIONS),
        is_empty=not any(any(found) for found in series.values()),
    )


def _data(series: dict[str, list[Number]], days: Sequence[date]) -> str:
    datasets = []
    for place, (name, found) in enumerate(series.items()):
        colour = COLOURS[place % len(COLOURS)]
        look = _LINE if place else _BAR
        colours = {"borderColor": colour, "backgroundColor": colour}
        datasets.append({"label": name, "data": found, **look, **colours})
    labels = [f"{day.day} {day:%b}" for day in days]
    return json.dumps({"labels": labels, "datasets": datasets})


def _text(number: Number) -> str:
    if number is None:
        return "—"
    return f"{number:,}" if isinstance(number, int) else f"{Decimal(number):,.1f}"


_BAR = {"type": "bar", "order": 2, "borderRadius": 3, "maxBarThickness": 18}
_LINE = {
    "type": "line",
    "order": 1,
    "borderWidth": 2,
    "pointRadius": 2,
    "pointHoverRadius": 4,
}
_QUIET = "#8b93a1"  # readable on the light and on the dark page
_OPTIONS = {
    "animation": False,
    "responsive": True,
    "maintainAspectRatio": False,
    "interaction": {"mode": "index", "intersect": False},
    "plugins": {
        "legend": {
            "align": "end",
            "reverse": True,
            "labels": {
                "boxHeight": 6,
                "boxWidth": 6,
                "color": _QUIET,
                "pointStyle": "circle",
                "usePointStyle": True,
            },
        }
    },
    "scales": {
        "x": {
            "border": {"display": False},
            "grid": {"display": False},
            "ticks": {
                "autoSkip": True,
                "color": _QUIET,
                "maxRotation": 0,
                "maxTicksLimit": 10,
            },
        },
        "y": {
            "beginAtZero": True,
            "border": {"display": False},
            "grid": {"drawTicks": False, "lineWidth": 0.5},
            "ticks": {
                "color": _QUIET,
                "maxTicksLimit": 5,
                "padding": 8,
                "precision": 0,
            },
        },
    },
}
