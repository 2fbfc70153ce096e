"""Writing tests in the admin, as an instructor does."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exercise_project.exercises.models import (
    Exercise,
    ExerciseVersion,
    Question,
    QuestionGroup,
    Section,
)
from shared.staff.models import StaffUser

from .making import make_exercise, make_published

pytestmark = pytest.mark.django_db
EXERCISES = "admin:exercises_exercise_changelist"
NEW = {
    "title": "Trees",
    "slug": "trees",
    "description": "",
    "skill": "reading",
    "kind": "practice",
    "difficulty": "easy",
    "minutes": 20,
    "course_id": "",
    "module_id": "",
}


def signed_in(email, role="instructor"):
    """Return a browser of somebody who may enter this admin."""
    browser = Client()
    browser.user = StaffUser.objects.create(
        email=email, role=role, is_staff=True, verified_at=timezone.now()
    )
    browser.force_login(browser.user)
    return browser


@pytest.fixture
def instructor():
    """Give a browser in which an instructor is signed in."""
    return signed_in("ian@example.org")


def inline(prefix, *rows, initial=0):
    """Return the fields of an inline formset with *rows*."""
    fields = {
        f"{prefix}-TOTAL_FORMS": len(rows),
        f"{prefix}-INITIAL_FORMS": initial,
    }
    for number, row in enumerate(rows):
        fields |= {f"{prefix}-{number}-{name}": row[name] for name in row}
    return fields


def address_of(row):
    return reverse(f"admin:exercises_{row._meta.model_name}_change", args=[row.pk])


def act(browser, action, *exercises):
    ids = [str(exercise.pk) for exercise in exercises]
    return browser.post(
        reverse(EXERCISES), {"action": action, "_selected_action": ids}, follow=True
    )


def test_an_instructor_writes_and_publishes_a_test(instructor):
    added = instructor.post(
        reverse("admin:exercises_exercise_add"), NEW | inline("versions")
    )
    version = ExerciseVersion.objects.get()
    section_fields = {"position": 1, "title": "One", "text": "Trees are cool."}
    instructor.post(
        address_of(version),
        {"band_table": "reading_academic"} | inline("sections", section_fields),
    )
    section = Section.objects.get()
    group_fields = {"position": 1, "type": "multiple_choice"}
    group_fields["options"] = "A: hot\nB: cool"
    instructor.post(
        address_of(section), section_fields | inline("groups", group_fields)
    )
    group = QuestionGroup.objects.get()
    question = {"number": 1, "choose": 1, "prompt": "Trees are …", "answers": " B \n"}
    instructor.post(address_of(group), group_fields | inline("questions", question))
    page = act(instructor, "publish", Exercise.objects.get())

    exercise = Exercise.objects.get()
    assert added.status_code == 302
    assert "Trees is published." in page.content.decode()
    assert (exercise.slug, exercise.state) == ("trees", "published")
    assert exercise.instructor_id == instructor.user.pk
    assert group.options == [
        {"letter": "A", "text": "hot"},
        {"letter": "B", "text": "cool"},
    ]
    assert Question.objects.get().answers == ["B"]
    assert exercise.current_version.question_count == 1


def test_an_instructor_sees_only_their_own(instructor):
    own, other = make_exercise(instructor.user.pk, title="Mine"), make_exercise()
    question = other.versions.get().questions()[0]
    rows = [other, other.versions.get(), question.group.section, question.group]

    pages = [
        instructor.get(reverse(f"admin:exercises_{name}_changelist"))
        for name in ("exercise", "exerciseversion", "section", "questiongroup")
    ]

    assert list(pages[0].context["cl"].queryset) == [own]
    assert [len(page.context["cl"].queryset) for page in pages] == [1, 1, 1, 3]
    for row in rows:
        assert instructor.get(address_of(row)).status_code == 302
        assert instructor.post(address_of(row), {}).status_code == 302
    act(instructor, "publish", other)
    other.refresh_from_db()
    assert other.state == "draft"


def test_an_admin_sees_every_exercise(operator):
    exercise = make_exercise()

    page = operator.get(reverse(EXERCISES), {"q": exercise.slug})

    assert list(page.context["cl"].queryset) == [exercise]


def test_a_learner_gets_nothing_in_the_admin():
    browser = signed_in("lan@example.org", role="student")

    assert browser.get(reverse(EXERCISES)).status_code == 403


def test_a_published_version_is_for_reading(instructor):
    exercise = make_published(instructor.user.pk)
    question = exercise.current_version.questions()[0]
    rows = [exercise.current_version, question.group.section, question.group]

    for row in rows:
        assert instructor.get(address_of(row)).status_code == 200
        assert instructor.post(address_of(row), {}).status_code == 403
        delete = address_of(row).replace("/change/", "/delete/")
        assert instructor.post(delete, {"post": "yes"}).status_code == 403
    assert exercise.current_version.questions().count() == 3


def test_an_edit_begins_a_version_and_opens_it(instructor):
    exercise = make_published(instructor.user.pk)

    page = act(instructor, "begin_version", exercise)

    draft = exercise.versions.get(state="draft")
    assert page.redirect_chain[-1][0] == address_of(draft)
    assert page.status_code == 200
    assert draft.questions().count() == 3


def act_on_page(browser, action, exercise):
    """Press a button at the top of an exercise's page, and confirm."""
    address = reverse(f"admin:exercises_exercise_{action}_one", args=[exercise.pk])
    asked = browser.get(address)
    return asked, browser.post(address, {"apply": "1"}, follow=True)


def test_an_exercise_is_published_and_archived_on_its_own_page(instructor):
    exercise = make_exercise(instructor.user.pk)

    asked, published = act_on_page(instructor, "publish", exercise)
    _, archived = act_on_page(instructor, "archive", exercise)

    assert f"Publish {exercise}" in asked.content.decode()
    assert published.redirect_chain[-1][0] == address_of(exercise)
    assert f"{exercise} is published." in published.content.decode()
    assert f"{exercise} is archived." in archived.content.decode()
    exercise.refresh_from_db()
    assert exercise.state == "archived"
    assert exercise.current_version.number == 1


def test_a_button_that_was_only_looked_at_changes_nothing(instructor):
    exercise = make_exercise(instructor.user.pk)

    for action in ("publish", "begin_version", "archive"):
        address = reverse(f"admin:exercises_exercise_{action}_one", args=[exercise.pk])
        assert instructor.get(address).status_code == 200

    exercise.refresh_from_db()
    assert exercise.state == "draft"


def test_an_edit_from_the_page_opens_the_draft(instructor):
    exercise = make_published(instructor.user.pk)

    _, page = act_on_page(instructor, "begin_version", exercise)

    draft = exercise.versions.get(state="draft")
    assert page.redirect_chain[-1][0] == address_of(draft)


@pytest.mark.parametrize("action", ["publish", "begin_version", "archive"])
def test_the_buttons_of_somebody_elses_exercise_are_not_found(instructor, action):
    exercise = make_exercise(signed_in("eva@example.org").user.pk)

    asked, done = act_on_page(instructor, action, exercise)

    assert (asked.status_code, done.status_code) == (404, 404)
    exercise.refresh_from_db()
    assert exercise.state == "draft"


def test_the_exercise_begun_last_comes_first(instructor):
    published = make_published(instructor.user.pk)
    draft = make_exercise(instructor.user.pk)

    rows = instructor.get(reverse(EXERCISES)).context["cl"].result_list

    assert list(rows) == [draft, published]


def test_a_verdict_that_is_none_is_answered_with_those_there_are(instructor):
    exercise = make_exercise(instructor.user.pk)
    Question.objects.filter(number=3).update(answers=["YES"])

    page = act(instructor, "publish", exercise)

    said = "Question 3: its key is none of TRUE, FALSE, NOT GIVEN."
    assert said in page.content.decode()


def test_a_saved_part_leads_back_to_what_holds_it(instructor):
    exercise = make_exercise(instructor.user.pk)
    version = exercise.versions.get()
    section = version.sections.first()
    group = section.groups.first()
    nothing = {"INITIAL_FORMS": 0, "TOTAL_FORMS": 0}
    pages = [
        (group, "questions", {"position": 1, "type": group.type}, section),
        (section, "groups", {"position": 1, "title": "A", "text": "B"}, version),
        (version, "sections", {"band_table": "reading_academic"}, exercise),
    ]

    for part, prefix, values, holder in pages:
        formset = {f"{prefix}-{name}": number for name, number in nothing.items()}
        answer = instructor.post(address_of(part), values | formset)
        assert answer.headers["Location"] == address_of(holder)


def test_what_keeps_a_test_from_publication_is_said(instructor):
    exercise = make_exercise(instructor.user.pk)
    Question.objects.filter(number=2).update(answers=["Z"])

    page = act(instructor, "publish", exercise)

    assert "Question 2: no option has that letter." in page.content.decode()
    exercise.refresh_from_db()
    assert exercise.state == "draft"


@pytest.mark.parametrize(
    ("options", "error"),
    [("hot", "Write each option as"), ("A: hot\nA: cool", "the same letter")],
)
def test_options_that_cannot_be_read_are_refused(instructor, options, error):
    exercise = make_exercise(instructor.user.pk)
    group = exercise.versions.get().questions()[1].group
    fields = {"position": 2, "type": "multiple_choice", "options": options}

    page = instructor.post(address_of(group), fields | inline("questions"))

    assert page.status_code == 200
    assert error in page.content.decode()


def test_two_sections_in_one_place_are_refused(instructor):
    exercise = make_exercise(instructor.user.pk)
    version = exercise.versions.get()
    section = {"position": 1, "title": "Again", "text": "Text"}

    page = instructor.post(
        address_of(version),
        {"band_table": "reading_academic"} | inline("sections", section),
    )

    assert page.status_code == 200
    assert version.sections.count() == 1


def test_a_draft_is_deleted_and_a_published_exercise_is_not(instructor):
    draft = make_exercise(instructor.user.pk)
    published = make_published(instructor.user.pk)

    statuses = [
        instructor.post(
            address_of(row).replace("/change/", "/delete/"), {"post": "yes"}
        ).status_code
        for row in (draft, published)
    ]

    assert statuses == [302, 403]
    assert Exercise.objects.get() == published


def test_skill_and_kind_of_a_published_exercise_cannot_be_edited(instructor):
    exercise = make_published(instructor.user.pk)
    fields = NEW | inline("versions") | {"kind": "full_test", "slug": exercise.slug}

    response = instructor.post(address_of(exercise), fields)

    exercise.refresh_from_db()
    assert response.status_code == 302
    assert (exercise.title, exercise.kind) == ("Trees", "practice")


def test_an_archived_exercise_leaves_the_list(instructor, client):
    exercise = make_published(instructor.user.pk)

    act(instructor, "archive", exercise)

    assert client.get("/api/v1/exercises").json()["count"] == 0
