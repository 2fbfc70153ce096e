"""What the tests of notices and of deliveries share: readers, orders, and moments."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connections

from notification_project.notices import services
from notification_project.notices.models import Notice, Reader
from shared.contracts.notification import SendNotice
from shared.wire.ids import uuid7

HANOI = "Asia/Ho_Chi_Minh"
BERLIN = "Europe/Berlin"


def local(text, zone=HANOI):
    """Return the moment of a wall clock, such as 2026-03-10 23:10."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def make_reader(**fields):
    """Store somebody whose address is known."""
    user_id = fields.pop("user_id", None) or uuid7()
    values = {"email": f"{user_id}@example.org", "timezone": HANOI}
    return Reader.objects.create(user_id=user_id, **{**values, **fields})


def order_for(reader, **fields):
    """Return an order of a notice that brings its own text."""
    values = {"type": "reminder", "title": "Time to study"}
    return SendNotice(user_id=reader.user_id, **{**values, **fields})


def tell(reader, at, **fields):
    """Send a notice at a moment."""
    order = order_for(reader, **fields)
    return services.send_notice(order=order, sender="course", clock=lambda: at)


def seen(reader, at):
    """Return the notices that a person has in the app at a moment, newest first."""
    return list(Notice.objects.of_reader(reader.user_id, now=at))


def at_once(times, function):
    """Run a function many times at the same time; return what each returned."""

    def call(number):
        try:
            return function(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=times) as pool:
        return list(pool.map(call, range(times)))
