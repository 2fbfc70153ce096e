"""The leaderboard, as learners read it."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from shared.contracts.user import UpdateProgress
from shared.wire.ids import uuid7
from user_project.leaderboard import models
from user_project.leaderboard.models import board_of
from user_project.leaderboard.periods import period_around
from user_project.profiles.models import Profile
from user_project.progress.models import Progress
from user_project.progress.services import add_progress

pytestmark = pytest.mark.django_db
URL = "/api/v1/user/leaderboard"


def make_learner(name, visibility="public", user_id=None):
    user_id = user_id or uuid7()
    Profile.objects.create(
        user_id=user_id,
        email=f"{user_id}@example.org",
        display_name=name,
        visibility=visibility,
    )
    return user_id


def study(user_id, *, days_ago=0, **increments):
    add_progress(
        update=UpdateProgress(
            user_id=user_id,
            occurred_at=timezone.now() - timedelta(days=days_ago),
            **increments,
        )
    )


def read(client, query=""):
    response = client.get(f"{URL}?{query}")
    assert response.status_code == 200, response.content
    return response.json()


def names(answer):
    return [place["display_name"] for place in answer["results"]]


@pytest.mark.parametrize("period", ["week", "month", "all"])
def test_points_come_first_then_minutes_then_completions(client_for, period):
    ana, bo, cy, di, ed = (make_learner(name) for name in "ABCDE")
    study(ana, lessons_completed=1, study_minutes=30)
    study(bo, lessons_completed=10)
    study(cy, lessons_completed=1, study_minutes=31)
    study(di, lessons_completed=2, study_minutes=30)
    study(ed, study_minutes=300)

    answer = read(client_for(ana), f"period={period}")

    assert names(answer) == ["B", "C", "D", "A", "E"]
    assert [place["rank"] for place in answer["results"]] == [1, 2, 3, 4, 5]
    assert answer["count"] == 5
    assert answer["results"][0] == {
        "rank": 1,
        "user_id": str(bo),
        "display_name": "B",
        "avatar_url": "",
        "points": 35,
        "study_minutes": 0,
        "lessons_completed": 10,
        "exercises_completed": 0,
    }
    assert answer["own"] == answer["results"][3]


def test_equals_stand_in_the_order_of_their_ids(client_for):
    ids = [UUID(int=number, version=4) for number in (7, 3, 9, 5)]
    for number, user_id in enumerate(ids):
        make_learner(str(number), user_id=user_id)
        study(user_id, lessons_completed=1)

    boards = [read(client_for(user_id)) for user_id in ids]

    assert [names(board) for board in boards] == [["1", "3", "0", "2"]] * 4
    assert [board["own"]["rank"] for board in boards] == [3, 1, 4, 2]


def test_the_own_place_is_there_when_it_is_not_on_the_page(client_for):
    ids = [make_learner(str(number)) for number in range(7)]
    for number, user_id in enumerate(ids):
        study(user_id, study_minutes=60 - number)

    answer = read(client_for(ids[5]), "page_size=2")
    second = read(client_for(ids[5]), "page_size=2&page=3")

    assert names(answer) == ["0", "1"]
    assert (answer["count"], answer["own"]["rank"]) == (7, 6)
    assert answer["own"]["display_name"] == "5"
    assert answer["next"].endswith("page=2&page_size=2")
    assert names(second) == ["4", "5"]
    assert second["own"] == second["results"][1] == answer["own"]


def test_private_profiles_are_absent_and_still_know_where_they_stand(client_for):
    first, hidden, last = make_learner("A"), make_learner("B", "private"), uuid7()
    make_learner("C", user_id=last)
    for minutes, user_id in ((30, first), (20, hidden), (10, last)):
        study(user_id, study_minutes=minutes)

    seen, own = read(client_for(last)), read(client_for(hidden))
    as_admin = read(client_for(uuid7(), role="admin"))

    assert names(seen) == names(own) == names(as_admin) == ["A", "C"]
    assert seen["own"]["rank"] == 2
    assert (own["own"]["rank"], own["own"]["display_name"]) == (2, "B")


def test_a_profile_that_becomes_public_appears_at_once(client_for):
    user_id = make_learner("A", "private")
    study(user_id, study_minutes=20)
    client = client_for(user_id)
    before = read(client)["count"]

    client.patch("/api/v1/user/profile", {"visibility": "public"})

    assert (before, read(client)["count"]) == (0, 1)


def test_who_has_no_profile_yet_is_absent(client_for):
    user_id = uuid7()
    study(user_id, study_minutes=20)

    answer = read(client_for(user_id))

    assert answer["count"] == 0
    assert (answer["own"]["rank"], answer["own"]["study_minutes"]) == (1, 20)


def test_before_anything_was_done_there_is_no_rank(client_for):
    user_id = make_learner("A")
    client = client_for(user_id, name="Ana")
    client.post(
        "/api/v1/user/goals",
        {"title": "x", "unit": "lessons", "target": 1, "period": "daily"},
    )

    for period in ("week", "month", "all"):
        answer = read(client, f"period={period}")

        assert answer["results"] == []
        assert (answer["own"]["rank"], answer["own"]["points"]) == (None, 0)
        assert answer["own"]["user_id"] == str(user_id)


def test_a_period_has_its_days_and_what_happened_in_them(client_for):
    today = timezone.now().date()
    now_, earlier = make_learner("now"), make_learner("earlier")
    study(now_, study_minutes=10)
    study(earlier, study_minutes=90, days_ago=40)
    client = client_for(now_)

    week, month, whole = (
        read(client, f"period={period}") for period in ("week", "month", "all")
    )

    assert names(week) == names(month) == ["now"]
    assert names(whole) == ["earlier", "now"]
    for answer in (week, month):
        first, last = period_around(answer["period"], today)
        assert answer["starts_on"] == first.isoformat()
        assert answer["ends_on"] == last.isoformat()
    assert (whole["starts_on"], whole["ends_on"]) == (None, None)
    assert read(client) == whole


def test_points_are_the_same_everywhere(client_for):
    user_id = make_learner("A")
    for days_ago in range(7):
        study(user_id, days_ago=days_ago, lessons_completed=1)
    client = client_for(user_id)

    points = {
        client.get("/api/v1/user/progress").json()["points"],
        client.get("/api/v1/user/achievements").json()["points"],
        *(
            read(client, f"period={period}")["own"]["points"]
            for period in ("week", "month", "all")
        ),
    }

    assert points == {60}


@pytest.mark.parametrize(
    "query",
    ["period=day", "period=", "page=0", "page_size=101", "page_size=x", "skill=x"],
)
def test_what_is_not_known_is_refused(client_for, query):
    response = client_for(uuid7()).get(f"{URL}?{query}")

    assert response.status_code == 400
    assert response.json()["code"] == "validation_error"


def test_a_page_beyond_the_last_is_not_found(client_for):
    assert client_for(uuid7()).get(f"{URL}?page=2").status_code == 404


def test_a_stranger_must_sign_in(client):
    assert client.get(URL).status_code == 401


@pytest.mark.parametrize("period", ["week", "all"])
def test_a_board_takes_four_queries_however_many_learners_there_are(
    client_for, django_assert_num_queries, period
):
    ids = [make_learner(str(number)) for number in range(12)]
    for number, user_id in enumerate(ids):
        study(user_id, study_minutes=60 - number)
    client = client_for(ids[11])
    read(client)

    with django_assert_num_queries(4):
        off_the_page = read(client, f"period={period}&page_size=5")
    with django_assert_num_queries(2):
        on_the_page = read(client, f"period={period}")

    assert off_the_page["own"] == on_the_page["own"]


def test_a_board_and_the_ranks_end_somewhere(client_for, monkeypatch):
    monkeypatch.setattr("user_project.leaderboard.views.BOARD_LENGTH", 3)
    monkeypatch.setattr(models, "MOST_COUNTED", 4)
    ids = [make_learner(str(number)) for number in range(6)]
    for number, user_id in enumerate(ids):
        study(user_id, study_minutes=60 - number)

    answers = [read(client_for(user_id), "page_size=2") for user_id in ids]

    assert {answer["count"] for answer in answers} == {3}
    ranks = [answer["own"]["rank"] for answer in answers]
    assert ranks == [1, 2, 3, 4, None, None]


@pytest.mark.parametrize(
    ("period", "index"),
    [("week", "leaderboard_by_place"), ("all", "progress_by_place")],
)
def test_a_page_is_read_from_an_index_in_its_order(period, index):
    today = timezone.now().date()
    board = board_of(period, period_around(period, today)[0])
    somebody = Progress(user_id=uuid7(), points=5)
    if connection.vendor == "postgresql":  # small tables it scans and sorts
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")

    plans = [
        board.listed().by_place()[:20].explain(),
        board.listed().ahead_of(somebody).by_place()[:20].explain(),
    ]

    for plan in plans:
        assert index in plan
        assert "Sort" not in plan
        assert "TEMP B-TREE" not in plan
