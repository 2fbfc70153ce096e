"""Log lines: one JSON object each, or one readable line on a developer's machine."""

import json
import logging
import re
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from .trace import current_trace_id

# The attributes of every LogRecord; what a call adds through ``extra`` is the rest.
_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "taskName",
}
_REDACTED = "[redacted]"
_PLAIN = frozenset({str, int, float, bool})
# A last line of defence: callers do not log these in the first place.
_SECRETS = re.compile(
    r"ik_[0-9A-Za-z]+_[0-9A-Za-z_\-]+"  # internal keys and secrets
    r"|Bearer\s+[0-9A-Za-z_\-.=]+"
    r"|eyJ[0-9A-Za-z_\-]{8,}\.[0-9A-Za-z_\-]+\.[0-9A-Za-z_\-]*"  # JWTs
)
# What the expression begins with: cheaper to look for, and almost never there.
_MARKS = ("ik_", "Bearer", "eyJ")


# What a terminal would obey, or a reader take for another line; JSON escapes the rest.
_INVISIBLE = "\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069"
_IN_JSON = re.compile(f"[{_INVISIBLE}]")
_IN_LINE = re.compile(f"[\x00-\x1f{_INVISIBLE}]")
_IN_TRACEBACK = re.compile(f"[\x00-\x08\x0b-\x1f{_INVISIBLE}]")


def redact(text: str) -> str:
    """Return *text* without internal keys and tokens."""
    if any(mark in text for mark in _MARKS):
        return _SECRETS.sub(_REDACTED, text)
    return text


def _escape(match: re.Match) -> str:
    return f"\\u{ord(match[0]):04x}"


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {
        name: value
        for name, value in record.__dict__.items()
        if name not in _OWN and not name.startswith("_") and value is not None
    }


class JSONFormatter(logging.Formatter):
    """One JSON object per line: time, level, service, event, trace_id, then fields."""

    def __init__(self, service: str = "") -> None:
        super().__init__()
        self.service = service

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        time = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "service": self.service,
            "event": record.getMessage(),
            "trace_id": current_trace_id(),
            "logger": record.name,
        }
        # What a call adds hides nothing of the line itself.
        for name, value in _fields(record).items():
            line.setdefault(name, value)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        text = _as_json(line)
        if not text.isascii() or "\x7f" in text:
            text = _IN_JSON.sub(_escape, text)
        return redact(text)


def _as_json(line: dict[str, object]) -> str:
    # Of other types msgspec writes what no search for secrets would see: bytes, say,
    # in base64.
    if all(type(value) in _PLAIN for value in line.values()):
        # Not half a surrogate pair, and no number beyond 64 bits.
        with suppress(ValueError, OverflowError):
            return msgspec.json.encode(line).decode()
    return json.dumps(line, default=str)


class ReadableFormatter(JSONFormatter):
    """One line for a person: time, level, event, fields, the start of the trace id."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one readable line (more after an exception)."""
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        fields = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        trace = current_trace_id()[:8]
        line = f"{time} {record.levelname:<7} {record.getMessage()}"
        if fields:
            line += f"  {fields}"
        if trace:
            line += f"  trace={trace}"
        line = _IN_LINE.sub(_escape, line)
        if record.exc_info:
            text = self.formatException(record.exc_info)
            line += "\n" + _IN_TRACEBACK.sub(_escape, text)
        return redact(line)


def logging_config(service: str, log_format: str, level: str = "INFO") -> dict:
    """Return Django's LOGGING; *log_format* is ``json`` or ``readable``."""
    formatter = JSONFormatter if log_format == "json" else ReadableFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter, "service": service}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # The request line of shared.server.middleware says all that these say.
            "django.request": {"level": "CRITICAL"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.server": {"level": "WARNING"},
            "django": {"level": "INFO"},
        },
    }
