"""Every route of the exercise service."""

from shared import urls as shared_urls

urlpatterns = [
    *shared_urls.urlpatterns,
]
handler400 = shared_urls.handler400
handler403 = shared_urls.handler403
handler404 = shared_urls.handler404
handler500 = shared_urls.handler500
