"""Looking for exercises, and writing them, through the REST door."""

import pytest

from exercise_project.exercises.models import Exercise, ExerciseVersion, Question
from shared.wire.ids import uuid7

from .making import KEYS, make_exercise, make_published

pytestmark = pytest.mark.django_db
API = "/api/v1"
EXERCISES = f"{API}/exercises"
NEW = {
    "title": "Trees in hot cities",
    "skill": "reading",
    "kind": "practice",
    "difficulty": "medium",
    "minutes": 20,
}


@pytest.fixture
def author(client_for):
    """Give a signed-in instructor; ``user_id`` is who."""
    user_id = uuid7()
    client = client_for(user_id, role="instructor")
    client.user_id = user_id
    return client


@pytest.fixture
def other_author(client_for):
    """Give another instructor."""
    return client_for(uuid7(), role="instructor")


@pytest.fixture
def student(client_for):
    """Give a signed-in learner."""
    return client_for(uuid7())


def titles(response):
    return [item["title"] for item in response.json()["results"]]


# ── looking ──────────────────────────────────────────────────────────────────


def test_anybody_sees_what_is_published_newest_first(client):
    make_published(title="Old")
    make_exercise(title="Draft")
    new = make_published(title="New")

    response = client.get(EXERCISES)

    assert response.status_code == 200
    assert titles(response) == ["New", "Old"]
    assert response.json()["count"] == 2
    first = response.json()["results"][0]
    assert first["id"] == str(new.pk)
    assert (first["question_count"], first["minutes"]) == (3, 20)


def test_an_archived_exercise_is_in_no_list(client, author):
    exercise = make_published(author.user_id)

    author.post(f"{EXERCISES}/{exercise.pk}/archive")

    assert titles(client.get(EXERCISES)) == []
    assert client.get(f"{EXERCISES}/{exercise.pk}").status_code == 404
    assert titles(author.get(f"{EXERCISES}/own")) == ["Tins"]


@pytest.mark.parametrize(
    "query",
    [
        "skill=reading",
        "difficulty=hard",
        "kind=mini_test",
        "course=01900000-0000-7000-8000-0000000000aa",
        "module=01900000-0000-7000-8000-0000000000bb",
        "search=GLASS",
        "search=bottles&skill=reading",
    ],
)
def test_each_filter_finds_its_own(client, query):
    make_published(
        title="Glass",
        description="All about bottles.",
        difficulty="hard",
        kind="mini_test",
        course_id="01900000-0000-7000-8000-0000000000aa",
        module_id="01900000-0000-7000-8000-0000000000bb",
    )
    other = make_exercise(title="Other", skill="listening")
    Exercise.objects.filter(pk=other.pk).update(
        state="published",
        published_at="2026-01-01T00:00Z",
        current_version=other.versions.get(),
    )

    assert titles(client.get(f"{EXERCISES}?{query}")) == ["Glass"]


@pytest.mark.parametrize(
    "query",
    ["skill=singing", "course=7", "colour=red", "page_size=0", f"search={'x' * 101}"],
)
def test_an_odd_filter_is_refused(client, query):
    assert client.get(f"{EXERCISES}?{query}").status_code == 400


def test_the_list_takes_two_queries_however_long_it_is(
    client, django_assert_num_queries
):
    for number in range(5):
        make_published(title=f"Number {number}")
    client.get(EXERCISES)

    with django_assert_num_queries(2):
        client.get(EXERCISES)


def test_the_detail_is_an_outline(client, django_assert_num_queries):
    exercise = make_published()
    client.get(f"{EXERCISES}/{exercise.pk}")

    with django_assert_num_queries(4):
        response = client.get(f"{EXERCISES}/{exercise.pk}")

    assert response.status_code == 200
    assert response.json()["sections"] == [
        {
            "position": 1,
            "title": "The tin",
            "question_count": 3,
            "question_types": [
                "gap_fill",
                "multiple_choice",
                "true_false_not_given",
            ],
        }
    ]


@pytest.mark.parametrize("role", [None, "student", "instructor", "admin"])
def test_no_public_answer_holds_a_key_an_explanation_or_a_text(client_for, role):
    client = client_for(uuid7(), role=role) if role else client_for()
    exercise = make_published()
    Question.objects.filter(number=2).update(answers=["secret-letter"])

    pages = [
        client.get(address).content.decode()
        for address in (EXERCISES, f"{EXERCISES}/{exercise.pk}")
    ]

    for page in pages:
        assert "Tins" in page
        assert "secret" not in page


def test_a_draft_exists_for_its_author_and_admins_only(
    client_for, author, other_author, student
):
    exercise = make_exercise(author.user_id)
    address = f"{EXERCISES}/{exercise.pk}"

    statuses = [
        client.get(address).status_code
        for client in (
            author,
            client_for(uuid7(), role="admin"),
            other_author,
            student,
            client_for(),
        )
    ]

    assert statuses == [200, 200, 404, 404, 404]


# ── writing ──────────────────────────────────────────────────────────────────


def test_an_instructor_writes_and_publishes_a_test(author, client):
    exercise = author.post(EXERCISES, NEW)
    own = f"{EXERCISES}/{exercise.json()['id']}"
    section = author.post(f"{own}/sections", {"title": "One", "text": "A\n\nB"}).json()
    group = author.post(
        f"{API}/sections/{section['id']}/groups",
        {"type": "multiple_select", "options": _options("ABC")},
    ).json()
    question = author.post(
        f"{API}/sections/{section['id']}/questions",
        {
            "group": group["id"],
            "number": 1,
            "choose": 2,
            "prompt": "Which TWO?",
            "answers": ["A", "C"],
        },
    )
    published = author.post(f"{own}/publish")

    assert exercise.status_code == question.status_code == 201
    assert published.status_code == 200
    assert published.json()["question_count"] == 2
    assert titles(client.get(EXERCISES)) == ["Trees in hot cities"]
    version = ExerciseVersion.objects.get()
    assert version.band_table == "reading_academic"
    assert version.bands[0] == [39, 9]


def test_an_author_reads_everything_with_keys(author):
    exercise = make_exercise(author.user_id)

    answer = author.get(f"{EXERCISES}/{exercise.pk}/sections").json()

    groups = answer["sections"][0]["groups"]
    keys = [group["questions"][0]["answers"] for group in groups]
    assert answer["is_published"] is False
    assert keys == [[key] for key in KEYS]


def test_an_edit_of_a_published_test_makes_a_new_version(author):
    exercise = make_published(author.user_id)
    old = exercise.current_version
    question = old.questions()[0]
    body = {"answers": ["another"]}

    first = author.patch(f"{API}/questions/{question.pk}", body)
    second = author.patch(f"{API}/questions/{question.pk}", {"prompt": "Again?"})

    assert first.status_code == second.status_code == 200
    assert first.json()["id"] == second.json()["id"] != str(question.pk)
    assert Question.objects.get(pk=question.pk).answers == ["secret-answer"]
    exercise.refresh_from_db()
    assert exercise.current_version == old
    author.post(f"{EXERCISES}/{exercise.pk}/publish")
    exercise.refresh_from_db()
    assert exercise.current_version.number == 2
    new = exercise.current_version.questions()[0]
    assert (new.answers, new.prompt) == (["another"], "Again?")
    assert old.questions()[0].prompt == "secret-prompt 1"


def test_a_part_of_a_published_test_is_deleted_in_the_draft_only(author):
    exercise = make_published(author.user_id)
    question = exercise.current_version.questions()[2]
    address = f"{API}/questions/{question.pk}"

    first, second = author.delete(address), author.delete(address)

    assert (first.status_code, second.status_code) == (204, 404)
    assert exercise.current_version.questions().count() == 3
    assert exercise.versions.get(state="draft").questions().count() == 2


def test_publishing_twice_is_publishing_once(author):
    exercise = make_published(author.user_id)

    again = author.post(f"{EXERCISES}/{exercise.pk}/publish")

    assert again.status_code == 200
    assert exercise.versions.count() == 1
    assert Exercise.objects.get().published_at == exercise.published_at


@pytest.mark.parametrize(
    ("number", "changes", "code"),
    [
        (1, {"answers": ["far too many words"]}, "beyond_limit"),
        (1, {"answers": ["?"]}, "no_answer"),
        (1, {"choose": 2}, "wrong_choose"),
        (2, {"answers": ["D"]}, "unknown_letter"),
        (3, {"answers": ["YES"]}, "unknown_verdict"),
        (3, {"number": 5}, "not_consecutive"),
    ],
)
def test_a_test_with_a_fault_is_not_published(author, number, changes, code):
    exercise = make_exercise(author.user_id)
    question = Question.objects.get(number=number)
    author.patch(f"{API}/questions/{question.pk}", changes)

    response = author.post(f"{EXERCISES}/{exercise.pk}/publish")

    assert response.status_code == 409
    assert response.json()["code"] == "not_publishable"
    assert code in [error["code"] for error in response.json()["errors"]]
    assert Exercise.objects.get().state == "draft"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"kind": "full_test"}, "not_forty"),
        ({"band_table": "listening"}, "wrong_table"),
    ],
)
def test_a_test_that_is_not_what_it_says_is_not_published(author, values, code):
    exercise = make_exercise(author.user_id)
    author.patch(f"{EXERCISES}/{exercise.pk}", values)

    response = author.post(f"{EXERCISES}/{exercise.pk}/publish")

    assert response.status_code == 409
    assert [error["code"] for error in response.json()["errors"]] == [code]


def test_an_empty_exercise_is_not_published(author):
    exercise = author.post(EXERCISES, NEW).json()

    response = author.post(f"{EXERCISES}/{exercise['id']}/publish")

    assert response.json()["code"] == "not_publishable"


def test_skill_and_kind_stay_after_publication(author):
    exercise = make_published(author.user_id)
    address = f"{EXERCISES}/{exercise.pk}"

    refused = author.patch(address, {"kind": "mini_test"})
    accepted = author.patch(address, {"kind": "practice", "title": "Cans"})

    assert (refused.status_code, refused.json()["code"]) == (409, "exercise_settled")
    assert accepted.json()["title"] == "Cans"


def test_a_slug_belongs_to_one_exercise(author):
    author.post(EXERCISES, {**NEW, "slug": "trees"})

    again = author.post(EXERCISES, {**NEW, "slug": "trees"})
    without = author.post(EXERCISES, NEW)

    assert (again.status_code, again.json()["code"]) == (409, "slug_taken")
    assert without.json()["slug"].startswith("trees-in-hot-cities-")


def test_a_position_belongs_to_one_section(author):
    exercise = make_exercise(author.user_id)
    body = {"title": "Two", "text": "Text", "position": 1}

    response = author.post(f"{EXERCISES}/{exercise.pk}/sections", body)

    assert (response.status_code, response.json()["code"]) == (409, "place_taken")


def test_only_what_was_never_published_can_be_deleted(author):
    draft, published = make_exercise(author.user_id), make_published(author.user_id)

    responses = [
        author.delete(f"{EXERCISES}/{exercise.pk}") for exercise in (draft, published)
    ]

    assert [response.status_code for response in responses] == [204, 409]
    assert responses[1].json()["code"] == "exercise_published"
    assert Exercise.objects.get() == published


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"minutes": 0}, "minutes"),
        ({"minutes": 241}, "minutes"),
        ({"minutes": "20"}, "minutes"),
        ({"skill": "writing"}, "skill"),
        ({"title": ""}, "title"),
        ({"slug": "two words"}, "slug"),
        ({"band_table": "general"}, "band_table"),
    ],
)
def test_an_exercise_of_the_wrong_shape_is_refused(author, change, field):
    response = author.post(EXERCISES, {**NEW, **change})

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == field


@pytest.mark.parametrize(
    "body",
    [
        {"options": [{"letter": "A", "text": "x"}] * 2},
        {"options": [{"letter": "A"}]},
        {"options": "AB"},
        {"position": 70_000},
        {"word_limit": 0},
        {"type": "essay"},
    ],
)
def test_a_group_of_the_wrong_shape_is_refused(author, body):
    exercise = make_exercise(author.user_id)
    section = exercise.versions.get().sections.get()

    response = author.post(
        f"{API}/sections/{section.pk}/groups", {"type": "matching", **body}
    )

    assert response.status_code == 400


@pytest.mark.parametrize("options", [[{}], [{"letter": "A"}], [{"text": "x"}], [None]])
def test_an_option_is_whole_in_a_change_too(author, options):
    exercise = make_exercise(author.user_id)
    question = exercise.versions.get().questions()[1]

    response = author.patch(f"{API}/questions/{question.pk}", {"options": options})

    assert response.status_code == 400
    assert len(Question.objects.get(pk=question.pk).options) == 3


def test_a_question_belongs_to_a_group_of_its_section(author):
    exercise, other = make_exercise(author.user_id), make_exercise(author.user_id)
    section = exercise.versions.get().sections.get()
    group = other.versions.get().sections.get().groups.first()
    body = {"group": str(group.pk), "number": 9, "prompt": "?", "answers": ["x"]}

    response = author.post(f"{API}/sections/{section.pk}/questions", body)

    assert (response.status_code, response.json()["code"]) == (404, "part_not_found")


def _routes(exercise):
    question = exercise.versions.get().questions()[0]
    section = question.group.section_id
    return [
        ("patch", f"exercises/{exercise.pk}"),
        ("delete", f"exercises/{exercise.pk}"),
        ("post", f"exercises/{exercise.pk}/publish"),
        ("post", f"exercises/{exercise.pk}/archive"),
        ("get", f"exercises/{exercise.pk}/sections"),
        ("post", f"exercises/{exercise.pk}/sections"),
        ("patch", f"sections/{section}"),
        ("delete", f"sections/{section}"),
        ("post", f"sections/{section}/groups"),
        ("patch", f"sections/{section}/groups/{question.group_id}"),
        ("delete", f"sections/{section}/groups/{question.group_id}"),
        ("post", f"sections/{section}/questions"),
        ("patch", f"questions/{question.pk}"),
        ("delete", f"questions/{question.pk}"),
    ]


def test_nobody_else_edits_an_exercise(client_for, author, other_author, student):
    exercise = make_published(author.user_id)
    before = list(Question.objects.values())

    for method, path in _routes(exercise):
        statuses = [
            getattr(client, method)(f"{API}/{path}", {}).status_code
            for client in (other_author, student, client_for())
        ]
        assert statuses == [404, 403, 401], path

    assert list(Question.objects.values()) == before
    assert Exercise.objects.get().state == "published"


def test_an_admin_edits_every_exercise(client_for, author):
    exercise = make_exercise(author.user_id)
    admin = client_for(uuid7(), role="admin")

    response = admin.patch(f"{EXERCISES}/{exercise.pk}", {"title": "Better"})

    assert response.status_code == 200
    assert Exercise.objects.get().title == "Better"
    assert Exercise.objects.get().instructor_id == author.user_id


def _options(letters):
    return [{"letter": letter, "text": f"Choice {letter}"} for letter in letters]
