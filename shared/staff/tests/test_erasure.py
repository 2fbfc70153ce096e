"""What a service does of its own accord when a person is erased."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.utils import timezone

from shared.contracts.events import UserDisabled, UserErased, UserRegistered
from shared.inbox.models import InboxRecord
from shared.outbox.models import OutboxMessage
from shared.outbox.tests.letters import make_dead_letter, make_pending
from shared.server.models import ErasedPerson, Revocation
from shared.staff.erasure import sweep
from shared.staff.models import StaffUser
from shared.wire.ids import NOBODY, uuid7

pytestmark = pytest.mark.django_db


def erased(user_id):
    return UserErased(user_id=user_id, erased_at=timezone.now())


def later(**amount):
    """Return a clock that is so much later."""
    return lambda: timezone.now() + timedelta(**amount)


def log(operator, row, text, message="Changed."):
    return LogEntry.objects.create(
        user_id=operator.pk,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=text,
        action_flag=CHANGE,
        change_message=message,
    )


def make_colleague():
    return StaffUser.objects.create(
        email="colleague@example.org", role="admin", verified_at=timezone.now()
    )


def test_tokens_are_refused_and_the_id_is_kept_once(deliver):
    event = erased(uuid7())

    for _ in range(2):
        assert deliver(event).status_code == 200

    person = ErasedPerson.objects.get()
    assert (person.user_id, person.erased_at) == (event.user_id, event.erased_at)
    assert person.sweep_at > event.erased_at
    revocation = Revocation.objects.get()
    assert (revocation.subject, revocation.at) == (event.user_id, event.erased_at)


def test_an_operator_is_signed_out_and_gone_and_what_they_did_stays(operator, deliver):
    other = make_colleague()
    log(operator.user, other, "colleague@example.org", "Role changed.")

    deliver(erased(operator.user.pk))

    assert operator.get("/admin/").status_code == 302
    assert not Session.objects.filter(session_key=operator.session.session_key).exists()
    entry = LogEntry.objects.get()
    assert (entry.user_id, entry.change_message) == (NOBODY, "Role changed.")
    assert entry.user.is_active is False
    assert set(StaffUser.objects.values_list("pk", flat=True)) == {NOBODY, other.pk}


def test_other_operators_stay_signed_in(operator, deliver):
    colleague = make_colleague()

    deliver(erased(colleague.pk))

    assert operator.get("/admin/").status_code == 200
    assert StaffUser.objects.get() == operator.user


def test_what_arrives_late_is_refused_and_leaves_nothing(deliver):
    event = erased(uuid7())
    deliver(event)
    registered = UserRegistered(
        user_id=event.user_id,
        email="ana@example.org",
        full_name="Ana",
        role="student",
        registered_at=timezone.now(),
    )

    late = deliver(registered)
    stale = deliver(UserDisabled(user_id=event.user_id, disabled_at=timezone.now()))

    assert (late.status_code, late.json()["code"]) == (410, "account_erased")
    assert (stale.status_code, stale.json()["code"]) == (410, "account_erased")
    assert InboxRecord.objects.count() == 1


def test_the_sweep_waits_until_no_token_is_accepted_any_more(deliver):
    deliver(erased(uuid7()))

    assert sweep() == 0
    assert sweep(clock=later(seconds=9)) == 0
    assert sweep(clock=later(seconds=11)) == 1
    assert sweep(clock=later(days=1)) == 0
    assert ErasedPerson.objects.get().sweep_at is None


def test_the_sweep_goes_through_the_tables_of_the_kit(operator, deliver):
    event = erased(uuid7())
    ana = event.user_id
    make_pending(user_id=ana)
    make_dead_letter(user_id=ana)
    InboxRecord.objects.create(
        caller="auth", scope="x", key=uuid7(), status=201, answer=f'{{"id":"{ana}"}}'
    )
    other = InboxRecord.objects.create(
        caller="auth", scope="x", key=uuid7(), status=201, answer='{"id":"1"}'
    )
    about = log(operator.user, operator.user, f"Ana ({ana})")
    naming = log(operator.user, operator.user, "a course", f"Given to {ana}.")
    others = log(operator.user, operator.user, "a course")
    deliver(event)

    sweep(clock=later(minutes=1))

    assert set(OutboxMessage.objects.values_list("state", "payload")) == {
        ("cancelled", "{}")
    }
    answers = dict(InboxRecord.objects.filter(scope="x").values_list("pk", "answer"))
    assert answers.pop(other.pk) == '{"id":"1"}'
    assert list(answers.values()) == ["{}"]
    for entry in (about, naming):
        entry.refresh_from_db()
        assert (entry.object_repr, entry.change_message) == ("erased", "")
        assert (entry.object_id, entry.user_id) == (None, operator.user.pk)
    others.refresh_from_db()
    assert others.object_repr == "a course"


def test_the_sweep_finds_what_a_request_under_way_has_written(deliver):
    event = erased(uuid7())
    deliver(event)
    StaffUser.objects.create(
        pk=event.user_id, email="ana@example.org", verified_at=timezone.now()
    )

    sweep(clock=later(minutes=1))

    assert not StaffUser.objects.exists()


def test_who_is_still_named_is_looked_for_again_ever_later(deliver):
    event = erased(uuid7())
    deliver(event)
    letter = make_pending(user_id=event.user_id)
    OutboxMessage.objects.update(type="user.erased.v1")
    began = timezone.now()

    waits = []
    for _ in range(8):
        moment = ErasedPerson.objects.get().sweep_at
        sweep(clock=lambda moment=moment: moment)
        waits.append((ErasedPerson.objects.get().sweep_at - moment).total_seconds())

    assert ErasedPerson.objects.get().sweeps == 8
    assert waits == [20, 40, 80, 160, 320, 600, 600, 600]
    OutboxMessage.objects.filter(pk=letter.pk).update(state="delivered")
    sweep(clock=lambda: began + timedelta(days=1))
    assert ErasedPerson.objects.get().sweep_at is None
    assert OutboxMessage.objects.get().payload == "{}"


def test_operators_see_who_was_erased_and_whether_traces_are_left(operator, deliver):
    event = erased(uuid7())
    deliver(event)

    page = operator.get("/admin/server/erasedperson/").content.decode()

    assert str(event.user_id) in page
