"""The start page of notification's admin."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notification_project.notices.models import Notice, Reader
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
# Those of every start page, five figures, and the mails that were given up.
QUERIES = 11 + 5 + 1


def desk_of(browser):
    return browser.get("/admin/").context["desk"]


def make_notice(user_id=None, **about):
    return Notice.objects.create(
        user_id=user_id or uuid7(),
        type="system",
        template="welcome",
        sender="auth",
        **about,
    )


def test_who_was_told_today_is_counted(operator):
    ana, now = uuid7(), timezone.now()
    make_notice(ana, read_at=now)
    make_notice(ana)
    make_notice()
    make_notice(read_at=now, created_at=now - timedelta(days=1))
    Reader.objects.create(user_id=ana, registered_at=now)

    desk = desk_of(operator)

    cards = {card.title: (card.value, card.unit, card.note) for card in desk["cards"]}
    assert cards == {
        "Notices": ("3", "", "yesterday 1"),
        "Notices read": ("1", "", "yesterday 1"),
        "Read share": ("33.3", "%", "yesterday 100.0 %"),
        "People told": ("2", "", "yesterday 1"),
        "New readers": ("1", "", "yesterday 0"),
    }
    assert desk["chart"].rows[0] == (now.date(), ["3", "1"])


def test_a_share_of_nothing_is_none(operator):
    [share] = [
        card for card in desk_of(operator)["cards"] if card.title == "Read share"
    ]

    assert (share.value, share.unit, share.note) == ("—", "", "yesterday —")


def test_the_page_costs_the_same_for_one_row_and_for_many(
    operator, django_assert_num_queries
):
    for _ in range(5):
        make_notice()

    with django_assert_num_queries(QUERIES):
        operator.get("/admin/")
