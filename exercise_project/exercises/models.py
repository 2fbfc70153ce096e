"""Exercises and their versions: sections, groups of questions, questions with keys."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from shared.wire.ids import uuid7

from .marking import Key

MOST_MINUTES = 240


class ExerciseQuerySet(models.QuerySet):
    def published(self):
        """Exercises that learners may take."""
        return self.filter(state=Exercise.State.PUBLISHED)

    def editable_by(self, user):
        """Exercises that *user* may edit: their own, all for admins."""
        return self if user.role == "admin" else self.filter(instructor_id=user.id)

    def visible_to(self, user):
        """Published exercises, and those that *user* may edit."""
        if not user.is_authenticated:
            return self.published()
        return self.published() | self.editable_by(user)

    def in_modules(self, module_ids):
        """Exercises of these modules with their current version, oldest first."""
        return (
            self.filter(module_id__in=module_ids)
            .select_related("current_version")
            .order_by("published_at", "id")
        )

    def with_outline(self):
        """Exercises with the sections of their current version at hand."""
        outline = "current_version__sections__groups__questions"
        return self.select_related("current_version").prefetch_related(outline)


class Exercise(models.Model):
    """A test or practice; what it asks is in its versions."""

    class Skill(models.TextChoices):
        LISTENING = "listening"
        READING = "reading"

    class Kind(models.TextChoices):
        PRACTICE = "practice"
        MINI_TEST = "mini_test"
        MOCK_TEST = "mock_test"
        FULL_TEST = "full_test"

    class Difficulty(models.TextChoices):
        EASY = "easy"
        MEDIUM = "medium"
        HARD = "hard"

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        ARCHIVED = "archived"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=100, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, max_length=4000)
    skill = models.CharField(max_length=20, choices=Skill)
    kind = models.CharField(max_length=20, choices=Kind)
    difficulty = models.CharField(max_length=20, choices=Difficulty)
    minutes = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)],
        help_text="The time that a learner has.",
    )
    instructor_id = models.UUIDField(editable=False)
    course_id = models.UUIDField(null=True, blank=True)
    module_id = models.UUIDField(null=True, blank=True)
    state = models.CharField(
        max_length=20, choices=State, default=State.DRAFT, editable=False
    )
    current_version = models.ForeignKey(
        "exercises.ExerciseVersion",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="What new attempts take: the version published last.",
    )
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ExerciseQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-id"]
        indexes = [
            models.Index(
                fields=["state", "-published_at", "-id"], name="exercises_newest"
            ),
            models.Index(fields=["instructor_id"], name="exercises_of_instructor"),
            models.Index(fields=["course_id"], name="exercises_of_course"),
            models.Index(fields=["module_id"], name="exercises_of_module"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(minutes__gte=1, minutes__lte=MOST_MINUTES),
                name="exercises_minutes_bounded",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published")
                | models.Q(published_at__isnull=False, current_version__isnull=False),
                name="exercises_published_has_version",
            ),
        ]

    def __str__(self):
        return self.title


class ExerciseVersionQuerySet(models.QuerySet):
    def with_questions(self):
        """Versions with sections, groups and questions, in four queries."""
        return self.prefetch_related("sections__groups__questions")

    def newest_of(self, exercise):
        """Return the draft of *exercise*, or what was published last."""
        return self.filter(exercise=exercise).order_by("-number").first()


class ExerciseVersion(models.Model):
    """What an exercise asks; once published it never changes again.

    ``bands`` is the table itself, as it was at publication: pairs of the lowest raw
    score and its band, best first.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"

    class BandTable(models.TextChoices):
        LISTENING = "listening"
        READING_ACADEMIC = "reading_academic"
        READING_GENERAL = "reading_general"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    exercise = models.ForeignKey(
        Exercise, models.CASCADE, related_name="versions", editable=False
    )
    number = models.PositiveIntegerField(editable=False)
    state = models.CharField(
        max_length=20, choices=State, default=State.DRAFT, editable=False
    )
    band_table = models.CharField(max_length=20, choices=BandTable)
    bands = models.JSONField(default=list, blank=True, editable=False)
    question_count = models.PositiveSmallIntegerField(
        default=0,
        editable=False,
        help_text="The highest raw score; set at publication.",
    )
    content_digest = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="Of the files it was loaded from; empty when people wrote it.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ExerciseVersionQuerySet.as_manager()

    class Meta:
        ordering = ["exercise", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["exercise", "number"], name="exercises_version_numbers"
            ),
            models.UniqueConstraint(
                fields=["exercise"],
                condition=models.Q(state="draft"),
                name="exercises_one_draft",
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft")
                | models.Q(published_at__isnull=False, question_count__gte=1),
                name="exercises_published_is_complete",
            ),
        ]

    def __str__(self):
        return f"{self.exercise.title}, version {self.number}"

    @property
    def is_published(self):
        """Say whether the version is settled."""
        return self.state == self.State.PUBLISHED

    def questions(self):
        """Return every question, in order, with its group and section at hand."""
        return Question.objects.filter(group__section__version=self).in_order()


class PartQuerySet(models.QuerySet):
    """Sections, groups or questions; each model says where its version is."""

    def editable_by(self, user):
        """Parts of exercises that *user* may edit."""
        path = f"{self.model.TO_VERSION}__exercise__in"
        return self.filter(**{path: Exercise.objects.editable_by(user)})


class Section(models.Model):
    """A part of a version: a passage to read, or what a recording says."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(
        ExerciseVersion, models.CASCADE, related_name="sections", editable=False
    )
    key = models.UUIDField(
        default=uuid7, editable=False, help_text="The same in every version."
    )
    position = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    title = models.CharField(max_length=200)
    instructions = models.TextField(blank=True, max_length=4000)
    text = models.TextField(
        max_length=40_000, help_text="Markdown: the passage, or the transcript."
    )
    audio_url = models.URLField(max_length=500, blank=True)

    TO_VERSION = "version"
    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "position"],
                name="exercises_section_positions",
            ),
            models.UniqueConstraint(
                fields=["version", "key"], name="exercises_section_keys"
            ),
        ]

    def __str__(self):
        return f"{self.position}. {self.title}"


class QuestionGroup(models.Model):
    """Questions of one type that share instructions, and perhaps options and a text.

    ``options`` are ``{"letter", "text"}``; in ``text``, ``{7}`` is the blank of
    question 7.
    """

    class Type(models.TextChoices):
        MULTIPLE_CHOICE = "multiple_choice"
        MULTIPLE_SELECT = "multiple_select"
        TRUE_FALSE_NOT_GIVEN = "true_false_not_given"
        YES_NO_NOT_GIVEN = "yes_no_not_given"
        MATCHING = "matching"
        GAP_FILL = "gap_fill"
        SENTENCE_COMPLETION = "sentence_completion"
        SHORT_ANSWER = "short_answer"
        MAP_LABELLING = "map_labelling"

    class Subtype(models.TextChoices):
        HEADINGS = "headings"
        FEATURES = "features"
        INFORMATION = "information"
        ENDINGS = "endings"
        NOTE = "note"
        FORM = "form"
        TABLE = "table"
        SUMMARY = "summary"
        FLOW_CHART = "flow_chart"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    section = models.ForeignKey(
        Section, models.CASCADE, related_name="groups", editable=False
    )
    key = models.UUIDField(default=uuid7, editable=False)
    position = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    type = models.CharField(max_length=30, choices=Type)
    subtype = models.CharField(max_length=20, choices=Subtype, blank=True)
    instructions = models.TextField(blank=True, max_length=4000)
    word_limit = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="The most words of a written answer; longer ones are wrong.",
    )
    options = models.JSONField(default=list, blank=True)
    text = models.TextField(blank=True, max_length=10_000)

    TO_VERSION = "section__version"
    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["section", "position"],
                name="exercises_group_positions",
            ),
            models.UniqueConstraint(
                fields=["section", "key"], name="exercises_group_keys"
            ),
        ]

    def __str__(self):
        return f"{self.position}. {self.get_type_display()}"


class QuestionQuerySet(PartQuerySet):
    def in_order(self):
        """Questions as a learner meets them, with group and section at hand."""
        return self.select_related("group__section").order_by(
            "group__section__position", "group__position", "number", "id"
        )


class Question(models.Model):
    """One question with its key; with ``choose`` above one it covers more numbers.

    ``answers`` are the accepted variants; of a multiple select, the correct letters.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.ForeignKey(
        QuestionGroup, models.CASCADE, related_name="questions", editable=False
    )
    key = models.UUIDField(default=uuid7, editable=False)
    number = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(200)],
        help_text="The first number that the question covers.",
    )
    choose = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="How many letters to choose; as many numbers and points.",
    )
    prompt = models.TextField(max_length=2000)
    options = models.JSONField(default=list, blank=True)
    answers = models.JSONField(default=list)
    explanation = models.TextField(blank=True, max_length=4000)
    evidence = models.TextField(
        blank=True, max_length=2000, help_text="Literally from the passage."
    )

    TO_VERSION = "group__section__version"
    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "number"],
                name="exercises_question_numbers",
            ),
            models.UniqueConstraint(
                fields=["group", "key"], name="exercises_question_keys"
            ),
            models.CheckConstraint(
                condition=models.Q(choose__gte=1), name="exercises_choose_at_least_one"
            ),
        ]

    def __str__(self):
        return f"Question {self.number}"

    @property
    def numbers(self):
        """Return the numbers that the question covers."""
        return list(range(self.number, self.number + self.choose))

    @property
    def choices(self):
        """Return its options: its own, or those of its group."""
        return self.options or self.group.options

    @property
    def marking_key(self):
        """Return what ``marking.points_for`` holds an answer against."""
        return Key(
            type=self.group.type,
            answers=tuple(self.answers),
            choose=self.choose,
            word_limit=self.group.word_limit,
        )
