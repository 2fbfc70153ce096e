"""Names are looked up in time, and once for all who wait."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.client import names as module
from shared.client.names import Names
from shared.client.tests.calls import ask, use_policy
from shared.client.transport import _ClockedHTTPConnection
from shared.wire.errors import Happened, PeerUnavailable

FOUND = [
    (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0)),
    (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", 0)),
    (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0)),
]
LONG_SECONDS = 10.0


class SlowSystem:
    """A system that finds a name when it is told to."""

    def __init__(self):
        self.asked = 0
        self.may_answer = threading.Event()

    def __call__(self, host, port, **options):
        self.asked += 1
        assert self.may_answer.wait(LONG_SECONDS)
        return FOUND


@pytest.fixture
def system():
    system = SlowSystem()
    yield system
    system.may_answer.set()


def test_an_address_is_not_looked_up(system):
    names = Names(system)

    assert names.addresses("127.0.0.1", timeout_seconds=0) == ["127.0.0.1"]
    assert names.addresses("::1", timeout_seconds=0) == ["::1"]
    assert system.asked == 0


def test_a_look_up_that_takes_too_long_is_not_waited_for(system):
    with pytest.raises(TimeoutError):
        Names(system).addresses("user.example", timeout_seconds=0.05)


def test_all_who_wait_share_one_look_up(system):
    names = Names(system)
    with ThreadPoolExecutor(8) as pool:
        waiting = [
            pool.submit(names.addresses, "user.example", timeout_seconds=LONG_SECONDS)
            for _ in range(8)
        ]
        with pytest.raises(TimeoutError):
            names.addresses("user.example", timeout_seconds=0.05)
        system.may_answer.set()
        found = {tuple(one.result()) for one in waiting}

    assert found == {("127.0.0.1", "127.0.0.2")}
    assert system.asked == 1


def test_a_name_is_looked_up_again_for_the_next_connection(system):
    system.may_answer.set()
    names = Names(system)

    names.addresses("user.example", timeout_seconds=LONG_SECONDS)
    names.addresses("user.example", timeout_seconds=LONG_SECONDS)

    assert system.asked == 2


def test_a_name_that_nobody_has_is_said_to_be_unknown():
    def nobody(host, port, **options):
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    with pytest.raises(socket.gaierror):
        Names(nobody).addresses("user.example", timeout_seconds=LONG_SECONDS)


def test_a_look_up_that_ends_in_any_way_holds_up_nobody():
    answers = [ValueError("embedded null character"), MemoryError(), FOUND]

    def odd(host, port, **options):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    names = Names(odd)
    for _ in range(2):
        with pytest.raises(OSError, match="could not be looked up"):
            names.addresses("user.example", timeout_seconds=LONG_SECONDS)

    assert names.addresses("user.example", timeout_seconds=LONG_SECONDS)


def test_without_a_thread_a_name_is_not_found_this_time(system, monkeypatch):
    system.may_answer.set()
    names = Names(system)

    def no_more(thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_more)
        with pytest.raises(OSError, match="could not be looked up"):
            names.addresses("user.example", timeout_seconds=LONG_SECONDS)

    assert names.addresses("user.example", timeout_seconds=LONG_SECONDS)


@pytest.fixture
def named_peer(faulty_peer, settings):
    """A peer whose address is a name."""
    peer = faulty_peer("user")
    port = peer.url.rpartition(":")[2]
    settings.PEERS = {**settings.PEERS, "user": [f"http://user.example:{port}"]}
    return peer


def test_a_call_whose_peer_is_not_found_in_time_has_not_happened(
    named_peer, system, monkeypatch
):
    monkeypatch.setattr(module.names, "_look_up", system)
    use_policy(max_attempts=1)

    with pytest.raises(PeerUnavailable) as refusal:
        ask()

    assert refusal.value.happened is Happened.NO
    assert named_peer.requests == []


def test_a_call_takes_the_next_address_when_one_refuses(named_peer, monkeypatch):
    elsewhere = [FOUND[1], FOUND[0]]  # the peer listens at the second
    monkeypatch.setattr(module.names, "_look_up", lambda *about, **options: elsewhere)
    use_policy(max_attempts=1)

    ask()

    [request] = named_peer.requests
    assert request.headers["host"].startswith("user.example:")


def test_what_follows_a_connection_has_more_than_the_share_of_one_address(monkeypatch):
    many = [FOUND[0], *((*FOUND[0][:4], (f"127.0.0.{n}", 0)) for n in range(3, 12))]
    monkeypatch.setattr(module.names, "_look_up", lambda *about, **options: many)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        connection = _ClockedHTTPConnection("user.example", port, timeout=LONG_SECONDS)
        connection.connect()
        left = connection.sock.gettimeout()
        connection.close()

    assert LONG_SECONDS / len(many) < left <= LONG_SECONDS
