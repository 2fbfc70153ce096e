"""The routes that every service has: health, metrics, admin, schema, events."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from shared.contracts.delivery import event_views
from shared.server import health, problems
from shared.server.serves import mount

_SIGN_IN = (
    "shared.staff.urls" if settings.HAS_PLATFORM_ACCOUNTS else "rest_framework.urls"
)

urlpatterns = [
    path("", RedirectView.as_view(url="/api/docs")),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", health.metrics),
    path("admin/", admin.site.urls),
    path("api-auth/", include(_SIGN_IN)),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    *mount(*event_views()),
]
handler400 = problems.handler400
handler403 = problems.handler403
handler404 = problems.handler404
handler500 = problems.handler500
