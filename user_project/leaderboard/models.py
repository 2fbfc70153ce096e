"""Standings of weeks and months, and places among those who may be seen."""

from django.db import models
from django.db.models import functions

from user_project.profiles.models import Profile
from user_project.progress.models import Progress

# Points, then study, then completions; the id makes equals stand still.
SCORES = ["points", "study_minutes", "lessons_completed", "exercises_completed"]
PLACES = [*(f"-{score}" for score in SCORES), "user_id"]
BOARD_LENGTH = 1_000  # so that no page and no count grows with the number of learners
MOST_COUNTED = 10_000  # ranks, for a reader who is not on the page


class BoardQuerySet(models.QuerySet):
    """Rows with the scores of one period, one for each learner: also Progress."""

    def with_names(self):
        """Add what a place shows of its profile, nothing where there is none."""
        profile = Profile.objects.filter(user_id=models.OuterRef("user_id"))
        return self.annotate(
            **{
                name: functions.Coalesce(
                    models.Subquery(profile.values(name)), models.Value("")
                )
                for name in ("display_name", "avatar_url")
            }
        )

    def listed(self):
        """Those who have done something, and whose profile is there and public."""
        public = Profile.objects.filter(
            user_id=models.OuterRef("user_id"),
            visibility=Profile.Visibility.PUBLIC,
        )
        has_score = models.Q()
        for score in SCORES:
            has_score |= models.Q(**{f"{score}__gt": 0})
        return self.filter(has_score, models.Exists(public))

    def by_place(self):
        """The first first."""
        return self.order_by(*PLACES)

    def ahead_of(self, row):
        """Those who stand before *row*."""
        ahead = models.Q(user_id__lt=row.user_id)
        for score in reversed(SCORES):
            value = getattr(row, score)
            ahead = models.Q(**{f"{score}__gt": value}) | (
                models.Q(**{score: value}) & ahead
            )
        # The first condition says no more than the second, and lets the index be used.
        return self.filter(ahead, points__gte=row.points)

    def rank_of(self, row):
        """Return the rank that *row* has among the listed, or would have.

        There is none without a score, and none beyond those that are counted.
        """
        if not any(getattr(row, score) for score in SCORES):
            return None
        ahead = self.listed().ahead_of(row).by_place()[:MOST_COUNTED].count()
        return ahead + 1 if ahead < MOST_COUNTED else None


class Standing(models.Model):
    """What a learner has earned and done in one week or month of UTC."""

    class Period(models.TextChoices):
        WEEK = "week"
        MONTH = "month"

    user_id = models.UUIDField()
    period = models.CharField(max_length=10, choices=Period)
    starts_on = models.DateField()
    points = models.PositiveBigIntegerField(default=0)
    study_minutes = models.PositiveBigIntegerField(default=0)
    lessons_completed = models.PositiveBigIntegerField(default=0)
    exercises_completed = models.PositiveBigIntegerField(default=0)

    objects = BoardQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-id"]
        indexes = [
            models.Index(
                fields=["period", "starts_on", *PLACES], name="leaderboard_by_place"
            ),
            models.Index(fields=["-starts_on", "-id"], name="leaderboard_latest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "period", "starts_on"],
                name="leaderboard_one_row_per_period",
            )
        ]

    def __str__(self):
        return f"{self.period} {self.starts_on} of {self.user_id}"

    def add(self, increments):
        """Add to the scores; the caller holds the lock of the learner's progress."""
        for score, value in increments.items():
            setattr(self, score, getattr(self, score) + value)


def board_of(period, starts_on):
    """Return the rows of a week or month; those of all time are the progress itself."""
    if period in Standing.Period.values:
        return Standing.objects.filter(period=period, starts_on=starts_on)
    return BoardQuerySet(Progress)
