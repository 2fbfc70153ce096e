"""People and their notices, through the public door."""

from datetime import UTC, datetime, timedelta

import pytest

from notification_project.notices.models import Notice, Preference, Reader
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
NOTICES = "/api/v1/notifications"
MORNING = datetime(2026, 3, 10, 8, tzinfo=UTC)


def make_notice(user_id, **fields):
    values = {"type": "system", "template": "welcome", "params": {"name": "Ana"}}
    return Notice.objects.create(user_id=user_id, **{**values, **fields})


@pytest.fixture
def reader(client_for):
    """Return a signed-in client and its user id."""
    user_id = uuid7()
    return client_for(user_id), user_id


def test_own_notices_come_newest_first(reader):
    client, user_id = reader
    for hours in (1, 3, 2):
        make_notice(
            user_id,
            template="",
            own_title=f"{hours}",
            visible_at=MORNING + timedelta(hours=hours),
        )
    make_notice(uuid7())

    answer = client.get(NOTICES).json()

    assert answer["count"] == 3
    assert [item["title"] for item in answer["results"]] == ["3", "2", "1"]


def test_a_notice_has_the_documented_members(reader):
    client, user_id = reader
    notice = make_notice(
        user_id, category="success", action_kind="url", action_target="/courses"
    )

    item = client.get(NOTICES).json()["results"][0]

    assert item.pop("created_at") is not None
    assert item == {
        "id": str(notice.id),
        "type": "system",
        "category": "success",
        "title": "Welcome to the IELTS platform",
        "message": "Hello Ana, good to have you here. Choose a course or try a "
        "practice test to find out where you stand.",
        "action": {"kind": "url", "target": "/courses"},
        "read_at": None,
    }


def test_a_notice_follows_its_readers_language(reader):
    client, user_id = reader
    make_notice(user_id)
    Reader.objects.create(user_id=user_id, locale="vi")

    item = client.get(NOTICES).json()["results"][0]

    assert item["title"] == "Chào mừng bạn đến với nền tảng IELTS"
    assert item["action"] is None


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["new", "old"]),
        ("?unread=true", ["new"]),
        ("?unread=false", ["old"]),
        ("?type=social", ["old"]),
        ("?category=alert", ["new"]),
    ],
)
def test_the_list_can_be_narrowed(reader, query, titles):
    client, user_id = reader
    make_notice(
        user_id,
        template="",
        own_title="old",
        type="social",
        read_at=MORNING,
        visible_at=MORNING,
    )
    make_notice(user_id, template="", own_title="new", category="alert")

    answer = client.get(NOTICES + query).json()

    assert [item["title"] for item in answer["results"]] == titles


@pytest.mark.parametrize(
    "query",
    ["unread=maybe", "type=gossip", "colour=red", "ordering=created_at", "page_size=0"],
)
def test_a_parameter_that_means_nothing_is_refused(reader, query):
    client, _ = reader

    assert client.get(f"{NOTICES}?{query}").status_code == 400


def test_a_list_takes_three_queries_however_long_it_is(
    reader, django_assert_num_queries
):
    client, user_id = reader
    for _ in range(12):
        make_notice(user_id)
    client.get(NOTICES)

    with django_assert_num_queries(3):  # language, count, page
        client.get(NOTICES)


def test_the_count_is_of_what_was_not_read(reader):
    client, user_id = reader
    make_notice(user_id)
    make_notice(user_id, read_at=MORNING)
    make_notice(user_id, deleted_at=MORNING)
    make_notice(uuid7())

    assert client.get(f"{NOTICES}/unread-count").json() == {"unread_count": 1}


def test_the_first_reading_counts(reader):
    client, user_id = reader
    notice = make_notice(user_id)

    first = client.post(f"{NOTICES}/{notice.id}/read")
    second = client.post(f"{NOTICES}/{notice.id}/read")

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["read_at"] is not None
    assert first.json() == second.json()


def test_all_can_be_read_at_once(reader):
    client, user_id = reader
    for _ in range(3):
        make_notice(user_id)
    of_somebody_else = make_notice(uuid7())

    response = client.post(f"{NOTICES}/read-all")

    assert response.json() == {"marked_count": 3}
    assert client.post(f"{NOTICES}/read-all").json() == {"marked_count": 0}
    of_somebody_else.refresh_from_db()
    assert of_somebody_else.read_at is None


def test_a_deleted_notice_is_gone(reader):
    client, user_id = reader
    notice = make_notice(user_id)

    response = client.delete(f"{NOTICES}/{notice.id}")

    assert response.status_code == 204
    assert client.get(NOTICES).json()["count"] == 0
    again = client.delete(f"{NOTICES}/{notice.id}")
    assert (again.status_code, again.json()["code"]) == (404, "notice_not_found")


@pytest.mark.parametrize("method", ["read", "delete"])
def test_a_notice_of_somebody_else_is_not_found(reader, method):
    client, _ = reader
    notice = make_notice(uuid7())

    if method == "read":
        response = client.post(f"{NOTICES}/{notice.id}/read")
    else:
        response = client.delete(f"{NOTICES}/{notice.id}")

    assert response.status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None
    assert notice.deleted_at is None


def test_all_is_wanted_in_the_app_and_by_mail_what_cannot_wait(reader):
    client, _ = reader

    chosen = client.get(f"{NOTICES}/preferences").json()

    mailed = {"system", "reminder"}
    assert chosen == {
        "types": {
            type_: {"in_app": True, "email": type_ in mailed}
            for type_ in (
                "achievement",
                "reminder",
                "course_update",
                "exercise_graded",
                "system",
                "social",
            )
        },
        "quiet_hours": {"enabled": False, "start": "22:00", "end": "07:00"},
        "daily_cap": 20,
    }


def test_preferences_take_two_queries(reader, django_assert_num_queries):
    client, _ = reader
    client.get(f"{NOTICES}/preferences")

    with django_assert_num_queries(2):
        client.get(f"{NOTICES}/preferences")


def test_quiet_hours_and_cap_are_chosen_member_by_member(reader):
    client, user_id = reader
    client.patch(f"{NOTICES}/preferences", {"quiet_hours": {"start": "23:30"}})

    response = client.patch(
        f"{NOTICES}/preferences", {"quiet_hours": {"enabled": True}, "daily_cap": 5}
    )

    assert response.status_code == 200
    assert response.json() == client.get(f"{NOTICES}/preferences").json()
    assert response.json()["quiet_hours"] == {
        "enabled": True,
        "start": "23:30",
        "end": "07:00",
    }
    assert response.json()["daily_cap"] == 5
    stored = Reader.objects.get(pk=user_id)
    assert (stored.has_quiet_hours, stored.daily_cap) == (True, 5)


def test_quiet_hours_that_last_no_time_are_refused_and_nothing_is_stored(reader):
    client, _ = reader
    body = {
        "quiet_hours": {"enabled": True, "end": "22:00"},
        "types": {"social": {"in_app": False}},
    }

    response = client.patch(f"{NOTICES}/preferences", body)

    assert (response.status_code, response.json()["code"]) == (400, "empty_quiet_hours")
    assert not Preference.objects.exists()
    assert not Reader.objects.filter(has_quiet_hours=True).exists()


def test_a_patch_changes_only_what_it_names(reader):
    client, _ = reader
    client.patch(f"{NOTICES}/preferences", {"types": {"social": {"in_app": False}}})

    response = client.patch(
        f"{NOTICES}/preferences",
        {"types": {"social": {"email": False}, "reminder": {"email": False}}},
    )

    assert response.status_code == 200
    types = response.json()["types"]
    assert types["social"] == {"in_app": False, "email": False}
    assert types["reminder"] == {"in_app": True, "email": False}
    assert types["achievement"] == {"in_app": True, "email": False}
    assert types["system"] == {"in_app": True, "email": True}
    assert client.get(f"{NOTICES}/preferences").json() == response.json()


@pytest.mark.parametrize(
    "body", [{}, {"types": {}}, {"types": {"social": {}}}, {"quiet_hours": {}}]
)
def test_a_patch_that_names_nothing_changes_nothing(reader, body):
    client, _ = reader
    before = client.get(f"{NOTICES}/preferences").json()

    response = client.patch(f"{NOTICES}/preferences", body)

    assert response.status_code == 200
    assert response.json() == before
    assert not Preference.objects.exists()
    assert not Reader.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"types": {"gossip": {"in_app": False}}}, "types.gossip"),
        ({"types": {"social": {"fax": False}}}, "types.social.fax"),
        ({"types": {"social": {"in_app": "false"}}}, "types.social.in_app"),
        ({"types": {"social": {"in_app": 0}}}, "types.social.in_app"),
        ({"types": {"social": {"in_app": None}}}, "types.social.in_app"),
        ({"types": {"social": True}}, "types.social"),
        ({"quiet": True}, "quiet"),
        ({"types": None}, "types"),
        ({"quiet_hours": None}, "quiet_hours"),
        ({"quiet_hours": {"from": "22:00"}}, "quiet_hours.from"),
        ({"quiet_hours": {"enabled": 1}}, "quiet_hours.enabled"),
        ({"quiet_hours": {"start": "7:00"}}, "quiet_hours.start"),
        ({"quiet_hours": {"start": "24:00"}}, "quiet_hours.start"),
        ({"quiet_hours": {"start": "22:00:00"}}, "quiet_hours.start"),
        ({"quiet_hours": {"start": " 22:00"}}, "quiet_hours.start"),
        ({"quiet_hours": {"start": "22:00\n"}}, "quiet_hours.start"),
        ({"quiet_hours": {"start": "\u0662\u0662:00"}}, "quiet_hours.start"),
        ({"quiet_hours": {"end": 7}}, "quiet_hours.end"),
        ({"quiet_hours": {"end": None}}, "quiet_hours.end"),
        ({"daily_cap": 0}, "daily_cap"),
        ({"daily_cap": 101}, "daily_cap"),
        ({"daily_cap": "20"}, "daily_cap"),
        ({"daily_cap": 1.0}, "daily_cap"),
        ({"daily_cap": True}, "daily_cap"),
        ({"daily_cap": None}, "daily_cap"),
    ],
)
def test_a_choice_that_means_nothing_is_refused(reader, body, field):
    client, _ = reader

    response = client.patch(f"{NOTICES}/preferences", body)

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_strangers_must_sign_in(client):
    for path in ("", "/unread-count", "/preferences"):
        assert client.get(NOTICES + path).status_code == 401
