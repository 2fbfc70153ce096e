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
    """Choices per type and channel; a PATCH names only what it changes."""

    @extend_schema(responses=PreferencesSerializer)
    def get(self, request):
        return Response({"types": Preference.objects.of_reader(request.user.id)})

    @extend_schema(request=PreferencesSerializer, responses=PreferencesSerializer)
    def patch(self, request):
        wanted = PreferencesSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        services.choose(
            user_id=request.user.id, choices=wanted.validated_data.get("types", {})
        )
        return self.get(request)


def _context(request):
    # The schema generator asks for a serializer without anybody being signed in.
    user_id = getattr(request.user, "id", None) if request else None
    return {"locale": Reader.objects.locale_of(user_id)}
