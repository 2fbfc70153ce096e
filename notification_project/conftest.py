"""What the tests of several apps of notification share: a crash at a bad moment."""

from contextlib import contextmanager

import pytest
from django.db import connection


@pytest.fixture
def crash_before(db):
    """Give a function that ends the work in its block before the n-th statement.

    A process that ends leaves what its database makes of it: no open transaction. The
    block must get that far.
    """

    @contextmanager
    def crash(beginning, number=1):
        left = number

        def look(execute, sql, *about):
            nonlocal left
            if sql.startswith(beginning):
                left -= 1
                if not left:
                    raise SystemExit
            return execute(sql, *about)

        with connection.execute_wrapper(look), pytest.raises(SystemExit):
            yield

    return crash
