"""Sessions over time: expiry, endings that meet, what is thrown away."""

import pytest

from auth_project.sessions.devices import Device
from auth_project.sessions.errors import (
    InvalidRefreshTokenError,
    RefreshTokenReusedError,
)
from auth_project.sessions.models import RefreshToken, Session
from auth_project.sessions.services import (
    end_session,
    end_sessions_of,
    live_sessions_of,
    open_session,
    purge_sessions,
    refresh_session,
)

REASON = Session.EndReason.ENDED_BY_OPERATOR


@pytest.fixture
def tokens(ana, wall_clock):
    return open_session(account_id=ana.pk, device=Device(), clock=wall_clock)


def test_a_session_lives_fourteen_days_after_its_last_refresh(ana, tokens, wall_clock):
    wall_clock.advance(days=13)
    token = refresh_session(
        refresh_token=tokens.refresh_token, clock=wall_clock
    ).refresh_token
    wall_clock.advance(days=13)
    assert live_sessions_of(ana.pk, clock=wall_clock).count() == 1

    wall_clock.advance(days=1)

    assert live_sessions_of(ana.pk, clock=wall_clock).count() == 0
    with pytest.raises(InvalidRefreshTokenError):
        refresh_session(refresh_token=token, clock=wall_clock)


@pytest.mark.parametrize(("seconds", "is_reuse"), [(10, False), (10.001, True)])
def test_a_token_may_be_repeated_for_ten_seconds(tokens, wall_clock, seconds, is_reuse):
    first = refresh_session(refresh_token=tokens.refresh_token, clock=wall_clock)
    wall_clock.advance(seconds=seconds)

    if is_reuse:
        with pytest.raises(RefreshTokenReusedError):
            refresh_session(refresh_token=tokens.refresh_token, clock=wall_clock)
        return
    again = refresh_session(refresh_token=tokens.refresh_token, clock=wall_clock)
    assert again.refresh_token == first.refresh_token


def test_a_session_ends_once(tokens, outbox):
    session = Session.objects.get()

    assert end_session(session=session, reason=REASON)
    written = len(outbox())

    assert not end_session(session=session, reason=REASON)
    assert len(outbox()) == written


def test_one_session_of_several_can_be_kept(ana, tokens, wall_clock):
    kept = Session.objects.get()
    for _ in range(3):
        open_session(account_id=ana.pk, device=Device(), clock=wall_clock)

    ended = end_sessions_of(
        account_id=ana.pk, reason=REASON, keep=kept.pk, clock=wall_clock
    )

    assert ended == 3
    assert list(live_sessions_of(ana.pk, clock=wall_clock)) == [kept]


@pytest.mark.django_db(transaction=True)
def test_a_refresh_and_an_end_at_the_same_time_leave_no_live_token(
    make_account, at_once
):
    account = make_account()
    for _ in range(5):
        tokens = open_session(account_id=account.pk, device=Device())
        session = Session.objects.get(ended_at=None)
        newest = []

        def race(number, tokens=tokens, session=session, newest=newest):
            if number:
                end_session(session=session, reason=REASON)
                return
            try:
                issued = refresh_session(refresh_token=tokens.refresh_token)
            except InvalidRefreshTokenError:
                return
            newest.append(issued.refresh_token)

        at_once(2, race)

        for token in newest:
            with pytest.raises(InvalidRefreshTokenError):
                refresh_session(refresh_token=token)


def test_expired_tokens_go_at_once_and_their_sessions_after_a_month(tokens, wall_clock):
    wall_clock.advance(days=13)
    newest = refresh_session(refresh_token=tokens.refresh_token, clock=wall_clock)
    wall_clock.advance(days=2)

    assert purge_sessions(clock=wall_clock) == 1
    assert RefreshToken.objects.count() == 1
    assert refresh_session(refresh_token=newest.refresh_token, clock=wall_clock)

    wall_clock.advance(days=14 + 31)
    purge_sessions(clock=wall_clock)
    assert not Session.objects.exists()
