"""The sign-in throttle: limits, healing, freed slots."""

import pytest

from auth_project.accounts.errors import (
    InvalidCredentialsError,
    TooManyAttemptsError,
)
from auth_project.accounts.models import SignInAttempt
from auth_project.accounts.services import verify_credentials
from auth_project.accounts.throttle import (
    network_of,
    purge_attempts,
    settle_slot,
    take_slot,
)
from auth_project.conftest import PASSWORD

ADDRESS = "198.51.100.7"


def test_an_address_that_grew_when_it_was_normalised_fits_its_column(db, wall_clock):
    in_ascii = "ana@" + ".".join(["xn--9ca"] * 100) + ".com"

    attempt = take_slot(email=in_ascii, address=ADDRESS, clock=wall_clock)

    assert len(attempt.email) == 254


def fail(clock, email="ana@example.org", address=ADDRESS):
    with pytest.raises(InvalidCredentialsError):
        verify_credentials(email=email, password="not it", address=address, clock=clock)


def succeed(clock, email="ana@example.org", address=ADDRESS):
    return verify_credentials(
        email=email, password=PASSWORD, address=address, clock=clock
    )


def test_an_account_heals_when_its_first_failure_is_ten_minutes_old(ana, wall_clock):
    for _ in range(10):
        fail(wall_clock)
        wall_clock.advance(seconds=10)

    with pytest.raises(TooManyAttemptsError) as refused:
        succeed(wall_clock)
    wall_clock.advance(seconds=refused.value.retry_after)

    assert refused.value.retry_after == 500
    assert succeed(wall_clock) == ana


def test_refused_attempts_do_not_keep_an_account_closed(ana, wall_clock):
    for _ in range(10):
        fail(wall_clock)
    for _ in range(20):
        wall_clock.advance(seconds=30)
        with pytest.raises((TooManyAttemptsError, InvalidCredentialsError)):
            verify_credentials(
                email=ana.email, password="x", address="", clock=wall_clock
            )

    assert SignInAttempt.objects.count() == 11


def test_an_unknown_address_closes_like_a_known_one(db, wall_clock):
    for _ in range(10):
        fail(wall_clock, email="nobody@example.org")

    with pytest.raises(TooManyAttemptsError):
        succeed(wall_clock, email="NOBODY@example.org")


def test_one_address_fails_thirty_times_over_all_accounts(ana, wall_clock):
    for number in range(30):
        fail(wall_clock, email=f"person{number}@example.org")

    with pytest.raises(TooManyAttemptsError):
        succeed(wall_clock)
    assert succeed(wall_clock, address="198.51.100.8") == ana


def test_successes_take_no_slot(ana, wall_clock):
    for _ in range(40):
        succeed(wall_clock)

    assert succeed(wall_clock) == ana


def test_slots_that_are_not_decided_yet_count_and_ask_for_patience(ana, wall_clock):
    slots = [
        take_slot(email=ana.email, address=ADDRESS, clock=wall_clock) for _ in range(10)
    ]

    with pytest.raises(TooManyAttemptsError) as refused:
        succeed(wall_clock)
    settle_slot(slots[0], SignInAttempt.Outcome.SUCCEEDED)

    assert refused.value.retry_after == 1
    assert succeed(wall_clock) == ana


def test_slots_of_a_crashed_process_count_as_failures(ana, wall_clock):
    for _ in range(10):
        take_slot(email=ana.email, address=ADDRESS, clock=wall_clock)
    wall_clock.advance(seconds=60)

    with pytest.raises(TooManyAttemptsError) as refused:
        succeed(wall_clock)

    assert refused.value.retry_after == 540


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::2", "2001:db8::/64"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_a_client_is_an_address_or_an_ipv6_network(address, network):
    assert network_of(address) == network


def test_attempts_are_forgotten_after_a_month(ana, wall_clock):
    fail(wall_clock)
    wall_clock.advance(days=29)
    fail(wall_clock)
    wall_clock.advance(days=2)

    assert purge_attempts(clock=wall_clock) == 1
    assert SignInAttempt.objects.count() == 1
