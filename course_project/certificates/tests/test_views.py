"""Certificates through the public door: own ones, and anybody's by its code."""

from datetime import UTC, datetime

import pytest

from course_project.certificates.models import Certificate
from course_project.certificates.services import issue_certificate
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
CERTIFICATES = "/api/v1/certificates"
MORNING = datetime(2026, 3, 10, 8, tzinfo=UTC)
# What Firefox sends.
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
GATEWAY = {"X-Forwarded-For": "192.0.2.1"}


@pytest.fixture
def certificate(make_course, learner):
    return issue_certificate(
        user_id=learner.id, name="Lan Phạm", course=make_course(), issued_at=MORNING
    )


def test_anybody_verifies_a_certificate_by_its_code(client_for, certificate):
    response = client_for().get(f"{CERTIFICATES}/{certificate.code}")

    assert response.status_code == 200
    assert response.json() == {
        "code": certificate.code,
        "name": "Lan Phạm",
        "course_id": str(certificate.course_id),
        "course_title": "Skimming",
        "skill": "reading",
        "level": "intermediate",
        "instructor_name": "Ian Wright",
        "issued_at": "2026-03-10T08:00:00Z",
    }


def test_a_code_may_be_typed_in_small_letters_without_hyphens(client_for, certificate):
    typed = certificate.code.lower().replace("-", "")

    response = client_for().get(f"{CERTIFICATES}/{typed}")

    assert response.json()["code"] == certificate.code


@pytest.mark.parametrize("accept", [BROWSER, "*/*", "application/json", "image/png"])
@pytest.mark.parametrize("code", ["ZZZZ-ZZZZ-ZZZZ-ZZZZ", "nonsense"])
def test_an_unknown_code_proves_nothing(client_for, certificate, accept, code):
    response = client_for().get(f"{CERTIFICATES}/{code}", headers={"Accept": accept})

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "certificate_not_found"


def test_a_browser_gets_a_page_to_print_through_the_gateway_too(
    client_for, certificate
):
    response = client_for().get(
        f"{CERTIFICATES}/{certificate.code}", headers={"Accept": BROWSER, **GATEWAY}
    )

    page = response.content.decode()
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/html")
    assert "Lan Phạm" in page
    assert "Skimming" in page
    assert certificate.code in page
    assert "10 March 2026" in page
    for outside in ("http://", "https://", "src=", "href=", "<script"):
        assert outside not in page


@pytest.mark.parametrize("accept", ["*/*", "application/json", "image/png"])
def test_programs_get_json(client_for, certificate, accept):
    response = client_for().get(
        f"{CERTIFICATES}/{certificate.code}", headers={"Accept": accept}
    )

    assert response["Content-Type"] == "application/json"
    assert "Accept" in response["Vary"]


def test_a_name_is_text_on_the_page_whatever_it_holds(client_for, make_course):
    certificate = issue_certificate(
        user_id=uuid7(),
        name="<script>alert(1)</script>",
        course=make_course(),
        issued_at=MORNING,
    )

    response = client_for().get(
        f"{CERTIFICATES}/{certificate.code}", headers={"Accept": BROWSER}
    )

    assert "<script" not in response.content.decode()


def test_the_list_holds_own_certificates(learner, certificate, make_course):
    issue_certificate(
        user_id=uuid7(), name="Ana", course=make_course(), issued_at=MORNING
    )

    answer = learner.client.get(CERTIFICATES).json()

    assert answer["count"] == 1
    assert answer["results"][0]["code"] == certificate.code


def test_nobody_else_has_a_list(client_for, certificate):
    assert client_for().get(CERTIFICATES).status_code == 401


def test_the_list_takes_two_queries(learner, make_course, django_assert_num_queries):
    for number in range(4):
        issue_certificate(
            user_id=learner.id,
            name="Lan",
            course=make_course(title=f"Course {number}"),
            issued_at=MORNING,
        )
    learner.client.get(CERTIFICATES)

    with django_assert_num_queries(2):  # count, page
        learner.client.get(CERTIFICATES)


def test_a_second_order_returns_the_first_certificate(learner, certificate, outbox):
    messages = len(outbox())

    again = issue_certificate(
        user_id=learner.id,
        name="Another Name",
        course=certificate.course,
        issued_at=datetime(2026, 4, 1, tzinfo=UTC),
    )

    assert again == certificate
    assert again.name == "Lan Phạm"
    assert Certificate.objects.count() == 1
    assert len(outbox()) == messages


def test_a_certificate_keeps_what_it_said(client_for, certificate):
    certificate.course.title = "Scanning"
    certificate.course.save()

    answer = client_for().get(f"{CERTIFICATES}/{certificate.code}").json()

    assert answer["course_title"] == "Skimming"
