"""The worker of a service: relay, periodic jobs, and a port for health and metrics."""

import logging
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.db import connections

from shared.server.health import METRICS_TYPE, render_metrics

from .jobs import Timetable
from .relay import Relay

logger = logging.getLogger(__name__)


class Worker:
    """Runs until SIGTERM or SIGINT; ends within 10 s of it."""

    def __init__(self, port: int | None = None, address: str = "127.0.0.1") -> None:
        self._relay = Relay()
        self._stopping = threading.Event()
        self._port = port
        self._address = address

    def run(self) -> None:
        """Run the relay in this thread, jobs and the port in others."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        # First: a port that is taken must end the process, not leave half of it.
        server = self._serve()
        jobs = threading.Thread(
            target=Timetable().run, args=(self._stopping,), name="jobs"
        )
        jobs.start()
        try:
            self._relay.run()
        finally:
            self._stopping.set()
            jobs.join()
            if server:
                server.shutdown()
                server.server_close()
        logger.info("worker stopped")

    def _stop(self, number: int, frame: object) -> None:
        self._stopping.set()
        self._relay.stop()

    def _serve(self) -> ThreadingHTTPServer | None:
        if self._port is None:
            return None
        server = ThreadingHTTPServer((self._address, self._port), _Pages)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


class _Pages(BaseHTTPRequestHandler):
    """``/health/live``, ``/health/ready`` and ``/metrics`` of the worker."""

    def do_GET(self) -> None:
        if self.path in ("/health", "/health/live", "/health/ready"):
            self._answer(200, "application/json", b'{"status": "live"}')
        elif self.path == "/metrics":
            self._answer(200, METRICS_TYPE, self._metrics())
        else:
            self._answer(404, "application/problem+json", b'{"status": 404}')

    def _metrics(self) -> bytes:
        try:
            return render_metrics()
        finally:
            # This thread ends with its request; its connection must go back.
            connections.close_all()

    def log_message(self, *args: object) -> None:
        """Say nothing: a probe every few seconds is no news."""

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
