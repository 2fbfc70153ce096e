"""Mails: when they go out, once, what is tried again, and what is not sent at all."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection

from notification_project.delivery.models import MOST_ATTEMPTS, Delivery
from notification_project.delivery.services import (
    LEASE,
    give_up_mails,
    send_again,
    send_mails,
)
from notification_project.notices import services as notices
from notification_project.notices.models import Notice, Reader
from notification_project.notices.tests.telling import (
    BERLIN,
    at_once,
    local,
    make_reader,
    tell,
)

from .mail_server import HANGING_UP, SILENCE, MailServer

NOON = local("2026-03-10 12:00")


class LastWordsBackend(EmailBackend):
    """Sends, and is killed before it can say so."""

    def send_messages(self, messages):
        super().send_messages(messages)
        raise SystemExit


class WatchfulBackend(EmailBackend):
    """Refuses to send while a transaction is open."""

    def send_messages(self, messages):
        assert not connection.in_atomic_block
        return super().send_messages(messages)


class LateBackend(EmailBackend):
    """Takes so long that the lease goes to another worker, which is done first."""

    def send_messages(self, messages):
        super().send_messages(messages)
        Delivery.objects.update(attempts=2)
        raise TimeoutError("timed out")


class SlowBackend(EmailBackend):
    """Takes two seconds for a mail, by the clock of the test."""

    clock = None

    def send_messages(self, messages):
        self.clock.advance(2.0)
        return super().send_messages(messages)


@pytest.fixture
def mail_server(settings):
    """Give a real mail server, to which this process sends."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def send(at):
    return send_mails(clock=lambda: at)


def use(settings, backend):
    settings.EMAIL_BACKEND = f"{backend.__module__}.{backend.__qualname__}"


def the_delivery():
    return Delivery.objects.get()


@pytest.mark.django_db
def test_a_wanted_notice_is_mailed_once():
    lan = make_reader(email="lan@example.org")
    tell(lan, NOON, title="Time to study", message="Ten minutes are enough.")

    sent = [send(NOON), send(NOON), send(NOON + timedelta(days=1))]

    assert sent == [1, 0, 0]
    [message] = mail.outbox
    delivery = the_delivery()
    assert message.to == ["lan@example.org"]
    assert message.subject == "Time to study"
    assert "Ten minutes are enough." in message.body
    assert message.alternatives[0].mimetype == "text/html"
    assert message.extra_headers["Message-ID"] == f"<{delivery.pk}@localhost>"
    assert (delivery.state, delivery.attempts) == ("sent", 1)
    assert delivery.sent_at == NOON


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("type_", "count"), [("reminder", 1), ("system", 1), ("achievement", 0)]
)
def test_only_what_cannot_wait_is_mailed_unless_somebody_asks_for_more(type_, count):
    lan = make_reader()
    tell(lan, NOON, type=type_)

    assert send(NOON) == count

    notices.choose(user_id=lan.user_id, choices={type_: {"email": not count}})
    tell(lan, NOON, type=type_)
    assert send(NOON) == 1 - count


@pytest.mark.django_db
def test_a_mail_is_in_the_language_of_its_sending():
    lan = make_reader(locale="en")
    tell(lan, NOON, type="system", title="", template="welcome", params={"name": "L"})
    Reader.objects.update(locale="vi")

    send(NOON)

    assert mail.outbox[0].subject.startswith("Chào mừng bạn")


@pytest.mark.django_db
def test_a_title_of_several_lines_adds_no_header(mail_server):
    lan = make_reader(email="lan@example.org")
    tell(
        lan,
        NOON,
        type="system",
        title="",
        template="email_verified",
        params={"email": "x\r\nBcc: bo@example.org"},
    )
    Notice.objects.update(template="", own_title="Hi\r\nBcc: bo@example.org\n\nBody")

    assert send(NOON) == 1

    [message] = mail_server.taken
    assert message["Subject"] == "Hi Bcc: bo@example.org Body"
    assert message["Bcc"] is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("target", "is_linked"),
    [("https://example.org/c", True), ("/courses", False), ("", False)],
)
def test_only_a_whole_address_is_a_link(target, is_linked):
    lan = make_reader()
    tell(lan, NOON)
    Notice.objects.update(action_kind="url", action_target=target)

    send(NOON)

    assert ("<a href" in mail.outbox[0].alternatives[0].content) is is_linked


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "at", "told"),
    [
        ("Asia/Ho_Chi_Minh", "2026-03-10 23:10", "2026-03-11 07:00"),
        (BERLIN, "2026-03-28 23:10", "2026-03-29 07:00"),
        (BERLIN, "2026-10-24 23:10", "2026-10-25 07:00"),
    ],
)
def test_a_mail_waits_for_the_end_of_quiet_hours(zone, at, told):
    lan = make_reader(timezone=zone, has_quiet_hours=True)
    tell(lan, local(at, zone))
    morning = local(told, zone)

    sent = [send(local(at, zone)), send(morning - timedelta(seconds=1)), send(morning)]

    assert sent == [0, 0, 1]


@pytest.mark.django_db
def test_what_is_above_the_cap_is_one_mail():
    lan = make_reader(daily_cap=2)
    for number in range(5):
        tell(lan, NOON, title=f"Notice {number}")

    assert send(NOON) == 2
    assert send(local("2026-03-11 08:00")) == 1

    digest = mail.outbox[-1]
    assert digest.subject == "More notices: 3"
    assert "• Notice 2\n• Notice 3\n• Notice 4" in digest.body


@pytest.mark.django_db
def test_a_digest_is_mailed_when_a_part_of_it_would_have_been():
    lan = make_reader(daily_cap=1)
    for type_ in ("social", "social", "reminder", "reminder"):
        tell(lan, NOON, type=type_)

    send(local("2026-03-11 08:00"))

    assert [message.subject for message in mail.outbox] == ["More notices: 3"]


@pytest.mark.django_db
def test_who_wants_mail_only_gets_mail():
    lan = make_reader()
    notices.choose(user_id=lan.user_id, choices={"reminder": {"in_app": False}})
    tell(lan, NOON)

    assert send(NOON) == 1


@pytest.mark.django_db
def test_a_mail_waits_a_day_for_the_address():
    lan = make_reader(email="")
    tell(lan, NOON)
    before = send(NOON), give_up_mails(clock=lambda: NOON + timedelta(hours=23))
    Reader.objects.update(email="lan@example.org")

    assert before == (0, 0)
    assert send(NOON + timedelta(hours=23)) == 1


@pytest.mark.django_db
def test_a_mail_without_an_address_for_a_day_is_not_sent():
    lan = make_reader(email="")
    tell(lan, NOON)
    later = NOON + timedelta(days=1)

    closed = [give_up_mails(clock=lambda: later) for _ in range(2)]

    assert closed == [1, 0]
    delivery = the_delivery()
    assert (delivery.state, delivery.reason) == ("suppressed", "no_address")


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["disabled", "opted_out", "deleted"])
def test_a_mail_is_not_sent_when_its_reader_does_not_want_it_any_more(reason):
    lan = make_reader()
    notice = tell(lan, NOON)
    if reason == "disabled":
        notices.learn_access(user_id=lan.user_id, is_disabled=True, at=NOON)
    elif reason == "opted_out":
        notices.choose(user_id=lan.user_id, choices={"reminder": {"email": False}})
    else:
        notices.delete_notice(
            user_id=lan.user_id, notice_id=notice.pk, clock=lambda: NOON
        )

    assert send(NOON) == 0

    delivery = the_delivery()
    assert (delivery.state, delivery.reason) == ("suppressed", reason)
    assert delivery.attempts == 0
    assert mail.outbox == []


@pytest.mark.django_db
def test_nobody_who_is_forgotten_is_mailed():
    lan = make_reader()
    tell(lan, NOON)
    Reader.objects.all().delete()

    assert send(NOON) == 0
    Notice.objects.all().delete()
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_a_server_that_refuses_for_now_is_tried_again_later(mail_server):
    lan = make_reader()
    tell(lan, NOON)
    mail_server.answers = ["451 try later", "451 try later"]

    sent = [send(NOON + timedelta(minutes=minutes)) for minutes in (0, 0, 1, 2, 3, 9)]

    assert sent == [0, 0, 0, 0, 1, 0]
    assert len(mail_server.taken) == 1
    delivery = the_delivery()
    assert (delivery.state, delivery.attempts) == ("sent", 3)
    assert delivery.last_error.startswith("SMTPDataError: (451,")


@pytest.mark.django_db
def test_a_server_that_is_away_is_asked_once_a_look(mail_server, settings):
    for _ in range(3):
        tell(make_reader(), NOON)
    working, settings.EMAIL_PORT = settings.EMAIL_PORT, 1

    assert send(NOON) == 0
    attempts = Delivery.objects.order_by("attempts").values_list("attempts", flat=True)
    assert list(attempts) == [0, 0, 1]

    settings.EMAIL_PORT = working
    assert send(NOON) == 2
    assert send(NOON + timedelta(minutes=1)) == 1
    assert len(mail_server.taken) == 3


@pytest.mark.django_db
def test_an_address_that_is_refused_for_good_is_not_tried_again(mail_server):
    lan, bo = make_reader(email="lan@example.org"), make_reader()
    tell(lan, NOON)
    tell(bo, NOON)
    mail_server.refused_recipients = {"lan@example.org": "550 no such person"}

    assert send(NOON) == 1

    delivery = Delivery.objects.get(user_id=lan.user_id)
    assert (delivery.state, delivery.reason) == ("failed", "refused")
    assert "no such person" in delivery.last_error


@pytest.mark.django_db
def test_an_address_that_is_refused_for_now_is_tried_again(mail_server):
    lan = make_reader(email="lan@example.org")
    tell(lan, NOON)
    mail_server.refused_recipients = {"lan@example.org": "452 mailbox full"}
    send(NOON)
    mail_server.refused_recipients = {}

    assert send(NOON + timedelta(minutes=1)) == 1


@pytest.mark.django_db
def test_an_address_that_cannot_be_written_holds_up_nobody():
    tell(make_reader(email=f"lan@{'x' * 64}.\u00fc.org"), NOON)
    tell(make_reader(), NOON)

    assert send(NOON) == 1
    assert Delivery.objects.get(state="failed").reason == "refused"


@pytest.mark.django_db
def test_a_mail_is_given_up_after_twelve_attempts(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    tell(make_reader(), NOON)
    now, attempts = NOON, 0

    while the_delivery().state == "pending":
        now = the_delivery().not_before
        send(now)
        attempts += 1

    delivery = the_delivery()
    assert attempts == delivery.attempts == MOST_ATTEMPTS == 12
    assert (delivery.state, delivery.reason) == ("failed", "attempts")
    assert delivery.last_error.startswith("ConnectionRefusedError")
    assert timedelta(hours=14) < now - NOON < timedelta(hours=18)


@pytest.mark.django_db
def test_a_worker_killed_after_sending_sends_again_under_the_same_message_id(settings):
    tell(make_reader(), NOON)
    working = settings.EMAIL_BACKEND
    use(settings, LastWordsBackend)
    with pytest.raises(SystemExit):
        send(NOON)
    settings.EMAIL_BACKEND = working

    within_the_lease = send(NOON + LEASE - timedelta(seconds=1))
    after_it = send(NOON + LEASE)

    assert (within_the_lease, after_it) == (0, 1)
    first, second = (message.extra_headers["Message-ID"] for message in mail.outbox)
    assert first == second
    assert the_delivery().attempts == 2


@pytest.mark.django_db
def test_a_mail_that_ends_its_workers_is_given_up():
    tell(make_reader(), NOON)
    Delivery.objects.update(attempts=MOST_ATTEMPTS, not_before=NOON)

    assert send(NOON) == 0
    assert give_up_mails(clock=lambda: NOON) == 1
    assert the_delivery().reason == "attempts"


@pytest.mark.django_db
@pytest.mark.parametrize("answer", [SILENCE, HANGING_UP])
def test_a_server_that_takes_a_mail_without_an_answer_gets_it_again(
    mail_server, settings, answer
):
    tell(make_reader(), NOON)
    settings.EMAIL_TIMEOUT = 0.3
    mail_server.answers = [answer]

    assert send(NOON) == 0
    assert send(NOON + timedelta(minutes=1)) == 1

    first, second = (message["Message-ID"] for message in mail_server.taken)
    assert first == second


@pytest.mark.django_db
def test_who_has_lost_the_lease_notes_nothing(settings):
    tell(make_reader(), NOON)
    use(settings, LateBackend)

    send(NOON)

    delivery = the_delivery()
    assert (delivery.state, delivery.last_error) == ("pending", "")
    assert delivery.not_before == NOON + LEASE


@pytest.mark.django_db
def test_what_was_given_up_is_sent_again_when_somebody_asks():
    lan = make_reader()
    tell(lan, NOON)
    notices.learn_access(user_id=lan.user_id, is_disabled=True, at=NOON)
    send(NOON)
    notices.learn_access(
        user_id=lan.user_id, is_disabled=False, at=NOON + timedelta(hours=1)
    )
    ids = [the_delivery().pk]

    queued = [send_again(delivery_ids=ids, clock=lambda: NOON) for _ in range(2)]

    assert queued == [1, 0]
    assert send(NOON) == 1
    assert send_again(delivery_ids=ids, clock=lambda: NOON) == 0


@pytest.mark.django_db
def test_a_slow_server_does_not_keep_a_worker_from_stopping(
    settings, clock, monkeypatch
):
    use(settings, SlowBackend)
    monkeypatch.setattr(SlowBackend, "clock", clock)
    for _ in range(5):
        tell(make_reader(), NOON)

    sent = [send_mails(clock=lambda: NOON, monotonic=clock) for _ in range(2)]

    assert sent == [3, 2]


@pytest.mark.django_db
def test_an_idle_look_is_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        send(NOON)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_mail_is_sent(settings):
    use(settings, WatchfulBackend)
    tell(make_reader(), NOON)

    assert send(NOON) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_send_each_mail_once(mail_server):
    for _ in range(12):
        tell(make_reader(), NOON)

    sent = at_once(4, lambda number: send(NOON))

    assert sum(sent) == 12
    assert len({message["To"] for message in mail_server.taken}) == 12
    assert len(mail_server.taken) == 12


@pytest.mark.django_db(transaction=True)
def test_notices_above_the_cap_at_the_same_time_are_one_mail():
    lan = make_reader()
    at_once(30, lambda number: tell(lan, NOON))

    assert [send(NOON), send(NOON)] == [20, 0]
    assert send(local("2026-03-11 08:00")) == 1
    assert mail.outbox[-1].subject == "More notices: 10"
