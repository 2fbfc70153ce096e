"""Notices for the tests of streams, and threads that leave no connection behind."""

import threading
from collections.abc import Callable

from django.db import connections

from notification_project.notices.models import Notice


def make_notice(user_id, title="Hello", **fields):
    """Store a notice, as send_notice does."""
    return Notice.objects.create(
        user_id=user_id, type="system", own_title=title, **fields
    )


def make_notices(user_id, *titles):
    """Store several notices of one person."""
    return [make_notice(user_id, title) for title in titles]


def without_connections(function: Callable) -> Callable:
    """Return *function* for a thread of a test: it closes its connections."""

    def run(*arguments):
        try:
            return function(*arguments)
        finally:
            connections.close_all()

    return run


def together(function: Callable, count: int) -> list:
    """Call *function* in *count* threads at the same time; return the answers."""
    barrier, answers = threading.Barrier(count), []

    @without_connections
    def run():
        barrier.wait()
        answers.append(function())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
