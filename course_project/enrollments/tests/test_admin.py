"""Operators grant access, revoke it, and look at enrollments."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from course_project.enrollments.models import Grant
from course_project.enrollments.services import grant_access
from shared.staff.models import StaffUser
from shared.wire.ids import uuid7

from .enrolling import complete, enroll, enrollment_of, lessons_of

pytestmark = pytest.mark.django_db
GRANTS = "/admin/enrollments/grant/"


def test_an_operator_grants_a_premium_course(operator, learner, make_course):
    course = make_course(enrollment_type="premium")

    response = operator.post(
        f"{GRANTS}add/",
        {
            "user_id": str(learner.id),
            "course": str(course.pk),
            "ends_at_0": "",
            "ends_at_1": "",
            "note": "order 7",
        },
    )

    assert response.status_code == 302
    grant = Grant.objects.get()
    assert (grant.user_id, grant.course) == (learner.id, course)
    assert grant.granted_by == operator.user.pk
    assert LogEntry.objects.get().object_id == str(grant.pk)
    assert enroll(learner, course)["state"] == "active"


def test_a_grant_needs_a_reason(operator, learner, make_course):
    course = make_course(enrollment_type="premium")

    response = operator.post(
        f"{GRANTS}add/", {"user_id": str(learner.id), "course": str(course.pk)}
    )

    assert response.status_code == 200
    assert not Grant.objects.exists()


def test_a_grant_is_revoked_once_and_never_edited(operator, learner, make_course):
    course = make_course(enrollment_type="premium")
    grant = grant_access(
        user_id=learner.id, course=course, granted_by=uuid7(), note="order 7"
    )
    enroll(learner, course)
    action = {"action": "revoke", "_selected_action": [str(grant.pk)], "index": "0"}

    first = operator.post(GRANTS, action, follow=True)
    second = operator.post(GRANTS, action, follow=True)

    assert "1 grants revoked." in first.content.decode()
    assert "0 grants revoked." in second.content.decode()
    assert enrollment_of(learner, course).state == "expired"
    assert operator.post(f"{GRANTS}{grant.pk}/change/", {}).status_code == 403
    assert operator.post(f"{GRANTS}{grant.pk}/delete/", {}).status_code == 403


@pytest.mark.parametrize(
    "model",
    [
        "enrollments_grant",
        "enrollments_enrollment",
        "enrollments_lessonprogress",
        "certificates_certificate",
    ],
)
def test_every_list_costs_the_same_for_one_row_and_for_many(
    operator, learner, make_course, model, django_assert_max_num_queries
):
    for number in range(4):
        course = make_course(title=f"Course {number}", lessons=1)
        grant_access(
            user_id=learner.id, course=course, granted_by=uuid7(), note="order 7"
        )
        enroll(learner, course)
        complete(learner, lessons_of(course)[0])

    with django_assert_max_num_queries(8):
        response = operator.get(
            reverse(f"admin:{model}_changelist"), {"q": str(learner.id)}
        )

    assert len(response.context["cl"].result_list) == 4


@pytest.mark.parametrize("page", [GRANTS, f"{GRANTS}add/"])
def test_an_instructor_grants_nothing(author, page):
    browser = Client()
    browser.force_login(
        StaffUser.objects.create(
            id=author.id,
            email="ian@example.org",
            role="instructor",
            is_staff=True,
            verified_at=timezone.now(),
        )
    )

    assert browser.get(page).status_code == 403
