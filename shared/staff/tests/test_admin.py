"""People in the admin, and the menu of it."""

import re

import pytest

from shared.staff.models import StaffUser
from shared.telemetry.logs import redact

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/staff/staffuser/"
# A link to follow, not something that the page loads.
TO_ANOTHER_ADMIN = re.compile(r'<a href="http://testserver:808\d/admin/">')
EXTERNAL = re.compile(r"""(?:src|href|url\()\s*=?\s*["']?(?:https?:)?//""")


def test_people_are_found_and_not_changed(operator):
    path = f"{PEOPLE}{operator.user.pk}/change/"

    response = operator.get(PEOPLE, {"q": "operator@"})

    assert list(response.context["cl"].result_list) == [operator.user]
    assert operator.get(path).status_code == 200
    assert operator.post(path, {"role": "student"}).status_code == 403


def test_groups_have_no_page_because_roles_decide(operator):
    assert operator.get("/admin/auth/group/").status_code == 404


def test_the_menu_has_communication_and_access_for_operators(operator):
    page = operator.get("/admin/").content.decode()

    for title in ("Communication", "Dead letters", "Destinations", "Internal keys"):
        assert title in page


def test_the_menu_is_empty_for_people_without_rights(operator):
    StaffUser.objects.update(is_superuser=False)

    page = operator.get("/admin/").content.decode()

    for title in ("Communication", "Dead letters", "Internal keys"):
        assert title not in page


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/login/",
        "/admin/outbox/outboxmessage/",
        "/admin/peers/peerservice/add/",
        "/admin/peers/internalapikey/issue/",
        "/api-auth/login",
    ],
)
def test_pages_load_nothing_from_outside_and_hold_no_secret(operator, settings, path):
    response = operator.get(path)
    page = TO_ANOTHER_ADMIN.sub("", response.content.decode())

    assert response.status_code in (200, 302)
    assert not EXTERNAL.search(page)
    assert settings.SECRET_KEY not in page
    assert redact(page) == page
