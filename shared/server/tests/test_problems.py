"""What a failed request leaves behind in the process."""

import gc

import pytest
from django.db import DatabaseError, connection

from shared.server.problems import problem_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def no_collector():
    """Keep the garbage collector away: only what is free at once is free."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def cursors():
    kind = type(connection.cursor().cursor)
    return sum(isinstance(thing, kind) for thing in gc.get_objects())


def fail():
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")


class RefusedError(Exception):
    """A refusal that a failed query led to."""


def refuse():
    try:
        fail()
    except DatabaseError as error:
        raise RefusedError from error


@pytest.mark.parametrize("failure", [fail, refuse])
def test_a_failed_query_leaves_no_cursor_to_the_collector(no_collector, failure):
    before = cursors()

    try:
        failure()
    except (DatabaseError, RefusedError) as error:
        problem_for(error)

    assert cursors() == before
