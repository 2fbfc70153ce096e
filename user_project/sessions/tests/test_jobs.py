"""The periodic job of study sessions, as the worker runs it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from shared.outbox.jobs import Timetable
from shared.wire.ids import uuid7
from user_project.sessions.models import TimedSession
from user_project.sessions.services import start_session


@pytest.mark.django_db
def test_the_worker_closes_what_was_left_open():
    an_hour_ago = timezone.now() - timedelta(hours=1)
    forgotten = start_session(user_id=uuid7(), clock=lambda: an_hour_ago)
    start_session(user_id=uuid7())

    Timetable().run_due()

    closed = TimedSession.objects.exclude(state="open")
    assert list(closed.values_list("pk", "state")) == [(forgotten.pk, "abandoned")]
