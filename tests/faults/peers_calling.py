"""Many keyed requests at once, from threads, to the internal doors of a service."""

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import requests

from shared.testing.fleet import Fleet
from tests.asking import PATIENCE_SECONDS
from tests.internal_calls import key_of

TWIN_SECONDS = 0.2  # before a request is sent again whose twin is in progress


@dataclass(frozen=True)
class KeyedRequest:
    """One request of *caller*, as the relay would send it."""

    caller: str
    callee: str
    method: str
    path: str
    key: UUID
    body: dict


class Knocker:
    """A peer with one connection of its own."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._pause = threading.Event()
        self._session = requests.Session()
        self._session.trust_env = False

    def __enter__(self) -> "Knocker":
        return self

    def __exit__(self, *about: object) -> None:
        self._session.close()

    def send(self, request: KeyedRequest) -> requests.Response:
        """Send *request*; again, as its answer says, while a twin is in progress."""
        while True:
            response = self._send(request)
            if response.status_code != 409:
                return response
            assert response.json()["code"] == "in_progress"
            self._pause.wait(TWIN_SECONDS)

    def _send(self, request: KeyedRequest) -> requests.Response:
        return self._session.request(
            request.method,
            self._fleet.url(request.callee) + request.path,
            data=json.dumps(request.body).encode(),
            headers={
                "Content-Type": "application/json",
                "X-Internal-API-Key": key_of(
                    self._fleet, request.caller, request.callee
                ),
                "Idempotency-Key": str(request.key),
            },
            timeout=PATIENCE_SECONDS,
        )


def send_together(
    fleet: Fleet, requests_: Sequence[KeyedRequest], *, threads: int
) -> list[list[requests.Response]]:
    """Send each request from all threads at the same moment, one after another."""
    barrier = threading.Barrier(threads)
    answers: list[list[requests.Response]] = [[] for _ in requests_]

    def run() -> None:
        with Knocker(fleet) as knocker:
            for request, own in zip(requests_, answers, strict=True):
                barrier.wait(PATIENCE_SECONDS)
                own.append(knocker.send(request))

    _run_all(threading.Thread(target=run) for _ in range(threads))
    return answers


def send_shared(
    fleet: Fleet, requests_: Iterable[KeyedRequest], *, threads: int
) -> list[requests.Response]:
    """Send every request once; the threads take them in turn."""
    waiting = list(requests_)[::-1]
    answers: list[requests.Response] = []

    def run() -> None:
        with Knocker(fleet) as knocker:
            while waiting:
                try:
                    request = waiting.pop()
                except IndexError:  # another thread was faster
                    return
                answers.append(knocker.send(request))

    _run_all(threading.Thread(target=run) for _ in range(threads))
    return answers


def _run_all(threads: Iterable[threading.Thread]) -> None:
    running = list(threads)
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
