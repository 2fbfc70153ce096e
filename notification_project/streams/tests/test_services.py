"""Tickets count once, and the order of notices holds whenever they commit."""

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from notification_project.notices.models import UNANNOUNCED, Notice
from notification_project.streams import services
from notification_project.streams.errors import TicketNotValidError
from notification_project.streams.models import LastPosition, Ticket
from notification_project.streams.tests.notices import (
    make_notice,
    make_notices,
    together,
    without_connections,
)
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def issue(user_id=None, at=NOON):
    return services.issue_ticket(
        user_id=user_id or uuid7(),
        session_id=None,
        token_issued_at=at,
        clock=lambda: at,
    )


def redeem(ticket, seconds_later=1):
    return services.redeem_ticket(
        ticket=ticket, clock=lambda: NOON + timedelta(seconds=seconds_later)
    )


def titles(notices):
    return [notice.own_title for notice in notices]


def news(user_id, after=0):
    return services.read_news(user_ids={user_id}, after=after)


def test_a_ticket_says_whose_it_is_and_is_stored_nowhere():
    user_id = uuid7()

    ticket = issue(user_id)

    assert redeem(ticket).user_id == user_id
    assert ticket not in str(Ticket.objects.values())


def test_a_used_ticket_is_refused():
    ticket = issue()
    redeem(ticket)

    with pytest.raises(TicketNotValidError):
        redeem(ticket)


@pytest.mark.parametrize(("seconds", "is_valid"), [(29, True), (30, False)])
def test_a_ticket_is_good_for_thirty_seconds(seconds, is_valid):
    ticket = issue()

    if is_valid:
        redeem(ticket, seconds)
    else:
        with pytest.raises(TicketNotValidError):
            redeem(ticket, seconds)


@pytest.mark.parametrize("ticket", ["", "x", "\0", "é" * 500])
def test_what_is_no_ticket_is_refused(ticket):
    with pytest.raises(TicketNotValidError):
        redeem(ticket)


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_show_a_ticket_at_once_one_gets_in():
    ticket = issue()

    def show():
        try:
            redeem(ticket)
        except TicketNotValidError:
            return False
        return True

    assert sorted(together(show, 10)) == [False] * 9 + [True]


def test_old_tickets_are_deleted_and_new_ones_kept():
    issue(at=NOON - timedelta(hours=2))
    issue(at=NOON)

    assert services.purge_tickets(clock=lambda: NOON) == 1
    assert services.purge_tickets(clock=lambda: NOON) == 0
    assert Ticket.objects.get().created_at == NOON


def test_news_come_in_order_and_once():
    user_id = uuid7()
    make_notices(user_id, "one", "two")

    first = news(user_id)
    make_notice(user_id, "three")
    second = news(user_id, after=first[-1].position)

    assert titles(first) == ["one", "two"]
    assert titles(second) == ["three"]
    assert news(user_id, after=second[-1].position) == []


def test_news_are_those_of_the_people_who_listen():
    ana, ben = uuid7(), uuid7()
    make_notice(ana, "of Ana")
    make_notice(ben, "of Ben")
    make_notice(ana, "deleted", deleted_at=NOON)

    assert titles(news(ana)) == ["of Ana"]
    assert Notice.objects.get(user_id=ben).position == UNANNOUNCED


def test_a_look_without_news_is_one_query(django_assert_num_queries):
    people = [uuid7() for _ in range(3)]
    for user_id in people:
        make_notice(user_id)
    last = services.read_news(user_ids=people, after=0)[-1].position

    with django_assert_num_queries(1):
        assert services.read_news(user_ids=people, after=last) == []


def test_a_look_for_news_reads_the_news_only():
    ana, ben = uuid7(), uuid7()
    Notice.objects.bulk_create(
        Notice(user_id=user_id, type="system", own_title="old", position=position)
        for position in range(1, 1001)
        for user_id in (ana, ben)
    )
    if connection.vendor == "postgresql":  # as its autovacuum does
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE notices_notice")

    plan = Notice.objects.of_readers([ana, ben]).after(999).explain()

    assert "notices_by_position" in plan


def test_many_news_come_in_parts(monkeypatch):
    monkeypatch.setattr(services, "MOST_AT_ONCE", 3)
    user_id, position, seen = uuid7(), 0, []
    make_notices(user_id, *"abcdefgh")

    while part := news(user_id, after=position):
        assert len(part) <= 3
        position = part[-1].position
        seen += titles(part)

    assert seen == list("abcdefgh")


def test_a_notice_that_is_older_than_what_was_told_comes_all_the_same():
    user_id = uuid7()
    make_notice(user_id, "newer", created_at=NOON)
    told = news(user_id)[-1].position

    make_notice(user_id, "older", created_at=NOON - timedelta(minutes=1))

    assert titles(news(user_id, after=told)) == ["older"]


@contextmanager
def sending_slowly(user_id, title):
    """Send a notice in a transaction that commits when told to: *commit*."""
    is_written, may_commit = threading.Event(), threading.Event()

    @without_connections
    def run():
        with transaction.atomic():
            make_notice(user_id, title)
            is_written.set()
            may_commit.wait(10)

    thread = threading.Thread(target=run)
    thread.start()
    assert is_written.wait(10)

    def commit():
        may_commit.set()
        thread.join()

    try:
        yield commit
    finally:
        commit()


@pytest.mark.django_db(transaction=True)
def test_a_notice_that_commits_late_is_not_missed():
    user_id = uuid7()
    # SQLite lets nobody write beside it, so there nothing overtakes it.
    quick = ["quick"] if connection.vendor == "postgresql" else []

    with sending_slowly(user_id, "slow") as commit:
        make_notices(user_id, *quick)
        told = news(user_id)
        position = LastPosition.objects.values_list("value", flat=True).first() or 0
        commit()
    caught_up = services.catch_up(user_id=user_id, after=position)

    assert titles(told) == quick
    assert titles(news(user_id, after=position)) == ["slow"]
    assert titles(caught_up.notices) == ["slow"]


@pytest.mark.django_db(transaction=True)
def test_processes_that_announce_at_once_give_each_notice_one_place():
    people = [uuid7() for _ in range(4)]
    for user_id in people:
        make_notices(user_id, *"abc")

    counts = together(lambda: services.announce(user_ids=people), 6)

    positions = list(Notice.objects.values_list("position", flat=True))
    assert sum(counts) == len(positions) == 12
    assert sorted(positions) == list(range(1, 13))


def test_who_comes_for_the_first_time_has_missed_nothing():
    user_id = uuid7()
    make_notices(user_id, "one", "two")

    caught_up = services.catch_up(user_id=user_id, after=None)

    assert caught_up.notices == []
    assert caught_up.is_complete
    assert caught_up.unread_count == 2
    assert news(user_id, after=caught_up.position) == []


def test_who_comes_again_gets_what_was_missed():
    user_id = uuid7()
    make_notice(user_id, "seen")
    position = services.catch_up(user_id=user_id, after=None).position
    make_notices(user_id, "missed", "missed too")
    make_notice(uuid7(), "of somebody else")

    caught_up = services.catch_up(user_id=user_id, after=position)

    assert titles(caught_up.notices) == ["missed", "missed too"]
    assert caught_up.is_complete
    assert news(user_id, after=caught_up.position) == []


@pytest.mark.parametrize(("missed", "is_complete"), [(100, True), (101, False)])
def test_who_missed_too_much_gets_the_newest_and_is_told(missed, is_complete):
    user_id = uuid7()
    Notice.objects.bulk_create(
        Notice(user_id=user_id, type="system", own_title=str(number))
        for number in range(missed)
    )

    caught_up = services.catch_up(user_id=user_id, after=0)

    assert len(caught_up.notices) == 100
    assert caught_up.notices[-1].position == caught_up.position
    assert caught_up.is_complete is is_complete


def test_a_position_that_was_never_given_is_no_place_to_go_on_from():
    caught_up = services.catch_up(user_id=uuid7(), after=10**18)

    assert not caught_up.is_complete
    assert caught_up.notices == []


def test_unread_notices_are_counted_for_all_at_once(django_assert_num_queries):
    ana, ben = uuid7(), uuid7()
    make_notices(ana, "one", "two")
    make_notice(ana, "read", read_at=timezone.now())

    with django_assert_num_queries(1):
        assert services.count_unread(user_ids={ana, ben}) == {ana: 2, ben: 0}
