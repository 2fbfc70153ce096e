"""Routes of accounts for peers; each stands in its contract."""

from shared.server.serves import mount

from . import internal_views

urlpatterns = mount(internal_views.verify, internal_views.get)
