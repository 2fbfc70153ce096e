"""What is true of the user service only; the rest is in shared.settings."""

from shared.settings import *

INSTALLED_APPS += [
    "user_project.profiles",
    "user_project.progress",
    "user_project.sessions",
    "user_project.reminders",
    "user_project.dashboard",
    "user_project.achievements",
    "user_project.goals",
    "user_project.leaderboard",
]
# Fields of one name, each with its own choices.
SPECTACULAR_SETTINGS["ENUM_NAME_OVERRIDES"] = {
    "GoalPeriodEnum": "user_project.goals.models.Goal.Period",
    "GoalStatusEnum": "user_project.goals.models.Goal.State",
    "LeaderboardPeriodEnum": "user_project.leaderboard.periods.PERIODS",
}
ROOT_URLCONF = "user_project.urls"
WSGI_APPLICATION = "user_project.wsgi.application"
