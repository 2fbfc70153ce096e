"""The outbox in the admin: dead letters are found, explained and redelivered."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from shared.outbox.letters import editable_payload, pause
from shared.outbox.models import Destination, Lane, OutboxMessage
from shared.outbox.tests.letters import make_dead_letter, make_event, make_pending
from shared.staff.models import StaffUser

pytestmark = pytest.mark.django_db
MESSAGES = "/admin/outbox/outboxmessage/"
State = OutboxMessage.State


def act(operator, action, *rows, **fields):
    selected = [str(row.pk) for row in rows]
    data = {"action": action, "_selected_action": selected, "index": "0", **fields}
    return operator.post(MESSAGES, data, follow=True)


def open_page(operator, row, action=""):
    path = f"{MESSAGES}{row.pk}/{action or 'change'}/"
    return operator.get(path).content.decode()


def test_dead_letters_are_counted_on_the_first_page(operator):
    make_dead_letter()
    make_pending()

    page = operator.get("/admin/").content.decode()

    assert "1 dead to user" in page
    assert f"{MESSAGES}?state__exact=dead" in page


def test_paused_and_absent_destinations_need_attention(operator):
    pause("user", "user-service is being moved")
    Destination.objects.create(name="notification", state=Destination.State.AWAY)

    page = operator.get("/admin/").content.decode()

    assert "user is paused: user-service is being moved" in page
    assert "notification is away since" in page


def test_people_without_the_right_see_nothing_of_the_outbox(operator):
    StaffUser.objects.update(is_superuser=False)

    page = operator.get("/admin/").content.decode()

    assert "Needs attention" not in page
    assert "Dead letters" not in page
    assert operator.get(MESSAGES).status_code == 403


@pytest.mark.parametrize("action", ["redeliver", "edit", "cancel"])
def test_people_without_the_right_change_nothing(operator, action):
    letter = make_dead_letter()
    StaffUser.objects.update(is_superuser=False)

    response = operator.post(f"{MESSAGES}{letter.pk}/{action}/", {"apply": "1"})

    assert response.status_code == 403
    assert OutboxMessage.objects.get().state == State.DEAD


@pytest.mark.parametrize(
    "term_of",
    [
        lambda letter: str(letter.id),
        lambda letter: letter.ordering_key,
        lambda letter: letter.traceparent.split("-")[1],
    ],
    ids=["message id", "ordering key", "trace id"],
)
def test_a_message_is_found(operator, term_of):
    letter = make_dead_letter(traceparent=f"00-{'a1' * 16}-{'b2' * 8}-01")
    make_event(traceparent=f"00-{'c3' * 16}-{'b2' * 8}-01")

    response = operator.get(MESSAGES, {"q": term_of(letter)})

    assert list(response.context["cl"].result_list) == [letter]


def test_an_odd_search_finds_nothing(operator):
    make_dead_letter()

    response = operator.get(MESSAGES, {"q": "' OR 1=1 --"})

    assert list(response.context["cl"].result_list) == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"state__exact": "dead"}, 2),
        ({"destination": "notification"}, 1),
        ({"type": "profile.updated.v1"}, 1),
        ({"older_than": "1h"}, 1),
        ({"older_than": "30d"}, 0),
        ({"state__exact": "pending", "destination": "user"}, 1),
    ],
)
def test_messages_are_filtered(operator, query, count):
    make_pending()
    make_dead_letter(created_at=timezone.now() - timedelta(hours=2))
    make_event()

    response = operator.get(MESSAGES, query)

    assert response.context["cl"].result_count == count


def test_the_list_costs_the_same_with_more_messages(
    operator, django_assert_max_num_queries
):
    for _ in range(30):
        make_dead_letter()

    with django_assert_max_num_queries(10):
        operator.get(MESSAGES)


def test_a_dead_letter_is_explained_with_payload_and_trace(operator):
    letter = make_dead_letter()

    page = open_page(operator, letter)

    assert "because refused with 400 invalid_request" in page
    assert "&quot;email&quot;: &quot;ana@example.com&quot;" in page
    assert letter.traceparent.split("-")[1] in page


def test_a_dead_letter_is_redelivered_from_the_list(operator):
    letter = make_dead_letter()

    page = act(operator, "redeliver_now", letter).content.decode()

    letter.refresh_from_db()
    log = LogEntry.objects.get()
    assert letter.state == State.PENDING
    assert "1 queued" in page
    assert (log.object_id, log.change_message) == (str(letter.pk), "Redelivered.")
    assert log.user_id == operator.user.pk


def test_all_letters_of_a_filter_are_redelivered_slowly(operator):
    letters = [make_dead_letter() for _ in range(3)]
    fields = {"select_across": "1", "apply": "1", "per_second": "0.5"}

    act(operator, "redeliver_slowly", letters[0], **fields)

    first, last = (
        OutboxMessage.objects.get(pk=row.pk) for row in (letters[0], letters[2])
    )
    assert last.not_before - first.not_before == timedelta(seconds=4)
    assert LogEntry.objects.count() == 3


def test_a_rate_is_asked_for_first(operator):
    letter = make_dead_letter()

    page = act(operator, "redeliver_slowly", letter).content.decode()

    assert "Messages per second" in page
    assert f'name="_selected_action" value="{letter.pk}"' in page
    assert OutboxMessage.objects.get().state == State.DEAD


def test_a_letter_that_is_too_old_is_refused_with_the_reason(operator):
    letter = make_dead_letter(created_at=timezone.now() - timedelta(days=31))

    page = act(operator, "redeliver_now", letter).content.decode()

    assert "older than 30 days" in page
    assert not LogEntry.objects.exists()


def test_messages_are_cancelled_with_a_reason(operator):
    letters = [make_dead_letter(), make_pending()]

    act(operator, "cancel_selected", *letters, apply="1", reason="asked for")

    states = set(OutboxMessage.objects.values_list("state", "reason"))
    assert states == {(State.CANCELLED, "asked for")}
    assert LogEntry.objects.filter(change_message="Cancelled: asked for").count() == 2


def test_nothing_is_cancelled_without_a_reason(operator):
    act(operator, "cancel_selected", make_dead_letter(), apply="1", reason=" ")

    assert OutboxMessage.objects.get().state == State.DEAD


def test_what_is_in_flight_is_said_to_be_and_not_logged(operator):
    message = make_pending()
    Destination.objects.create(name="user")
    Lane.objects.create(
        destination_id="user",
        number=message.lane,
        leased_until=timezone.now() + timedelta(seconds=30),
    )

    page = act(operator, "cancel_selected", message, apply="1", reason="no")

    assert "1 in flight" in page.content.decode()
    assert not LogEntry.objects.exists()


def test_a_link_never_redelivers(operator):
    letter = make_dead_letter()

    page = open_page(operator, letter, "redeliver")

    assert "under its old key" in page
    assert re.search(r'<button type="submit"[^>]*>\s*Redeliver\s*</button>', page)
    assert OutboxMessage.objects.get().state == State.DEAD


def test_one_letter_is_redelivered_from_its_page(operator):
    letter = make_dead_letter()

    response = operator.post(f"{MESSAGES}{letter.pk}/redeliver/", {"apply": "1"})

    assert response["Location"] == f"{MESSAGES}{letter.pk}/change/"
    assert OutboxMessage.objects.get().state == State.PENDING


def test_one_message_is_cancelled_from_its_page(operator):
    letter = make_dead_letter()

    operator.post(f"{MESSAGES}{letter.pk}/cancel/", {"apply": "1", "reason": "no"})

    assert OutboxMessage.objects.get().state == State.CANCELLED


def test_editing_shows_the_payload_and_a_warning(operator):
    letter = make_dead_letter(happened="unknown")

    page = open_page(operator, letter, "edit")

    assert "&quot;email&quot;: &quot;ana@example.com&quot;" in page
    assert "Under a new key it is done a second time" in page


def test_an_edited_letter_is_sent_under_a_new_key_and_logged(operator):
    letter = make_dead_letter()
    payload = json.loads(editable_payload(letter)) | {"full_name": "Ana"}
    data = {"apply": "1", "payload": json.dumps(payload), "new_key": "on"}

    response = operator.post(f"{MESSAGES}{letter.pk}/edit/", data)

    copy = OutboxMessage.objects.get(copy_of=letter.id)
    assert response["Location"] == f"{MESSAGES}{copy.pk}/change/"
    assert LogEntry.objects.filter(object_id=letter.pk).get().change_message == (
        f"Replaced by {copy.id}."
    )


def test_a_payload_that_breaks_the_contract_comes_back_with_the_reason(operator):
    letter = make_dead_letter()
    data = {"apply": "1", "payload": '{"email": "a@b.c"}', "new_key": "on"}

    page = operator.post(f"{MESSAGES}{letter.pk}/edit/", data).content.decode()

    assert "missing required field" in page
    assert OutboxMessage.objects.count() == 1


@pytest.mark.parametrize("path", ["add", "{pk}/delete"])
def test_messages_are_neither_added_nor_deleted_by_hand(operator, path):
    path = path.format(pk=make_dead_letter().pk)

    assert operator.post(f"{MESSAGES}{path}/", {"post": "yes"}).status_code == 403
    assert OutboxMessage.objects.count() == 1


def test_a_page_of_a_message_that_is_gone_is_not_found(operator):
    assert operator.get(f"{MESSAGES}999/redeliver/").status_code == 404


def test_a_destination_shows_what_waits_for_it(operator):
    Destination.objects.create(name="user")
    make_pending(created_at=timezone.now() - timedelta(hours=3))
    make_pending()
    make_dead_letter()

    page = operator.get("/admin/outbox/destination/").content.decode()

    row = _cells(page)
    assert (row["pending"], row["oldest"], row["dead"]) == ("2", "3\xa0hours", "1")


def _cells(page):
    """The cells of the first row of a list, by the name of their column."""
    cells = re.findall(
        r'<td[^>]*class="[^"]*field-(\w+)[^"]*"[^>]*>(.*?)</td>', page, re.S
    )
    return {name: re.sub(r"<[^>]+>", "", text).strip() for name, text in cells}


def test_a_destination_is_paused_with_a_reason_and_resumed(operator):
    Destination.objects.create(name="user")
    path = "/admin/outbox/destination/user"

    operator.post(f"{path}/pause/", {"apply": "1", "reason": "being moved"})
    paused = Destination.objects.get()
    operator.post(f"{path}/resume/", {"apply": "1"})
    resumed = Destination.objects.get()

    assert (paused.is_paused, paused.pause_reason) == (True, "being moved")
    assert resumed.is_paused is False
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "Paused: being moved",
        "Resumed.",
    ]


def test_lanes_are_shown_and_not_changed(operator):
    Destination.objects.create(name="user")
    lane = Lane.objects.create(destination_id="user", number=3)
    path = f"/admin/outbox/lane/{lane.pk}/change/"

    assert operator.get("/admin/outbox/lane/").status_code == 200
    assert operator.post(path, {"number": "4"}).status_code == 403
