"""A request survives its way through path, query and body."""

from typing import Annotated
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.wire.endpoints import Endpoint
from shared.wire.errors import InvalidRequestError
from shared.wire.ids import uuid7, uuid7_time
from shared.wire.structs import Band, Contract, Count, Line, Percent


class Thing(Contract, frozen=True):
    """One of everything."""

    name: Line
    count: Count = 0
    percent: Percent = 0.0
    band: Band | None = None
    is_open: bool = False
    ids: list[UUID] = []
    more_ids: list[UUID] | None = None
    some: Annotated[list[int], msgspec.Meta(max_length=3)] = []


class Answer(Contract, frozen=True):
    """Nothing."""


def make(method, template="/api/v1/x/internal/things"):
    return Endpoint("x", method, template, Thing, Answer, frozenset())


# What a person may write: no controls but tab and line breaks, no halves of a pair.
LINES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n"),
    min_size=1,
    max_size=50,
)
THINGS = st.builds(
    Thing,
    name=LINES,
    count=st.integers(0, 1_000_000),
    percent=st.floats(0, 100),
    band=st.none() | st.integers(0, 18).map(lambda half: half / 2),
    is_open=st.booleans(),
    ids=st.lists(st.uuids(), min_size=1, max_size=3),
    more_ids=st.none() | st.lists(st.uuids(), min_size=1, max_size=3),
    some=st.lists(st.integers(), min_size=1, max_size=3),
)


def arrive(endpoint, request):
    """Return *request* as the callee decodes it."""
    from urllib.parse import parse_qsl, unquote, urlsplit

    wire = endpoint.encode(request)
    parts = urlsplit(wire.target)
    path = {}
    if endpoint.path_fields:
        path = {"name": unquote(parts.path.rsplit("/", 1)[1])}
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return endpoint.decode_request(path, query, wire.body or b"")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(thing=THINGS)
@pytest.mark.parametrize(
    ("method", "template"),
    [
        ("POST", "/things"),
        ("GET", "/things"),
        ("PUT", "/things/{name}"),
        ("GET", "/things/{name}"),
    ],
)
def test_a_request_arrives_as_it_was_sent(method, template, thing):
    assert arrive(make(method, template), thing) == thing


@pytest.mark.parametrize(
    "fields",
    [
        {"name": 5},
        {"name": "x", "count": -1},
        {"name": "x", "count": True},
        {"name": "x", "band": 6.3},
        {"name": "x", "some": [1, 2, 3, 4]},
        {"name": "x" * 201},
        {"name": "nul\x00"},
        {"name": "half\ud800"},
    ],
)
def test_a_request_that_breaks_the_contract_is_not_encoded(fields):
    with pytest.raises((InvalidRequestError, UnicodeEncodeError)):
        make("POST").encode(Thing(**fields))


def test_ids_are_version_7_and_tell_their_time():
    from django.utils import timezone

    id_ = uuid7()

    assert id_.version == 7
    assert abs((timezone.now() - uuid7_time(id_)).total_seconds()) < 10
    with pytest.raises(ValueError, match="not a UUIDv7"):
        uuid7_time(UUID("c9bf9e57-1685-4c89-bafb-ff5af830be8a"))
