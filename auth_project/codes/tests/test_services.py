"""Codes: made at most so often, mailed once, tried five times, used once."""

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auth_project.accounts.errors import PasswordRefusedError
from auth_project.accounts.models import Account
from auth_project.accounts.services import (
    change_password,
    disable_account,
    erase_account,
    verify_credentials,
)
from auth_project.codes import services
from auth_project.codes.errors import InvalidCodeError
from auth_project.codes.models import Code
from auth_project.codes.services import (
    code_text,
    purge_codes,
    request_email_verification,
    request_password_reset,
    reset_password,
    send_codes,
    verify_email,
)
from auth_project.conftest import PASSWORD
from auth_project.sessions.models import Session

NEW = "a quite different phrase"


@pytest.fixture
def reset_code(ana, wall_clock):
    """Give a code that Ana has asked for, to choose a new password."""
    request_password_reset(email=ana.email, clock=wall_clock)
    return Code.objects.get()


def use(code, wall_clock, *, text=None, email="ana@example.org", password=NEW):
    reset_password(
        email=email,
        code=code_text(code) if text is None else text,
        new_password=password,
        clock=wall_clock,
    )


def wrong(code):
    return f"{(int(code_text(code)) + 1) % 10**8:08d}"


def accepts(password):
    account = Account.objects.get()
    return verify_credentials(email=account.email, password=password, address="")


def test_a_reset_replaces_the_password_and_ends_every_session(
    ana, sign_in, reset_code, wall_clock, outbox
):
    sign_in()
    sign_in()

    use(reset_code, wall_clock)

    assert accepts(NEW) == ana
    ended = Session.objects.values_list("end_reason", flat=True)
    assert list(ended) == ["password_changed"] * 2
    notices = [row for row in outbox() if "password_changed" in row.payload]
    assert len(notices) == 1


def test_the_code_is_mailed_once_and_stored_nowhere(ana, reset_code, wall_clock):
    assert send_codes(clock=wall_clock) == 1
    assert send_codes(clock=wall_clock) == 0

    [sent] = mail.outbox
    digits = code_text(reset_code)
    row = Code.objects.values().get()
    assert sent.to == ["ana@example.org"]
    assert digits in sent.body
    assert len(digits) == 8
    assert not any(digits in str(value) for value in row.values())


def test_a_mail_that_was_refused_is_sent_later(reset_code, wall_clock, settings):
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    refused = send_codes(clock=wall_clock)
    settings.EMAIL_BACKEND = working
    too_early = send_codes(clock=wall_clock)
    wall_clock.advance(seconds=30)

    assert (refused, too_early, send_codes(clock=wall_clock)) == (0, 0, 1)


def test_who_is_erased_while_the_mails_go_out_gets_none(
    make_account, reset_code, wall_clock, monkeypatch
):
    eve = make_account("eve@example.org")
    wall_clock.advance(seconds=1)
    request_password_reset(email=eve.email, clock=wall_clock)
    send_mail = services.send_mail

    def erase_meanwhile(*about):
        erase_account(account_id=eve.pk)
        return send_mail(*about)

    monkeypatch.setattr(services, "send_mail", erase_meanwhile)

    assert send_codes(clock=wall_clock) == 1
    assert [message.to for message in mail.outbox] == [["ana@example.org"]]


def test_an_expired_code_is_not_mailed(reset_code, wall_clock):
    wall_clock.advance(minutes=15)

    assert send_codes(clock=wall_clock) == 0
    assert mail.outbox == []


def test_a_code_is_good_for_fifteen_minutes(reset_code, wall_clock):
    wall_clock.advance(minutes=15)

    with pytest.raises(InvalidCodeError):
        use(reset_code, wall_clock)


def test_a_code_is_used_once(reset_code, wall_clock):
    use(reset_code, wall_clock)

    with pytest.raises(InvalidCodeError):
        use(reset_code, wall_clock, password="yet another phrase")
    assert accepts(NEW)


def test_the_fifth_try_may_be_right(reset_code, wall_clock):
    for _ in range(4):
        with pytest.raises(InvalidCodeError):
            use(reset_code, wall_clock, text=wrong(reset_code))

    use(reset_code, wall_clock)

    assert accepts(NEW)


@pytest.mark.parametrize("text", ["", "0", "\u0660" * 8, "a" * 32, "\u20ac"])
def test_a_sixth_try_is_refused_even_with_the_right_code(reset_code, wall_clock, text):
    for _ in range(5):
        with pytest.raises(InvalidCodeError):
            use(reset_code, wall_clock, text=text)

    with pytest.raises(InvalidCodeError):
        use(reset_code, wall_clock)
    assert accepts(PASSWORD)


def test_a_code_is_of_one_account(ana, make_account, reset_code, wall_clock):
    bo = make_account("bo@example.org")
    request_password_reset(email=bo.email, clock=wall_clock)

    with pytest.raises(InvalidCodeError):
        use(reset_code, wall_clock, email=bo.email)
    assert verify_credentials(email=bo.email, password=PASSWORD, address="") == bo


def test_a_code_is_for_one_purpose(ana, reset_code, wall_clock):
    with pytest.raises(InvalidCodeError):
        verify_email(account_id=ana.pk, code=code_text(reset_code), clock=wall_clock)

    request_email_verification(account_id=ana.pk, clock=wall_clock)
    with pytest.raises(InvalidCodeError):
        verify_email(account_id=ana.pk, code=code_text(reset_code), clock=wall_clock)
    assert not Account.objects.get().email_verified


def test_only_the_newest_code_is_good(ana, reset_code, wall_clock):
    wall_clock.advance(minutes=2)
    request_password_reset(email=ana.email, clock=wall_clock)

    with pytest.raises(InvalidCodeError):
        use(reset_code, wall_clock)
    use(Code.objects.first(), wall_clock)


def test_a_second_click_makes_no_second_code(ana, reset_code, wall_clock):
    request_password_reset(email=" ANA@example.org ", clock=wall_clock)

    assert Code.objects.count() == 1


def test_an_account_gets_five_codes_an_hour(ana, reset_code, wall_clock):
    for _ in range(9):
        wall_clock.advance(minutes=5)
        request_password_reset(email=ana.email, clock=wall_clock)
    within_the_hour = Code.objects.count()
    wall_clock.advance(minutes=16)
    request_password_reset(email=ana.email, clock=wall_clock)

    assert within_the_hour == 5
    assert Code.objects.count() == 6


def test_a_weak_password_leaves_the_code_unused(ana, reset_code, wall_clock):
    Account.objects.update(full_name="Anastasia Lima")

    for password in ("short", "ana@example.org", "anastasia lima"):
        with pytest.raises(PasswordRefusedError):
            use(reset_code, wall_clock, password=password)

    use(reset_code, wall_clock)


def test_a_code_that_was_right_is_void_when_the_password_changes_meanwhile(
    ana, reset_code, wall_clock, monkeypatch
):
    def change_first(password):
        change_password(
            account_id=ana.pk,
            current_password=PASSWORD,
            new_password="changed on a device",
            session_id=None,
            address="",
        )
        return "hash"

    monkeypatch.setattr(services, "make_password", change_first)

    with pytest.raises(InvalidCodeError):
        use(reset_code, wall_clock)
    assert accepts("changed on a device")


def test_a_disabled_account_gets_and_uses_no_code(ana, reset_code, wall_clock):
    disable_account(account_id=ana.pk)

    with pytest.raises(InvalidCodeError):
        use(reset_code, wall_clock)
    wall_clock.advance(minutes=2)
    request_password_reset(email=ana.email, clock=wall_clock)
    assert Code.objects.first().account is None


def test_an_unknown_address_is_treated_alike_and_gets_no_mail(db, wall_clock):
    request_password_reset(email="nobody@example.org", clock=wall_clock)

    code = Code.objects.get()
    with pytest.raises(InvalidCodeError):
        use(code, wall_clock, email="nobody@example.org")
    code.refresh_from_db()
    assert (code.account, code.tries) == (None, 1)
    assert send_codes(clock=wall_clock) == 0


def test_a_request_costs_as_many_queries_for_an_unknown_address(
    ana, wall_clock, django_assert_num_queries
):
    with CaptureQueriesContext(connection) as for_ana:
        request_password_reset(email=ana.email, clock=wall_clock)

    with django_assert_num_queries(len(for_ana)):
        request_password_reset(email="nobody@example.org", clock=wall_clock)


def test_a_verified_address_is_noted_once(ana, wall_clock):
    request_email_verification(account_id=ana.pk, clock=wall_clock)
    verify_email(
        account_id=ana.pk, code=code_text(Code.objects.get()), clock=wall_clock
    )
    wall_clock.advance(minutes=2)

    request_email_verification(account_id=ana.pk, clock=wall_clock)

    assert Account.objects.get().email_verified
    assert Code.objects.count() == 1


def test_codes_are_kept_for_a_day(reset_code, wall_clock):
    kept = purge_codes(clock=wall_clock)
    wall_clock.advance(days=1, seconds=1)

    assert (kept, purge_codes(clock=wall_clock)) == (0, 1)
    assert not Code.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_time_do_not_pass_the_limit(make_account, at_once):
    ana = make_account()
    request_password_reset(email=ana.email)
    code = Code.objects.get()

    def guess(number):
        try:
            reset_password(email=ana.email, code=wrong(code), new_password=NEW)
        except InvalidCodeError:
            return "refused"

    assert at_once(20, guess) == ["refused"] * 20
    code.refresh_from_db()
    assert code.tries == 5
    with pytest.raises(InvalidCodeError):
        reset_password(email=ana.email, code=code_text(code), new_password=NEW)


@pytest.mark.django_db(transaction=True)
def test_of_many_with_the_right_code_at_the_same_time_one_uses_it(
    make_account, at_once
):
    ana = make_account()
    request_password_reset(email=ana.email)
    code = Code.objects.get()

    def choose(number):
        try:
            reset_password(
                email=ana.email, code=code_text(code), new_password=f"{NEW} {number}"
            )
        except InvalidCodeError:
            return None
        return f"{NEW} {number}"

    chosen = [password for password in at_once(5, choose) if password]

    assert len(chosen) == 1
    assert accepts(chosen[0]) == ana


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_time_make_one_code_and_one_mail(make_account, at_once):
    ana = make_account()

    at_once(8, lambda number: request_password_reset(email=ana.email))
    sent = sum(at_once(4, lambda number: send_codes()))

    assert Code.objects.count() == 1
    assert (sent, len(mail.outbox)) == (1, 1)
