"""The periodic job of reminders, as the worker runs it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from shared.outbox.jobs import Timetable
from shared.wire.ids import uuid7
from user_project.profiles.models import Profile


@pytest.mark.django_db
def test_the_worker_looks_for_reminders_that_are_due():
    now = timezone.now()
    Profile.objects.create(
        user_id=uuid7(),
        email="ana@example.com",
        study_reminders=True,
        study_reminder_due_at=now - timedelta(minutes=1),
    )

    Timetable().run_due()

    assert Profile.objects.get().study_reminder_due_at > now
