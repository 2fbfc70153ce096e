"""Doors of both kinds, for the tests of the server."""

from typing import Annotated
from uuid import UUID

import django_filters
import msgspec
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError
from django.http import Http404
from django.urls import path
from rest_framework.exceptions import Throttled
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from shared.server import serializers
from shared.server.models import Revocation
from shared.server.permissions import HasRole, ReadOnly
from shared.server.serves import mount, serves
from shared.testing import urls as testing_urls
from shared.wire.deadline import current_deadline
from shared.wire.endpoints import Endpoint
from shared.wire.errors import DomainError
from shared.wire.ids import uuid7
from shared.wire.structs import Contract, Email, Line, Percent, Role, Skill


def declare(method, template, request, returns, *, is_keyed=False, callers=("auth",)):
    """Return an endpoint that is in no catalogue."""
    return Endpoint(
        peer="course",
        method=method,
        template=template,
        request=request,
        returns=returns,
        callers=frozenset(callers),
        is_keyed=is_keyed,
    )


class Add(Contract, frozen=True):
    """Have an effect, or refuse."""

    skill: Skill
    amount: Annotated[int, msgspec.Meta(ge=0, le=100)]
    user_id: UUID
    email: Email = "an@example.org"
    role: Role = "student"
    title: Line = ""
    percent: Percent = 0
    tags: dict[str, str] = {}


class Added(Contract, frozen=True):
    """How often the effect exists now, for whom, by when."""

    total: int
    on_behalf_of: UUID | None = None
    remaining_ms: int | None = None
    is_new: bool = True

    def http_status(self):
        return 201 if self.is_new else 200


class Look(Contract, frozen=True):
    """Read only."""

    ids: list[UUID]
    limit: int = 10
    is_open: bool = False
    skill: Skill | None = None


class Seen(Contract, frozen=True):
    """What was asked, as it arrived."""

    asked: Look


ADD = declare("PUT", "/api/v1/course/internal/{skill}/add", Add, Added, is_keyed=True)
LOOK = declare("GET", "/api/v1/course/internal/things", Look, Seen)
CHECK = declare("POST", "/api/v1/course/internal/check", Add, Added)


class NotTodayError(DomainError):
    """It is refused today."""

    code = "not_today"
    status = 409


@serves(ADD)
def add(request, caller):
    Revocation.objects.create(kind="session", subject=uuid7(), reason=request.title)
    if request.title == "refuse":
        raise NotTodayError
    if request.title == "break":
        raise ZeroDivisionError
    if request.title == "integrity":
        raise IntegrityError
    if request.title == "locked":
        raise OperationalError("database is locked")
    return Added(total=Revocation.objects.count(), on_behalf_of=caller.on_behalf_of)


@serves(LOOK)
def look(request, caller):
    return Seen(asked=request)


@serves(CHECK)
def check(request, caller):
    deadline = current_deadline()
    remaining = int(deadline.remaining() * 1000) if deadline else None
    assert caller.deadline is deadline
    return Added(
        total=0,
        on_behalf_of=caller.on_behalf_of,
        remaining_ms=remaining,
        is_new=False,
    )


class ThingSerializer(serializers.Serializer):
    line = serializers.CharField(required=False, max_length=20)
    text = serializers.TextField(required=False)
    number = serializers.IntegerField(required=False)
    ratio = serializers.FloatField(required=False)
    price = serializers.DecimalField(required=False, max_digits=6, decimal_places=2)
    band = serializers.DecimalField(
        required=False, allow_null=True, max_digits=2, decimal_places=1
    )
    flag = serializers.BooleanField(required=False)
    id = serializers.UUIDField(required=False)
    day = serializers.DateField(required=False)
    at = serializers.DateTimeField(required=False)
    time = serializers.TimeField(required=False)
    level = serializers.ChoiceField(required=False, choices=["B1", "B2"])
    email = serializers.EmailField(required=False)


class NestedSerializer(serializers.Serializer):
    things = ThingSerializer(many=True)


class Echo(APIView):
    permission_classes = [AllowAny]

    def post(self, request):
        serializer = ThingSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response({"names": sorted(serializer.validated_data)})


class Nested(APIView):
    permission_classes = [AllowAny]

    def post(self, request):
        NestedSerializer(data=request.data).is_valid(raise_exception=True)
        return Response({})


class ForAdmins(APIView):
    permission_classes = [HasRole("admin")]

    def get(self, request):
        return Response({"role": request.user.role, "id": str(request.user.id)})


class WrittenByAdmins(APIView):
    permission_classes = [ReadOnly | HasRole("admin")]

    def get(self, request):
        return Response({})

    post = get


class Fails(APIView):
    permission_classes = [AllowAny]

    def get(self, request, how):
        raise {
            "missing": Http404,
            "denied": PermissionDenied,
            "throttled": Throttled(wait=2.5),
            "refused": NotTodayError(retry_after=7, members={"until": "tomorrow"}),
            "locked": OperationalError("database is locked"),
            "broken": ZeroDivisionError("a secret reason"),
        }[how]


def plain_fails(request):
    raise ZeroDivisionError("a secret reason")


class RevocationFilter(django_filters.FilterSet):
    class Meta:
        model = Revocation
        fields = ["kind", "reason", "subject"]


class RevocationSerializer(serializers.ModelSerializer):
    class Meta:
        model = Revocation
        fields = ["id", "kind", "reason"]


class RevocationList(ListAPIView):
    permission_classes = [AllowAny]
    queryset = Revocation.objects.all()
    serializer_class = RevocationSerializer
    filterset_class = RevocationFilter
    ordering_fields = ["at", "reason"]


class RenamedOrderings(RevocationList):
    filterset_class = None
    ordering_fields = {"moment": "at", "why": "reason"}


urlpatterns = [
    *testing_urls.urlpatterns,
    *mount(add, look, check),
    path("api/v1/course/echo", Echo.as_view()),
    path("api/v1/course/nested", Nested.as_view()),
    path("api/v1/course/admins", ForAdmins.as_view()),
    path("api/v1/course/fails/<str:how>", Fails.as_view()),
    path("api/v1/course/plain-fails", plain_fails),
    path("api/v1/course/revocations", RevocationList.as_view()),
    path("api/v1/course/renamed-orderings", RenamedOrderings.as_view()),
    path("api/v1/course/written-by-admins", WrittenByAdmins.as_view()),
]
handler400 = testing_urls.handler400
handler403 = testing_urls.handler403
handler404 = testing_urls.handler404
handler500 = testing_urls.handler500
