"""Exercises for tests, made by the services that authors use."""

from exercise_project.exercises import services
from shared.wire.ids import uuid7

KEYS = ("secret-answer", "B", "FALSE")


def make_exercise(instructor_id=None, **values):
    """Make a draft with one section and three questions of three types."""
    exercise = services.create_exercise(
        instructor_id=instructor_id or uuid7(),
        values={
            "title": "Tins",
            "skill": "reading",
            "kind": "practice",
            "difficulty": "easy",
            "minutes": 20,
            **values,
        },
    )
    section = services.add_section(
        exercise_id=exercise.pk,
        values={"title": "The tin", "text": "A secret-passage about tins."},
    )
    gap = services.add_group(
        section=section,
        values={"type": "gap_fill", "subtype": "note", "word_limit": 2},
    )
    choice = services.add_group(section=section, values={"type": "multiple_choice"})
    verdict = services.add_group(
        section=section, values={"type": "true_false_not_given"}
    )
    options = [{"letter": letter, "text": f"Choice {letter}"} for letter in "ABC"]
    groups = (gap, choice, verdict)
    for number, (group, answer) in enumerate(zip(groups, KEYS, strict=True), 1):
        services.add_question(
            group=group,
            values={
                "number": number,
                "prompt": f"secret-prompt {number}",
                "answers": [answer],
                "options": options if group is choice else [],
                "explanation": "secret-explanation",
                "evidence": "secret-evidence",
            },
        )
    return exercise


def make_published(instructor_id=None, **values):
    """Make an exercise that learners can take."""
    exercise = make_exercise(instructor_id, **values)
    return services.publish_exercise(exercise_id=exercise.pk)
