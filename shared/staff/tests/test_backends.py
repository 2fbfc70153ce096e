"""Who is signed in, and how long that holds."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from shared.staff.backends import PlatformBackend
from shared.staff.models import StaffUser
from shared.wire.ids import uuid7

EMAIL, PASSWORD = "olga@example.com", "right-password"
pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_account(auth_service):
    """The id of an admin account that auth knows."""
    user_id = uuid7()
    auth_service.add(user_id, email=EMAIL, role="admin", password=PASSWORD)
    return user_id


@pytest.fixture
def long_ago():
    """A confirmation that no longer counts."""
    return timezone.now() - timedelta(minutes=5)


def sign_in(client, *, email=EMAIL, password=PASSWORD, path="/admin/login/", **extra):
    return client.post(path, {"username": email, "password": password}, **extra)


def test_a_platform_admin_signs_in_with_platform_credentials(client, admin_account):
    response = sign_in(client, path="/admin/login/?next=/admin/")

    user = StaffUser.objects.get()
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert (user.id, user.role) == (admin_account, "admin")
    assert (user.is_staff, user.is_superuser) == (True, True)
    assert client.get("/admin/").status_code == 200


def test_a_wrong_password_is_refused_in_plain_words(client, admin_account):
    response = sign_in(client, password="wrong")

    assert "do not match an account" in response.content.decode()
    assert not StaffUser.objects.exists()


@pytest.mark.parametrize("email", ["x" * 300 + "@example.com", "a\x00@example.com"])
def test_an_impossible_address_is_refused_without_asking(client, auth_service, email):
    response = sign_in(client, email=email)

    assert response.status_code == 200
    assert auth_service.requests == []


def test_a_new_password_ends_the_sessions_of_the_old_one(
    client, auth_service, admin_account, long_ago
):
    sign_in(client)
    auth_service.add(admin_account, email=EMAIL, role="admin", credential="another")
    StaffUser.objects.update(verified_at=long_ago)

    response = client.get("/admin/")

    assert response.status_code == 302
    assert "_auth_user_id" not in client.session


def test_too_many_attempts_say_when_to_try_again(client, auth_service):
    auth_service.too_many_for_seconds = 125

    response = sign_in(client)

    assert "Too many attempts. Try again in 3 min." in response.content.decode()


def test_a_sign_in_without_auth_service_says_so(client, auth_service):
    auth_service.is_away = True

    response = sign_in(client)

    assert "The sign-in service does not answer." in response.content.decode()


def test_a_student_has_no_rights_in_the_admin(client, auth_service):
    auth_service.add(uuid7(), email="sam@example.com", role="student")

    response = sign_in(client, email="sam@example.com")

    assert "This account has no rights here." in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_student_may_use_the_browsable_api(client, auth_service):
    auth_service.add(uuid7(), email="sam@example.com", role="student")

    response = sign_in(client, email="sam@example.com", path="/api-auth/login")

    assert response.status_code == 302
    assert "_auth_user_id" in client.session


def test_an_instructor_is_staff_where_the_service_says_so(
    client, auth_service, settings
):
    settings.STAFF_ROLES = {"admin", "instructor"}
    auth_service.add(uuid7(), email="ines@example.com", role="instructor")

    sign_in(client, email="ines@example.com")

    user = StaffUser.objects.get()
    assert (user.is_staff, user.is_superuser) == (True, False)


def test_the_address_is_that_of_the_connection_not_of_a_header(
    client, auth_service, admin_account
):
    sign_in(client, REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR="198.51.100.1")

    _, body = auth_service.requests[0]
    assert body["client_address"] == "192.0.2.7"


def test_sign_in_leads_only_to_pages_of_this_service(client, admin_account):
    response = sign_in(client, path="/api-auth/login?next=https://evil.example/")

    assert response["Location"] == "/api/docs"


def test_signing_out_of_the_browsable_api_ends_the_session(operator):
    operator.post("/api-auth/logout")

    assert "_auth_user_id" not in operator.session


def test_an_address_of_an_erased_account_can_sign_in_again(client, admin_account):
    former = StaffUser.objects.create(email=EMAIL, verified_at=timezone.now())

    sign_in(client)

    former.refresh_from_db()
    assert former.is_active is False
    assert StaffUser.objects.get(email=EMAIL).id == admin_account


def test_a_fresh_confirmation_is_not_asked_again(operator, auth_service):
    operator.get("/admin/")

    assert auth_service.requests == []


def test_a_role_is_confirmed_again_after_a_minute(operator, auth_service, long_ago):
    auth_service.add(operator.user.id, email=EMAIL, role="admin")
    StaffUser.objects.update(verified_at=long_ago)

    statuses = [operator.get("/admin/").status_code for _ in range(2)]

    assert statuses == [200, 200]
    assert len(auth_service.requests) == 1
    assert StaffUser.objects.get().verified_at > long_ago


def test_a_role_that_was_taken_away_signs_out(operator, auth_service, long_ago):
    auth_service.add(operator.user.id, email=EMAIL, role="student")
    StaffUser.objects.update(verified_at=long_ago)

    response = operator.get("/admin/")

    user = StaffUser.objects.get()
    assert response.status_code == 302
    assert "_auth_user_id" not in operator.session
    assert (user.role, user.is_staff, user.is_superuser) == ("student", False, False)


def test_an_account_that_auth_no_longer_has_is_signed_out(
    operator, auth_service, long_ago
):
    StaffUser.objects.update(verified_at=long_ago)

    response = operator.get("/admin/")

    assert response.status_code == 302
    assert StaffUser.objects.get().is_active is False


def test_the_last_answer_holds_while_auth_is_away_and_is_logged_once(
    operator, auth_service, long_ago, caplog
):
    auth_service.is_away = True
    StaffUser.objects.update(verified_at=long_ago)
    PlatformBackend._unconfirmed.clear()

    statuses = [operator.get("/admin/").status_code for _ in range(3)]

    lines = [
        line for line in caplog.messages if line.startswith("account not confirmed")
    ]
    assert statuses == [200, 200, 200]
    assert len(lines) == 1


def test_a_peer_without_the_endpoint_does_not_sign_anybody_out(
    operator, auth_service, long_ago, monkeypatch
):
    answer = (404, {"code": "route_not_found", "detail": "older release"}, {})
    monkeypatch.setattr(auth_service, "answer", lambda path, body: answer)
    StaffUser.objects.update(verified_at=long_ago)

    response = operator.get("/admin/")

    assert response.status_code == 200
    assert UUID(operator.session["_auth_user_id"]) == operator.user.id
