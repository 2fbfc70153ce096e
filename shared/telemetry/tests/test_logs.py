"""Log lines: one JSON object each, and never a key or a token."""

import io
import json
import logging

import pytest

from shared.client import pipeline
from shared.client.discovery import directory
from shared.client.identity import own_identity
from shared.contracts.user import GetProfiles, get_profiles
from shared.peers.keys import new_secret
from shared.telemetry.logs import JSONFormatter, ReadableFormatter, redact
from shared.telemetry.trace import new_trace, use_trace
from shared.wire.errors import CallError
from shared.wire.ids import uuid7

CALL_FIELDS = {
    "time",
    "level",
    "service",
    "event",
    "trace_id",
    "target",
    "endpoint",
    "attempt",
    "outcome",
    "duration_ms",
}


@pytest.fixture
def lines():
    """Give a function that returns what was logged as JSON lines."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JSONFormatter("course"))
    logging.getLogger().addHandler(handler)
    logger = logging.getLogger("shared.calls")
    level = logger.level
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.setLevel(level)
    logging.getLogger().removeHandler(handler)


def ask():
    return pipeline.call_from_thread(get_profiles, GetProfiles(ids=[uuid7()]))


@pytest.mark.parametrize("status", [200, 422, 500])
def test_a_call_is_one_line_with_its_fields(faulty_peer, lines, status):
    faulty_peer("user").answers(status, json={"profiles": []})
    trace = new_trace()

    with use_trace(trace):
        try:
            ask()
        except CallError as error:
            attempts = error.attempts
        else:
            attempts = 1

    (line,) = lines()
    assert set(line) >= CALL_FIELDS
    assert line["service"] == "course"
    assert line["event"] == "call"
    assert line["trace_id"] == trace.trace_id
    assert line["target"] == "user"
    assert line["endpoint"] == "GET /api/v1/user/internal/profiles"
    assert line["attempt"] == attempts
    assert line["level"] == ("info" if status == 200 else "warning")
    assert line["time"].endswith("Z")


def test_no_key_leaves_in_a_log(faulty_peer, lines, settings):
    peer = faulty_peer("user")
    ask()
    shown = own_identity().key_for("user")
    assert peer.requests[0].headers["x-internal-api-key"] == shown
    # A peer that repeats what it was given is the worst that can happen.
    peer.answers(403, json={"code": "no", "detail": f"not with {shown}"})

    with pytest.raises(CallError):
        ask()

    text = json.dumps(lines())
    assert shown not in text
    assert shown.split("_")[2] not in text
    assert settings.INTERNAL_API_KEY not in text
    assert "[redacted]" in text


@pytest.mark.parametrize(
    "secret",
    [
        new_secret().text,
        new_secret().for_callee("user").text,
        "Bearer abc.def-ghi_jkl=",
        "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    ],
)
@pytest.mark.parametrize("formatter", [JSONFormatter, ReadableFormatter])
def test_secrets_are_redacted_wherever_they_stand(formatter, secret):
    record = logging.makeLogRecord(
        {"msg": f"got {secret}", "levelname": "INFO", "header": secret}
    )
    try:
        raise ValueError(secret)
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)

    line = formatter("auth").format(record)

    assert secret.removeprefix("Bearer ") not in line
    assert "[redacted]" in line


def test_odd_text_is_still_one_line():
    record = logging.makeLogRecord(
        {"msg": "a\nb\u2028c", "name": "x", "odd": {1, 2}, "half": "\ud800"}
    )

    line = JSONFormatter("auth").format(record)

    assert "\n" not in line
    assert json.loads(line)["event"] == "a\nb\u2028c"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("half a pair: \ud800", "half a pair: \ud800"),
        (2**80, 2**80),
        (b"Bearer abc", "b'[redacted]'"),
        ({"in": object}, {"in": "<class 'object'>"}),
    ],
)
def test_no_value_keeps_a_line_from_being_written(value, shown):
    record = logging.makeLogRecord({"msg": "odd", "value": value})

    assert json.loads(JSONFormatter("course").format(record))["value"] == shown


def test_fields_of_a_call_do_not_hide_those_of_the_line():
    record = logging.makeLogRecord({"msg": "x", "level": "lies", "time": "never"})

    line = json.loads(JSONFormatter("auth").format(record))

    assert line["level"] != "lies"
    assert line["time"] != "never"


def test_harmless_text_is_left_alone():
    assert redact("ik_ is a prefix, and ana@example.org") == (
        "ik_ is a prefix, and ana@example.org"
    )
    directory.forget()


@pytest.mark.parametrize("formatter", [JSONFormatter(), ReadableFormatter()])
@pytest.mark.parametrize(
    "odd", ["\n", "\r", "\x1b[2J", "\x7f", "\x9b2J", "\u2028", "\u202e"]
)
def test_what_a_client_sent_starts_no_line_and_commands_no_terminal(formatter, odd):
    record = logging.makeLogRecord({"msg": "request", "route": f"/a{odd}b"})

    line = formatter.format(record)

    assert odd[0] not in line
    assert "/a" in line


def test_a_traceback_keeps_its_lines():
    try:
        raise ValueError("a reason")
    except ValueError as error:
        failure = (type(error), error, error.__traceback__)
    record = logging.makeLogRecord({"msg": "failed", "exc_info": failure})

    assert len(ReadableFormatter().format(record).splitlines()) > 2
