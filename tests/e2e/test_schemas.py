"""The OpenAPI documents of the services and the pages that show them."""

import re
from urllib.parse import urljoin, urlsplit

import pytest

from ops.platform import SERVICES
from tests.asking import ask

ALL = pytest.mark.parametrize("service", SERVICES)
JSON = {"Accept": "application/vnd.oai.openapi+json"}
# What the schema must tell of.
PATHS = {
    "auth": {"/api/v1/auth/register", "/api/v1/auth/refresh", "/api/v1/auth/sessions"},
    "user": {"/api/v1/user/profile", "/api/v1/user/dashboard"},
    "course": {"/api/v1/courses", "/api/v1/enrollments"},
    "exercise": {"/api/v1/exercises", "/api/v1/attempts", "/api/v1/submissions"},
    "notification": {
        "/api/v1/notifications",
        "/api/v1/notifications/preferences",
        "/api/v1/notifications/reminders",
        "/api/v1/notifications/broadcasts",
    },
}
METHODS = {"get", "post", "put", "patch", "delete", "options", "head", "trace"}
_ASSET = re.compile(r"""(?:src|href)=["']([^"']+)["']""")
_REFERENCE = re.compile(r'"\$ref": ?"#/([^"]+)"')


@ALL
def test_the_schema_is_a_whole_openapi_document(fleet, service):
    response = ask("GET", f"{fleet.url(service)}/api/schema", headers=JSON)

    assert response.status_code == 200
    schema = response.json()
    assert schema["openapi"].startswith("3.")
    assert schema["info"]["title"]
    assert schema["info"]["version"]
    assert schema["paths"].keys() >= PATHS[service]
    operations = [
        operation
        for item in schema["paths"].values()
        for method, operation in item.items()
        if method in METHODS
    ]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert all(operation["responses"] for operation in operations)
    for reference in _REFERENCE.findall(response.text):
        target = schema
        for step in reference.split("/"):
            target = target[step]


@ALL
def test_internal_doors_are_not_in_the_schema(fleet, service):
    response = ask("GET", f"{fleet.url(service)}/api/schema", headers=JSON)

    assert not [path for path in response.json()["paths"] if "internal" in path]


@ALL
def test_the_documentation_loads_nothing_from_elsewhere(fleet, service):
    url = f"{fleet.url(service)}/api/docs"

    page = ask("GET", url)

    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assets = {urljoin(url, asset) for asset in _ASSET.findall(page.text)}
    own = urlsplit(url).netloc
    assert {urlsplit(asset).netloc for asset in assets} == {own}
    loaded = [asset for asset in assets if asset.endswith((".js", ".css", ".png"))]
    assert len(loaded) >= 3
    for asset in loaded:
        answer = ask("GET", asset)
        assert answer.status_code == 200, asset
        assert answer.content, asset
