"""Requests that nobody would think of, made from the OpenAPI schemas.

Sent to the service ports by a visitor, a learner and an admin, half of them as the
schema wants them, half against it, at ids that exist and at ids that do not.
"""

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ops.platform import SERVICES
from tests.asking import PATIENCE_SECONDS
from tests.security.permission_page import rows
from tests.security.world import ANONYMOUS, NEW_ACCOUNT, Thing, World, body_of

ROWS = rows()
PEOPLE = (ANONYMOUS, "owner", "admin")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# Guesses of passwords from here do not lock out other tests: their address is another.
ADDRESS = "203.0.113.77"
JSON = {"Accept": "application/vnd.oai.openapi+json"}
MORE_LISTS = {"/courses": ["/courses?mine=true"]}
# What can be read of each entry of a list.
ENTRIES = {
    "/courses": ["/courses/{id}", "/courses/{id}/reviews"],
    "/courses?mine=true": ["/courses/{id}", "/courses/{id}/learners"],
    "/enrollments": ["/enrollments/{id}"],
    "/exercises": ["/exercises/{id}"],
    "/exercises/own": ["/exercises/{id}", "/exercises/{id}/sections"],
    "/attempts": ["/attempts/{id}"],
    "/submissions": ["/submissions/{id}"],
}
BY_SERVICE = pytest.mark.parametrize("service", SERVICES)
BY_PERSON = pytest.mark.parametrize("who", PEOPLE)


@pytest.fixture(scope="module")
def world(session_fleet):
    """People, with one object of every kind that the table of permissions names."""
    world = World(session_fleet)
    for row in ROWS:
        world.thing(row.of)
    return world


@BY_PERSON
@BY_SERVICE
def test_no_request_breaks_a_service_or_its_schema(world, service, who):
    assert faults(world, service, who, examples=4) == []
    assert unreadable(world, service, who) == []


@pytest.mark.long
@pytest.mark.timeout(900)
@BY_PERSON
@BY_SERVICE
def test_no_request_of_many_does(world, service, who):
    assert faults(world, service, who, examples=40) == []
    assert unreadable(world, service, who) == []


def faults(world: World, service: str, who: str, *, examples: int) -> list[str]:
    """Send *examples* of every operation in both modes; return what was wrong."""
    url = world.fleet.url(service)
    schema = schemathesis.openapi.from_url(f"{url}/api/schema", headers=JSON)
    operations = [
        found.ok()
        for found in schema.get_all_operations()
        # A stream does not end.
        if "text/event-stream" not in str(found.ok().definition.raw)
    ]
    assert len(operations) >= 5
    # What deletes comes last: the others find what it deletes.
    operations.sort(key=lambda operation: operation.method == "delete")
    found = {}
    with requests.Session() as session:
        session.trust_env = False
        session.headers["X-Forwarded-For"] = ADDRESS
        if who != ANONYMOUS:
            world.renew(who)
            token = world.people[who].access_token
            session.headers["Authorization"] = f"Bearer {token}"
        for operation in operations:
            known = known_requests(world, operation)
            for mode in GenerationMode:
                for fault in tried(operation, mode, known, url, session, examples):
                    found.setdefault(f"{mode.value} {operation.label}", fault)
    return [f"{name}: {fault}" for name, fault in found.items()]


def tried(
    operation: APIOperation,
    mode: GenerationMode,
    known: list[tuple[Thing, dict]],
    url: str,
    session: requests.Session,
    examples: int,
) -> list[str]:
    """Send the examples of one operation; return what was wrong with the answers."""
    found = []

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(mode),
        request=st.sampled_from(known),
        kept=st.randoms(use_true_random=False),
    )
    def send(case, request, kept):
        thing, body = request
        case.path_parameters |= {
            name: thing[name] for name in case.path_parameters if name in thing
        }
        if mode is GenerationMode.POSITIVE:
            case.query = printable(case.query)
            case.body = printable(case.body)
            if isinstance(case.body, dict):
                # A right request with some fields replaced comes further than one
                # in which everything is by chance.
                chosen = {
                    name: case.body[name] for name in case.body if kept.random() > 0.5
                }
                case.body = {**body, **chosen} if body else case.body
        response = case.call(base_url=url, session=session, timeout=PATIENCE_SECONDS)
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            found.append(str(group))

    try:
        send()
    except Unsatisfiable:
        # Whoever takes any text in the path, and nothing else, gets no wrong request.
        assert mode is GenerationMode.NEGATIVE
    return found


def known_requests(world: World, operation: APIOperation) -> list[tuple[Thing, dict]]:
    """Return objects that the operation may be about with right bodies, and nothing.

    Not those of one's own new account: they would end who sends them.
    """
    path = operation.path.removeprefix("/api/v1")
    call = f"{operation.method.upper()} {path}"
    of = {row.of for row in ROWS if row.call == call} - {NEW_ACCOUNT}
    things = [world.thing(name) for name in sorted(of)]
    return [({}, {}), *((thing, body_of(call, thing) or {}) for thing in things)]


def printable(value):
    """Return a value without control characters and without blank texts.

    They are refused everywhere, and chance finds one in almost every text.
    """
    if isinstance(value, dict):
        return {name: printable(one) for name, one in value.items()}
    if isinstance(value, list):
        return [printable(one) for one in value]
    if isinstance(value, str):
        text = "".join(one if one.isprintable() else "." for one in value)
        return text if text.strip() else "text"
    return value


def unreadable(world: World, service: str, who: str) -> list[str]:
    """Read every page of a service's lists, and what is in them; return what fails."""
    found = []
    for row in ROWS:
        if row.service != service or not row.is_list or row.cells[who] != 200:
            continue
        for path in (row.path, *MORE_LISTS.get(row.path, ())):
            try:
                pages = [page.json() for page in world.pages(who, path)]
            except (AssertionError, ValueError) as error:
                found.append(str(error))
                continue
            for one in (one for page in pages for one in page.get("results", ())):
                for template in ENTRIES.get(path, ()):
                    entry = template.format(**one)
                    status = world.ask(who, "GET", entry).status_code
                    if status != 200:
                        found.append(f"{entry}: {status}")
    return found
