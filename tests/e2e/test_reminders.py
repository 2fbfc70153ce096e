"""Reminders through the gateway, told by the worker that runs."""

from datetime import UTC, datetime
from uuid import uuid4

from tests.asking import ask
from tests.people import register
from tests.records import execute
from tests.waiting import wait_for

SOON_SECONDS = 30
WEEKDAYS = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
]


def test_a_reminder_that_is_due_is_told_once(fleet):
    person, title = register(fleet), f"Part 3 {uuid4()}"
    url = f"{fleet.gateway_url}/api/v1/notifications"
    # Far from now, so that it does not come by itself while the test looks.
    local_time = f"{(datetime.now(UTC).hour + 12) % 24:02}:00"
    every_day = {"weekdays": WEEKDAYS, "local_time": local_time, "title": title}
    made = ask("POST", f"{url}/reminders", json=every_day, token=person.access_token)
    assert made.status_code == 201, made.text

    # Behind the back of the service, instead of waiting for half a day.
    make_due(fleet, title)

    def titles():
        answer = ask("GET", f"{url}?type=reminder", token=person.access_token).json()
        return [item["title"] for item in answer["results"]]

    assert wait_for(titles, SOON_SECONDS, "the reminder") == [title]
    address = f"{url}/reminders/{made.json()['id']}"
    shown = ask("GET", address, token=person.access_token).json()
    assert shown["next_due_at"] == made.json()["next_due_at"]


def make_due(fleet, title):
    """Let a reminder have been due when it was made."""
    changed = execute(
        fleet,
        "notification",
        "UPDATE reminders_reminder SET next_due_at = created_at WHERE title = ?",
        title,
    )
    assert changed == 1
