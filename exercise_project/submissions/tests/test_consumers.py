"""Who teaches what, in whatever order the facts come."""

from datetime import UTC, datetime, timedelta

import pytest

from exercise_project.submissions.models import TaughtCourse
from shared.contracts.events import CoursePublished
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db


def test_the_newest_publication_says_who_teaches(deliver):
    course_id, before, after = uuid7(), uuid7(), uuid7()
    dawn = datetime(2026, 3, 10, 6, tzinfo=UTC)
    older, newer = (
        CoursePublished(
            course_id=course_id,
            instructor_id=instructor_id,
            title="Writing",
            skill="writing",
            level="advanced",
            published_at=at,
        )
        for instructor_id, at in [(before, dawn), (after, dawn + timedelta(days=1))]
    )

    responses = [deliver(fact) for fact in (older, newer, older, newer)]

    assert [one.status_code for one in responses] == [200] * 4
    assert TaughtCourse.objects.get().instructor_id == after
