"""What the tests of attempts do again and again."""

from datetime import timedelta
from types import SimpleNamespace

import msgspec

from exercise_project.attempts.models import Attempt
from exercise_project.exercises import services as authoring
from shared.contracts.notification import send_notice
from shared.contracts.user import update_progress, update_statistics
from shared.outbox.models import OutboxMessage
from shared.wire.ids import uuid7

STATISTICS = update_statistics.name
PROGRESS = update_progress.name
NOTICE = send_notice.name
FORTY = [f"word{number}" for number in range(1, 41)]


def make_test(answers=FORTY, *, publish=True, **values):
    """Make an exercise with a written answer to each question."""
    exercise = authoring.create_exercise(
        instructor_id=values.pop("instructor_id", None) or uuid7(),
        values={
            "title": "Rivers",
            "skill": "reading",
            "kind": "full_test" if len(answers) == 40 else "practice",
            "difficulty": "medium",
            "minutes": 60,
            **values,
        },
    )
    section = authoring.add_section(
        exercise_id=exercise.pk,
        values={"title": "A river", "text": "secret-passage of a river"},
    )
    group = authoring.add_group(section=section, values={"type": "short_answer"})
    for number, answer in enumerate(answers, 1):
        authoring.add_question(
            group=group,
            values={
                "number": number,
                "prompt": f"What is {number}?",
                "answers": [answer],
                "explanation": f"secret-explanation {number}",
                "evidence": f"secret-evidence {number}",
            },
        )
    if publish:
        authoring.publish_exercise(exercise_id=exercise.pk)
    exercise.refresh_from_db()
    return exercise


def make_learner(client_for):
    """Return somebody with an ``id`` and a ``client``."""
    id_ = uuid7()
    return SimpleNamespace(id=id_, client=client_for(id_))


def start(learner, exercise):
    """Start through the public door; return the attempt as it answers."""
    response = learner.client.post(f"/api/v1/exercises/{exercise.pk}/attempts")
    assert response.status_code in (200, 201), response.content
    return response.json()


def save(learner, attempt, answers):
    """Save answers through the public door."""
    return learner.client.patch(
        f"/api/v1/attempts/{attempt['id']}", {"answers": answers}, format="json"
    )


def submit(learner, attempt, answers=None):
    """Submit through the public door, with the last answers if there are any."""
    body = {} if answers is None else {"answers": answers}
    return learner.client.post(
        f"/api/v1/attempts/{attempt['id']}/submit", body, format="json"
    )


def questions_of(attempt):
    """Return the questions of an attempt, in order."""
    return [
        question
        for section in attempt["sections"]
        for group in section["groups"]
        for question in group["questions"]
    ]


def right_answers(attempt, count):
    """Return right answers to the first *count* questions of ``make_test``."""
    first = questions_of(attempt)[:count]
    return {question["id"]: f"word{question['numbers'][0]}" for question in first}


def put_back(attempt, **by):
    """Let an attempt have begun so much earlier."""
    stored = Attempt.objects.get(pk=attempt["id"])
    gap = timedelta(**by)
    for name in ("started_at", "deadline_at", "closes_at", "saved_at"):
        moment = getattr(stored, name)
        setattr(stored, name, moment and moment - gap)
    stored.save()


def sent(type_):
    """Return the bodies of the messages of one type in the outbox."""
    rows = OutboxMessage.objects.filter(type=type_).order_by("position")
    return [msgspec.json.decode(row.payload) for row in rows]
