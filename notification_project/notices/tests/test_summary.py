"""What user-service learns of a person's unread notices."""

import pytest

from notification_project.notices import services
from notification_project.notices.models import Notice
from shared.contracts.notification import (
    GetNotificationSummary,
    NotificationSummary,
    SendNotice,
    get_notification_summary,
)
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db


@pytest.fixture
def summary_of(call_internal):
    """Give a function that asks for the summary of a person."""

    def ask(user_id, caller="user"):
        request = GetNotificationSummary(user_id=user_id)
        return call_internal(get_notification_summary, request, caller=caller)

    return ask


def tell(user_id, title="News"):
    order = SendNotice(user_id=user_id, type="social", category="alert", title=title)
    return services.send_notice(order=order, sender="course")


def test_a_summary_counts_what_is_unread(summary_of):
    user_id = uuid7()
    unread, read, deleted, _ = (
        tell(user_id),
        tell(user_id),
        tell(user_id),
        tell(uuid7()),
    )
    services.mark_read(user_id=user_id, notice_id=read.pk)
    services.delete_notice(user_id=user_id, notice_id=deleted.pk)

    answer = summary_of(user_id)

    assert answer.status_code == 200
    assert answer.json()["unread_count"] == 1
    [item] = answer.json()["latest_unread"]
    assert item["notification_id"] == str(unread.pk)
    assert (item["type"], item["category"]) == ("social", "alert")


def test_the_latest_five_are_named_without_their_text(summary_of):
    user_id = uuid7()
    notices = [tell(user_id, title="A secret") for _ in range(7)]

    answer = summary_of(user_id)

    assert answer.json()["unread_count"] == 7
    named = [item["notification_id"] for item in answer.json()["latest_unread"]]
    assert named == [str(notice.pk) for notice in notices[:1:-1]]
    assert "secret" not in answer.content.decode()


def test_a_summary_takes_two_queries(summary_of, django_assert_num_queries):
    user_id = uuid7()
    for _ in range(6):
        tell(user_id)
    summary_of(user_id)  # the key is checked once

    with django_assert_num_queries(2):
        summary_of(user_id)


def test_somebody_unknown_has_read_everything(summary_of):
    answer = summary_of(uuid7())

    expected = NotificationSummary(unread_count=0, latest_unread=[])
    assert get_notification_summary.encoder.encode(expected) == answer.content
    assert not Notice.objects.exists()


def test_only_user_service_may_ask(summary_of):
    assert summary_of(uuid7(), caller="course").status_code == 403
