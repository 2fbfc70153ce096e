"""Marking in the admin."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exercise_project.submissions.models import Submission
from shared.staff.models import StaffUser
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
FORM = {
    "fluency_and_coherence": "7",
    "lexical_resource": "6.5",
    "grammatical_range_and_accuracy": "6",
    "pronunciation": "7.5",
    "feedback": "Clear.",
}


def talk_for(course):
    return Submission.objects.create(
        user_id=uuid7(),
        course=course,
        skill="speaking",
        title="My town",
        recording_url="https://example.org/talk.mp3",
    )


@pytest.fixture
def browser(teacher):
    """Give a browser in which the instructor is signed in."""
    staff = StaffUser.objects.create(
        pk=teacher.id,
        email="ian@example.org",
        full_name="Ian Wright",
        role="instructor",
        is_staff=True,
        verified_at=timezone.now(),
    )
    browser = Client()
    browser.force_login(staff)
    return browser


def page_of(submission):
    return reverse("admin:submissions_submission_change", args=[submission.pk])


def test_an_instructor_marks_in_the_form(browser, teacher, course):
    talk = talk_for(course)
    page = browser.get(page_of(talk))

    response = browser.post(page_of(talk), FORM)

    talk.refresh_from_db()
    assert page.status_code == 200
    assert b"pronunciation" in page.content
    assert response.status_code == 302
    assert (talk.state, talk.band, talk.marked_by) == ("marked", 7, teacher.id)
    assert browser.get(page_of(talk)).status_code == 200


def test_a_band_that_is_not_in_halves_is_refused(browser, course):
    talk = talk_for(course)

    response = browser.post(page_of(talk), {**FORM, "pronunciation": "7.3"})

    assert response.status_code == 200
    assert b"multiple of step size" in response.content
    assert not Submission.objects.get().is_marked


def test_an_instructor_sees_own_courses_only(browser, course):
    talk_for(course)
    elsewhere = talk_for(None)

    listed = browser.get(reverse("admin:submissions_submission_changelist"))

    assert listed.context["cl"].result_count == 1
    assert browser.get(page_of(elsewhere)).status_code == 302


def test_an_operator_sees_all(operator, course):
    talk_for(course)
    talk_for(None)

    listed = operator.get(reverse("admin:submissions_submission_changelist"))

    assert listed.context["cl"].result_count == 2
