"""Breakers, read from the metrics of a process."""

import http.server
import threading
from contextlib import contextmanager

from ops.breakers import BreakerState, breakers_of, read_breakers

METRICS = """\
# HELP circuit_breaker_state 0 closed, 1 half open, 2 open.
# TYPE circuit_breaker_state gauge
circuit_breaker_state{instance="http://127.0.0.1:9001",to_service="user"} 2.0
circuit_breaker_state{instance="http://127.0.0.1:9002",to_service="user"} 1.0
circuit_breaker_state{instance="http://127.0.0.1:9003",to_service="auth"} 0.0
# HELP bulkhead_in_use Calls in flight.
# TYPE bulkhead_in_use gauge
bulkhead_in_use{to_service="user"} 2.0
"""


@contextmanager
def serving(port, text):
    """Answer every GET at *port* with *text*."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *arguments):
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", port), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


def test_every_breaker_is_read_with_its_peer_and_instance():
    states = {
        (row.peer, row.instance[-4:]): row.state
        for row in read_breakers("auth-web", METRICS)
    }

    assert states == {
        ("user", "9001"): BreakerState.OPEN,
        ("user", "9002"): BreakerState.HALF_OPEN,
        ("auth", "9003"): BreakerState.CLOSED,
    }


def test_a_service_shows_those_that_are_not_closed_and_who_does_not_answer(platform):
    with serving(platform.ports["AUTH_PORT"], METRICS):
        seen = breakers_of(platform, "auth")

    assert [(row.program, row.state) for row in seen.not_closed] == [
        ("auth-web", BreakerState.OPEN),
        ("auth-web", BreakerState.HALF_OPEN),
    ]
    assert seen.unread == ("auth-worker",)
