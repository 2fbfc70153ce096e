"""What the start page of the admin is made of; every app adds its own in desk.py."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Aggregate, Count, Model, QuerySet, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

Number = int | float | Decimal | None


@dataclass(frozen=True)
class Concern:
    """Something that a person should look at, and the page where it is."""

    text: str
    link: str = ""
    is_urgent: bool = False


@dataclass(frozen=True)
class Figure:
    """A number of each UTC day; today's is shown with yesterday's beside it.

    ``at`` names the time by which a row belongs to a day. An index begins with it, else
    a ValueError: a day is one range of it, so that the cost follows what happened and
    not the size of the table.
    """

    title: str
    rows: QuerySet
    at: str
    number: Aggregate = field(default_factory=lambda: Count("pk"))
    unit: str = ""
    link: str = ""
    in_chart: bool = False

    def __post_init__(self) -> None:
        meta = self.rows.model._meta
        begun = {index.fields[0].lstrip("-") for index in meta.indexes if index.fields}
        if self.at not in begun and not meta.get_field(self.at).db_index:
            raise ValueError(f"No index of {meta.label} begins with {self.at}.")


@dataclass(frozen=True)
class Gauge:
    """A number as it is now; it has no yesterday."""

    title: str
    value: int
    note: str
    link: str = ""


ConcernsFinder = Callable[[HttpRequest], Iterable[Concern]]
FiguresFinder = Callable[[HttpRequest], Iterable[Figure | Gauge]]

_concerns: list[ConcernsFinder] = []
_figures: list[FiguresFinder] = []


def attention(find: ConcernsFinder) -> ConcernsFinder:
    """Register what finds an app's concerns: those that this person may act on."""
    _concerns.append(find)
    return find


def today(find: FiguresFinder) -> FiguresFinder:
    """Register what finds an app's figures: of rows that this person may see."""
    _figures.append(find)
    return find


def concerns_of(request: HttpRequest) -> list[Concern]:
    """Return what needs this person's attention, the urgent first."""
    found = [concern for find in _concerns for concern in find(request)]
    return sorted(found, key=lambda concern: not concern.is_urgent)


def figures_of(request: HttpRequest) -> list[Figure | Gauge]:
    """Return the figures that this person may see, those of the chart first."""
    found = [figure for find in _figures for figure in find(request)]
    return sorted(found, key=lambda figure: not getattr(figure, "in_chart", False))


def per_day(figure: Figure, days: Sequence[date]) -> list[Number]:
    """Return the number of each day, in one query that reads a range for each.

    It is what the aggregate makes of no rows, 0 or None, for a day without any.
    """
    first, *others = (_of_day(figure, place, day) for place, day in enumerate(days))
    found = dict(first.union(*others, all=True))
    return [found.get(place) for place in range(len(days))]


def may_view(request: HttpRequest, model: type[Model]) -> bool:
    """Say whether the admin shows this person a list of *model*."""
    return admin.site.get_model_admin(model).has_view_permission(request)


def link_to(request: HttpRequest, model: type[Model], **filters: object) -> str:
    """Return the address of a list, filtered; empty for who may not see it."""
    if not may_view(request, model):
        return ""
    place = f"{model._meta.app_label}_{model._meta.model_name}"
    address = reverse(f"admin:{place}_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address


def count_of(number: int, one: str, many: str) -> str:
    """Return a number with the word that fits it."""
    return f"{number:,} {one if number == 1 else many}"


def age_of(moment: datetime) -> str:
    """Return how long ago a moment was, in its largest unit."""
    if timezone.now() - moment < timedelta(minutes=1):
        return "less than a minute"
    return timesince(moment, depth=1)


def _of_day(figure: Figure, place: int, day: date) -> QuerySet:
    start = datetime.combine(day, time(), UTC)
    span = {
        f"{figure.at}__gte": start,
        f"{figure.at}__lt": start + timedelta(days=1),
    }
    # Names that no model has for a column of its own.
    rows = figure.rows.filter(**span).order_by().annotate(figure_day=Value(place))
    numbers = rows.values("figure_day").annotate(figure_number=figure.number)
    return numbers.values_list("figure_day", "figure_number")
