"""People and their reminders, through the public door."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from notification_project.reminders.errors import TooManyRemindersError
from notification_project.reminders.models import Reminder
from notification_project.reminders.services import MOST_PER_PERSON
from shared.wire.ids import uuid7

from .reminding import (
    MORNING,
    REMINDERS,
    again,
    make_reader,
    make_reminder,
)

MONDAYS = {"weekdays": ["monday"], "local_time": "08:30"}


@pytest.fixture
def reader(client_for, db):
    """Return a signed-in client and its user id."""
    user_id = make_reader("Asia/Ho_Chi_Minh")
    return client_for(user_id), user_id


def test_a_reminder_has_the_documented_members(reader):
    client, user_id = reader

    response = client.post(
        REMINDERS,
        {
            "weekdays": ["sunday", "monday"],
            "local_time": "08:30",
            "title": "Part 3",
            "message": "Speak\nfor two minutes.",
        },
    )

    assert response.status_code == 201
    stored = Reminder.objects.get()
    assert stored.user_id == user_id
    answer = response.json()
    assert answer == client.get(f"{REMINDERS}/{stored.pk}").json()
    next_due_at = answer.pop("next_due_at")
    assert next_due_at.endswith("T01:30:00Z")
    assert timezone.now() < stored.next_due_at < timezone.now() + timedelta(days=7)
    assert answer.pop("created_at") is not None
    assert answer.pop("updated_at") is not None
    assert answer == {
        "id": str(stored.pk),
        "weekdays": ["monday", "sunday"],
        "local_time": "08:30",
        "timezone": "Asia/Ho_Chi_Minh",
        "title": "Part 3",
        "message": "Speak\nfor two minutes.",
        "is_enabled": True,
    }


def test_a_person_nobody_has_told_of_is_reminded_in_utc(client_for, db):
    response = client_for(uuid7()).post(REMINDERS, MONDAYS)

    assert response.status_code == 201
    assert response.json()["timezone"] == "UTC"
    assert response.json()["title"] == ""


def test_a_reminder_needs_days_and_a_time(reader):
    client, _ = reader

    response = client.post(REMINDERS, {})

    fields = [error["field"] for error in response.json()["errors"]]
    assert (response.status_code, fields) == (400, ["weekdays", "local_time"])


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"weekdays": []}, ["weekdays"]),
        ({"weekdays": "monday"}, ["weekdays"]),
        ({"weekdays": {"monday": True}}, ["weekdays"]),
        ({"weekdays": None}, ["weekdays"]),
        ({"weekdays": ["Monday"]}, ["weekdays.0"]),
        ({"weekdays": ["monday", 2]}, ["weekdays.1"]),
        ({"weekdays": ["monday", "monday"]}, ["weekdays"]),
        ({"weekdays": ["monday"] * 8}, ["weekdays"]),
        ({"local_time": "24:00"}, ["local_time"]),
        ({"local_time": "8:30"}, ["local_time"]),
        ({"local_time": "08:30:00"}, ["local_time"]),
        ({"local_time": "08:30 "}, ["local_time"]),
        ({"local_time": "٠٨:٣٠"}, ["local_time"]),
        ({"local_time": "08:30Z"}, ["local_time"]),
        ({"local_time": 830}, ["local_time"]),
        ({"local_time": None}, ["local_time"]),
        ({"title": "x" * 201}, ["title"]),
        ({"title": 7}, ["title"]),
        ({"title": "two\nlines"}, ["title"]),
        ({"title": None}, ["title"]),
        ({"title": "x", "message": "x" * 1001}, ["message"]),
        ({"is_enabled": "true"}, ["is_enabled"]),
        ({"is_enabled": None}, ["is_enabled"]),
        ({"timezone": "UTC"}, ["timezone"]),
        ({"enabled": False}, ["enabled"]),
    ],
)
def test_what_means_nothing_is_refused_and_changes_nothing(reader, body, fields):
    client, user_id = reader
    reminder = make_reminder(user_id)

    made = client.post(REMINDERS, {**MONDAYS, **body})
    changed = client.patch(f"{REMINDERS}/{reminder.pk}", body)

    assert made.status_code == 400
    assert [error["field"] for error in made.json()["errors"]] == fields
    assert changed.status_code == 400
    assert Reminder.objects.count() == 1
    assert again(reminder).weekdays == reminder.weekdays
    assert again(reminder).next_due_at == reminder.next_due_at


def test_a_message_needs_a_title(reader):
    client, user_id = reader
    reminder = make_reminder(user_id, title="Part 3", message="Speak.")

    made = client.post(REMINDERS, {**MONDAYS, "message": "Speak."})
    changed = client.patch(f"{REMINDERS}/{reminder.pk}", {"title": ""})

    for response in (made, changed):
        assert response.status_code == 400
        assert response.json()["code"] == "message_without_title"
    assert [again(reminder).title] == list(
        Reminder.objects.values_list("title", flat=True)
    )


def test_another_time_counts_from_now(reader):
    client, user_id = reader
    reminder = make_reminder(user_id, now=MORNING)

    response = client.patch(f"{REMINDERS}/{reminder.pk}", {"local_time": "21:15"})

    assert response.status_code == 200
    stored = again(reminder)
    assert f"{stored.next_due_at:%H:%M}" == "14:15"
    assert stored.next_due_at > timezone.now()
    assert stored.weekdays == reminder.weekdays


def test_another_text_leaves_the_next_occurrence(reader):
    client, user_id = reader
    reminder = make_reminder(user_id, now=MORNING)

    response = client.patch(
        f"{REMINDERS}/{reminder.pk}", {"title": "Part 3", "is_enabled": True}
    )

    assert response.json()["title"] == "Part 3"
    assert again(reminder).next_due_at == reminder.next_due_at


def test_a_reminder_can_be_switched_off_and_on(reader):
    client, user_id = reader
    reminder = make_reminder(user_id, now=MORNING)

    off = client.patch(f"{REMINDERS}/{reminder.pk}", {"is_enabled": False})
    on = client.patch(f"{REMINDERS}/{reminder.pk}", {"is_enabled": True})

    assert off.json()["next_due_at"] is None
    assert on.json()["next_due_at"].endswith("T01:00:00Z")
    assert again(reminder).next_due_at > timezone.now()


def test_a_deleted_reminder_is_gone(reader):
    client, user_id = reader
    reminder = make_reminder(user_id)

    response = client.delete(f"{REMINDERS}/{reminder.pk}")

    assert response.status_code == 204
    assert not Reminder.objects.exists()
    again_ = client.delete(f"{REMINDERS}/{reminder.pk}")
    assert (again_.status_code, again_.json()["code"]) == (404, "reminder_not_found")


def test_a_reminder_of_somebody_else_is_not_found(reader):
    client, _ = reader
    address = f"{REMINDERS}/{make_reminder().pk}"

    answers = [
        client.get(address),
        client.patch(address, {"is_enabled": False}),
        client.delete(address),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json()["code"] for answer in answers} == {"reminder_not_found"}
    assert Reminder.objects.get().is_enabled


def test_own_reminders_come_in_the_order_in_which_they_were_made(reader):
    client, user_id = reader
    made = [make_reminder(user_id, title=str(number)) for number in range(3)]
    make_reminder()

    answer = client.get(REMINDERS).json()

    assert answer["count"] == 3
    assert [item["id"] for item in answer["results"]] == [str(it.pk) for it in made]


@pytest.mark.parametrize("query", ["is_enabled=true", "ordering=id", "page_size=101"])
def test_a_parameter_that_means_nothing_is_refused(reader, query):
    client, _ = reader

    assert client.get(f"{REMINDERS}?{query}").status_code == 400


def test_a_list_takes_two_queries_however_long_it_is(reader, django_assert_num_queries):
    client, user_id = reader
    for _ in range(12):
        make_reminder(user_id)
    client.get(REMINDERS)

    with django_assert_num_queries(2):  # count, page
        client.get(REMINDERS)


def test_there_are_at_most_twenty_of_a_person(reader):
    client, user_id = reader
    for _ in range(MOST_PER_PERSON - 1):
        make_reminder(user_id, is_enabled=False)
    make_reminder()

    answers = [client.post(REMINDERS, MONDAYS) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["code"] == "too_many_reminders"
    assert Reminder.objects.of_reader(user_id).count() == 20


@pytest.mark.django_db(transaction=True)
def test_there_are_at_most_twenty_however_many_come_at_once():
    user_id = make_reader()
    for _ in range(MOST_PER_PERSON - 3):
        make_reminder(user_id)
    at_once = 8
    barrier = threading.Barrier(at_once)

    def make(_):
        try:
            barrier.wait(timeout=30)
            make_reminder(user_id)
        except TooManyRemindersError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(at_once) as pool:
        made = list(pool.map(make, range(at_once)))

    assert sum(made) == 3
    assert Reminder.objects.count() == MOST_PER_PERSON


def test_strangers_must_sign_in(client):
    assert client.get(REMINDERS).status_code == 401
    assert client.post(REMINDERS).status_code == 401
    assert client.delete(f"{REMINDERS}/{uuid7()}").status_code == 401
