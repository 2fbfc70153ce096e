"""What this service makes of the facts about a person, in whatever order they come."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notification_project.notices.models import Reader
from shared.contracts.events import (
    ProfileUpdated,
    UserDisabled,
    UserEnabled,
    UserRegistered,
    UserRoleChanged,
)
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
DAWN = datetime(2026, 3, 10, 6, tzinfo=UTC)


def story_of(user_id):
    """Return a person's facts in the order in which they became true."""
    return [
        UserRegistered(
            user_id=user_id,
            email="ana@example.com",
            full_name="Ana Silva",
            role="student",
            registered_at=DAWN,
        ),
        profile_updated(user_id, 1, display_name="Ana", locale="en"),
        UserRoleChanged(
            user_id=user_id, role="instructor", changed_at=DAWN + timedelta(hours=2)
        ),
        profile_updated(user_id, 3, display_name="Aninha", locale="vi"),
        UserRoleChanged(
            user_id=user_id, role="admin", changed_at=DAWN + timedelta(hours=4)
        ),
    ]


def profile_updated(user_id, hours, **fields):
    return ProfileUpdated(
        user_id=user_id,
        timezone="Asia/Ho_Chi_Minh",
        visibility="public",
        updated_at=DAWN + timedelta(hours=hours),
        **fields,
    )


def test_a_registration_is_remembered(deliver):
    user_id = uuid7()

    response = deliver(story_of(user_id)[0])

    assert response.status_code == 200
    reader = Reader.objects.get()
    assert reader.user_id == user_id
    assert reader.display_name == "Ana Silva"
    assert reader.role == "student"
    assert (reader.locale, reader.timezone) == ("en", "UTC")


def test_a_profile_that_arrives_before_its_registration_is_kept(deliver):
    user_id = uuid7()
    registered, updated, *_ = story_of(user_id)

    deliver(updated)
    deliver(registered)

    reader = Reader.objects.get()
    assert reader.display_name == "Ana"
    assert reader.role == "student"
    assert reader.registered_at == DAWN


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0), (1, 0, 0)])
@pytest.mark.parametrize("is_disabled", [True, False])
def test_the_newest_fact_says_if_an_account_is_disabled(deliver, order, is_disabled):
    user_id = uuid7()
    later = DAWN + timedelta(hours=1)
    story = [
        UserDisabled(user_id=user_id, disabled_at=DAWN),
        UserEnabled(user_id=user_id, enabled_at=later),
    ]
    if is_disabled:
        story = [
            UserEnabled(user_id=user_id, enabled_at=DAWN),
            UserDisabled(user_id=user_id, disabled_at=later),
        ]

    for number in order:
        assert deliver(story[number]).status_code == 200

    assert Reader.objects.get(pk=user_id).is_disabled is is_disabled


def test_only_its_publisher_may_deliver_a_fact(deliver):
    response = deliver(story_of(uuid7())[0], publisher="user")

    assert response.status_code == 403
    assert not Reader.objects.exists()


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=st.permutations([0, 1, 2, 3, 4] * 2))
def test_facts_in_any_order_and_number_give_the_same_reader(deliver, order):
    user_id = uuid7()
    story = story_of(user_id)

    for number in order:
        assert deliver(story[number]).status_code == 200

    reader = Reader.objects.get(user_id=user_id)
    assert reader.display_name == "Aninha"
    assert reader.locale == "vi"
    assert reader.timezone == "Asia/Ho_Chi_Minh"
    assert reader.role == "admin"
    assert reader.registered_at == DAWN
