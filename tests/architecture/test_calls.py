"""Only services change other services, ask them and publish."""

import ast

import pytest

from tests.architecture.calls import calls_through_contracts
from tests.architecture.source_tree import SERVICES, modules, parse, short

# Where .now, .later and publish are made, not used.
MAKERS = {"shared/contracts/peer.py", "shared/contracts/events.py"}
# The sign-in of operators has no services.py: Django asks its backend.
CALLERS_IN_SHARED = {"shared/staff/backends.py"}


@pytest.mark.parametrize("service", SERVICES)
def test_only_services_py_calls_other_services(service):
    found = [
        short(path, call.lineno)
        for path in modules(service)
        if path.name != "services.py"
        for call in calls_through_contracts(parse(path))
    ]

    assert found == []


def test_shared_calls_services_at_its_sign_in_only():
    found = {
        short(path)
        for path in modules("shared")
        if path.parent.name != "testing" and any(calls_through_contracts(parse(path)))
    }

    assert found - MAKERS == CALLERS_IN_SHARED


def test_requests_is_imported_by_the_client_only():
    found = [
        short(path, node.lineno)
        for path in modules("shared", *SERVICES)
        if "client" not in path.parts
        for node in ast.walk(parse(path))
        if "requests" in _packages_imported_by(node)
    ]

    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "create_profile.later(CreateProfile(user_id=1))",
        "user.create_profile.later(request)",
        "get_profiles.now(GetProfiles(ids=[]))",
        "get_profiles.now(request=request)",
        "publish(LessonCompleted())",
        "events.publish(LessonCompleted())",
    ],
)
def test_a_call_through_a_contract_is_seen(line):
    tree = ast.parse(line)

    assert len(list(calls_through_contracts(tree))) == 1


@pytest.mark.parametrize(
    "lines",
    [
        "from django.utils import timezone\ntimezone.now()",
        "from datetime import UTC, datetime\ndatetime.now(UTC)",
        "from datetime import datetime as moment\nmoment.now(tz=None)",
        "import datetime\ndatetime.datetime.now(datetime.UTC)",
        "clock.now()",
        "published(event)",
    ],
)
def test_a_clock_is_no_call_through_a_contract(lines):
    tree = ast.parse(lines)

    assert list(calls_through_contracts(tree)) == []


def _packages_imported_by(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return {node.module.split(".")[0]}
    return set()
