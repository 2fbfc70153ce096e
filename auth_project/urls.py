"""Every route of the auth service."""

from django.urls import include, path

from shared import urls as shared_urls

urlpatterns = [
    path("api/v1/auth/", include("auth_project.accounts.urls")),
    path("api/v1/auth/", include("auth_project.codes.urls")),
    path("api/v1/auth/", include("auth_project.sessions.urls")),
    path("", include("auth_project.accounts.internal_urls")),
    *shared_urls.urlpatterns,
]
handler400 = shared_urls.handler400
handler403 = shared_urls.handler403
handler404 = shared_urls.handler404
handler500 = shared_urls.handler500
