"""Routes for the tests of shared itself: only what every service has."""

from shared import urls as shared_urls

urlpatterns = [*shared_urls.urlpatterns]
handler400 = shared_urls.handler400
handler403 = shared_urls.handler403
handler404 = shared_urls.handler404
handler500 = shared_urls.handler500
