"""How answers are written, and which form a client gets."""

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BrowsableAPIRenderer

from .middleware import came_through_gateway


class PeopleBrowsableAPIRenderer(BrowsableAPIRenderer):
    """DRF's browsable API."""


class PeopleNegotiation(DefaultContentNegotiation):
    """JSON, unless somebody looks at a service port with a browser.

    Through the gateway everything is JSON. A client that accepts neither gets JSON
    too: an answer in an unexpected form helps more than a 406.
    """

    def select_renderer(self, request, renderers, format_suffix=None):
        if came_through_gateway(request):
            return renderers[0], renderers[0].media_type
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            return renderers[0], renderers[0].media_type
