"""What the demo learners have tried, so that a fresh platform has a past to show."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from exercise_project.exercises.models import Exercise, ExerciseVersion
from exercise_project.submissions.models import Submission
from exercise_project.submissions.services import submit_work
from shared.demo import LAN, MINH, SOFIA, DemoPerson, demo_evening
from shared.server.erased import is_erased

from .models import Attempt
from .services import start_attempt, submit_attempt

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class DemoAttempt:
    """A test that a learner took some *evenings* ago, with so many points."""

    learner: DemoPerson
    exercise: str
    evenings: int
    points: int
    minutes: int


READING, LISTENING = "academic-reading-test-1", "listening-test-1"
DEMO_ATTEMPTS = (
    DemoAttempt(LAN, READING, evenings=12, points=23, minutes=58),
    DemoAttempt(LAN, LISTENING, evenings=5, points=27, minutes=30),
    DemoAttempt(LAN, READING, evenings=2, points=30, minutes=55),
    DemoAttempt(MINH, LISTENING, evenings=8, points=21, minutes=30),
    DemoAttempt(SOFIA, READING, evenings=13, points=35, minutes=51),
    DemoAttempt(SOFIA, READING, evenings=3, points=37, minutes=47),
)
ESSAY_EVENING = 1
ESSAY = {
    "skill": Submission.Skill.WRITING,
    "task": Submission.Task.TASK_2,
    "title": "Homework in primary school",
    "prompt": (
        "Some people think that children under ten should have no homework. "
        "Do you agree or disagree? Give reasons and examples."
    ),
    "text": """\
Many primary schools give children tasks to take home from the first year on. \
Some parents ask for more of them, others would like to see them gone. \
I agree that children below ten should have no homework, with one exception.

The first reason is time. A child who has sat in a classroom for six hours needs the \
afternoon for moving, for playing and for being bored. These hours are not wasted. \
When my niece was eight, she and two friends spent a whole spring on a small shop \
in our garden, and in it she counted change, wrote signs and settled quarrels. \
No worksheet would have asked all of that of her.

The second reason is fairness. Homework is done in very different homes. \
One child has a desk, silence and a parent who can explain fractions; another shares a \
table with three brothers while her mother works late. If what is learned depends on \
the evening, school makes the distance between these two children larger, and it \
should do the opposite.

Those who defend homework say that it builds habits. A habit of working alone is worth \
having, but at seven most homework is really done by two people, and what the child \
learns is to wait for help. Older pupils can form this habit much faster.

The exception is reading. Ten minutes with a book that the child has chosen cost \
little, need no desk, and do more for every other subject than any exercise.

In conclusion, young children should leave school without tasks, but with a book. \
The rest of the afternoon teaches them things that school cannot.""",
}


@transaction.atomic
def ensure_demo_attempts(*, clock: Clock = timezone.now) -> int:
    """Let the demo learners take the tests they never tried; return how many attempts.

    Who was erased, and a test that is not published here, is left out.
    """
    now = clock()
    untried = _untried()
    for attempt in untried:
        _take(attempt, demo_evening(attempt.evenings, now=now))
    return len(untried)


@transaction.atomic
def ensure_demo_essay(*, clock: Clock = timezone.now) -> bool:
    """Let a demo learner hand in an essay, for an admin to mark; say whether it did."""
    own = Submission.objects.filter(user_id=SOFIA.id)
    if is_erased(SOFIA.id) or own.exists():
        return False
    evening = demo_evening(ESSAY_EVENING, now=clock())
    submit_work(user_id=SOFIA.id, values=ESSAY, clock=lambda: evening)
    return True


def _untried() -> list[DemoAttempt]:
    """Return the attempts at tests that their learners have never begun."""
    published = set(Exercise.objects.published().values_list("slug", flat=True))
    tried = {
        learner.id: set(
            Attempt.objects.of_learner(learner.id).values_list(
                "exercise__slug", flat=True
            )
        )
        for learner in {attempt.learner for attempt in DEMO_ATTEMPTS}
        if not is_erased(learner.id)
    }
    return [
        attempt
        for attempt in DEMO_ATTEMPTS
        if attempt.exercise in published
        and attempt.exercise not in tried.get(attempt.learner.id, published)
    ]


def _take(tried: DemoAttempt, began_at: datetime) -> None:
    exercise = Exercise.objects.get(slug=tried.exercise)
    ended_at = began_at + timedelta(minutes=tried.minutes)
    attempt, _ = start_attempt(
        user_id=tried.learner.id, exercise_id=exercise.pk, clock=lambda: began_at
    )
    submit_attempt(
        user_id=tried.learner.id,
        attempt_id=attempt.pk,
        answers=_answers(attempt.version, tried.points),
        clock=lambda: ended_at,
    )


def _answers(version: ExerciseVersion, points: int) -> dict[str, str | list[str]]:
    """Return right answers for *points*; time was too short for what is left."""
    answers: dict[str, str | list[str]] = {}
    for question in version.questions():
        if question.choose <= points:
            answers[str(question.pk)] = (
                list(question.answers) if question.choose > 1 else question.answers[0]
            )
            points -= question.choose
    return answers
