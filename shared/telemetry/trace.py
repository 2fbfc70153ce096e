"""The trace that a request belongs to, as in W3C Trace Context."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

# W3C Trace Context, section 3.2: version, trace-id, parent-id, trace-flags.
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_HEX_32 = re.compile(r"[0-9a-f]{32}")
_NO_TRACE_ID = "0" * 32
_NO_SPAN_ID = "0" * 16


@dataclass(frozen=True, slots=True)
class Trace:
    """One span of a trace: ids in lower-case hex, 32 and 16 digits long."""

    trace_id: str
    span_id: str
    flags: str = "01"

    @property
    def traceparent(self) -> str:
        """The value of the ``traceparent`` header."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"

    def child(self) -> "Trace":
        """Return a new span of the same trace."""
        return Trace(self.trace_id, secrets.token_hex(8), self.flags)


_current: ContextVar[Trace | None] = ContextVar("current_trace", default=None)


def new_trace() -> Trace:
    """Return the first span of a new trace."""
    return Trace(secrets.token_hex(16), secrets.token_hex(8))


def current_trace() -> Trace:
    """Return the trace of the work in hand, a new one when there is none yet."""
    trace = _current.get()
    if trace is None:
        trace = new_trace()
        _current.set(trace)
    return trace


def current_trace_id() -> str:
    """Return the trace id of the work in hand, or "" outside of any."""
    trace = _current.get()
    return trace.trace_id if trace else ""


@contextmanager
def use_trace(trace: Trace) -> Iterator[Trace]:
    """Make *trace* the current one inside the block."""
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)


def read_trace(traceparent: str = "", trace_id: str = "") -> Trace:
    """Continue the trace of these two headers, or begin a new one.

    ``traceparent`` wins; ``X-Trace-ID`` counts when it is 32 hex digits or a UUID and
    not all zero. Anything else is ignored.
    """
    match = _TRACEPARENT.fullmatch(traceparent.strip().lower())
    if match and _is_sound(*match.group(1, 2, 3)):
        return Trace(match[2], match[3], match[4]).child()
    accepted = _read_trace_id(trace_id)
    if accepted:
        return Trace(accepted, secrets.token_hex(8))
    return new_trace()


def _is_sound(version: str, trace_id: str, span_id: str) -> bool:
    return version != "ff" and trace_id != _NO_TRACE_ID and span_id != _NO_SPAN_ID


def _read_trace_id(value: str) -> str:
    candidate = value.strip().lower()
    if len(candidate) == 36:
        try:
            candidate = UUID(candidate).hex
        except ValueError:
            return ""
    if _HEX_32.fullmatch(candidate) and candidate != _NO_TRACE_ID:
        return candidate
    return ""
