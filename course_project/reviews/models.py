"""Reviews: what learners think of a course they take."""

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from course_project.catalogue.models import Course, OfCourseQuerySet
from course_project.learners.models import Learner
from shared.wire.ids import uuid7


class ReviewQuerySet(OfCourseQuerySet):
    def of_learner(self, user_id):
        """Reviews that one person wrote."""
        return self.filter(user_id=user_id)

    def with_names(self):
        """Add ``author_name``: the newest that is known, or an empty one."""
        names = Learner.objects.filter(user_id=models.OuterRef("user_id"))
        newest = models.Subquery(names.values("display_name")[:1])
        return self.annotate(author_name=Coalesce(newest, models.Value("")))


class Review(models.Model):
    """One learner's verdict on one course."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="reviews")
    user_id = models.UUIDField(db_index=True, editable=False)
    rating = models.PositiveSmallIntegerField(help_text="1 to 5.")
    text = models.TextField(max_length=4000, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "user_id"], name="review_one_per_learner"
            ),
            models.CheckConstraint(
                condition=models.Q(rating__gte=1, rating__lte=5),
                name="review_rating_1_to_5",
            ),
        ]
        indexes = [
            models.Index(fields=["course", "-created_at", "-id"], name="review_newest"),
            models.Index(fields=["-created_at", "-id"], name="review_newest_of_all"),
        ]

    def __str__(self):
        return f"{self.rating}/5 for {self.course_id}"
