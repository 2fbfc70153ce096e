"""Spans of time: what others do not cover, and on which calendar days they lie."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from user_project.profiles.zones import day_begins, local_day

Span = tuple[datetime, datetime]


def uncovered(span: Span, others: Iterable[Span]) -> list[Span]:
    """Return the parts of *span* that no other covers, earliest first."""
    start, end = span
    parts = []
    for other_start, other_end in sorted(others):
        if other_start > start:
            parts.append((start, min(other_start, end)))
        start = max(start, other_end)
        if start >= end:
            return parts
    return [*parts, (start, end)]


def split_at_midnight(span: Span, zone: str) -> list[tuple[date, timedelta]]:
    """Return how much of *span*, shorter than a day, lies on each day in *zone*."""
    start, end = span
    first, last = local_day(start, zone), local_day(end, zone)
    if first == last:
        return [(first, end - start)]
    midnight = min(max(day_begins(last, zone), start), end)
    return [(first, midnight - start), (last, end - midnight)]
