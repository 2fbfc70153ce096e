"""What people do with their reminders."""

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from . import services
from .errors import ReminderNotFoundError
from .models import Reminder
from .serializers import ReminderSerializer, ReminderValuesSerializer


class ReminderListView(ListAPIView):
    """Own reminders, in the order in which they were made."""

    serializer_class = ReminderSerializer
    queryset = Reminder.objects.all()

    def get_queryset(self):
        return super().get_queryset().of_reader(self.request.user.id)

    @extend_schema(
        request=ReminderValuesSerializer, responses={201: ReminderSerializer}
    )
    def post(self, request):
        """Be reminded on these weekdays at this time, in the zone of your profile.

        A time that the clock skips comes at the same distance after the gap (02:30 at
        03:30); one that it shows twice comes the first time. There are at most 20.
        """
        wanted = ReminderValuesSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        reminder = services.create_reminder(
            user_id=request.user.id, values=wanted.validated_data
        )
        return Response(ReminderSerializer(reminder).data, status=201)


class ReminderView(APIView):
    """One own reminder; a PATCH names only what it changes."""

    @extend_schema(responses=ReminderSerializer)
    def get(self, request, reminder_id):
        own = Reminder.objects.of_reader(request.user.id).filter(pk=reminder_id)
        reminder = own.first()
        if reminder is None:
            raise ReminderNotFoundError
        return Response(ReminderSerializer(reminder).data)

    @extend_schema(request=ReminderValuesSerializer, responses=ReminderSerializer)
    def patch(self, request, reminder_id):
        wanted = ReminderValuesSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        reminder = services.change_reminder(
            user_id=request.user.id,
            reminder_id=reminder_id,
            changes=wanted.validated_data,
        )
        return Response(ReminderSerializer(reminder).data)

    @extend_schema(responses={204: None})
    def delete(self, request, reminder_id):
        services.delete_reminder(user_id=request.user.id, reminder_id=reminder_id)
        return Response(status=204)
