"""A bulkhead: a slow peer can hold only so many threads of a process. No queue."""

import threading


class Bulkhead:
    """Slots for calls in flight to one peer."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._in_use = 0

    @property
    def in_use(self) -> int:
        """How many slots are taken."""
        return self._in_use

    def take(self) -> bool:
        """Take a slot, or return False when all are taken."""
        with self._lock:
            if self._in_use >= self.limit:
                return False
            self._in_use += 1
            return True

    def give_back(self) -> None:
        """Free a slot."""
        with self._lock:
            self._in_use -= 1
