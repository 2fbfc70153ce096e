"""People and their profiles, through the public door."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from shared.contracts.user import CreateProfile, create_profile
from shared.wire.ids import uuid7
from user_project.profiles.models import Profile

pytestmark = pytest.mark.django_db
PROFILE = "/api/v1/user/profile"
FIELDS = {
    "user_id",
    "email",
    "role",
    "full_name",
    "display_name",
    "bio",
    "avatar_url",
    "timezone",
    "locale",
    "level",
    "target_band",
    "target_exam_date",
    "visibility",
    "created_at",
    "updated_at",
}


def make_profile(**fields):
    values = {"email": "mai@example.com", "role": "student", "full_name": "Mai Tran"}
    values["display_name"] = values["full_name"]
    return Profile.objects.create(user_id=uuid7(), **{**values, **fields})


def registration(user_id, **fields):
    values = {"email": "ana@example.com", "role": "student", "full_name": "Ana Silva"}
    return CreateProfile(user_id=user_id, **{**values, **fields})


@pytest.fixture
def ana(client_for):
    """Return a signed-in client and its user id; no profile is stored."""
    user_id = uuid7()
    client = client_for(user_id, email="ana@example.com", name="Ana Silva")
    return client, user_id


def test_before_the_call_has_arrived_the_profile_says_what_the_token_says(ana):
    client, user_id = ana

    response = client.get(PROFILE)

    assert response.status_code == 200
    profile = response.json()
    assert set(profile) == FIELDS
    assert profile["user_id"] == str(user_id)
    assert profile["email"] == "ana@example.com"
    assert profile["full_name"] == profile["display_name"] == "Ana Silva"
    assert profile["timezone"] == "UTC"
    assert profile["created_at"] is None
    assert profile["updated_at"] is None
    assert not Profile.objects.exists()


def test_after_the_call_the_stored_profile_is_shown(ana, call_internal):
    client, user_id = ana
    call_internal(create_profile, registration(user_id, target_band=6.5), caller="auth")

    profile = client.get(PROFILE).json()

    assert set(profile) == FIELDS
    assert profile["target_band"] == 6.5
    assert profile["created_at"] is not None


def test_reading_a_profile_takes_one_query(ana, django_assert_num_queries):
    client, _ = ana
    client.get(PROFILE)  # reads the list of revocations once

    with django_assert_num_queries(1):
        client.get(PROFILE)


def test_an_early_edit_survives_the_call_that_comes_later(ana, call_internal):
    client, user_id = ana
    client.patch(PROFILE, {"display_name": "Aninha", "target_band": 7.5})

    answer = call_internal(
        create_profile, registration(user_id, target_band=6), caller="auth"
    )

    assert answer.status_code == 200
    assert answer.json()["created"] is False
    profile = client.get(PROFILE).json()
    assert profile["display_name"] == "Aninha"
    assert profile["target_band"] == 7.5
    assert profile["full_name"] == "Ana Silva"
    assert Profile.objects.get().registered_at is not None


def test_the_late_call_completes_what_the_early_edit_left_open(
    client_for, call_internal
):
    user_id = uuid7()
    client = client_for(user_id, email="old@example.com", name="")
    client.patch(PROFILE, {"bio": "I study at night."})

    call_internal(create_profile, registration(user_id, target_band=6), caller="auth")

    profile = client.get(PROFILE).json()
    assert profile["email"] == "ana@example.com"
    assert profile["full_name"] == "Ana Silva"
    assert profile["target_band"] == 6
    assert profile["bio"] == "I study at night."


def test_every_field_of_its_owner_can_be_changed(ana):
    client, _ = ana
    exam_date = (timezone.now() + timedelta(days=90)).date().isoformat()
    changes = {
        "full_name": "Ana B. Silva",
        "display_name": "Ana",
        "bio": "Line one\nline two",
        "avatar_url": "https://example.com/ana.png",
        "timezone": "Asia/Ho_Chi_Minh",
        "locale": "vi",
        "level": "upper_intermediate",
        "target_band": 7,
        "target_exam_date": exam_date,
        "visibility": "private",
    }

    response = client.patch(PROFILE, changes)

    assert response.status_code == 200
    assert {name: response.json()[name] for name in changes} == changes
    assert client.get(PROFILE).json() == response.json()


def test_what_auth_decides_cannot_be_changed(ana):
    client, user_id = ana

    response = client.patch(
        PROFILE, {"role": "admin", "email": "x@example.com", "user_id": str(uuid7())}
    )

    assert response.status_code == 200
    assert response.json()["role"] == "student"
    assert response.json()["email"] == "ana@example.com"
    assert response.json()["user_id"] == str(user_id)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Mars/Olympus"),
        ("timezone", "asia/ho_chi_minh/.."),
        ("timezone", ""),
        ("locale", "fr"),
        ("level", "expert"),
        ("visibility", "friends"),
        ("target_band", 6.25),
        ("target_band", 6.3),
        ("target_band", 9.5),
        ("target_band", -0.5),
        ("target_band", "7"),
        ("target_band", True),
        ("avatar_url", "javascript:alert(1)"),
        ("avatar_url", "ftp://example.com/a.png"),
        ("target_exam_date", "2020-01-01"),
        ("target_exam_date", "tomorrow"),
        ("display_name", 5),
        ("display_name", "a\nb"),
        ("display_name", "x" * 201),
        ("bio", "x" * 2001),
    ],
)
def test_a_value_that_is_not_valid_is_refused_by_field(ana, field, value):
    client, _ = ana

    response = client.patch(PROFILE, {field: value})

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not Profile.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"display_name": "Ana"},
        {"locale": "vi"},
        {"timezone": "Asia/Ho_Chi_Minh"},
        {"visibility": "private"},
    ],
)
def test_what_peers_copy_is_published_to_each_of_them(ana, outbox, changes):
    client, user_id = ana

    client.patch(PROFILE, changes)

    messages = outbox()
    assert {message.destination for message in messages} == {
        "course",
        "exercise",
        "notification",
    }
    assert {message.type for message in messages} == {"profile.updated.v1"}
    assert {message.ordering_key for message in messages} == {str(user_id)}
    fact = json.loads(messages[0].payload)["data"]
    assert changes.items() <= fact.items()


def test_what_nobody_copies_is_not_published(ana, outbox):
    client, _ = ana

    client.patch(PROFILE, {"bio": "Hello", "target_band": 8})

    assert outbox() == []


def test_a_patch_that_changes_nothing_leaves_no_trace(ana, outbox):
    client, _ = ana
    first = client.patch(PROFILE, {"locale": "vi"}).json()
    published = len(outbox())

    second = client.patch(PROFILE, {"locale": "vi"}).json()

    assert second == first
    assert len(outbox()) == published


def test_a_stranger_must_sign_in(client):
    assert client.get(PROFILE).status_code == 401
    assert client.patch(PROFILE, {}).status_code == 401


def test_a_person_with_a_session_reads_their_profile_too(operator):
    response = operator.get(PROFILE)

    assert response.status_code == 200
    assert response.json()["user_id"] == str(operator.user.pk)
    assert response.json()["full_name"] == "Olga Operator"


def test_a_public_profile_shows_no_private_facts(client_for):
    profile = make_profile(bio="Teacher")

    response = client_for(uuid7()).get(f"/api/v1/users/{profile.user_id}")

    assert response.status_code == 200
    assert response.json() == {
        "user_id": str(profile.user_id),
        "display_name": "Mai Tran",
        "bio": "Teacher",
        "avatar_url": "",
        "level": "",
        "role": "student",
    }


@pytest.mark.parametrize(
    ("role", "is_owner", "status"),
    [("student", False, 404), ("student", True, 200), ("admin", False, 200)],
)
def test_a_private_profile_is_for_its_owner_and_admins(
    client_for, role, is_owner, status
):
    profile = make_profile(visibility="private")
    client = client_for(profile.user_id if is_owner else uuid7(), role=role)

    response = client.get(f"/api/v1/users/{profile.user_id}")

    assert response.status_code == status


def test_a_private_profile_looks_like_one_that_does_not_exist(client_for):
    profile = make_profile(visibility="private")
    client = client_for(uuid7())

    private = client.get(f"/api/v1/users/{profile.user_id}").json()
    missing = client.get(f"/api/v1/users/{uuid7()}").json()

    assert private["code"] == missing["code"] == "profile_not_found"
    assert private["detail"] == missing["detail"]
