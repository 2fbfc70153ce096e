"""The compatibility gate names what breaks, and the golden files are the code's."""

import json

import msgspec
import pytest

from shared.contracts import golden, outages, reference
from shared.wire.structs import Contract, Count, Line


def schema_with(*fields: tuple) -> dict:
    struct = msgspec.defstruct("Example", fields, bases=(Contract,), kw_only=True)
    return msgspec.json.schema(struct)["$defs"]["Example"]


def test_the_golden_files_say_what_the_code_says():
    assert golden.breakages() == []
    assert golden.differences() == []


def test_the_reference_page_says_what_the_code_says():
    assert reference.PATH.read_text() == reference.render_reference()


def test_the_page_about_outages_says_what_the_code_says():
    assert outages.PATH.read_text() == outages.render_outages()


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            schema_with(("a", int), ("b", int, 0)),
            schema_with(("a", int)),
            "request.b was removed",
        ),
        (
            schema_with(("a", int)),
            schema_with(("a", int), ("b", int)),
            "request.b is required now",
        ),
        (
            schema_with(("a", int, 0)),
            schema_with(("a", int)),
            "request.a is required now",
        ),
        (
            schema_with(("a", str)),
            schema_with(("a", Line)),
            "request.a: maxLength was narrowed to 200",
        ),
        (
            schema_with(("a", int)),
            schema_with(("a", Count)),
            "request.a: minimum was narrowed to 0",
        ),
        (
            schema_with(("a", int | None)),
            schema_with(("a", int)),
            "request.a: null is no longer allowed",
        ),
        (
            schema_with(("a", float)),
            schema_with(("a", int)),
            "request.a: number is no longer allowed",
        ),
        (
            schema_with(("a", list[int])),
            schema_with(("a", list[str])),
            "request.a[]: integer is no longer allowed",
        ),
    ],
)
def test_a_change_that_breaks_a_request_is_named(old, new, line):
    assert line in list(golden.schema_breaks(old, new, "request"))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            schema_with(("a", int)),
            schema_with(("a", int, 0)),
            "answer.a may be missing now",
        ),
        (
            schema_with(("a", int)),
            schema_with(("a", int | None)),
            "answer.a: null is new to its readers",
        ),
    ],
)
def test_a_change_that_breaks_a_reader_is_named(old, new, line):
    assert line in list(golden.schema_breaks(old, new, "answer"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (schema_with(("a", int)), schema_with(("a", int), ("b", int, 0))),
        (schema_with(("a", Line)), schema_with(("a", str))),
        (schema_with(("a", int)), schema_with(("a", float))),
        (schema_with(("a", int)), schema_with(("a", int | None))),
        (schema_with(("a", int)), schema_with(("a", int, 0))),
    ],
)
def test_a_request_may_ask_for_less(old, new):
    assert list(golden.schema_breaks(old, new, "request")) == []


def test_a_removed_contract_is_named(tmp_path):
    golden.write_golden(tmp_path)
    gone = {"event": "lesson.deleted.v1", "data": {}}
    (tmp_path / "lesson.deleted.v1.json").write_text(json.dumps(gone))

    assert golden.breakages(tmp_path) == ["lesson.deleted.v1: the contract was removed"]


def test_a_caller_that_lost_its_grant_is_named(tmp_path):
    golden.write_golden(tmp_path)
    path = tmp_path / "post.user.internal.profile.create.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "callers": ["auth", "course"]}))

    assert golden.breakages(tmp_path) == [
        "post.user.internal.profile.create: course is no longer among the callers"
    ]
