"""Study time: exact, whoever beats how often and in how many sessions."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.wire.ids import uuid7
from user_project.profiles.models import Profile
from user_project.progress.models import Progress, StudyDay, StudySession
from user_project.sessions import services
from user_project.sessions.errors import SessionEndedError
from user_project.sessions.models import StudyTime, TimedSession

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
IDLE_SECONDS = 120


class Learner:
    """Somebody who studies, and the server's clock while they do."""

    def __init__(self, begins=NOON, zone=""):
        self.id = uuid7()
        self.now = begins
        if zone:
            Profile.objects.create(user_id=self.id, email="a@b.c", timezone=zone)

    def clock(self):
        return self.now

    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    def start(self, **about):
        return services.start_session(user_id=self.id, clock=self.clock, **about).pk

    def beat(self, session_id, *, after=0.0):
        self.wait(after)
        return services.record_heartbeat(
            user_id=self.id, session_id=session_id, clock=self.clock
        )

    def end(self, session_id, *, after=0.0):
        self.wait(after)
        return services.end_session(
            user_id=self.id, session_id=session_id, clock=self.clock
        )

    def study(self, seconds, **about):
        """Study for so long, with a heartbeat each minute."""
        session_id = self.start(**about)
        for _ in range(int(seconds // 60)):
            self.beat(session_id, after=60)
        return self.end(session_id, after=seconds % 60)

    @property
    def minutes(self):
        row = Progress.objects.filter(user_id=self.id).first()
        return row.study_minutes if row else 0

    @property
    def days(self):
        rows = StudyDay.objects.filter(user_id=self.id).order_by("day")
        return [(row.day.day, row.study_minutes) for row in rows]


@pytest.mark.django_db
def test_the_time_between_signs_of_life_is_study():
    ana = Learner()

    session = ana.study(25 * 60)

    assert (session.study_seconds, session.study_minutes) == (1500, 25)
    assert (ana.minutes, ana.days) == (25, [(10, 25)])
    assert Progress.objects.get().last_streak_days == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("gap", "counted"), [(IDLE_SECONDS, 180), (IDLE_SECONDS + 0.001, 60)]
)
def test_a_gap_of_more_than_two_minutes_is_idle(gap, counted):
    ana = Learner()
    session_id = ana.start()

    ana.beat(session_id, after=30)
    ana.beat(session_id, after=gap)
    session = ana.end(session_id, after=30)

    assert session.study_seconds == counted


@pytest.mark.django_db
def test_a_session_without_heartbeats_is_idle():
    ana = Learner()

    session = ana.end(ana.start(), after=3600)

    assert session.state == "ended"
    assert session.study_seconds == 0
    assert not Progress.objects.exists()
    assert not StudySession.objects.exists()


@pytest.mark.django_db
def test_the_seconds_of_short_sessions_add_up():
    ana = Learner()

    shown = [ana.study(50).study_minutes for _ in range(12)]

    assert ana.minutes == sum(shown) == 10
    assert ana.days == [(10, 10)]
    assert StudyTime.objects.get().counted == timedelta(minutes=10)
    assert sum(StudySession.objects.values_list("study_minutes", flat=True)) == 10


@pytest.mark.django_db
def test_a_session_over_midnight_is_split_where_the_learner_lives():
    ana = Learner(datetime(2026, 3, 10, 16, 45, tzinfo=UTC), zone="Asia/Ho_Chi_Minh")

    ana.study(30 * 60)

    assert ana.days == [(10, 15), (11, 15)]
    assert ana.minutes == 30
    assert Progress.objects.get().last_streak_days == 2


@pytest.mark.django_db
def test_a_heartbeat_over_midnight_is_split_to_the_second():
    ana = Learner(datetime(2026, 3, 10, 16, 58, 50, tzinfo=UTC), zone="Asia/Bangkok")
    session_id = ana.start()

    ana.beat(session_id, after=120)  # 70 seconds before midnight, 50 after it
    ana.beat(session_id, after=60)

    assert ana.days == [(10, 1), (11, 2)]
    assert ana.minutes == 3


@pytest.mark.django_db
def test_two_sessions_at_the_same_time_count_once():
    ana = Learner()
    phone, laptop = ana.start(), ana.start()

    for _ in range(10):
        ana.beat(phone, after=30)
        ana.beat(laptop, after=30)
    on_phone, on_laptop = ana.end(phone), ana.end(laptop)

    assert ana.minutes == 10
    assert on_phone.study_seconds + on_laptop.study_seconds == 600


@pytest.mark.django_db
def test_what_one_session_sleeps_through_another_counts():
    ana = Learner()
    phone, laptop = ana.start(), ana.start()

    ana.beat(laptop, after=60)
    ana.beat(laptop, after=60)
    ana.beat(laptop, after=60)
    session = ana.beat(phone)  # idle for three minutes, all of them counted

    assert session.study_seconds == 0
    assert ana.minutes == 3


@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["start", "beat", "beat", "beat", "end"]),
            st.integers(0, 2),
            st.sampled_from([0, 7, 45, 100, 120, 121, 300]),
        ),
        max_size=25,
    )
)
def test_any_history_counts_the_union_of_what_was_not_idle(history):
    ana = Learner()
    open_ids, seen, studied = {}, {}, set()
    second = 0

    for action, which, after in history:
        ana.wait(after)
        second += after
        if action == "start" and which not in open_ids:
            open_ids[which], seen[which] = ana.start(), second
        elif action != "start" and which in open_ids:
            act = ana.beat if action == "beat" else ana.end
            act(open_ids[which])
            if second - seen[which] <= IDLE_SECONDS:
                studied |= set(range(seen[which], second))
            seen[which] = second
            if action == "end":
                del open_ids[which]

    time = StudyTime.objects.filter(user_id=ana.id).first()
    counted = time.counted if time else timedelta()
    assert counted == timedelta(seconds=len(studied))
    assert ana.minutes == len(studied) // 60
    assert sum(minutes for _, minutes in ana.days) == ana.minutes
    sessions = TimedSession.objects.filter(user_id=ana.id)
    assert sum((one.counted for one in sessions), timedelta()) == counted


@pytest.mark.django_db
def test_a_second_end_gives_the_first_result():
    ana = Learner()
    session_id = ana.start()
    ana.beat(session_id, after=60)

    first = ana.end(session_id, after=60)
    second = ana.end(session_id, after=60)

    assert (second.ended_at, second.counted) == (first.ended_at, first.counted)
    assert ana.minutes == 2
    assert StudySession.objects.count() == 1


@pytest.mark.django_db
def test_an_ended_session_has_no_heart():
    ana = Learner()
    session_id = ana.start()
    ana.end(session_id, after=60)

    with pytest.raises(SessionEndedError):
        ana.beat(session_id, after=60)

    assert ana.minutes == 1


@pytest.mark.django_db
def test_a_forgotten_session_is_closed_where_it_was_seen_last():
    ana = Learner()
    session_id = ana.start(skill="reading", resource_title="Scanning")
    last = ana.beat(session_id, after=90).last_seen_at

    ana.wait(30 * 60)
    too_early = services.close_forgotten_sessions(clock=ana.clock)
    ana.wait(1)
    closed = [services.close_forgotten_sessions(clock=ana.clock) for _ in range(2)]

    assert (too_early, closed) == (0, [1, 0])
    session = ana.end(session_id)
    assert (session.state, session.ended_at) == ("abandoned", last)
    assert ana.minutes == session.study_minutes == 1
    entry = StudySession.objects.get()
    assert (entry.session_type, entry.skill) == ("study", "reading")
    assert (entry.resource_title, entry.study_minutes) == ("Scanning", 1)
    assert entry.occurred_at == last


@pytest.mark.django_db
def test_a_session_that_goes_on_is_not_forgotten():
    ana = Learner()
    session_id = ana.start()
    ana.beat(session_id, after=29 * 60)

    ana.wait(29 * 60)

    assert services.close_forgotten_sessions(clock=ana.clock) == 0
    assert ana.end(session_id).state == "ended"


@pytest.mark.django_db
def test_one_session_too_many_closes_the_one_not_seen_for_longest():
    ana, other = Learner(), Learner()
    others_session = other.start()
    ids = []
    for _ in range(services.MOST_OPEN):
        ana.wait(1)
        ids.append(ana.start())
    ana.beat(ids[0], after=1)

    ana.start()

    closed = TimedSession.objects.exclude(state="open")
    assert list(closed.values_list("pk", flat=True)) == [ids[1]]
    assert TimedSession.objects.get(pk=others_session).is_open


@pytest.mark.django_db
def test_a_clock_that_steps_back_takes_nothing_away():
    ana = Learner()
    session_id = ana.start()
    ana.beat(session_id, after=60)

    ana.beat(session_id, after=-30)
    session = ana.beat(session_id, after=90)

    assert session.study_seconds == 120


def _at_once(count, action):
    """Run *action* in *count* threads that start together, each with a connection."""
    barrier = threading.Barrier(count)

    def run(number):
        try:
            barrier.wait(timeout=30)
            return action(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
def test_heartbeats_at_the_same_time_count_once():
    ana = Learner()
    session_id = ana.start()
    ana.wait(90)

    _at_once(8, lambda _: ana.beat(session_id))

    assert TimedSession.objects.get().study_seconds == 90
    assert ana.minutes == 1


@pytest.mark.django_db(transaction=True)
def test_sessions_that_end_at_the_same_time_count_once():
    ana = Learner()
    ids = [ana.start() for _ in range(4)]
    ana.wait(120)

    _at_once(8, lambda number: ana.end(ids[number % 4]))

    assert ana.minutes == 2
    assert StudyTime.objects.get().counted == timedelta(minutes=2)
    assert StudySession.objects.count() == 1
    assert not TimedSession.objects.open().exists()


@pytest.mark.django_db(transaction=True)
def test_the_job_and_an_end_close_a_session_once():
    ana = Learner()
    session_id = ana.start()
    ana.beat(session_id, after=60)
    ana.wait(31 * 60)

    def close(number):
        if number % 2:
            return services.close_forgotten_sessions(clock=ana.clock)
        return ana.end(session_id).state

    _at_once(4, close)

    assert ana.minutes == 1
    assert StudySession.objects.count() == 1


@pytest.mark.django_db
def test_closing_forgotten_sessions_brings_nobody_back(monkeypatch):
    ana, ben = Learner(), Learner()
    ana.start()
    ben.start()
    close = services._close

    def erase_meanwhile(session, state):
        gone = ({ana.id, ben.id} - {session.user_id}).pop()
        services.erase_sessions(user_id=gone)
        close(session, state)

    monkeypatch.setattr(services, "_close", erase_meanwhile)

    closed = services.close_forgotten_sessions(clock=lambda: NOON + timedelta(hours=1))

    assert closed == 1
    assert StudyTime.objects.count() == TimedSession.objects.count() == 1
