"""How people come to a ticket for a stream."""

from datetime import UTC, datetime

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from . import services
from .serializers import TicketSerializer


class TicketsView(APIView):
    """Get a ticket, for an EventSource that cannot send an access token."""

    @extend_schema(request=None, responses={201: TicketSerializer})
    def post(self, request):
        ticket = services.issue_ticket(
            user_id=request.user.id,
            session_id=getattr(request.user, "sid", None),
            token_issued_at=_issued_at(request.auth),
        )
        answer = {"ticket": ticket, "expires_in": services.TICKET_SECONDS}
        return Response(
            TicketSerializer(answer).data,
            status=201,
            headers={"Cache-Control": "no-store"},
        )


def _issued_at(token):
    # Somebody who has signed in to the browsable API has no token.
    return datetime.fromtimestamp(token["iat"], UTC) if token else timezone.now()
