"""What user-service forgets of a person, and what no longer gets in."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shared.contracts.user import (
    CreateProfile,
    UpdateProgress,
    UpdateStatistics,
    create_profile,
    update_progress,
    update_statistics,
)
from shared.inbox.models import InboxRecord
from shared.testing.erasure import columns_not_asked
from shared.wire.ids import uuid7
from user_project.achievements.models import Achievement
from user_project.goals.models import Goal
from user_project.goals.services import create_goal
from user_project.leaderboard.models import Standing
from user_project.profiles.models import Profile
from user_project.progress.models import (
    Progress,
    SkillStatistic,
    StudyDay,
    StudySession,
)
from user_project.sessions.models import StudyTime, TimedSession
from user_project.sessions.services import start_session

pytestmark = pytest.mark.django_db
MODELS = [Profile, Progress, StudyDay, StudySession, SkillStatistic]
A_LESSON = {"title": "Begin", "unit": "lessons", "target": 1, "period": "daily"}


def orders_about(user_id):
    """Return what each peer may say of a person: endpoint, request, caller."""
    return [
        (
            create_profile,
            CreateProfile(user_id=user_id, email="a@example.com", role="student"),
            "auth",
        ),
        (
            update_progress,
            UpdateProgress(user_id=user_id, lessons_completed=1),
            "course",
        ),
        (
            update_statistics,
            UpdateStatistics(user_id=user_id, skill="reading", score_percent=50),
            "exercise",
        ),
    ]


@pytest.fixture
def say(call_internal):
    """Give a function that says all that peers may say of a person."""

    def send(user_id):
        return [
            call_internal(endpoint, request, caller=caller)
            for endpoint, request, caller in orders_about(user_id)
        ]

    return send


def people_in(model):
    return set(model.objects.values_list("user_id", flat=True))


def test_every_row_of_the_person_is_gone_and_nobody_elses(say, erase_person):
    ana, ben = uuid7(), uuid7()
    say(ana)
    say(ben)

    assert erase_person(ana).status_code == 200

    assert [people_in(model) for model in MODELS] == [{ben}] * len(MODELS)


def test_what_a_learner_has_made_and_earned_is_gone_too(say, erase_person):
    ana, ben = uuid7(), uuid7()
    for user_id in (ana, ben):
        start_session(user_id=user_id)
        create_goal(user_id=user_id, values=A_LESSON)
        say(user_id)
    made = [TimedSession, StudyTime, Goal, Achievement, Standing]
    assert [people_in(model) for model in made] == [{ana, ben}] * len(made)

    erase_person(ana)

    assert [people_in(model) for model in made] == [{ben}] * len(made)


def test_the_news_may_come_twice(say, erase_person):
    ana, key = uuid7(), uuid7()
    say(ana)

    answers = [erase_person(ana, key=key), erase_person(ana, key=key)]
    again = erase_person(ana)

    assert [answer.status_code for answer in [*answers, again]] == [200, 200, 200]
    assert [people_in(model) for model in MODELS] == [set()] * len(MODELS)


def test_what_comes_later_is_refused_and_leaves_nothing(say, erase_person):
    ana = uuid7()
    erase_person(ana)
    records = InboxRecord.objects.count()

    answers = say(ana)

    assert [answer.status_code for answer in answers] == [410, 410, 410]
    assert {answer.json()["code"] for answer in answers} == {"account_erased"}
    assert [people_in(model) for model in MODELS] == [set()] * len(MODELS)
    assert InboxRecord.objects.count() == records


def test_what_was_answered_before_is_answered_again(call_internal, erase_person):
    ana, key = uuid7(), uuid7()
    endpoint, request, caller = orders_about(ana)[1]
    call_internal(endpoint, request, caller=caller, key=key)
    erase_person(ana)

    again = call_internal(endpoint, request, caller=caller, key=key)

    assert again.status_code == 200
    assert again["Idempotency-Replayed"] == "true"
    assert not Progress.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_access_token_of_the_person_is_refused(client_for, say, erase_person):
    ana = uuid7()
    say(ana)
    client = client_for(ana)
    assert client.get("/api/v1/user/profile").status_code == 200

    erase_person(ana)

    refused = client.patch("/api/v1/user/profile", {"display_name": "Ana"})
    assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")
    assert not Profile.objects.exists()


def test_every_column_that_may_hold_a_person_is_asked(erase_person):
    with CaptureQueriesContext(connection) as queries:
        erase_person(uuid7())

    assert columns_not_asked(query["sql"] for query in queries) == []
