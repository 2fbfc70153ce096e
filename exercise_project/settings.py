"""What is true of the exercise service only; the rest is in shared.settings."""

from shared.settings import *

INSTALLED_APPS += [
    "exercise_project.learners",
    "exercise_project.exercises",
    "exercise_project.attempts",
    "exercise_project.submissions",
]
# Fields of one name, each with its own choices.
SPECTACULAR_SETTINGS["ENUM_NAME_OVERRIDES"] = {
    "ExerciseStateEnum": "exercise_project.exercises.models.Exercise.State",
    "VersionStateEnum": "exercise_project.exercises.models.ExerciseVersion.State",
    "AttemptStateEnum": "exercise_project.attempts.models.Attempt.State",
    "OpenAttemptStateEnum": ["in_progress", "abandoned"],
    "AttemptResultStateEnum": ["graded", "expired"],
    "SubmissionStateEnum": "exercise_project.submissions.models.Submission.State",
    "ExerciseSkillEnum": "exercise_project.exercises.models.Exercise.Skill",
    "SubmissionSkillEnum": "exercise_project.submissions.models.Submission.Skill",
}
ROOT_URLCONF = "exercise_project.urls"
WSGI_APPLICATION = "exercise_project.wsgi.application"
