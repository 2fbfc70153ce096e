"""What people do with their notices."""

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from . import services
from .models import Notice, Preference, Reader
from .serializers import (
    MarkedReadSerializer,
    NoticeSerializer,
    PreferenceChangesSerializer,
    PreferencesSerializer,
    UnreadCountSerializer,
)


class NoticeFilter(django_filters.FilterSet):
    """``?unread=true``, ``?type=system``, ``?category=alert``."""

    unread = django_filters.ChoiceFilter(
        choices=[("true", "unread only"), ("false", "read only")],
        method="filter_unread",
    )

    class Meta:
        model = Notice
        fields = ["type", "category"]

    def filter_unread(self, queryset, name, value):
        return queryset.unread() if value == "true" else queryset.read()


class NoticeListView(ListAPIView):
    """Own notices, newest first."""

    serializer_class = NoticeSerializer
    filterset_class = NoticeFilter
    queryset = Notice.objects.all()

    def get_queryset(self):
        return super().get_queryset().of_reader(self.request.user.id)

    def get_serializer_context(self):
        return {**super().get_serializer_context(), **_context(self.request)}


class CollectedListView(ListAPIView):
    """What a digest stands for, in the order it came; of another notice nothing."""

    serializer_class = NoticeSerializer
    queryset = Notice.objects.none()

    def get_queryset(self):
        return services.list_collected(
            user_id=self.request.user.id, notice_id=self.kwargs["notice_id"]
        )

    def get_serializer_context(self):
        return {**super().get_serializer_context(), **_context(self.request)}


class UnreadCountView(APIView):
    @extend_schema(responses=UnreadCountSerializer)
    def get(self, request):
        count = Notice.objects.of_reader(request.user.id).unread().count()
        return Response({"unread_count": count})


class NoticeView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request, notice_id):
        services.delete_notice(user_id=request.user.id, notice_id=notice_id)
        return Response(status=204)


class ReadView(APIView):
    @extend_schema(request=None, responses=NoticeSerializer)
    def post(self, request, notice_id):
        notice = services.mark_read(user_id=request.user.id, notice_id=notice_id)
        return Response(NoticeSerializer(notice, context=_context(request)).data)


class ReadAllView(APIView):
    @extend_schema(request=None, responses=MarkedReadSerializer)
    def post(self, request):
        count = services.mark_all_read(user_id=request.user.id)
        return Response({"marked_count": count})


class PreferencesView(APIView):
    """Choices per type and channel, and times; a PATCH names only what it changes."""

    @extend_schema(responses=PreferencesSerializer)
    def get(self, request):
        user_id = request.user.id
        reader = Reader.objects.or_default(user_id)
        chosen = {
            "types": Preference.objects.of_reader(user_id),
            "quiet_hours": reader.quiet_hours,
            "daily_cap": reader.daily_cap,
        }
        return Response(PreferencesSerializer(chosen).data)

    @extend_schema(request=PreferenceChangesSerializer, responses=PreferencesSerializer)
    def patch(self, request):
        wanted = PreferenceChangesSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        services.choose(
            user_id=request.user.id,
            choices=wanted.validated_data.get("types"),
            quiet_hours=wanted.validated_data.get("quiet_hours"),
            daily_cap=wanted.validated_data.get("daily_cap"),
        )
        return self.get(request)


def _context(request):
    # The schema generator asks for a serializer without anybody being signed in.
    user_id = getattr(request.user, "id", None) if request else None
    return {"locale": Reader.objects.locale_of(user_id)}
