"""Every route of the notification service."""

from django.urls import include, path

from shared import urls as shared_urls

urlpatterns = [
    path(
        "api/v1/notifications/stream-tickets",
        include("notification_project.streams.urls"),
    ),
    path("api/v1/notifications", include("notification_project.notices.urls")),
    path(
        "api/v1/notifications/reminders",
        include("notification_project.reminders.urls"),
    ),
    path(
        "api/v1/notifications/broadcasts",
        include("notification_project.broadcasts.urls"),
    ),
    path("", include("notification_project.notices.internal_urls")),
    *shared_urls.urlpatterns,
]
handler400 = shared_urls.handler400
handler403 = shared_urls.handler403
handler404 = shared_urls.handler404
handler500 = shared_urls.handler500
