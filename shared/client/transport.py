"""One attempt: a request through a pooled requests adapter, against the wall clock."""

import http.client
import io
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
)
from urllib3.poolmanager import PoolManager
from urllib3.response import BaseHTTPResponse
from urllib3.util import Timeout

from .names import names

MOST_ANSWER_BYTES = 5 * 1024 * 1024
# DNS changes and new instances behind one name are seen this often.
POOL_SECONDS = 300.0
_POOL_SIZE = 16
_MOST_ADDRESSES = 64  # of one peer; beyond it urllib3 would close pools in use
_CHUNK = 64 * 1024


class NotSentError(Exception):
    """The request did not reach the peer."""


class BrokenExchangeError(Exception):
    """The line broke, or time ran out, before the answer was whole."""


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """What came back: status, headers, the whole body.

    The body is empty when there is more of it than anybody should read.
    """

    status: int
    headers: HTTPHeaderDict
    body: bytes
    is_too_large: bool = False


class _ClockedSocketIO(socket.SocketIO):
    """Reads of one exchange share one moment at which all of them end.

    A socket's own timeout starts again at each byte, so a dripping peer could hold a
    reader for hours.
    """

    def __init__(self, sock: socket.socket, ends_at: float) -> None:
        super().__init__(sock, "rb")
        self._clocked = sock
        self._ends_at = ends_at

    def readinto(self, buffer: memoryview) -> int | None:
        remaining = self._ends_at - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("the answer was not whole in time")
        self._clocked.settimeout(remaining)
        return super().readinto(buffer)


class _ClockedSocket:
    """What http.client asks for a file to read the answer from."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return a reader that ends one read timeout from now."""
        ends_at = time.monotonic() + (self._socket.gettimeout() or 0.0)
        # As socket.makefile does: the socket closes with its last reader.
        self._socket._io_refs += 1
        return io.BufferedReader(_ClockedSocketIO(self._socket, ends_at))


class _ClockedResponse(http.client.HTTPResponse):
    """An answer whose head and body are read against the wall clock."""

    def __init__(self, sock: socket.socket, *args: object, **options: object) -> None:
        super().__init__(_ClockedSocket(sock), *args, **options)


class _Clocked:
    """A connection that is made, and whose answer is read, against the wall clock."""

    response_class = _ClockedResponse

    def _new_conn(self) -> socket.socket:
        """Look the name up and try its addresses, all within the connect timeout."""
        name, timeout = self._dns_host, self.timeout
        ends_at = time.monotonic() + timeout
        try:
            addresses = names.addresses(name, timeout_seconds=timeout)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"{name} was not found in time") from error
        except (OSError, UnicodeError) as error:
            raise NameResolutionError(name, self, error) from error
        try:
            return self._connect_to_one(addresses, ends_at)
        finally:
            # TLS checks the certificate against the name.
            self._dns_host, self.timeout = name, timeout

    def _connect_to_one(self, addresses: list[str], ends_at: float) -> socket.socket:
        failure: HTTPError | None = None
        for tried, address in enumerate(addresses):
            remaining = ends_at - time.monotonic()
            if remaining <= 0 and failure:
                break
            self._dns_host = address
            # One that swallows what is sent to it leaves time for the others.
            self.timeout = max(remaining, 0.001) / (len(addresses) - tried)
            try:
                connected = super()._new_conn()
            except (NewConnectionError, ConnectTimeoutError) as error:
                failure = error
            else:
                # No other is tried: handshake and request have all that is left.
                connected.settimeout(max(ends_at - time.monotonic(), 0.001))
                return connected
        raise failure


class _ClockedHTTPConnection(_Clocked, HTTPConnection):
    pass


class _ClockedHTTPSConnection(_Clocked, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _ClockedHTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _ClockedHTTPSConnection


class _ClockedAdapter(HTTPAdapter):
    """requests' adapter over pools whose connections keep the wall clock."""

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **options: object
    ) -> None:
        super().init_poolmanager(connections, maxsize, block, **options)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
        self._pools: dict[str, HTTPConnectionPool] = {}

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: bool, **options: object
    ) -> HTTPConnectionPool:
        """Return the pool of an address, found once.

        Finding it parses the address four times, a tenth of the whole call; there are
        no proxies and no client certificates that could make it another one.
        """
        origin = _split(request.url)[0]
        pool = self._pools.get(origin)
        if pool is None:
            pool = super().get_connection_with_tls_context(request, verify, **options)
            self._pools[origin] = pool
        return pool

    def build_response(
        self, request: requests.PreparedRequest, answer: BaseHTTPResponse
    ) -> BaseHTTPResponse:
        """Return what urllib3 has read of the answer, as it is.

        Around it requests makes a jar for cookies and a guess at the encoding, a
        fifteenth of the whole call; peers send no cookies, and JSON is UTF-8.
        """
        return answer

    def request_url(self, request: requests.PreparedRequest, proxies: object) -> str:
        """Return path and query, as they stand in the address."""
        return _split(request.url)[1]


def _split(url: str) -> tuple[str, str]:
    """Return the origin of an address, and the rest of it."""
    start = url.find("/", len("https://"))
    return url[:start], url[start:]


class Transport:
    """Connections to one peer; renewed after a fork and every five minutes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._adapter: HTTPAdapter | None = None
        self._made_at = 0.0
        self._made_by = 0

    def send(
        self,
        *,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        connect_timeout_seconds: float,
        timeout_seconds: float,
    ) -> WireAnswer:
        """Send one request and read its whole answer.

        Raises NotSentError when it did not reach the peer, BrokenExchangeError when it
        may have. *timeout_seconds* ends sending, head and body together.
        """
        ends_at = self._clock() + timeout_seconds
        request = requests.PreparedRequest()
        request.method, request.url, request.body = method, url, body
        request.headers = headers
        if body is not None:
            request.headers = {**headers, "Content-Length": str(len(body))}
        # With a total, what connecting and sending took is taken off the reading.
        timeout = Timeout(
            total=timeout_seconds,
            connect=min(connect_timeout_seconds, timeout_seconds),
            read=timeout_seconds,
        )
        try:
            answer = self._pool().send(
                request, stream=True, timeout=timeout, verify=True, proxies=None
            )
        except (requests.exceptions.RequestException, HTTPError) as error:
            raise _classify(error) from error
        return self._read(answer, ends_at)

    def _read(self, answer: BaseHTTPResponse, ends_at: float) -> WireAnswer:
        chunks, size = [], 0
        is_whole = False
        try:
            while chunk := answer.read1(_CHUNK):
                chunks.append(chunk)
                size += len(chunk)
                if size > MOST_ANSWER_BYTES:
                    return WireAnswer(
                        answer.status, answer.headers, b"", is_too_large=True
                    )
                if self._clock() > ends_at:
                    raise BrokenExchangeError("the answer was not whole in time")
            if answer.length_remaining:
                raise BrokenExchangeError("the answer was cut")
            is_whole = True
        except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            raise BrokenExchangeError(_short(error)) from error
        finally:
            # A connection with the rest of an answer in it must not be used again.
            if is_whole:
                answer.release_conn()
            else:
                answer.close()
        return WireAnswer(answer.status, answer.headers, b"".join(chunks))

    def _pool(self) -> HTTPAdapter:
        adapter = self._adapter
        pid = os.getpid()
        is_fresh = self._clock() - self._made_at < POOL_SECONDS
        if adapter is not None and self._made_by == pid and is_fresh:
            return adapter
        with self._lock:
            if self._adapter is adapter:
                # The old pool is dropped, not closed: calls in flight still use it.
                self._adapter = _ClockedAdapter(
                    pool_connections=_MOST_ADDRESSES,
                    pool_maxsize=_POOL_SIZE,
                    max_retries=0,
                )
                self._made_at, self._made_by = self._clock(), pid
            return self._adapter


def _classify(error: Exception) -> Exception:
    if isinstance(
        error, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError
    ):
        return NotSentError(_short(error))
    if isinstance(error, requests.exceptions.ConnectionError):
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if reason is not None and type(reason).__name__ in _BEFORE_SENDING:
            return NotSentError(_short(reason))
        return BrokenExchangeError(_short(error))
    if isinstance(error, requests.exceptions.InvalidURL):
        return NotSentError(_short(error))
    return BrokenExchangeError(_short(error))


# urllib3's reasons that a connection was never made.
_BEFORE_SENDING = {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"}


def _short(error: BaseException) -> str:
    """Return what a person needs to know: the class, and no address."""
    cause = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__
    return f"{type(error).__name__}: {cause}"[:300]
