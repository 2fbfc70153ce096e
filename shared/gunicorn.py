"""How the web processes are served: gunicorn -c shared/gunicorn.py <wsgi>."""

import json
import os
import shutil
from http import HTTPStatus
from pathlib import Path
from socket import socket

import environ
from gunicorn.http import errors as http_errors
from gunicorn.util import write_nonblock
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import ThreadWorker

from shared.telemetry.logs import logging_config
from shared.telemetry.trace import new_trace, use_trace
from shared.topology import SERVICES, default_ports

_ROOT = Path(__file__).resolve().parent.parent

env = environ.Env()
if (_ROOT / ".env").is_file():
    environ.Env.read_env(_ROOT / ".env")

# What gunicorn refuses by itself; the first class that fits gives the status.
_CLIENT_ERRORS = (
    (http_errors.LimitRequestLine, 414),
    (http_errors.LimitRequestHeaders, 431),
    (http_errors.UnsupportedTransferCoding, 501),
    (http_errors.ExpectationFailed, 417),
    (http_errors.ForbiddenProxyRequest, 403),
    (http_errors.ConfigurationProblem, 500),
    # The application tried to send it: a fault of the service, not of the client.
    (http_errors.InvalidResponseHeader, 500),
    (http_errors.InvalidResponseHeaderName, 500),
    (http_errors.ParseException, 400),
)
_CODES = {
    400: ("malformed_request", "The request is not valid HTTP."),
    403: ("forbidden", "The request is not allowed."),
    414: ("uri_too_long", "The request line is too long."),
    417: ("expectation_failed", "The Expect header is not supported."),
    431: ("headers_too_large", "The request headers are too large."),
    500: ("internal_error", "The service failed to answer."),
    501: ("transfer_coding_unsupported", "The transfer coding is not supported."),
}


class ProblemThreadWorker(ThreadWorker):
    """A gthread worker whose own refusals are problem documents instead of HTML."""

    def handle_error(
        self, req: object, client: socket, addr: object, exc: Exception
    ) -> None:
        """Answer what never reached the application, or broke on the way back."""
        status = next(
            (status for kind, status in _CLIENT_ERRORS if isinstance(exc, kind)), 500
        )
        about = {"status": status, "error": type(exc).__name__}
        with use_trace(new_trace()) as trace:
            if status == 500:
                self.log.error(
                    "request failed outside Django", extra=about, exc_info=exc
                )
            else:
                self.log.warning("request refused by gunicorn", extra=about)
            try:
                write_nonblock(client, problem_response(status, trace.trace_id))
            except OSError:
                self.log.debug("the client left before the problem was sent")


def problem_response(status: int, trace_id: str) -> bytes:
    """Return a whole HTTP answer: *status* as a problem document, connection closed."""
    code, detail = _CODES[status]
    title = HTTPStatus(status).phrase
    body = json.dumps(
        {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": detail,
            "code": code,
            "trace_id": trace_id,
        }
    ).encode()
    head = (
        f"HTTP/1.1 {status} {title}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/problem+json\r\n"
        f"X-Trace-ID: {trace_id}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


def _service() -> str:
    name = env("SERVICE", default="")
    settings_module = env("DJANGO_SETTINGS_MODULE", default="")
    name = name or settings_module.removesuffix(".settings").removesuffix("_project")
    if name not in SERVICES:
        raise SystemExit(f"SERVICE must be one of {', '.join(SERVICES)}, not {name!r}.")
    os.environ["SERVICE"] = name
    os.environ["DJANGO_SETTINGS_MODULE"] = f"{name}_project.settings"
    return name


def keep_metrics_in(name: str) -> None:
    """Name the folder of the workers' counters before prometheus_client is imported."""
    var = Path(env("PLATFORM_VAR", default=str(_ROOT / "var"))).absolute()
    folder = var / service / name
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


service = _service()
keep_metrics_in("metrics")


def on_starting(server: object) -> None:
    """Begin with empty counters; a HUP does not come here, so it keeps them."""
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    shutil.rmtree(folder)
    folder.mkdir()


def child_exit(server: object, worker: Worker) -> None:
    """Drop the gauges of a worker that is gone; its counters stay in the sums."""
    from prometheus_client import multiprocess  # after PROMETHEUS_MULTIPROC_DIR is set

    multiprocess.mark_process_dead(worker.pid)


_PORT = env.int(f"{service.upper()}_PORT", default=default_ports()[service])
address = env("BIND_ADDRESS", default="127.0.0.1")

bind = f"{address}:{_PORT}"
worker_class = ProblemThreadWorker
workers = env.int("WEB_WORKERS", default=1)
threads = env.int("WEB_THREADS", default=8)
worker_connections = 1000
backlog = 2048
timeout = 60
# Longer than the idle time of the pools in front (nginx 60 s, peers 60 s): otherwise a
# client sends into a connection that is being closed.
keepalive = 75
graceful_timeout = 10  # below stopwaitsecs in supervisord.conf
limit_request_line = 8190  # the services refuse above 4 KiB, with a better message
limit_request_fields = 100
limit_request_field_size = 8190
# With its default, a SCRIPT_NAME or PATH_INFO header from the gateway's address would
# decide what Django routes.
forwarder_headers = ""
forwarded_allow_ips = env("FORWARDED_ALLOW_IPS", default="127.0.0.1")
header_map = "drop"
control_socket_disable = True  # one path per user: the services would fight for it
preload_app = False  # HUP must read new code and new secrets
accesslog = None  # the application logs one line per request
errorlog = "-"
_LOG_FORMAT = "readable" if env("PLATFORM_MODE", default="local") == "local" else "json"
logconfig_dict = logging_config(
    service,
    env("LOG_FORMAT", default=_LOG_FORMAT),
    env("LOG_LEVEL", default="INFO"),
)
logconfig_dict["loggers"] |= {
    "gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    "gunicorn.access": {"handlers": [], "level": "INFO", "propagate": False},
}
