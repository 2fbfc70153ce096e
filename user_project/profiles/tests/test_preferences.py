"""Preferences through the public door."""

import json

import pytest

from shared.contracts.events import ProfileUpdated
from shared.wire.ids import uuid7
from user_project.profiles.models import Profile

pytestmark = pytest.mark.django_db
PREFERENCES = "/api/v1/user/preferences"
PROFILE = "/api/v1/user/profile"
DEFAULTS = {
    "locale": "en",
    "timezone": "UTC",
    "visibility": "public",
    "study_reminders": False,
    "study_reminder_time": "19:00",
}


@pytest.fixture
def ana(client_for):
    """Return a signed-in client; no profile is stored."""
    return client_for(uuid7(), email="ana@example.com", name="Ana Silva")


def test_before_anything_was_chosen_there_are_defaults(ana):
    response = ana.get(PREFERENCES)

    assert response.status_code == 200
    assert response.json() == DEFAULTS
    assert not Profile.objects.exists()


def test_reading_preferences_takes_one_query(ana, django_assert_num_queries):
    ana.get(PREFERENCES)  # reads the list of revocations once

    with django_assert_num_queries(1):
        ana.get(PREFERENCES)


def test_every_preference_can_be_changed(ana):
    changes = {
        "locale": "vi",
        "timezone": "Asia/Ho_Chi_Minh",
        "visibility": "private",
        "study_reminders": True,
        "study_reminder_time": "06:30",
    }

    response = ana.patch(PREFERENCES, changes)

    assert response.status_code == 200
    assert response.json() == ana.get(PREFERENCES).json() == changes


def test_profile_and_preferences_are_one_truth(ana):
    ana.patch(PREFERENCES, {"locale": "vi", "visibility": "private"})
    profile = ana.get(PROFILE).json()
    ana.patch(PROFILE, {"timezone": "Asia/Tokyo", "visibility": "public"})

    assert (profile["locale"], profile["visibility"]) == ("vi", "private")
    assert profile["full_name"] == "Ana Silva"
    expected = {"locale": "vi", "timezone": "Asia/Tokyo", "visibility": "public"}
    assert ana.get(PREFERENCES).json() == DEFAULTS | expected


def test_the_peers_learn_what_they_keep_a_copy_of(ana, assert_published):
    ana.patch(PREFERENCES, {"locale": "vi", "study_reminders": True})

    assert_published(ProfileUpdated, locale="vi", visibility="public")


def test_reminders_are_no_news_for_the_peers(ana, outbox):
    ana.patch(PREFERENCES, {"study_reminders": True, "study_reminder_time": "07:15"})

    assert outbox() == []


def test_a_private_person_is_not_found_by_others(ana, client_for):
    ana.patch(PREFERENCES, {"visibility": "private"})
    user_id = Profile.objects.get().pk

    stranger = client_for(uuid7()).get(f"/api/v1/users/{user_id}")
    own = ana.get(f"/api/v1/users/{user_id}")

    assert stranger.status_code == 404
    assert stranger.json()["code"] == "profile_not_found"
    assert own.status_code == 200
    assert "ana@example.com" not in own.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("locale", "fr"),
        ("locale", None),
        ("timezone", "Mars/Olympus"),
        ("timezone", 7),
        ("visibility", "friends"),
        ("study_reminders", "yes"),
        ("study_reminders", 1),
        ("study_reminders", None),
        ("study_reminder_time", "25:00"),
        ("study_reminder_time", "7 pm"),
        ("study_reminder_time", "19:00:30"),
        ("study_reminder_time", "\u0660\u0667:\u0660\u0660"),
        ("study_reminder_time", 19),
        ("visibilty", "private"),
    ],
)
def test_what_makes_no_sense_is_refused(ana, field, value):
    response = ana.patch(PREFERENCES, {"locale": "vi", field: value})

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == field
    assert ana.get(PREFERENCES).json() == DEFAULTS


@pytest.mark.parametrize("body", [[], "vi", 1])
def test_a_body_that_is_no_object_is_refused(ana, body):
    response = ana.patch(PREFERENCES, json.dumps(body), content_type="application/json")

    assert response.status_code == 400


@pytest.mark.parametrize("method", ["get", "patch"])
def test_a_stranger_must_sign_in(client, method):
    assert getattr(client, method)(PREFERENCES).status_code == 401
