"""What is refused before any view, and what of a request becomes a metric."""

import pytest

pytestmark = pytest.mark.django_db

ECHO = "/api/v1/course/echo"


@pytest.mark.parametrize("path", [ECHO, "/api/v1/course/internal/things"])
def test_an_address_longer_than_4_kib_is_414(browser, path):
    target = f"{path}?{'a' * (4097 - len(path) - 1)}"

    answer = browser.get(path, RAW_URI=target)

    assert answer.status_code == 414
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "uri_too_long"


def test_an_address_of_4_kib_is_read(browser):
    target = f"{ECHO}?{'a' * (4096 - len(ECHO) - 1)}"

    assert browser.post(ECHO, RAW_URI=target).status_code != 414


@pytest.mark.parametrize(
    "target", [f"{ECHO}?a=%00", f"{ECHO}?%00=a", "/admin/server/revocation/%00/change/"]
)
def test_an_address_with_a_nul_is_400_on_every_database(browser, target):
    answer = browser.get(target)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "bad_request"


def test_a_body_without_a_length_is_411_instead_of_lost(browser):
    answer = browser.post(ECHO, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")

    assert answer.status_code == 411
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "length_required"


def test_an_invented_method_makes_no_metric_of_its_own(browser):
    browser.generic("BREW", ECHO)

    metrics = browser.get("/metrics").content.decode()
    assert "BREW" not in metrics
    assert f'method="-",route="{ECHO.lstrip("/")}",status="405"' in metrics


def test_an_invented_version_of_the_schema_is_not_echoed(browser):
    answer = browser.get("/api/schema?version=%0Aevil")

    assert answer.status_code == 200
    assert "evil" not in answer["Content-Disposition"]
