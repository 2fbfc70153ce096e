"""A hint after commit, so that a relay on this machine does not wait for its poll.

Never needed for correctness: a lost hint costs up to one poll interval.
"""

import contextlib
import os
import select
import socket
from pathlib import Path

from django.conf import settings

# A socket path is at most 107 characters (sun_path of unix(7)); ops keeps
# PLATFORM_RUN short enough, and without a socket the poll alone serves.
_MAX_PATH = 107


def _folder() -> Path:
    return Path(settings.PLATFORM_RUN) / f"{settings.SERVICE}-relays"


def wake_relays() -> None:
    """Send one datagram to every relay of this service on this machine."""
    try:
        names = os.listdir(_folder())
    except OSError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for name in names:
            path = _folder() / name
            try:
                sender.sendto(b"w", str(path))
            except ConnectionRefusedError:
                # Its relay was killed and could not remove it.
                path.unlink(missing_ok=True)
            except OSError:
                continue


class WakeUp:
    """Where one relay waits: for a hint, or for *wake* from its own threads."""

    def __init__(self) -> None:
        self._inside, self._outside = socket.socketpair()
        self._inside.setblocking(False)
        self._outside.setblocking(False)
        self._hints = self._open()

    def _open(self) -> socket.socket | None:
        path = _folder() / str(os.getpid())
        if len(str(path).encode()) > _MAX_PATH:
            return None
        hints = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            hints.bind(str(path))
        except OSError:
            hints.close()
            return None
        hints.setblocking(False)
        self._path = path
        return hints

    def wait(self, timeout_seconds: float) -> bool:
        """Return at the first hint, or after *timeout_seconds*; say whether it came."""
        sockets = [item for item in (self._inside, self._hints) if item]
        ready, _, _ = select.select(sockets, [], [], max(timeout_seconds, 0))
        for item in ready:
            # Many hints are one reason to look.
            with contextlib.suppress(BlockingIOError):
                while item.recv(512):
                    pass
        return bool(ready)

    def wake(self) -> None:
        """End a wait from another thread of this process."""
        with contextlib.suppress(BlockingIOError):
            self._outside.send(b"w")

    def close(self) -> None:
        """Remove the socket."""
        if self._hints:
            self._hints.close()
            self._path.unlink(missing_ok=True)
        self._inside.close()
        self._outside.close()
