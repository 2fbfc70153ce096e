"""Every route, for every kind of person: docs/reference/permissions.md, tried.

A new route: add its row to that page, and what it needs to OBJECTS and BODIES in
world.py, a line each at most. Nothing here changes.
"""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from ops.platform import SERVICES
from ops.prepare import run_module
from tests.asking import ask, problem_of
from tests.security.permission_page import Row, pages_of_ports, rows
from tests.security.routes import METHODS
from tests.security.world import ANONYMOUS, ROLES, World, body_of, unknown

ROWS = rows()
STRANGERS = (ANONYMOUS, "other learner", "other instructor")
# Lists of own rows, and what the owner or the author finds in them of what is hidden
# from others.
FOUND_IN_LISTS = {
    "the owner's session: session_id",
    "the owner's enrolment: enrollment_id",
    "the owner's certificate: code",
    "the owner's open attempt: attempt_id",
    "the owner's result: attempt_id",
    "the owner's submission to the instructor's course: submission_id",
    "the owner's submission without a course: submission_id",
    "the owner's notice: notice_id",
    "the owner's goal: goal_id",
    "the owner's reminder: reminder_id",
    "the instructor's draft exercise: exercise_id",
}
LISTS = [row for row in ROWS if row.is_list]
BY_ROW = pytest.mark.parametrize("row", ROWS, ids=str)
BY_SERVICE = pytest.mark.parametrize("service", SERVICES)


@pytest.fixture(scope="module")
def world(session_fleet):
    return World(session_fleet)


@pytest.fixture(scope="module")
def routes(session_fleet):
    """The paths of each service with their methods, as its URLconf has them."""

    def read(service):
        environment = session_fleet.platform.service_environment(service)
        refusal = f"the routes of {service} cannot be read"
        module = ["tests.security.routes"]
        return json.loads(
            run_module(session_fleet.platform, module, environment, refusal)
        )

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(SERVICES, pool.map(read, SERVICES), strict=True))


def try_cell(world: World, row: Row, who: str):
    thing = world.thing(row.of)
    response = world.ask(
        world.person(who, row.of),
        row.method,
        row.path.format(**thing),
        body_of(row.call, thing),
    )
    if response.ok and row.method != "GET":
        world.forget(row.of)
    return response


@BY_ROW
def test_everybody_gets_the_answer_of_the_table(world, row):
    # The refused first: what they asked for is still there for the others.
    people = sorted(row.cells, key=lambda who: row.cells[who] < 400)

    found = {who: try_cell(world, row, who) for who in people}

    assert {who: found[who].status_code for who in row.cells} == row.cells
    for who, response in found.items():
        if row.cells[who] >= 400:
            problem_of(response, row.cells[who])


@pytest.mark.parametrize("row", [row for row in ROWS if row.parameters], ids=str)
def test_trying_ids_tells_nothing(world, row):
    thing = world.thing(row.of)
    body = body_of(row.call, thing)
    for who, status in row.cells.items():
        if status not in (401, 403, 404):
            continue
        person = world.person(who, row.of)
        there, nowhere = (
            world.ask(person, row.method, row.path.format(**ids), body).json()
            for ids in (thing, unknown(thing))
        )
        # Who may not study a lesson that the outline shows is told why.
        if there["code"] in ("not_enrolled", "entitlement_required"):
            continue
        del there["trace_id"], nowhere["trace_id"]
        assert there == nowhere, who


@pytest.mark.parametrize("row", LISTS, ids=str)
def test_a_list_shows_nothing_of_others(world, row):
    hidden = hidden_ids(world)

    for who in STRANGERS:
        if row.cells[who] == 200:
            text = "".join(page.text for page in world.pages(who, row.path))
            assert [name for name, id_ in hidden.items() if id_ in text] == [], who


def test_owner_and_author_find_theirs_in_the_lists(world):
    hidden = hidden_ids(world)

    text = "".join(
        page.text
        for row in LISTS
        for who in ("owner", "instructor")
        if row.cells[who] == 200
        for page in world.pages(who, row.path)
    )

    assert {name for name, id_ in hidden.items() if id_ in text} >= FOUND_IN_LISTS


def hidden_ids(world):
    """Return what is somebody's alone, by its name in the table and its parameter."""
    return {
        f"{row.of}: {name}": world.thing(row.of)[name]
        for row in ROWS
        for name in row.parameters
        if row.of.startswith("the ")
    }


# ── the page and the routes ──────────────────────────────────────────────────────


@BY_SERVICE
def test_every_route_has_a_row_and_every_row_a_route(routes, service):
    public = {
        f"{method} {path.removeprefix('/api/v1')}"
        for path, methods in routes[service].items()
        if path.startswith("/api/v1/") and "/internal/" not in path
        for method in methods
    }

    listed = {row.call for row in ROWS if row.service == service}
    assert sorted(public - listed) == [], "routes without a row"
    assert sorted(listed - public) == [], "rows without a route"


@BY_SERVICE
def test_the_schema_tells_of_every_row(world, service):
    json_please = {"Accept": "application/vnd.oai.openapi+json"}
    address = f"{world.fleet.url(service)}/api/schema"
    schema = ask("GET", address, headers=json_please).json()
    told = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, operations in schema["paths"].items()
        for method in operations
        if method.upper() in METHODS
    }

    assert told == {row.call for row in ROWS if row.service == service}


@BY_SERVICE
def test_a_method_without_a_row_is_refused(world, service):
    known = {}
    for row in ROWS:
        if row.service == service:
            known.setdefault(row.path, []).append(row)
    found = []
    for path, listed in known.items():
        others = set(METHODS) - {row.method for row in listed}
        address = path.format(**world.thing(listed[0].of))
        for method in sorted(others):
            status = world.ask("admin", method, address, {}).status_code
            if status != 405:
                found.append(f"{method} {path}: {status}")

    assert found == []


@BY_SERVICE
def test_the_pages_of_a_port_answer_there_and_not_at_the_gateway(
    world, routes, service
):
    expected = pages_of_ports()
    others = {
        path
        for path in routes[service]
        if not path.startswith(("/api/v1/", "/admin/", "/api-auth/"))
    }

    assert others | {"/admin/", "/api-auth/login"} == expected.keys()
    for path, status in expected.items():
        for who in (ANONYMOUS, "admin"):
            own = world.ask(who, "GET", "", url=world.fleet.url(service) + path)
            assert own.status_code == status, path
        outside = world.ask("admin", "GET", "", url=world.fleet.gateway_url + path)
        problem_of(outside, 404)


def test_the_table_names_everybody():
    assert {tuple(row.cells) for row in ROWS} == {(ANONYMOUS, *ROLES)}
