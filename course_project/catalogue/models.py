"""The catalogue: courses, their modules, their lessons."""

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils import timezone

from course_project.learners.models import Learner
from shared.wire.ids import uuid7

from .errors import LessonIncompleteError, NoPublishedLessonError

DRAFT_RESTS = timedelta(days=14)  # after that, its author is reminded
SECURE_ADDRESS = URLValidator(
    schemes=["https"], message="The address begins with https://."
)
FORMER_INSTRUCTOR = "Former instructor"  # in the place of a name that was erased


def _number(rows):
    return Coalesce(models.Subquery(rows, output_field=models.IntegerField()), 0)


class CourseQuerySet(models.QuerySet):
    def published(self):
        """Courses that anybody finds."""
        return self.filter(state=Course.State.PUBLISHED)

    def owned_by(self, user):
        """Courses that *user* may change: their own for instructors, all for admins."""
        role = getattr(user, "role", "")
        if role == "admin":
            return self
        if role == "instructor":
            return self.filter(instructor_id=user.id)
        return self.none()

    def resting(self, at):
        """Drafts that nobody has touched for long, their lessons included."""
        since = at - DRAFT_RESTS
        touched = Lesson.objects.filter(
            module__course=models.OuterRef("pk"), updated_at__gte=since
        )
        drafts = self.filter(state=Course.State.DRAFT, updated_at__lt=since)
        return drafts.exclude(models.Exists(touched))

    def without_lessons(self):
        """Courses in which there is nothing to take, the archived ones aside."""
        lessons = Lesson.objects.filter(module__course=models.OuterRef("pk"))
        return self.exclude(state=Course.State.ARCHIVED).exclude(models.Exists(lessons))

    def known_as(self, key):
        """Courses with this id or slug; there is at most one."""
        try:
            return self.filter(pk=UUID(key))
        except ValueError:
            return self.filter(slug=key)

    def containing(self, text):
        """Courses whose title, summary, category or teacher's name holds *text*."""
        fields = ("title", "summary", "category", "instructor_name")
        found = models.Q()
        for field in fields:
            found |= models.Q(**{f"{field}__icontains": text})
        return self.filter(found)

    def with_instructors(self):
        """Add ``instructor_display_name``: the newest name that is known."""
        names = Learner.objects.filter(user_id=models.OuterRef("instructor_id"))
        newest = NullIf(
            models.Subquery(names.values("display_name")[:1]), models.Value("")
        )
        return self.annotate(
            instructor_display_name=Coalesce(newest, "instructor_name")
        )

    def with_size(self):
        """Add ``lessons_count`` and ``minutes`` of the published lessons."""
        lessons = Lesson.objects.published().filter(
            module__course_id=models.OuterRef("pk")
        )
        course = lessons.order_by().values("module__course_id")
        return self.annotate(
            lessons_count=_number(course.annotate(n=models.Count("pk")).values("n")),
            minutes=_number(course.annotate(n=models.Sum("minutes")).values("n")),
        )

    def as_listed(self):
        """Add all that a list shows of a course."""
        return self.with_instructors().with_rating().with_size()

    def with_rating(self):
        """Add ``rating``, the mean of the reviews; 0 without any, so that it sorts."""
        mean = Cast("rating_sum", models.FloatField()) / NullIf("rating_count", 0)
        return self.annotate(rating=Coalesce(mean, 0.0))


class Course(models.Model):
    """What can be taken: described by its author, counted as learners act."""

    class Skill(models.TextChoices):
        LISTENING = "listening"
        READING = "reading"
        WRITING = "writing"
        SPEAKING = "speaking"
        GENERAL = "general"

    class Level(models.TextChoices):
        BEGINNER = "beginner"
        ELEMENTARY = "elementary"
        PRE_INTERMEDIATE = "pre_intermediate"
        INTERMEDIATE = "intermediate"
        UPPER_INTERMEDIATE = "upper_intermediate"
        ADVANCED = "advanced"

    class EnrollmentType(models.TextChoices):
        FREE = "free"
        PREMIUM = "premium"
        SUBSCRIPTION = "subscription"

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        ARCHIVED = "archived"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(
        max_length=100, unique=True, help_text="The name in addresses; it stays."
    )
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=300, blank=True)
    description = models.TextField(max_length=10_000, blank=True, help_text="Markdown.")
    instructor_id = models.UUIDField(
        db_index=True, help_text="User id of who teaches it."
    )
    instructor_name = models.CharField(
        max_length=200, blank=True, help_text="As it was when the course was made."
    )
    skill = models.CharField(max_length=20, choices=Skill)
    level = models.CharField(max_length=20, choices=Level)
    enrollment_type = models.CharField(
        max_length=20, choices=EnrollmentType, default=EnrollmentType.FREE
    )
    category = models.CharField(max_length=60, blank=True, db_index=True)
    state = models.CharField(
        max_length=10, choices=State, default=State.DRAFT, editable=False
    )
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    enrollments_count = models.PositiveIntegerField(default=0, editable=False)
    rating_sum = models.PositiveIntegerField(default=0, editable=False)
    rating_count = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-id"]
        indexes = [
            models.Index(
                fields=["state", "-published_at", "-id"], name="course_newest_by_state"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="draft")
                | models.Q(published_at__isnull=False),
                name="course_left_draft_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(rating_sum__gte=models.F("rating_count"))
                & models.Q(rating_sum__lte=5 * models.F("rating_count")),
                name="course_mean_rating_1_to_5",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def is_published(self):
        """Can it be found and taken?"""
        return self.state == self.State.PUBLISHED

    def is_owned_by(self, user):
        """May *user* change it?"""
        role = getattr(user, "role", "")
        return role == "admin" or (
            role == "instructor" and self.instructor_id == user.id
        )

    def published_lessons(self):
        """Return its published lessons, in the order in which they are taken."""
        return Lesson.objects.published().of_course(self.pk).in_order()


class OfCourseQuerySet(models.QuerySet):
    """Selects rows that belong to a course, in a field of that name."""

    def in_courses_of(self, user):
        """Rows of courses that *user* may change: of their own, for admins all."""
        if getattr(user, "role", "") == "admin":
            return self
        return self.filter(course__in=Course.objects.owned_by(user))


class ModuleQuerySet(models.QuerySet):
    def owned_by(self, user):
        """Modules of courses that *user* may change."""
        return self.filter(course__in=Course.objects.owned_by(user))


class Module(models.Model):
    """A part of a course: some lessons with one aim."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="modules")
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=300, blank=True)
    position = models.PositiveIntegerField(default=0, help_text="Lowest first.")

    objects = ModuleQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        indexes = [
            models.Index(fields=["course", "position", "id"], name="module_in_order")
        ]

    def __str__(self):
        return self.title


class LessonQuerySet(models.QuerySet):
    def owned_by(self, user):
        """Lessons of courses that *user* may change."""
        return self.filter(module__in=Module.objects.owned_by(user))

    def published(self):
        """Lessons that learners see."""
        return self.filter(is_published=True)

    def of_course(self, course_id):
        """Lessons of one course."""
        return self.filter(module__course_id=course_id)

    def in_order(self):
        """Order as a learner takes them: module by module."""
        return self.order_by("module__position", "module_id", "position", "id")


class Lesson(models.Model):
    """One step of a module, taken in one sitting."""

    class Kind(models.TextChoices):
        VIDEO = "video"
        ARTICLE = "article"
        QUIZ = "quiz"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="lessons")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ARTICLE)
    body = models.TextField(max_length=100_000, blank=True, help_text="Markdown.")
    video_url = models.URLField(
        max_length=500,
        blank=True,
        validators=[SECURE_ADDRESS],
        help_text="YouTube, Vimeo or an https address.",
    )
    minutes = models.PositiveSmallIntegerField(
        default=5, help_text="How long it takes; credited once as study time."
    )
    is_preview = models.BooleanField(default=False, help_text="Open to everybody.")
    is_published = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0, help_text="Lowest first.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = LessonQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        indexes = [
            models.Index(fields=["module", "position", "id"], name="lesson_in_order")
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(minutes__gte=1, minutes__lte=600),
                name="lesson_1_to_600_minutes",
            )
        ]

    def __str__(self):
        return self.title

    @property
    def is_complete(self):
        """Is there something to learn?"""
        return bool(self.video_url if self.kind == self.Kind.VIDEO else self.body)

    def clean(self):
        """Refuse in a form, where nothing typed is lost, what services refuse."""
        if self.is_published and not self.is_complete:
            raise ValidationError(LessonIncompleteError().detail)
        if not self.is_published and self._is_last_published():
            raise ValidationError(NoPublishedLessonError().detail)

    def _is_last_published(self):
        course = self.module.course
        others = course.published_lessons().exclude(pk=self.pk)
        return course.is_published and not others.exists()
