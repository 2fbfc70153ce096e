"""Reviews at their public door, and the mean that they make."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from course_project.catalogue.models import Course
from course_project.enrollments.services import enroll
from course_project.learners.models import Learner
from course_project.reviews.models import Review
from shared.contracts.events import ReviewCreated
from shared.wire.events import EVENTS
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(make_course):
    return make_course()


@pytest.fixture
def reviewer_of(client_for):
    """Give a function that makes a learner of a course who gives it a rating."""

    def make(course, rating):
        user_id = uuid7()
        enroll(user_id=user_id, course_key=course.slug)
        client = client_for(user_id)
        review = client.post(address_of(course), {"rating": rating}).json()
        return client, review

    return make


def address_of(course):
    return f"/api/v1/courses/{course.pk}/reviews"


def rating_of(course, client):
    body = client.get(f"/api/v1/courses/{course.pk}").json()
    return body["rating"], body["rating_count"]


def test_a_learner_reviews_a_course(client_for, learner, course):
    enroll(user_id=learner.id, course_key=course.slug)
    Learner.objects.create(user_id=learner.id, display_name="Lan")

    response = learner.client.post(address_of(course), {"rating": 4, "text": "Good.\n"})

    assert response.status_code == 201
    listed = client_for().get(address_of(course)).json()
    assert listed["count"] == 1
    review = listed["results"][0]
    assert review == response.json()
    assert (review["rating"], review["text"]) == (4, "Good.")
    assert review["author_name"] == "Lan"


def test_the_mean_is_exact_through_every_change(client_for, course, reviewer_of):
    visitor = client_for()
    assert rating_of(course, visitor) == (None, 0)
    (ana, first), (bo, second), _ = [reviewer_of(course, n) for n in (5, 4, 1)]
    assert rating_of(course, visitor) == (10 / 3, 3)

    ana.patch(f"/api/v1/reviews/{first['id']}", {"rating": 2})
    assert rating_of(course, visitor) == (7 / 3, 3)

    bo.delete(f"/api/v1/reviews/{second['id']}")
    assert rating_of(course, visitor) == (3 / 2, 2)
    assert rating_of(course, visitor)[1] == Review.objects.count()


def test_a_list_takes_the_same_queries_however_long_it_is(
    client_for, course, reviewer_of
):
    reviewer_of(course, 5)
    with CaptureQueriesContext(connection) as few:
        client_for().get(address_of(course))
    for _ in range(3):
        reviewer_of(course, 4)

    with CaptureQueriesContext(connection) as many:
        client_for().get(address_of(course))

    assert len(many) == len(few) == 3


def test_only_who_takes_a_course_reviews_it(client_for, learner, course):
    response = learner.client.post(address_of(course), {"rating": 5})

    assert response.status_code == 403
    assert response.json()["code"] == "not_enrolled"
    assert client_for().post(address_of(course), {"rating": 5}).status_code == 401
    assert not Review.objects.exists()


def test_a_learner_reviews_a_course_once(client_for, course, reviewer_of):
    ana, _ = reviewer_of(course, 5)

    again = ana.post(address_of(course), {"rating": 1})

    assert again.status_code == 409
    assert again.json()["code"] == "already_reviewed"
    assert rating_of(course, client_for()) == (5, 1)


@pytest.mark.parametrize("rating", [0, 6, 4.5, "5", None, True])
def test_a_rating_is_a_whole_number_from_1_to_5(learner, course, rating):
    enroll(user_id=learner.id, course_key=course.slug)

    response = learner.client.post(address_of(course), {"rating": rating})

    assert response.status_code == 400
    assert Course.objects.get().rating_count == 0


def test_the_review_of_another_is_not_found(learner, course, reviewer_of):
    _, review = reviewer_of(course, 5)
    address = f"/api/v1/reviews/{review['id']}"

    assert learner.client.patch(address, {"rating": 1}).status_code == 404
    assert learner.client.delete(address).status_code == 404
    assert Review.objects.get().rating == 5


def test_a_draft_has_no_reviews_to_read(client_for, make_course):
    draft = make_course(is_published=False)

    assert client_for().get(address_of(draft)).status_code == 404


def test_a_review_tells_the_subscribers(
    monkeypatch, course, reviewer_of, assert_published
):
    type_ = "review.created.v1"
    listened = replace(EVENTS[type_], subscribers=frozenset({"notification"}))
    monkeypatch.setitem(EVENTS, type_, listened)

    _, review = reviewer_of(course, 3)

    fact = assert_published(ReviewCreated, course_id=course.pk, rating=3)
    assert str(fact.review_id) == review["id"]
    assert fact.instructor_id == course.instructor_id


def test_an_operator_removes_a_review_that_offends(
    client_for, operator, course, reviewer_of
):
    _, review = reviewer_of(course, 1)
    form = {"action": "remove", "_selected_action": [review["id"]]}

    asked = operator.post("/admin/reviews/review/", form)
    assert asked.status_code == 200
    assert Review.objects.count() == 1
    operator.post("/admin/reviews/review/", {**form, "apply": "1"})

    assert not Review.objects.exists()
    assert rating_of(course, client_for()) == (None, 0)
