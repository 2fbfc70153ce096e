"""How stream processes are served: gunicorn -c shared/gunicorn_asgi.py <asgi>."""

import resource

from gunicorn.workers.gasgi import ASGIWorker

from shared import gunicorn as web
from shared.topology import STREAM_PORTS

_MOST_FILES = 16384  # a stream is one; many systems begin with 1,024


class StreamWorker(ASGIWorker):
    """An asgi worker that lets go at once when it is told to end.

    By itself gunicorn takes connections for another second, and tells the application
    after graceful_timeout, in which it waits for streams that do not end by themselves.
    """

    def handle_exit_signal(self) -> None:
        """Leave new connections to the next worker, and have the open streams ended.

        The application leaves how as ``state["stop"]`` when it starts.
        """
        super().handle_exit_signal()
        for server in self.servers:
            server.close()
        if "stop" in self.state:
            self.state["stop"]()


def on_starting(server: object) -> None:
    """Begin with empty counters, and with as many open files as the system allows."""
    web.on_starting(server)
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if most == resource.RLIM_INFINITY else min(most, _MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, wanted), most))


web.keep_metrics_in("stream_metrics")  # the web process empties its own
_PORT = web.env.int(
    f"{web.service.upper()}_STREAM_PORT", default=STREAM_PORTS.get(web.service)
)

bind = f"{web.address}:{_PORT}"
worker_class = StreamWorker
workers = 1  # counts the streams of a person, and asks for all of them at once
threads = 1
asgi_loop = "asyncio"
asgi_lifespan = "on"
asgi_disconnect_grace_period = 0  # a stream has nothing to finish for nobody
graceful_timeout = 3
child_exit = web.child_exit

backlog = web.backlog
timeout = web.timeout
keepalive = web.keepalive
limit_request_line = web.limit_request_line
limit_request_fields = web.limit_request_fields
limit_request_field_size = web.limit_request_field_size
forwarder_headers = web.forwarder_headers
forwarded_allow_ips = web.forwarded_allow_ips
header_map = web.header_map
control_socket_disable = web.control_socket_disable
preload_app = web.preload_app
accesslog = web.accesslog
errorlog = web.errorlog
logconfig_dict = web.logconfig_dict
