"""Public routes of submissions, below /api/v1."""

from django.urls import path

from .views import MarkView, SubmissionListView, SubmissionView

urlpatterns = [
    path("submissions", SubmissionListView.as_view(), name="submissions"),
    path(
        "submissions/<uuid:submission_id>",
        SubmissionView.as_view(),
        name="submission",
    ),
    path(
        "submissions/<uuid:submission_id>/mark",
        MarkView.as_view(),
        name="mark-submission",
    ),
]
