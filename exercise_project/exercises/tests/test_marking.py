"""Every type of objective question, marked by its rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exercise_project.exercises.marking import (
    LETTER_TYPES,
    VERDICTS,
    WRITTEN_TYPES,
    Key,
    count_words,
    normalise,
    points_for,
)

ALL_TYPES = sorted({*WRITTEN_TYPES, *LETTER_TYPES, *VERDICTS, "multiple_select"})


@pytest.mark.parametrize("question_type", sorted(WRITTEN_TYPES))
@pytest.mark.parametrize(
    "value",
    [
        "well-known café",
        "  Well-Known   CAFÉ ",
        "well\u2013known cafe\u0301",
        "well - known café.",
        "well\u2011known\u00a0café!?",
        "\uff57\uff45\uff4c\uff4c\uff0d\uff4b\uff4e\uff4f\uff57\uff4e café",
    ],
)
def test_typing_does_not_make_a_written_answer_wrong(question_type, value):
    key = Key(question_type, ("well-known café",), word_limit=2)

    assert points_for(key, value) == 1


@pytest.mark.parametrize(
    "value",
    ["the bus", "buses", "bu s", "", "   ", ".", "b-us", "bus stop", "train"],
)
def test_another_word_is_wrong_and_so_is_an_article(value):
    assert points_for(Key("short_answer", ("bus",), word_limit=3), value) == 0


@pytest.mark.parametrize("value", ["15", "fifteen", "Fifteen."])
def test_every_listed_variant_is_accepted(value):
    assert points_for(Key("gap_fill", ("15", "fifteen"), word_limit=1), value) == 1


def test_a_number_in_words_needs_its_variant():
    assert points_for(Key("gap_fill", ("15",), word_limit=1), "fifteen") == 0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("bus", 1),
        ("the old bus", 3),
        ("well-known", 1),
        ("well - known", 1),
        ("state\u2010of\u2010the\u2010art", 1),
        ("25 000", 1),
        ("25,000 people", 2),
        ("10.30 a.m.", 2),
        ("salt & pepper", 2),
        ("£ 20", 1),
        ("7 10", 2),
    ],
)
def test_a_number_is_one_word_and_a_hyphenated_word_is_one(text, count):
    assert count_words(text) == count


@pytest.mark.parametrize(("limit", "points"), [(1, 0), (2, 0), (3, 1), (None, 1)])
def test_an_answer_beyond_the_word_limit_is_wrong(limit, points):
    key = Key("sentence_completion", ("the old bus",), word_limit=limit)

    assert points_for(key, "the old bus") == points


@pytest.mark.parametrize(
    ("question_type", "answer", "right", "wrong"),
    [
        ("true_false_not_given", "TRUE", ["T", "true", " t. "], ["F", "Y", "NG", "tr"]),
        ("true_false_not_given", "FALSE", ["F", "False"], ["T", "no", "N"]),
        ("true_false_not_given", "NOT GIVEN", ["NG", "not  given"], ["", "given", "N"]),
        ("yes_no_not_given", "YES", ["Y", "yes"], ["T", "true", "n"]),
        ("yes_no_not_given", "NO", ["N", "No"], ["F", "NG", "not"]),
        ("yes_no_not_given", "NOT GIVEN", ["ng", "Not Given"], ["no", "y"]),
    ],
)
def test_verdicts_may_be_shortened_but_not_exchanged(
    question_type, answer, right, wrong
):
    key = Key(question_type, (answer,))

    assert [points_for(key, value) for value in right] == [1] * len(right)
    assert [points_for(key, value) for value in wrong] == [0] * len(wrong)


def test_a_key_may_be_short_too():
    assert points_for(Key("true_false_not_given", ("NG",)), "not given") == 1


@pytest.mark.parametrize("question_type", sorted(LETTER_TYPES))
@pytest.mark.parametrize(
    ("value", "points"), [("C", 1), (" c ", 1), ("c.", 1), ("B", 0), ("CC", 0), ("", 0)]
)
def test_one_letter_is_right_or_wrong(question_type, value, points):
    assert points_for(Key(question_type, ("C",)), value) == points


def test_headings_are_matched_by_their_numeral():
    assert points_for(Key("matching", ("iv",)), "IV") == 1
    assert points_for(Key("matching", ("iv",)), "vi") == 0


@pytest.mark.parametrize(
    ("value", "points"),
    [
        (["B", "D"], 2),
        (["d", "b"], 2),
        (["B"], 1),
        (["B", "A"], 1),
        (["A", "C"], 0),
        ([], 0),
        (["B", "B"], 1),
        (["B", "b", "D"], 2),
        (["A", "B", "D"], 1),
        (["A", "C", "B", "D"], 0),
        ("B, D", 2),
        (["B", 4, None], 1),
    ],
)
def test_each_correct_letter_is_a_point_and_extra_letters_are_none(value, points):
    key = Key("multiple_select", ("B", "D"), choose=2)

    assert points_for(key, value) == points


@pytest.mark.parametrize("question_type", ALL_TYPES)
@pytest.mark.parametrize("value", [None, 7, 7.5, True, {"a": 1}, {}, b"c"])
def test_what_is_no_answer_is_worth_nothing(question_type, value):
    assert points_for(Key(question_type, ("c",)), value) == 0


@given(st.text())
def test_normalising_twice_is_normalising_once(text):
    once = normalise(text)

    assert normalise(once) == once


@given(st.text(), st.sampled_from(["upper", "lower", "title", "casefold"]))
def test_case_and_outer_space_never_matter_to_ascii(text, change):
    plain = text.encode("ascii", "ignore").decode()

    assert normalise(f" \t{getattr(plain, change)()}\n") == normalise(plain)


@given(st.lists(st.sampled_from(["a", "an", "the", "old-ish", "bus", "7"]), min_size=1))
def test_words_are_counted_whatever_the_space_between_them(words):
    assert count_words("  ".join(words)) == count_words(" ".join(words)) == len(words)


@given(
    st.sampled_from(ALL_TYPES),
    st.text() | st.lists(st.text()) | st.none() | st.integers(),
    st.integers(1, 3),
)
def test_points_lie_between_nothing_and_the_worth_of_the_question(
    question_type, value, choose
):
    choose = choose if question_type == "multiple_select" else 1
    key = Key(question_type, ("A", "B", "C", "true", "no"), choose, word_limit=1)

    assert 0 <= points_for(key, value) <= choose


@given(st.text(min_size=1).filter(normalise))
def test_the_key_itself_is_always_right(text):
    assert points_for(Key("short_answer", (text,)), text) == 1
