"""Notices by mail, from what happens in another service to the mail in the folder."""

from email import message_from_string, policy

from tests.asking import ask
from tests.people import register
from tests.waiting import wait_for

MAIL_SECONDS = 30


def mails_to(fleet, person):
    """Return the mails that notification-service has sent to this person."""
    folder = fleet.platform.var / "notification" / "mail"
    texts = [path.read_text() for path in sorted(folder.glob("*"))]
    mails = [
        message_from_string(part.lstrip(), policy=policy.default)
        for text in texts
        for part in text.split(f"{'-' * 79}\n")
    ]
    return [mail for mail in mails if mail["To"] == person.email]


def mailed(fleet, person):
    return wait_for(lambda: mails_to(fleet, person), MAIL_SECONDS, "a mail")


def notices_of(fleet, person):
    answer = ask(
        "GET", f"{fleet.gateway_url}/api/v1/notifications", token=person.access_token
    )
    return answer.json()["results"]


def test_who_registers_is_welcomed_by_mail(fleet):
    ana = register(fleet, full_name="Ana Lopez")

    [mail] = mailed(fleet, ana)

    assert mail["Subject"] == "Welcome to the IELTS platform"
    assert "Hello Ana Lopez," in mail.get_body(["plain"]).get_content()
    assert (
        "<h1>Welcome to the IELTS platform</h1>" in mail.get_body(["html"]).as_string()
    )


def test_mails_wait_for_the_worker_and_go_out_once(fleet):
    fleet.stop("notification-worker")
    ana = register(fleet)
    wait_for(lambda: notices_of(fleet, ana), MAIL_SECONDS, "the welcome in the app")
    before = mails_to(fleet, ana)
    fleet.start("notification-worker")

    [mail] = mailed(fleet, ana)

    assert before == []
    bo = register(fleet)
    mailed(fleet, bo)
    assert [each["Message-ID"] for each in mails_to(fleet, ana)] == [mail["Message-ID"]]


def test_quiet_hours_are_chosen_through_the_gateway(fleet):
    ana = register(fleet)
    url = f"{fleet.gateway_url}/api/v1/notifications/preferences"
    body = {"quiet_hours": {"enabled": True, "start": "23:00"}, "daily_cap": 5}

    changed = ask("PATCH", url, json=body, token=ana.access_token)

    chosen = ask("GET", url, token=ana.access_token).json()
    assert changed.status_code == 200
    assert chosen == changed.json()
    assert chosen["quiet_hours"] == {"enabled": True, "start": "23:00", "end": "07:00"}
    assert chosen["daily_cap"] == 5
