"""Enrollments, what entitles to them, and the progress of learners in lessons."""

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from course_project.catalogue.models import Course, Lesson, OfCourseQuerySet
from course_project.learners.models import Learner
from shared.wire.ids import uuid7


class GrantQuerySet(models.QuerySet):
    def in_force(self, at):
        """Grants that entitle at this moment."""
        return self.filter(revoked_at__isnull=True).filter(
            models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=at)
        )

    def for_course(self, *, user_id, course):
        """Grants that would open *course* to a person, the longest first."""
        covers = models.Q(course=course)
        if course.enrollment_type == Course.EnrollmentType.SUBSCRIPTION:
            covers |= models.Q(course__isnull=True)
        return self.filter(covers, user_id=user_id).order_by(
            models.F("ends_at").desc(nulls_first=True), "id"
        )


class Grant(models.Model):
    """An operator entitled a person: to one course, or to all of the subscription."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.UUIDField("user id", help_text="Who may take the course.")
    course = models.ForeignKey(
        Course,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="grants",
        help_text="Empty: a subscription, to all courses of that type.",
    )
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text="Empty: it has no end."
    )
    note = models.CharField(
        max_length=200, help_text="Why: an order, a scholarship, a mistake made good."
    )
    granted_by = models.UUIDField(editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["user_id", "course"], name="grant_of_person"),
        ]

    def __str__(self):
        return f"{self.course or 'subscription'} for {self.user_id}"

    def is_in_force(self, at):
        """Does it entitle at this moment?"""
        return self.revoked_at is None and (self.ends_at is None or self.ends_at > at)


class EnrollmentQuerySet(OfCourseQuerySet):
    def of_learner(self, user_id):
        """Enrollments of one person."""
        return self.filter(user_id=user_id)

    def active(self):
        """Courses that somebody is taking."""
        return self.filter(state=Enrollment.State.ACTIVE)

    def completed(self):
        """Courses that were completed, whatever became of the enrollment."""
        return self.filter(completed_at__isnull=False)

    def latest_studied(self):
        """Order by when somebody studied, what they just took included."""
        return self.order_by(Coalesce("last_studied_at", "enrolled_at").desc(), "-id")

    def open(self, at):
        """Enrollments that open their course's lessons at this moment."""
        taken = self.filter(
            state__in=[Enrollment.State.ACTIVE, Enrollment.State.COMPLETED]
        )
        return taken.filter(
            models.Q(grant__isnull=True)
            | models.Q(grant__in=Grant.objects.in_force(at))
        )

    def outlived(self, at):
        """Active enrollments whose grant has ended or was revoked."""
        granted = self.active().filter(grant__isnull=False)
        return granted.exclude(grant__in=Grant.objects.in_force(at))

    def with_progress(self):
        """Add how many lessons there are and are completed, and the next one."""
        published = Lesson.objects.published().filter(
            module__course=models.OuterRef("course")
        )
        done = LessonProgress.objects.completed().filter(lesson__is_published=True)
        is_done = LessonProgress.objects.completed().filter(
            lesson=models.OuterRef("pk"),
            enrollment=models.OuterRef(models.OuterRef("pk")),
        )
        following = published.exclude(models.Exists(is_done)).in_order()
        return self.annotate(
            lessons_total=_count(published, "module__course"),
            lessons_completed=_count(
                done.filter(enrollment=models.OuterRef("pk")), "enrollment"
            ),
            next_lesson_id=models.Subquery(following.values("pk")[:1]),
            next_lesson_title=models.Subquery(following.values("title")[:1]),
        )

    def with_names(self):
        """Add ``display_name`` of the learner, empty before anything is known."""
        names = Learner.objects.filter(user_id=models.OuterRef("user_id"))
        return self.annotate(
            display_name=Coalesce(
                models.Subquery(names.values("display_name")[:1]), models.Value("")
            )
        )


def _count(rows, group):
    """Return a subquery that counts *rows*, all of one *group*."""
    counted = rows.order_by().values(group).annotate(number=models.Count("pk"))
    return Coalesce(models.Subquery(counted.values("number")), 0)


class Enrollment(models.Model):
    """One person takes one course; there is one row, however often they come back."""

    class State(models.TextChoices):
        ACTIVE = "active"
        COMPLETED = "completed"
        DROPPED = "dropped"
        EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.UUIDField(editable=False)
    course = models.ForeignKey(
        Course, on_delete=models.PROTECT, related_name="enrollments"
    )
    grant = models.ForeignKey(
        Grant,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="enrollments",
        help_text="What entitled to it; empty when the course was free.",
    )
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    enrolled_at = models.DateTimeField(default=timezone.now)
    last_studied_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        ordering = ["-enrolled_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "course"], name="enrollment_one_per_course"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="completed")
                | models.Q(completed_at__isnull=False),
                name="enrollment_completed_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["user_id", "-enrolled_at", "-id"], name="enrollment_of_learner"
            ),
            models.Index(
                fields=["course", "-enrolled_at", "-id"], name="enrollment_of_course"
            ),
            models.Index(fields=["-enrolled_at", "-id"], name="enrollment_newest"),
            models.Index(
                fields=["completed_at"],
                condition=models.Q(completed_at__isnull=False),
                name="enrollment_by_completion",
            ),
        ]

    def __str__(self):
        return f"{self.course_id} by {self.user_id}"

    @property
    def progress_percent(self):
        """Return the share of completed lessons; 100 only when none is left."""
        if not self.lessons_total:
            return 0
        return self.lessons_completed * 100 // self.lessons_total

    def reopen(self, grant):
        """Take the course again, by *grant* or, when it is free, without one."""
        self.grant = grant
        is_done = self.completed_at is not None
        self.state = self.State.COMPLETED if is_done else self.State.ACTIVE


class LessonProgressQuerySet(models.QuerySet):
    def completed(self):
        """Lessons that were completed."""
        return self.filter(completed_at__isnull=False)


class LessonProgress(models.Model):
    """How far a learner is in one lesson."""

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.CASCADE, related_name="progress"
    )
    lesson = models.ForeignKey(
        Lesson, on_delete=models.CASCADE, related_name="progress"
    )
    position_seconds = models.PositiveIntegerField(default=0)
    completed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = LessonProgressQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        verbose_name_plural = "lesson progress"
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "lesson"], name="progress_one_per_lesson"
            )
        ]

    def __str__(self):
        return f"{self.lesson_id} in {self.enrollment_id}"
