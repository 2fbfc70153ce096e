"""Every route of the course service."""

from django.urls import include, path

from shared import urls as shared_urls

urlpatterns = [
    path("api/v1/", include("course_project.catalogue.urls")),
    path("api/v1/", include("course_project.reviews.urls")),
    path("api/v1/", include("course_project.enrollments.urls")),
    path("api/v1/", include("course_project.certificates.urls")),
    path("", include("course_project.enrollments.internal_urls")),
    *shared_urls.urlpatterns,
]
handler400 = shared_urls.handler400
handler403 = shared_urls.handler403
handler404 = shared_urls.handler404
handler500 = shared_urls.handler500
