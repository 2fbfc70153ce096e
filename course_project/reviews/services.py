"""Write, change and take back a review; the mean of the course is always exact."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from course_project.catalogue.models import Course
from course_project.catalogue.services import count_rating
from course_project.enrollments.services import is_enrolled
from shared.contracts.events import ReviewCreated, publish

from .errors import AlreadyReviewedError, NotEnrolledError, ReviewNotFoundError
from .models import Review, ReviewQuerySet

Clock = Callable[[], datetime]


@transaction.atomic
def write_review(
    *,
    user_id: UUID,
    course_id: UUID,
    rating: int,
    text: str = "",
    clock: Clock = timezone.now,
) -> Review:
    """Store a learner's only review of a course and count its rating.

    Raises NotEnrolledError or AlreadyReviewedError.
    """
    if not is_enrolled(user_id=user_id, course_id=course_id):
        raise NotEnrolledError
    # Reviews of one course are counted one at a time.
    course = Course.objects.select_for_update().get(pk=course_id)
    if Review.objects.filter(course=course, user_id=user_id).exists():
        raise AlreadyReviewedError
    now = clock()
    review = Review.objects.create(
        course=course,
        user_id=user_id,
        rating=rating,
        text=text,
        created_at=now,
        updated_at=now,
    )
    count_rating(course_id=course_id, ratings=1, points=rating)
    publish(
        ReviewCreated(
            review_id=review.pk,
            user_id=user_id,
            course_id=course_id,
            course_title=course.title,
            instructor_id=course.instructor_id,
            rating=rating,
            created_at=now,
        )
    )
    return review


@transaction.atomic
def change_review(
    *,
    user_id: UUID,
    review_id: UUID,
    changes: Mapping[str, object],
    clock: Clock = timezone.now,
) -> Review:
    """Change one's own review; raises ReviewNotFoundError."""
    review = _locked_review(Review.objects.of_learner(user_id), review_id)
    before = review.rating
    for name, value in changes.items():
        setattr(review, name, value)
    review.updated_at = clock()
    review.save()
    count_rating(course_id=review.course_id, ratings=0, points=review.rating - before)
    return review


@transaction.atomic
def take_back_review(*, user_id: UUID, review_id: UUID) -> None:
    """Delete one's own review; raises ReviewNotFoundError."""
    _delete(_locked_review(Review.objects.of_learner(user_id), review_id))


@transaction.atomic
def remove_review(*, review_id: UUID) -> None:
    """Delete anybody's review, as an operator does with one that offends."""
    _delete(_locked_review(Review.objects.all(), review_id))


@transaction.atomic
def erase_reviews(*, user_id: UUID) -> None:
    """Delete the reviews of an erased person; the means stay exact."""
    own = Review.objects.of_learner(user_id)
    for review in own.order_by("course_id").select_for_update():
        _delete(review)


def _locked_review(reviews: ReviewQuerySet, review_id: UUID) -> Review:
    review = reviews.select_for_update().filter(pk=review_id).first()
    if review is None:
        raise ReviewNotFoundError
    return review


def _delete(review: Review) -> None:
    count_rating(course_id=review.course_id, ratings=-1, points=-review.rating)
    review.delete()
