"""How calls to one peer behave: timeouts, attempts, breaker, bulkhead."""

from dataclasses import dataclass
from urllib.parse import urlsplit


class PolicyError(ValueError):
    """The policy could not work; the message says which rule it breaks."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy of one peer. Times are in seconds. Raises PolicyError when unsound.

    The numbers are those of the table "Defaults" in docs/reference/calls.md, which
    gives the reason for each.
    """

    connect_timeout_seconds: float = 0.3
    attempt_timeout_seconds: float = 1.0
    total_timeout_seconds: float = 2.0
    max_attempts: int = 3
    bulkhead_limit: int = 10
    breaker_window_seconds: float = 30.0
    breaker_minimum_calls: int = 10
    breaker_failure_percent: int = 50
    breaker_failures_in_a_row: int = 5
    breaker_open_seconds: float = 5.0
    breaker_slow_call_percent: int = 0  # 0: slow calls do not count
    breaker_mode: str = "auto"

    def __post_init__(self) -> None:
        rules = (
            (self.connect_timeout_seconds > 0, "the connect timeout must be above 0"),
            (self.attempt_timeout_seconds > 0, "the attempt timeout must be above 0"),
            (
                self.attempt_timeout_seconds <= self.total_timeout_seconds,
                "the attempt timeout must not exceed the total timeout",
            ),
            (self.total_timeout_seconds <= 600, "the total timeout is at most 600 s"),
            (1 <= self.max_attempts <= 5, "attempts must be 1 to 5"),
            (self.bulkhead_limit >= 1, "the bulkhead must let at least 1 call through"),
            (
                # Otherwise failures are older than the window when they arrive, and a
                # silent peer never opens the breaker.
                self.breaker_window_seconds >= 2 * self.attempt_timeout_seconds,
                "the breaker window must be at least twice the attempt timeout",
            ),
            (self.breaker_minimum_calls >= 2, "minimum calls must be at least 2"),
            (
                1 <= self.breaker_failure_percent <= 100,
                "the failure percent must be 1 to 100",
            ),
            (
                self.breaker_failures_in_a_row >= 1,
                "failures in a row must be at least 1",
            ),
            (
                0 <= self.breaker_slow_call_percent <= 100,
                "the slow call percent must be 0 to 100",
            ),
            (
                self.breaker_window_seconds <= 3600,
                "the breaker window is at most an hour",
            ),
            (self.breaker_open_seconds >= 1, "the breaker must stay open at least 1 s"),
            (
                # Longer, and nobody would know why a peer that is well is not called.
                self.breaker_open_seconds <= 600,
                "the breaker stays open for at most 600 s",
            ),
            (
                self.breaker_mode in ("auto", "forced_open", "disabled"),
                "the breaker mode must be auto, forced_open or disabled",
            ),
        )
        for holds, rule in rules:
            if not holds:
                raise PolicyError(f"This policy cannot work: {rule}.")

    @property
    def slow_call_seconds(self) -> float:
        """From when on a call is slow: 80 % of the attempt timeout."""
        return 0.8 * self.attempt_timeout_seconds


def read_instances(text: str) -> tuple[str, ...]:
    """Return the addresses in *text*, one per line or comma; raises PolicyError."""
    addresses = tuple(
        part.strip().rstrip("/") for part in text.replace(",", "\n").splitlines()
    )
    addresses = tuple(address for address in addresses if address)
    for address in addresses:
        _check_address(address)
    return addresses


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    try:
        port_is_sound = parts.port is None or parts.port > 0
    except ValueError:
        port_is_sound = False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_sound:
        raise PolicyError(f"{address!r} is not an address like http://host:port.")
    if parts.path or parts.query or parts.username:
        raise PolicyError(f"{address!r} must be scheme, host and port only.")
