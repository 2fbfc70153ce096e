"""What learners do with their goals, through the public door."""

from datetime import timedelta

import pytest
from django.utils import timezone

from shared.contracts.user import UpdateProgress
from shared.wire.ids import uuid7
from user_project.goals.models import Goal
from user_project.progress.services import add_progress

pytestmark = pytest.mark.django_db
URL = "/api/v1/user/goals"
FIVE_LESSONS = {
    "title": "Five lessons",
    "unit": "lessons",
    "target": 5,
    "period": "weekly",
}


@pytest.fixture
def learner(client_for):
    """Return a signed-in client and its user id; there are no goals yet."""
    user_id = uuid7()
    return client_for(user_id), user_id


def day(offset=0):
    return (timezone.now().date() + timedelta(days=offset)).isoformat()


def study(user_id, **increments):
    add_progress(
        update=UpdateProgress(
            user_id=user_id, **(increments or {"lessons_completed": 1})
        )
    )


def end(goal_id, days_ago):
    """Let a goal have ended some days ago."""
    last = timezone.now().date() - timedelta(days=days_ago)
    Goal.objects.filter(pk=goal_id).update(starts_on=last, ends_on=last)


def test_a_goal_is_set_and_read(learner):
    client, _ = learner

    response = client.post(URL, FIVE_LESSONS)

    goal = response.json()
    assert response.status_code == 201
    assert (
        goal.items()
        >= {
            **FIVE_LESSONS,
            "starts_on": day(),
            "ends_on": day(6),
            "current": 0,
            "status": "active",
            "completed_at": None,
        }.items()
    )
    assert client.get(f"{URL}/{goal['id']}").json() == goal
    assert client.get(URL).json()["results"] == [goal]


def test_a_goal_moves_by_itself_and_is_completed(learner):
    client, user_id = learner
    url = f"{URL}/{client.post(URL, FIVE_LESSONS).json()['id']}"
    for _ in range(4):
        study(user_id)
    before = client.get(url).json()

    study(user_id)

    after = client.get(url).json()
    assert (before["current"], before["status"]) == (4, "active")
    assert (after["current"], after["status"]) == (5, "completed")
    assert after["completed_at"] is not None


def test_a_goal_past_its_end_reads_expired(learner):
    client, _ = learner
    goal_id = client.post(URL, FIVE_LESSONS).json()["id"]
    end(goal_id, days_ago=1)

    goal = client.get(f"{URL}/{goal_id}").json()

    assert goal["status"] == "expired"
    assert client.get(f"{URL}?status=expired").json()["count"] == 1
    assert client.get(f"{URL}?status=active").json()["count"] == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "a\u0000b"}, None),
        ({"title": "x" * 201}, "title"),
        ({"title": None}, "title"),
        ({"unit": "pages"}, "unit"),
        ({"target": 0}, "target"),
        ({"target": -1}, "target"),
        ({"target": 1_000_001}, "target"),
        ({"target": "5"}, "target"),
        ({"target": 5.0}, "target"),
        ({"target": True}, "target"),
        ({"period": "yearly"}, "period"),
        ({"period": "custom"}, "ends_on"),
        ({"starts_on": "10.03.2026"}, "starts_on"),
        ({"starts_on": "9999-12-31"}, "starts_on"),
        ({"ends_on": "2000-01-01"}, "ends_on"),
        ({"ends_on": None}, "ends_on"),
    ],
)
def test_odd_values_are_refused_and_change_nothing(learner, changes, field):
    client, _ = learner
    goal_id = client.post(URL, FIVE_LESSONS).json()["id"]
    stored = client.get(URL).json()

    made = client.post(URL, FIVE_LESSONS | changes)
    changed = client.patch(f"{URL}/{goal_id}", changes)

    assert made.status_code == 400
    if field:
        assert [error["field"] for error in made.json()["errors"]] == [field]
    if changes != {"period": "custom"}:  # it has an end by now
        assert changed.status_code == 400
        assert client.get(URL).json() == stored


@pytest.mark.parametrize("missing", FIVE_LESSONS)
def test_every_value_but_the_days_is_needed(learner, missing):
    client, _ = learner
    values = {name: FIVE_LESSONS[name] for name in FIVE_LESSONS if name != missing}

    response = client.post(URL, values)

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [missing]


def test_what_a_goal_has_reached_is_not_for_its_owner_to_say(learner):
    client, _ = learner

    goal = client.post(URL, FIVE_LESSONS | {"current": 5, "status": "completed"}).json()

    assert (goal["current"], goal["status"]) == (0, "active")


def test_a_goal_is_changed_and_deleted(learner):
    client, _ = learner
    url = f"{URL}/{client.post(URL, FIVE_LESSONS).json()['id']}"

    changed = client.patch(url, {"title": "A day", "period": "daily"})
    deleted = client.delete(url)

    assert changed.status_code == 200
    assert changed.json()["title"] == "A day"
    assert changed.json()["ends_on"] == day()
    assert deleted.status_code == 204
    assert client.get(url).status_code == 404
    assert client.delete(url).json()["code"] == "goal_not_found"


def test_a_completed_goal_keeps_its_target(learner):
    client, user_id = learner
    study(user_id)
    goal = client.post(URL, FIVE_LESSONS | {"target": 1}).json()

    response = client.patch(f"{URL}/{goal['id']}", {"target": 9})

    assert goal["status"] == "completed"
    assert response.status_code == 409
    assert response.json()["code"] == "goal_completed"


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_the_goals_of_others_are_not_found(client_for, learner, method):
    client, _ = learner
    goal_id = client.post(URL, FIVE_LESSONS).json()["id"]
    stranger = client_for(uuid7())

    response = getattr(stranger, method)(f"{URL}/{goal_id}", {"title": "Mine"})

    assert response.status_code == 404
    assert response.json()["code"] == "goal_not_found"
    assert stranger.get(URL).json()["count"] == 0
    assert client.get(f"{URL}/{goal_id}").json()["title"] == "Five lessons"


def test_the_fifty_first_goal_is_refused(learner):
    client, _ = learner
    for _ in range(50):
        assert client.post(URL, FIVE_LESSONS).status_code == 201

    response = client.post(URL, FIVE_LESSONS)

    assert response.status_code == 409
    assert response.json()["code"] == "too_many_goals"
    assert Goal.objects.count() == 50


def test_goals_are_filtered_ordered_and_paged(learner):
    client, _ = learner
    for period, unit in (("daily", "lessons"), ("weekly", "minutes")):
        client.post(URL, FIVE_LESSONS | {"period": period, "unit": unit})

    def units(query):
        answer = client.get(f"{URL}?{query}").json()
        return answer["count"], [goal["unit"] for goal in answer["results"]]

    assert units("") == (2, ["minutes", "lessons"])
    assert units("ordering=ends_on") == (2, ["lessons", "minutes"])
    assert units("unit=minutes") == (1, ["minutes"])
    assert units("period=daily") == (1, ["lessons"])
    assert units("status=active&page_size=1&page=2") == (2, ["lessons"])
    assert units("status=completed") == (0, [])


@pytest.mark.parametrize(
    "query",
    ["status=open", "unit=pages", "period=x", "ordering=title", "page_size=0", "x=1"],
)
def test_a_list_refuses_what_it_does_not_know(learner, query):
    client, _ = learner

    response = client.get(f"{URL}?{query}")

    assert response.status_code == 400


def test_a_list_takes_three_queries_however_long_it_is(
    learner, django_assert_num_queries
):
    client, _ = learner
    for _ in range(12):
        client.post(URL, FIVE_LESSONS)

    with django_assert_num_queries(3):
        client.get(f"{URL}?status=active")


def test_a_lesson_takes_the_same_queries_however_many_goals_it_moves(
    learner, django_assert_num_queries
):
    client, user_id = learner
    for _ in range(40):
        client.post(URL, FIVE_LESSONS | {"target": 90})
    study(user_id)

    with django_assert_num_queries(14):
        study(user_id)


def test_a_stranger_must_sign_in(client):
    assert client.get(URL).status_code == 401
    assert client.post(URL, FIVE_LESSONS).status_code == 401
