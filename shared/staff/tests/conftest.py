"""A stand-in for auth-service, for the tests of sign-in."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shared.client.discovery import directory


class AuthStandIn(ThreadingHTTPServer):
    """A real HTTP server that answers like auth's two internal endpoints."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.accounts = {}  # by e-mail: (password, account)
        self.too_many_for_seconds = None
        self.is_away = False
        self.requests = []

    @property
    def url(self):
        """The address of the stand-in."""
        return f"http://127.0.0.1:{self.server_port}"

    def add(self, user_id, *, email, role, password="right-password", credential=""):
        """Let auth know an account."""
        account = {
            "user_id": str(user_id),
            "email": email,
            "full_name": "Olga Operator",
            "role": role,
            "credential": credential,
        }
        self.accounts[email] = (password, account)

    def answer(self, path, body):
        """Return status, body and headers for a request."""
        self.requests.append((path, body))
        if self.is_away:
            return 503, {"code": "database_unavailable", "detail": "away"}, {}
        if self.too_many_for_seconds:
            headers = {"Retry-After": str(self.too_many_for_seconds)}
            return 429, {"code": "too_many_attempts", "detail": "wait"}, headers
        if path.endswith("/credentials/verify"):
            return self._verify(body)
        for _, account in self.accounts.values():
            if path.endswith(account["user_id"]):
                return 200, account, {}
        return 404, {"code": "account_not_found", "detail": "no such account"}, {}

    def _verify(self, body):
        password, account = self.accounts.get(body["email"], (None, None))
        if account and body["password"] == password:
            return 200, account, {}
        return 401, {"code": "invalid_credentials", "detail": "wrong"}, {}


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._reply()

    def do_POST(self):
        self._reply()

    def _reply(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        status, document, headers = self.server.answer(self.path, body)
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        """Keep the output of the tests clean."""


@pytest.fixture
def auth_service(settings):
    """Auth-service as its peers see it, without accounts yet."""
    server = AuthStandIn()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    settings.PEERS = {**settings.PEERS, "auth": [server.url]}
    directory.forget()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
    directory.forget()
