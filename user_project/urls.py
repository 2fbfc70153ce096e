"""Every route of the user service."""

from django.urls import include, path

from shared import urls as shared_urls

urlpatterns = [
    path("api/v1/", include("user_project.profiles.urls")),
    path("api/v1/user/", include("user_project.progress.urls")),
    path("api/v1/user/", include("user_project.sessions.urls")),
    path("api/v1/user/", include("user_project.dashboard.urls")),
    path("api/v1/user/", include("user_project.achievements.urls")),
    path("api/v1/user/", include("user_project.goals.urls")),
    path("api/v1/user/", include("user_project.leaderboard.urls")),
    path("", include("user_project.profiles.internal_urls")),
    path("", include("user_project.progress.internal_urls")),
    *shared_urls.urlpatterns,
]
handler400 = shared_urls.handler400
handler403 = shared_urls.handler403
handler404 = shared_urls.handler404
handler500 = shared_urls.handler500
