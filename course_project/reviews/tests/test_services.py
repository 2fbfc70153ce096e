"""Reviews by many people in one moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from course_project.catalogue.models import Course
from course_project.enrollments.services import enroll
from course_project.reviews.errors import AlreadyReviewedError
from course_project.reviews.models import Review
from course_project.reviews.services import (
    change_review,
    take_back_review,
    write_review,
)
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(function, rows):
    """Call *function* with each of *rows*, all at the same time."""

    def call(row):
        try:
            return function(row)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(rows)) as pool:
        return list(pool.map(call, rows))


def learners_of(course, count):
    learners = [uuid7() for _ in range(count)]
    for user_id in learners:
        enroll(user_id=user_id, course_key=course.slug)
    return learners


def assert_counted(course):
    course = Course.objects.get(pk=course.pk)
    ratings = list(Review.objects.values_list("rating", flat=True))
    assert (course.rating_count, course.rating_sum) == (len(ratings), sum(ratings))


def test_reviews_of_many_at_once_are_all_counted(make_course):
    course = make_course()
    learners = learners_of(course, 10)

    reviews = at_once(
        lambda user_id: write_review(user_id=user_id, course_id=course.pk, rating=4),
        learners,
    )
    assert_counted(course)

    def change_or_take_back(review):
        about = {"user_id": review.user_id, "review_id": review.pk}
        if review.pk.int % 2:
            take_back_review(**about)
        else:
            change_review(**about, changes={"rating": 1})

    at_once(change_or_take_back, reviews)
    assert_counted(course)


def test_one_learner_at_once_writes_one_review(make_course):
    course = make_course()
    (learner,) = learners_of(course, 1)

    def write(rating):
        try:
            return write_review(user_id=learner, course_id=course.pk, rating=rating)
        except AlreadyReviewedError:
            return None

    written = at_once(write, [1, 2, 3, 4, 5])

    assert [review for review in written if review] == [Review.objects.get()]
    assert_counted(course)
