"""Kill programs that are at work, and see that another takes the place."""

from pathlib import Path

from shared.testing.fleet import Fleet
from tests.journals import journal, journal_end
from tests.waiting import wait_for

# A fresh process on a busy machine.
RESTART_SECONDS = 60
_ESTABLISHED = "01"
# What a program writes when it has done something for others.
_WORK = {"web": "request", "worker": "call"}


class Victim:
    """A program that is killed again and again, each time after it has served."""

    def __init__(self, fleet: Fleet, program: str) -> None:
        self.program = program
        self.kills = 0
        self._fleet = fleet
        self._pid = fleet.pid(program)
        self._start = journal_end(fleet, program)

    def served(self) -> int:
        """Return how often the present process has served."""
        work = _WORK[self.program.rpartition("-")[2]]
        lines = journal(self._fleet, self.program, start=self._start)
        return sum(line["event"] == work for line in lines)

    def kill_after(self, count: int) -> None:
        """Kill the process as soon as it has served *count* times.

        A crash of a process that has done nothing yet would show nothing.
        """
        self._wait_for_successor()
        wait_for(
            lambda: self.served() >= count,
            RESTART_SECONDS,
            f"{self.program} has served {count} times",
        )
        self._pid = self._fleet.kill(self.program)
        self.kills += 1

    def _wait_for_successor(self) -> None:
        if not self.kills:
            return
        wait_for(self._has_successor, RESTART_SECONDS, f"another {self.program}")

    def _has_successor(self) -> bool:
        """See the new process; what the old one wrote is all in the log by then."""
        try:
            pid = self._fleet.pid(self.program)
        except RuntimeError:  # supervisord waits a moment before it starts it
            return False
        if pid == self._pid:
            return False
        self._start = journal_end(self._fleet, self.program)
        return True


def has_unread_request(fleet: Fleet, service: str) -> bool:
    """Say whether something was sent to *service* that it has not read yet.

    From the kernel's table of sockets (proc(5)): local address, remote address, state,
    and the sizes of the two queues, in hex.
    """
    port = f":{fleet.platform.ports[f'{service.upper()}_PORT']:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, state, queues, *_ = line.split()
        received = int(queues.partition(":")[2], 16)
        if local.endswith(port) and state == _ESTABLISHED and received:
            return True
    return False
