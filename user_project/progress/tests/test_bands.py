"""The mean of bands, as a pure rule."""

from decimal import Decimal

import pytest

from user_project.progress.bands import mean_band


@pytest.mark.parametrize(
    ("bands", "expected"),
    [
        (["6.5"], "6.5"),
        (["6", "6.5"], "6.5"),  # 6.25
        (["6.5", "7"], "7"),  # 6.75
        (["6", "6", "6.5"], "6"),  # 6.17
        (["6", "6", "6", "6.5", "6.5", "6.5", "6.5"], "6.5"),  # 6.29
        (["0", "0"], "0"),
        (["9", "9"], "9"),
    ],
)
def test_a_quarter_rounds_up(bands, expected):
    total = sum((Decimal(band) for band in bands), Decimal(0))

    assert mean_band(total, len(bands)) == Decimal(expected)


def test_without_a_band_there_is_no_mean():
    assert mean_band(Decimal(0), 0) is None
