"""The start page of user's admin."""

from datetime import timedelta

import pytest
from django.utils import timezone

from shared.contracts.user import UpdateProgress
from shared.wire.ids import uuid7
from user_project.profiles.models import Profile
from user_project.progress import services
from user_project.progress.models import StudySession

pytestmark = pytest.mark.django_db
# Those of every start page; profiles that wait; five figures.
QUERIES = 11 + 1 + 5


def desk_of(browser):
    return browser.get("/admin/").context["desk"]


def study(user_id, **done):
    services.add_progress(update=UpdateProgress(user_id=user_id, **done))


def make_profile(**about):
    return Profile.objects.create(
        user_id=uuid7(), email="ana@example.org", role="student", **about
    )


def test_what_was_studied_today_is_counted(operator):
    ana, bo = uuid7(), uuid7()
    study(bo, lessons_completed=1, study_minutes=45)
    StudySession.objects.update(occurred_at=timezone.now() - timedelta(days=1))
    study(ana, lessons_completed=1, study_minutes=1_200)
    study(ana, exercises_completed=1, study_minutes=34)
    study(bo, lessons_completed=1)
    make_profile()

    desk = desk_of(operator)

    assert {card.title: (card.value, card.note) for card in desk["cards"]} == {
        "Lessons": ("2", "yesterday 1"),
        "Exercises": ("1", "yesterday 0"),
        "Active learners": ("2", "yesterday 1"),
        "Minutes of study": ("1,234", "yesterday 45"),
        "New profiles": ("1", "yesterday 0"),
    }
    assert desk["chart"].names == ["Lessons", "Exercises"]
    assert desk["chart"].rows[:2] == [
        (timezone.now().date(), ["2", "1"]),
        (timezone.now().date() - timedelta(days=1), ["1", "0"]),
    ]


def test_a_day_without_study_is_all_zeros(operator):
    desk = desk_of(operator)

    assert {card.value for card in desk["cards"]} == {"0"}
    assert desk["chart"].is_empty


def test_profiles_that_auth_has_not_registered_are_told(operator):
    make_profile()
    make_profile(created_at=timezone.now() - timedelta(hours=2))
    make_profile(
        created_at=timezone.now() - timedelta(hours=2), registered_at=timezone.now()
    )

    [concern] = desk_of(operator)["attention"]

    assert concern.text == (
        "1 profile has waited over an hour for auth's word: look at auth's outbox."
    )
    listed = operator.get(concern.link).context["cl"].queryset
    assert {profile.registered_at for profile in listed} == {None}


def test_the_page_costs_the_same_for_one_row_and_for_many(
    operator, django_assert_num_queries
):
    for _ in range(5):
        study(uuid7(), lessons_completed=1)
        make_profile(created_at=timezone.now() - timedelta(hours=2))

    with django_assert_num_queries(QUERIES):
        operator.get("/admin/")
