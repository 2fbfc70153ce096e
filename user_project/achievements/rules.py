"""What can be earned: rules with a threshold, over totals that only grow.

A rule's key stays for ever, because achievements are stored with it; its points may
change, for those who have not earned it yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

DEFAULT_LOCALE = "en"


class Measure(StrEnum):
    """What a rule looks at."""

    LESSONS = "lessons"
    EXERCISES = "exercises"
    LISTENING_EXERCISES = "listening_exercises"
    STREAK_DAYS = "streak_days"
    BAND = "band"
    STUDY_MINUTES = "study_minutes"
    GOALS = "goals"


Totals = Mapping[Measure, Decimal | int]


@dataclass(frozen=True)
class Rule:
    """An achievement: what it takes, and the points that it gives."""

    key: str
    measure: Measure
    threshold: int
    points: int

    def is_met(self, totals: Totals) -> bool:
        """Say whether *totals* have reached the threshold; what they lack is 0."""
        return totals.get(self.measure, 0) >= self.threshold

    def progress(self, totals: Totals) -> Decimal | int:
        """Return how far *totals* are, at most the threshold."""
        return min(totals.get(self.measure, 0), self.threshold)

    def title(self, locale: str) -> str:
        """Return what it is called in *locale*, or in English where there is none."""
        titles = TITLES[self.key]
        return titles.get(locale, titles[DEFAULT_LOCALE])


RULES = (
    Rule("first_lesson", Measure.LESSONS, 1, 10),
    Rule("lessons_10", Measure.LESSONS, 10, 25),
    Rule("lessons_50", Measure.LESSONS, 50, 100),
    Rule("first_exercise", Measure.EXERCISES, 1, 10),
    Rule("exercises_50", Measure.EXERCISES, 50, 100),
    Rule("listening_100", Measure.LISTENING_EXERCISES, 100, 200),
    Rule("streak_7", Measure.STREAK_DAYS, 7, 50),
    Rule("streak_30", Measure.STREAK_DAYS, 30, 200),
    Rule("band_6", Measure.BAND, 6, 100),
    Rule("band_7", Measure.BAND, 7, 200),
    Rule("hours_10", Measure.STUDY_MINUTES, 10 * 60, 25),
    Rule("hours_50", Measure.STUDY_MINUTES, 50 * 60, 100),
    Rule("hours_100", Measure.STUDY_MINUTES, 100 * 60, 200),
    Rule("first_goal", Measure.GOALS, 1, 20),
    Rule("goals_10", Measure.GOALS, 10, 100),
)
# notification-service names them too, in its texts; a test holds the two together.
TITLES = {
    "first_lesson": {"en": "First lesson", "vi": "Bài học đầu tiên"},
    "lessons_10": {"en": "10 lessons", "vi": "10 bài học"},
    "lessons_50": {"en": "50 lessons", "vi": "50 bài học"},
    "first_exercise": {"en": "First exercise", "vi": "Bài luyện tập đầu tiên"},
    "exercises_50": {"en": "50 exercises", "vi": "50 bài luyện tập"},
    "listening_100": {"en": "100 listening exercises", "vi": "100 bài luyện nghe"},
    "streak_7": {"en": "7 days in a row", "vi": "7 ngày liên tiếp"},
    "streak_30": {"en": "30 days in a row", "vi": "30 ngày liên tiếp"},
    "band_6": {"en": "Band 6", "vi": "Band 6"},
    "band_7": {"en": "Band 7", "vi": "Band 7"},
    "hours_10": {"en": "10 hours of study", "vi": "10 giờ học"},
    "hours_50": {"en": "50 hours of study", "vi": "50 giờ học"},
    "hours_100": {"en": "100 hours of study", "vi": "100 giờ học"},
    "first_goal": {"en": "First goal completed", "vi": "Mục tiêu đầu tiên"},
    "goals_10": {"en": "10 goals completed", "vi": "10 mục tiêu đã đạt"},
}


def met_rules(totals: Totals) -> list[Rule]:
    """Return the rules that *totals* have reached, in the order of the catalogue."""
    return [rule for rule in RULES if rule.is_met(totals)]
