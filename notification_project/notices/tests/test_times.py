"""When people are told: quiet hours, the cap of a day, and the digest above it."""

import pytest

from notification_project.notices import services
from notification_project.notices.models import Notice, Preference, Reader
from shared.contracts.notification import send_notice

from .telling import BERLIN, HANOI, at_once, local, make_reader, order_for, seen, tell

pytestmark = pytest.mark.django_db
NOON = local("2026-03-10 12:00")
NEXT_MORNING = local("2026-03-11 08:00")


def make_sleeper(**fields):
    return make_reader(has_quiet_hours=True, **fields)


def fill_day(reader, at, count):
    for number in range(count):
        tell(reader, at, title=f"Notice {number + 1}")


def digests():
    return Notice.objects.filter(template="digest")


def test_what_happens_in_quiet_hours_is_told_at_their_end():
    lan = make_sleeper(timezone=HANOI)

    tell(lan, local("2026-03-10 23:10"))

    assert seen(lan, local("2026-03-10 23:10")) == []
    assert seen(lan, local("2026-03-11 06:59")) == []
    [notice] = seen(lan, local("2026-03-11 07:00"))
    assert notice.created_at == local("2026-03-10 23:10")
    assert Notice.objects.of_reader(lan.user_id, now=notice.visible_at).unread()


@pytest.mark.parametrize(
    ("at", "hidden", "told"),
    [
        ("2026-03-28 23:10", "2026-03-29 06:59", "2026-03-29 07:00"),
        ("2026-10-24 23:10", "2026-10-25 06:59", "2026-10-25 07:00"),
    ],
)
def test_the_end_of_quiet_hours_follows_the_clocks(at, hidden, told):
    bo = make_sleeper(timezone=BERLIN)

    tell(bo, local(at, BERLIN))

    assert seen(bo, local(hidden, BERLIN)) == []
    assert len(seen(bo, local(told, BERLIN))) == 1


@pytest.mark.parametrize(
    ("fields", "is_told"),
    [
        ({"type": "system", "category": "warning"}, True),
        ({"type": "system", "category": "alert"}, True),
        ({"type": "system", "category": "info"}, False),
        ({"type": "social", "category": "alert"}, False),
    ],
)
def test_only_warnings_about_the_account_pass_quiet_hours_and_cap(fields, is_told):
    lan = make_sleeper(daily_cap=1)
    tell(lan, NOON)
    night = local("2026-03-10 23:10")

    tell(lan, night, **fields)

    assert len(seen(lan, night)) == 1 + is_told


def test_a_person_without_quiet_hours_is_told_at_once():
    lan = make_reader()

    tell(lan, local("2026-03-10 23:10"))

    assert len(seen(lan, local("2026-03-10 23:10"))) == 1


def test_what_was_put_off_stays_so_when_quiet_hours_are_switched_off():
    lan = make_sleeper()
    tell(lan, local("2026-03-10 23:10"))

    services.choose(user_id=lan.user_id, quiet_hours={"enabled": False})

    assert seen(lan, local("2026-03-10 23:11")) == []
    assert len(seen(lan, local("2026-03-11 07:00"))) == 1


def test_newest_is_what_was_told_last():
    lan = make_sleeper()
    tell(lan, local("2026-03-10 23:10"), title="put off")
    tell(
        lan,
        local("2026-03-10 23:20"),
        type="system",
        category="alert",
        title="at once",
    )

    titles = [notice.own_title for notice in seen(lan, local("2026-03-11 07:00"))]

    assert titles == ["put off", "at once"]


def test_the_21st_notice_of_a_day_is_told_by_a_digest_in_the_morning():
    lan = make_reader()

    fill_day(lan, NOON, 22)

    assert len(seen(lan, NOON)) == 20
    assert len(seen(lan, local("2026-03-11 07:59"))) == 20
    [digest, *others] = seen(lan, NEXT_MORNING)
    assert len(others) == 20
    assert digest.text("en").title == "More notices: 2"
    assert digest.text("en").message == "• Notice 21\n• Notice 22"
    assert digest.text("vi").title == "Thông báo khác: 2"
    collected = services.list_collected(
        user_id=lan.user_id, notice_id=digest.pk, clock=lambda: NEXT_MORNING
    )
    assert [notice.own_title for notice in collected] == ["Notice 21", "Notice 22"]


def test_the_next_day_begins_with_an_empty_count():
    lan = make_reader(daily_cap=1)
    fill_day(lan, local("2026-03-10 23:59"), 2)

    midnight = local("2026-03-11 00:00")
    tell(lan, midnight)

    assert len(seen(lan, midnight)) == 2
    assert digests().count() == 1


def test_a_day_is_that_of_the_reader_and_of_the_telling():
    lan = make_sleeper(daily_cap=2)
    fill_day(lan, NOON, 1)

    fill_day(lan, local("2026-03-10 23:10"), 3)

    assert len(seen(lan, local("2026-03-11 07:00"))) == 3
    [digest] = digests()
    assert digest.visible_at == local("2026-03-12 08:00")


def test_a_digest_waits_for_the_end_of_quiet_hours():
    lan = make_sleeper(quiet_until="09:30", daily_cap=1)
    lan.refresh_from_db()

    fill_day(lan, NOON, 2)

    assert digests().get().visible_at == local("2026-03-11 09:30")


def test_a_digest_counts_what_it_has_no_room_to_name():
    lan = make_reader(daily_cap=1)

    fill_day(lan, NOON, 24)

    lines = digests().get().text("en").message.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "… and 3 more"


def test_a_digest_that_was_seen_takes_in_nothing_more():
    lan = make_reader(daily_cap=1)
    fill_day(lan, NOON, 2)
    # She flies west, where the day of the digest is not over in her morning.
    Reader.objects.filter(pk=lan.pk).update(timezone="Pacific/Honolulu")

    tell(lan, local("2026-03-11 09:00"), title="later")

    counts = digests().values_list("params__count", flat=True)
    assert list(counts) == [1, 1]


def test_titles_are_in_the_language_of_the_moment():
    lan = make_reader(daily_cap=1)
    tell(lan, NOON)

    tell(lan, NOON, type="system", title="", template="welcome", params={"name": "L"})

    assert digests().get().text("vi").message.startswith("• Chào mừng bạn")


def test_a_notice_in_a_digest_keeps_its_dedupe():
    lan = make_reader(daily_cap=1)
    tell(lan, NOON)

    first, second = (tell(lan, NOON, dedupe="streak:7") for _ in range(2))

    assert first == second
    assert digests().get().params["count"] == 1


def test_deleting_notices_makes_no_room_for_more():
    lan = make_reader(daily_cap=1)
    first = tell(lan, NOON)
    services.delete_notice(user_id=lan.user_id, notice_id=first.pk, clock=lambda: NOON)

    tell(lan, NOON)

    assert digests().count() == 1


def test_who_wants_mail_only_has_nothing_in_the_app():
    lan = make_reader(daily_cap=1)
    services.choose(user_id=lan.user_id, choices={"reminder": {"in_app": False}})

    fill_day(lan, NOON, 2)

    assert seen(lan, NEXT_MORNING) == []
    assert Notice.objects.count() == 3


def test_no_peer_can_ask_for_a_digest(call_internal):
    lan = make_reader()
    order = order_for(lan, title="", template="digest", params={"count": "1"})

    response = call_internal(send_notice, order, caller="course")

    assert (response.status_code, response.json()["code"]) == (422, "unknown_template")


def test_a_notice_costs_as_many_queries_however_many_there_are(
    django_assert_num_queries,
):
    lan = make_reader(daily_cap=3)
    tell(lan, NOON)

    with django_assert_num_queries(9):  # two of them are a savepoint
        tell(lan, NOON)
    fill_day(lan, NOON, 3)
    with django_assert_num_queries(11):  # find the digest, change it
        tell(lan, NOON)


@pytest.mark.parametrize("action", ["read", "delete", "collected"])
def test_what_is_for_later_is_not_there_yet(client_for, action):
    lan = make_reader()
    later = Notice.objects.create(
        user_id=lan.user_id,
        type="social",
        own_title="later",
        visible_at=local("2126-01-01 07:00"),
    )
    client = client_for(lan.user_id)
    address = f"/api/v1/notifications/{later.pk}"

    response = {
        "read": lambda: client.post(f"{address}/read"),
        "delete": lambda: client.delete(address),
        "collected": lambda: client.get(f"{address}/collected"),
    }[action]()

    assert (response.status_code, response.json()["code"]) == (404, "notice_not_found")
    assert client.get("/api/v1/notifications").json()["count"] == 0
    unread = client.get("/api/v1/notifications/unread-count").json()
    assert unread == {"unread_count": 0}
    assert client.post("/api/v1/notifications/read-all").json() == {"marked_count": 0}


def test_what_a_digest_collected_is_listed_by_its_reader_only(
    client_for, django_assert_num_queries
):
    lan, bo = make_reader(daily_cap=1), make_reader()
    fill_day(lan, NOON, 13)
    digest = digests().get()
    address = f"/api/v1/notifications/{digest.pk}/collected"
    client = client_for(lan.user_id)
    client.get(address)

    with django_assert_num_queries(4):  # digest, language, count, page
        page = client.get(address).json()

    assert page["count"] == 12
    assert page["results"][0]["title"] == "Notice 2"
    assert client_for(bo.user_id).get(address).status_code == 404
    assert client.get(f"{address}?colour=red").status_code == 400


@pytest.mark.django_db(transaction=True)
def test_thirty_notices_at_once_are_twenty_and_a_digest_of_ten():
    lan = make_reader()

    at_once(30, lambda number: tell(lan, NOON, title=f"Notice {number}"))

    assert len(seen(lan, NOON)) == 20
    [digest] = digests()
    assert digest.params["count"] == 10
    assert digest.collected.count() == 10
    assert len(seen(lan, NEXT_MORNING)) == 21


@pytest.mark.django_db(transaction=True)
def test_first_notices_at_once_make_one_reader():
    lan = make_reader()
    Reader.objects.all().delete()

    at_once(6, lambda number: tell(lan, NOON))

    assert Reader.objects.count() == 1
    assert Notice.objects.count() == 6
    assert not Preference.objects.exists()
