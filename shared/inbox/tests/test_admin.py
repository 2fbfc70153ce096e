"""The inbox in the admin."""

import pytest

from shared.inbox.models import InboxRecord
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
RECORDS = "/admin/inbox/inboxrecord/"


def make_record(**fields):
    defaults = {
        "caller": "auth",
        "scope": "POST /api/v1/user/internal/profile/create",
        "key": uuid7(),
        "fingerprint": "f" * 64,
        "status": 201,
        "answer": '{"success":true}',
        "trace_id": "a1" * 16,
    }
    return InboxRecord.objects.create(**defaults | fields)


@pytest.mark.parametrize(
    "term_of",
    [lambda row: str(row.key), lambda row: row.trace_id],
    ids=["key", "trace"],
)
def test_a_record_is_found_by_what_the_sender_knows(operator, term_of):
    record = make_record()
    make_record(trace_id="b2" * 16)

    response = operator.get(RECORDS, {"q": term_of(record)})

    assert list(response.context["cl"].result_list) == [record]


def test_an_odd_search_finds_nothing(operator):
    make_record()

    response = operator.get(RECORDS, {"q": "nothing like a key"})

    assert list(response.context["cl"].result_list) == []


def test_records_are_shown_and_not_changed(operator):
    record = make_record()
    path = f"{RECORDS}{record.pk}/change/"

    assert "success" in operator.get(path).content.decode()
    assert operator.post(path, {"status": "500"}).status_code == 403
