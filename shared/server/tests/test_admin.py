"""Revocations in the admin."""

import pytest

from shared.server.models import Revocation
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
REVOCATIONS = "/admin/server/revocation/"


def make_revocation():
    kind = Revocation.Kind.USER
    return Revocation.objects.create(kind=kind, subject=uuid7(), reason="role changed")


def test_a_revocation_is_found_by_its_subject(operator):
    row = make_revocation()
    make_revocation()

    response = operator.get(REVOCATIONS, {"q": str(row.subject)})

    assert list(response.context["cl"].result_list) == [row]


def test_revocations_are_shown_and_not_changed(operator):
    path = f"{REVOCATIONS}{make_revocation().pk}/change/"

    assert "role changed" in operator.get(path).content.decode()
    assert operator.post(path, {"reason": "none"}).status_code == 403
