"""Every route of the exercise service."""

from django.urls import include, path

from shared import urls as shared_urls

urlpatterns = [
    path("api/v1/", include("exercise_project.exercises.urls")),
    path("api/v1/", include("exercise_project.attempts.urls")),
    path("api/v1/", include("exercise_project.submissions.urls")),
    path("", include("exercise_project.exercises.internal_urls")),
    path("", include("exercise_project.attempts.internal_urls")),
    *shared_urls.urlpatterns,
]
handler400 = shared_urls.handler400
handler403 = shared_urls.handler403
handler404 = shared_urls.handler404
handler500 = shared_urls.handler500
