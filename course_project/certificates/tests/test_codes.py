"""Codes of certificates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_project.certificates.codes import ALPHABET, new_code, read_code


def test_a_code_is_four_groups_of_four():
    code = new_code()

    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
    assert set(code) <= {*ALPHABET, "-"}


def test_a_code_depends_on_chance_only():
    assert new_code(lambda letters: letters[-1]) == "ZZZZ-ZZZZ-ZZZZ-ZZZZ"


@pytest.mark.parametrize(
    "typed",
    [
        "7QF2-9M2X-4TRB-HW0C",
        "7qf2-9m2x-4trb-hw0c",
        " 7QF29M2X4TRBHW0C ",
        "7qf2 9m2x 4trb hw0c",
    ],
)
def test_a_code_is_read_however_it_was_typed(typed):
    assert read_code(typed) == "7QF2-9M2X-4TRB-HW0C"


@given(st.text(max_size=40))
def test_what_was_read_is_read_as_the_same(text):
    assert read_code(read_code(text)) == read_code(text)
