"""Public routes of exercises, below /api/v1."""

from django.urls import path

from .views import (
    ArchiveView,
    ExerciseListView,
    ExerciseView,
    GroupsView,
    GroupView,
    OwnExercisesView,
    PublishView,
    QuestionsView,
    QuestionView,
    SectionsView,
    SectionView,
)

_EXERCISE = "exercises/<uuid:exercise_id>"
_SECTION = "sections/<uuid:section_id>"

urlpatterns = [
    path("exercises", ExerciseListView.as_view(), name="exercises"),
    path("exercises/own", OwnExercisesView.as_view(), name="own-exercises"),
    path(_EXERCISE, ExerciseView.as_view(), name="exercise"),
    path(f"{_EXERCISE}/publish", PublishView.as_view(), name="exercise-publish"),
    path(f"{_EXERCISE}/archive", ArchiveView.as_view(), name="exercise-archive"),
    path(f"{_EXERCISE}/sections", SectionsView.as_view(), name="sections"),
    path(_SECTION, SectionView.as_view(), name="section"),
    path(f"{_SECTION}/groups", GroupsView.as_view(), name="groups"),
    path(f"{_SECTION}/groups/<uuid:group_id>", GroupView.as_view(), name="group"),
    path(f"{_SECTION}/questions", QuestionsView.as_view(), name="questions"),
    path("questions/<uuid:question_id>", QuestionView.as_view(), name="question"),
]
