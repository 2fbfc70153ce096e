"""What peers ask of profiles, through the internal door."""

import pytest

from shared.contracts.user import (
    CreateProfile,
    GetProfiles,
    create_profile,
    get_profiles,
)
from shared.wire.ids import uuid7
from user_project.profiles.models import Profile

pytestmark = pytest.mark.django_db


def registration(**fields):
    values = {"email": "ana@example.com", "role": "student", "full_name": "Ana Silva"}
    return CreateProfile(**{"user_id": uuid7(), **values, **fields})


def test_a_registration_makes_a_profile(call_internal):
    request = registration(target_band=6.5)

    response = call_internal(create_profile, request, caller="auth")

    assert response.status_code == 201
    assert response.json() == {
        "success": True,
        "message": "Profile created.",
        "user_id": str(request.user_id),
        "created": True,
    }
    profile = Profile.objects.get()
    assert profile.user_id == request.user_id
    assert profile.display_name == "Ana Silva"
    assert profile.target_band == 6.5


def test_a_second_registration_keeps_later_edits(call_internal, client_for):
    request = registration(target_band=6.5)
    call_internal(create_profile, request, caller="auth")
    client = client_for(request.user_id)
    client.patch("/api/v1/user/profile", {"full_name": "A. S.", "target_band": None})

    response = call_internal(create_profile, request, caller="auth")

    assert response.status_code == 200
    assert response.json()["created"] is False
    profile = Profile.objects.get()
    assert profile.full_name == "A. S."
    assert profile.target_band is None


def test_the_same_key_gives_the_same_answer(call_internal):
    request, key = registration(), uuid7()

    first = call_internal(create_profile, request, caller="auth", key=key)
    second = call_internal(create_profile, request, caller="auth", key=key)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert Profile.objects.count() == 1


def test_only_auth_may_register(call_internal):
    response = call_internal(create_profile, registration(), caller="course")

    assert response.status_code == 403
    assert not Profile.objects.exists()


def test_summaries_hold_the_profiles_that_exist(
    call_internal, django_assert_num_queries
):
    people = [registration(full_name=f"Person {number}") for number in range(3)]
    for person in people:
        call_internal(create_profile, person, caller="auth")
    ids = [person.user_id for person in people]
    request = GetProfiles(ids=[*ids, uuid7()])
    call_internal(get_profiles, request, caller="course")  # the key is known now

    with django_assert_num_queries(1):
        response = call_internal(get_profiles, request, caller="course")

    assert response.status_code == 200
    found = {item["user_id"]: item for item in response.json()["profiles"]}
    assert set(found) == {str(id_) for id_ in ids}
    assert found[str(ids[1])] == {
        "user_id": str(ids[1]),
        "display_name": "Person 1",
        "locale": "en",
        "timezone": "UTC",
        "visibility": "public",
    }
