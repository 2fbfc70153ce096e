"""What was earned, and the catalogue as a learner sees it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import models

from user_project.progress.models import Progress, Skill, SkillStatistic

from .rules import RULES, Measure, Rule


@dataclass(frozen=True)
class Entry:
    """A line of the catalogue: a rule, and how far its reader is."""

    rule: Rule
    progress: Decimal | int
    points: int
    earned_at: datetime | None


class AchievementQuerySet(models.QuerySet):
    def catalogue_for(self, user_id):
        """Return an entry per rule, also those that were not earned."""
        progress = Progress.objects.of_learner(user_id)
        totals = totals_of_progress(progress)
        for statistic in SkillStatistic.objects.filter(user_id=user_id):
            for measure, value in totals_of_practice(statistic).items():
                totals[measure] = max(value, totals.get(measure, 0))
        earned = {row.key: row for row in self.filter(user_id=user_id)}
        return [_entry(rule, totals, earned.get(rule.key)) for rule in RULES]


class Achievement(models.Model):
    """One rule that one learner has met, with the points that it gave."""

    user_id = models.UUIDField()
    key = models.CharField(max_length=50)
    points = models.PositiveIntegerField()
    earned_at = models.DateTimeField(
        help_text="When the message that met the rule was counted."
    )

    objects = AchievementQuerySet.as_manager()

    class Meta:
        ordering = ["-earned_at", "-id"]
        indexes = [
            models.Index(fields=["-earned_at", "-id"], name="achievements_latest")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "key"], name="achievements_earned_once"
            )
        ]

    def __str__(self):
        return f"{self.key} of {self.user_id}"


def totals_of_progress(progress):
    """Return what a learner's progress says to the rules."""
    return {
        Measure.LESSONS: progress.lessons_completed,
        Measure.EXERCISES: progress.exercises_completed,
        Measure.STUDY_MINUTES: progress.study_minutes,
        Measure.STREAK_DAYS: progress.longest_streak_days,
        Measure.GOALS: progress.goals_completed,
    }


def totals_of_practice(statistic):
    """Return what a learner's practice of one skill says to the rules."""
    totals = {Measure.BAND: statistic.best_band or Decimal(0)}
    if statistic.skill == Skill.LISTENING:
        totals[Measure.LISTENING_EXERCISES] = statistic.completed_practices
    return totals


def _entry(rule, totals, achievement):
    return Entry(
        rule=rule,
        progress=rule.progress(totals),
        points=achievement.points if achievement else rule.points,
        earned_at=achievement.earned_at if achievement else None,
    )
