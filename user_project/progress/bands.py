"""Bands: IELTS scores in halves, and how a mean becomes one."""

from decimal import ROUND_FLOOR, Decimal


def mean_band(total: Decimal, count: int) -> Decimal | None:
    """Return the mean to the nearest half band; .25 and .75 round up."""
    if not count:
        return None
    halves = (total * 2 / count + Decimal("0.5")).to_integral_value(ROUND_FLOOR)
    return halves / 2
