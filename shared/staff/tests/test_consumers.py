"""What the facts of auth-service do to access here."""

import pytest
from django.utils import timezone

from shared.contracts.events import SessionEnded, UserDisabled, UserRoleChanged
from shared.server.models import Revocation
from shared.staff.models import StaffUser
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db


def test_a_changed_role_changes_the_rights_and_revokes_tokens(operator, deliver):
    now = timezone.now()

    response = deliver(
        UserRoleChanged(user_id=operator.user.id, role="student", changed_at=now)
    )

    user = StaffUser.objects.get()
    assert response.status_code == 200
    assert (user.role, user.is_staff, user.is_superuser) == ("student", False, False)
    assert Revocation.objects.get().subject == user.id
    assert operator.get("/admin/").status_code == 302


def test_a_disabled_account_is_shut_out_of_open_sessions(operator, deliver):
    deliver(UserDisabled(user_id=operator.user.id, disabled_at=timezone.now()))

    assert operator.get("/admin/").status_code == 302
    assert StaffUser.objects.get().is_active is False


def test_facts_about_people_who_never_signed_in_here_revoke_their_tokens(deliver):
    user_id = uuid7()

    deliver(UserDisabled(user_id=user_id, disabled_at=timezone.now()))

    assert not StaffUser.objects.exists()
    assert Revocation.objects.get().subject == user_id


def test_an_ended_session_is_revoked_and_no_other(deliver):
    session_id = uuid7()

    deliver(
        SessionEnded(user_id=uuid7(), session_id=session_id, ended_at=timezone.now())
    )

    row = Revocation.objects.get()
    assert (row.kind, row.subject) == (Revocation.Kind.SESSION, session_id)
