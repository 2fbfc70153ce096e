"""The start page of the admin: attention, today, the chart, the other admins."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from shared.client.discovery import directory
from shared.client.outcomes import Breaker
from shared.operators import desk
from shared.operators.desk import Figure, Gauge, per_day
from shared.outbox.models import Destination, OutboxMessage
from shared.outbox.tests.letters import make_dead_letter, make_pending
from shared.peers.issuing import issue_key
from shared.peers.models import InternalAPIKey, PeerService
from shared.staff.models import StaffUser

pytestmark = pytest.mark.django_db
# Session, person, the menu's dead letters, four for attention, three for what waits,
# one for what was done last.
QUERIES = 11
DAY = date(2026, 3, 10)


def desk_of(browser, **headers):
    return browser.get("/admin/", headers=headers).context["desk"]


def texts(browser):
    return [concern.text for concern in desk_of(browser)["attention"]]


def make_delivered(at):
    make_pending(state=OutboxMessage.State.DELIVERED, settled_at=at)


def delivered(**about):
    rows = OutboxMessage.objects.filter(state=OutboxMessage.State.DELIVERED)
    return Figure("Delivered", rows, at="settled_at", **about)


@pytest.fixture
def figures(monkeypatch):
    """Give a function that puts figures on the page, in the place of the app's."""

    def show(*found):
        monkeypatch.setattr(desk, "_figures", [lambda request: found])

    return show


def test_a_quiet_platform_is_all_clear(operator):
    Destination.objects.create(name="user")

    page = operator.get("/admin/").content.decode()

    assert "All clear." in page
    assert "Every destination answers" in page


def test_an_outbox_without_messages_says_so(operator):
    assert (
        "No message has been written yet." in operator.get("/admin/").content.decode()
    )


def test_the_urgent_comes_first(operator):
    Destination.objects.create(name="auth", is_paused=True, pause_reason="being moved")
    make_dead_letter()

    assert texts(operator) == [
        "1 dead to user: a person must act.",
        "auth is paused: being moved.",
    ]


def test_a_breaker_that_this_process_has_open_is_told(operator):
    breaker = directory.peer("user").instances[0].breaker
    for _ in range(5):
        breaker.record(breaker.acquire(), Breaker.FAILURE)

    [text] = texts(operator)

    assert text.startswith("The breaker for user at http://127.0.0.1:8082 is open")


def test_a_breaker_that_an_operator_has_set_is_told_once(operator):
    PeerService.objects.create(
        name="user", breaker_mode="forced_open", breaker_reason="being moved"
    )
    directory.refresh_if_due()
    directory.peer("user")

    [text] = texts(operator)

    assert text.startswith("The breaker of user is forced open")
    assert "being moved" in text


def test_a_key_that_expires_soon_is_told_with_its_caller(operator):
    issue_key("auth")
    soon = timezone.now() + timedelta(days=3, hours=1)
    InternalAPIKey.objects.update(expires_at=soon)
    issue_key("user")
    InternalAPIKey.objects.filter(caller="user").update(
        expires_at=timezone.now() + timedelta(days=60)
    )

    [concern] = desk_of(operator)["attention"]

    assert concern.text.endswith("of auth expires in 3\xa0days.")
    assert concern.link == "/admin/peers/internalapikey/?caller=auth"
    assert concern.is_urgent


def test_a_key_that_its_caller_has_left_behind_is_told(operator):
    issue_key("auth")
    long_ago = timezone.now() - timedelta(days=40)
    InternalAPIKey.objects.update(created_at=long_ago, last_used_at=long_ago)
    issue_key("auth")
    InternalAPIKey.objects.filter(last_used_at=None).update(last_used_at=timezone.now())

    [text] = texts(operator)

    assert "of auth is not used any more" in text


def test_the_only_key_of_a_caller_that_seldom_calls_is_no_concern(operator):
    issue_key("auth")
    InternalAPIKey.objects.update(created_at=timezone.now() - timedelta(days=400))

    assert texts(operator) == []


def test_what_waits_for_a_destination_is_shown(operator):
    Destination.objects.create(name="user", state=Destination.State.AWAY)
    make_pending(created_at=timezone.now() - timedelta(hours=3))
    make_pending()
    make_dead_letter()

    [delivery] = desk_of(operator)["deliveries"]

    assert delivery == {
        "destination": "user",
        "state": "away",
        "pending": "2",
        "oldest": "3\xa0hours",
        "dead": "1",
        "link": "/admin/outbox/outboxmessage/?destination=user",
    }
    assert operator.get(delivery["link"]).context["cl"].result_count == 3


def test_people_without_rights_see_nothing_of_it(operator):
    StaffUser.objects.update(is_superuser=False)

    response = operator.get("/admin/")

    assert "desk" not in response.context
    assert "Needs attention" not in response.content.decode()


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1:8083", "http://127.0.0.1:8081/admin/"),
        ("localhost:8083", "http://localhost:8081/admin/"),
        ("[::1]:8083", "http://[::1]:8081/admin/"),
    ],
)
def test_the_other_admins_are_on_the_host_of_the_browser(operator, host, address):
    neighbours = desk_of(operator, host=host)["neighbours"]

    assert [neighbour["name"] for neighbour in neighbours] == [
        "auth",
        "user",
        "exercise",
        "notification",
    ]
    assert neighbours[0]["address"] == address


def test_another_admin_is_where_the_settings_say(operator, settings):
    address = "https://auth.ops.example.org/admin/"
    settings.ADMIN_URLS = {**settings.ADMIN_URLS, "auth": address}

    page = operator.get("/admin/").content.decode()

    assert f'href="{address}"' in page
    assert 'href="http://testserver:8082/admin/"' in page


def test_an_instructor_is_led_to_the_admins_that_let_them_in(operator):
    StaffUser.objects.update(role="instructor")
    operator.user.refresh_from_db()
    operator.force_login(operator.user)

    neighbours = desk_of(operator)["neighbours"]

    assert [neighbour["name"] for neighbour in neighbours] == ["exercise"]


def test_today_has_yesterday_beside_it(operator, figures):
    figures(
        delivered(unit="times"),
        Gauge("Open", 1_200, "now"),
    )
    now = timezone.now()
    for at in (now, now, now - timedelta(days=1), now - timedelta(days=2)):
        make_delivered(at)

    first, gauge = desk_of(operator)["cards"]

    assert (first.value, first.unit, first.note) == (
        "2",
        "times",
        "yesterday 1 times",
    )
    assert (gauge.value, gauge.note) == ("1,200", "now")


def test_the_chart_has_thirty_days_and_a_table(operator, figures):
    figures(
        Gauge("Open", 3, "now"),
        delivered(in_chart=True),
    )
    now = timezone.now()
    make_delivered(now)
    make_delivered(now - timedelta(days=29))
    make_delivered(now - timedelta(days=30))

    response = operator.get("/admin/")

    chart = response.context["desk"]["chart"]
    [dataset] = json.loads(chart.data)["datasets"]
    assert dataset["data"] == [1, *[0] * 28, 1]
    assert chart.rows[0] == (now.date(), ["1"])
    assert len(chart.rows) == 30
    assert chart.summary == "The last 30 days: delivered 2."
    assert '<canvas class="chart" role="img" aria-label="Delivered, day by day' in (
        response.content.decode()
    )


def test_a_chart_of_nothing_says_so(operator, figures):
    figures(delivered(in_chart=True))

    page = operator.get("/admin/").content.decode()

    assert "Nothing yet" in page
    assert "<canvas" not in page


def test_a_day_is_one_of_utc_from_midnight_to_midnight(django_assert_num_queries):
    midnight = datetime(2026, 3, 10, tzinfo=UTC)
    last = midnight + timedelta(days=1, microseconds=-1)
    for at in (midnight - timedelta(microseconds=1), midnight, last):
        make_delivered(at)
    days = [DAY + timedelta(days=n) for n in (-1, 0, 1)]

    with django_assert_num_queries(1):
        assert per_day(delivered(), days) == [1, 2, 0]


def test_a_day_that_would_read_the_whole_table_is_refused():
    with pytest.raises(ValueError, match="begins with created_at"):
        Figure("Messages", OutboxMessage.objects.all(), at="created_at")


def test_the_page_costs_the_same_with_more_to_tell(operator, django_assert_num_queries):
    for name in ("auth", "user", "exercise", "notification"):
        Destination.objects.create(name=name, is_paused=True, pause_reason="x")
        issue_key(name)
    for _ in range(10):
        make_dead_letter()

    with django_assert_num_queries(QUERIES):
        operator.get("/admin/")
