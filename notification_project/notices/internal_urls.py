"""Routes that only peers may call."""

from shared.server.serves import mount

from . import internal_views

urlpatterns = mount(
    internal_views.send, internal_views.send_bulk, internal_views.summary
)
