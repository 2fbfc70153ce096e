"""Where a host name leads, found within a time that the caller names.

The system's look-up takes no timeout: resolv.conf(5) has it wait 5 s for each server
and try, while a call to a peer has 2 s for everything.
"""

import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from ipaddress import ip_address

LookUp = Callable[..., list[tuple]]


class Names:
    """Looks each name up in a thread of its own, one at a time for all who wait."""

    def __init__(self, look_up: LookUp = socket.getaddrinfo) -> None:
        self._look_up = look_up
        self._lock = threading.Lock()
        # With the process: a look-up does not go on after a fork.
        self._under_way: dict[tuple[int, str], Future[list[str]]] = {}

    def addresses(self, host: str, *, timeout_seconds: float) -> list[str]:
        """Return the addresses of *host* in the system's order, each once.

        Raises TimeoutError when they are not found in time; the look-up goes on for
        those who ask next. Raises socket.gaierror when there are none, UnicodeError
        when *host* cannot be a name, OSError when it could not be looked up.
        """
        with suppress(ValueError):
            ip_address(host)
            return [host]
        key = (os.getpid(), host)
        with self._lock:
            future = self._under_way.get(key)
            if future is None:
                future = Future()
                self._begin(key, future)
                self._under_way[key] = future
        return future.result(timeout_seconds)

    def _begin(self, key: tuple[int, str], future: Future[list[str]]) -> None:
        thread = threading.Thread(
            target=self._find, args=(key, future), name="names", daemon=True
        )
        try:
            thread.start()
        except RuntimeError as error:
            raise _not_looked_up(key[1]) from error

    def _find(self, key: tuple[int, str], future: Future[list[str]]) -> None:
        failure, found = None, []
        try:
            found = self._look_up(key[1], None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            failure = error
        except Exception as error:
            # An answer that never came would hold up all who ask for this name.
            failure = _not_looked_up(key[1])
            failure.__cause__ = error
        # Before the answer: who asks after it is told what is true then.
        with self._lock:
            del self._under_way[key]
        if failure:
            future.set_exception(failure)
        else:
            future.set_result(list(dict.fromkeys(entry[4][0] for entry in found)))


def _not_looked_up(host: str) -> OSError:
    return OSError(f"{host} could not be looked up")


names = Names()
