"""What learners see of the leaderboard."""

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from shared.server.lists import Pages

from .models import BOARD_LENGTH, board_of
from .periods import PERIODS, period_around
from .serializers import LeaderboardSerializer

_KNOWN = {"period", "page", "page_size"}


class LeaderboardView(APIView):
    """Who has done most this week, this month, in all; private profiles are absent."""

    @extend_schema(
        parameters=[
            OpenApiParameter("period", enum=PERIODS, description="Default all."),
            OpenApiParameter("page", OpenApiTypes.INT),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="1-100."),
        ],
        responses=LeaderboardSerializer,
    )
    def get(self, request):
        period = _read_period(request.query_params)
        first_day, last_day = period_around(period, timezone.now().date())
        board = board_of(period, first_day)
        pages = Pages()
        listed = board.listed().by_place().with_names()[:BOARD_LENGTH]
        places = pages.paginate_queryset(listed, request)
        for rank, place in enumerate(places, pages.page.start_index()):
            place.rank = rank
        answer = {
            "period": period,
            "starts_on": first_day,
            "ends_on": last_day,
            **pages.get_paginated_response(places).data,
            "own": _own_place(request.user, board, places),
        }
        return Response(LeaderboardSerializer(answer).data)


def _own_place(user, board, places):
    for place in places:
        if place.user_id == user.id:
            return place
    own = board.with_names().filter(user_id=user.id).first()
    if own is None:
        own = board.model(user_id=user.id)
        own.display_name, own.avatar_url = user.name, ""
    own.rank = board.rank_of(own)
    return own


def _read_period(query):
    unknown = set(query) - _KNOWN
    if unknown:
        raise ValidationError(dict.fromkeys(sorted(unknown), "Unknown parameter."))
    period = query.get("period", "all")
    if period not in PERIODS:
        choices = ", ".join(PERIODS)
        raise ValidationError({"period": f"This must be one of {choices}."})
    return period
