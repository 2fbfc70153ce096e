"""Every service and every app looks like its neighbour."""

import configparser

import pytest

from tests.architecture.source_tree import (
    PACKAGES,
    ROOT,
    SERVICES,
    apps,
    modules,
    short,
)

SERVICE_FILES = {
    "README.md",
    "__init__.py",
    "manage.py",
    "pytest.ini",
    "settings.py",
    "urls.py",
    "wsgi.py",
}
# A conftest.py holds what several apps' tests share; asgi.py serves streams.
OPTIONAL_SERVICE_FILES = {"conftest.py", "asgi.py"}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"}
CARD = [
    "Owns",
    "Public API",
    "Internal API",
    "Publishes",
    "Consumes",
    "Calls",
    "Settings",
    "Run it alone",
]
LINES_OF_SETTINGS = 40  # one screen


def test_there_are_five_services():
    assert SERVICES == [
        "auth_project",
        "course_project",
        "exercise_project",
        "notification_project",
        "user_project",
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_files_of_every_other(service):
    files = {path.name for path in (ROOT / service).iterdir() if path.is_file()}

    assert files - OPTIONAL_SERVICE_FILES == SERVICE_FILES


@pytest.mark.parametrize("service", SERVICES)
def test_the_settings_of_a_service_fit_one_screen(service):
    lines = (ROOT / service / "settings.py").read_text().splitlines()

    assert len(lines) <= LINES_OF_SETTINGS


@pytest.mark.parametrize("service", SERVICES)
def test_the_settings_of_a_service_begin_with_the_common_ones(service):
    lines = (ROOT / service / "settings.py").read_text().splitlines()
    imports = [line for line in lines if line.startswith(("from ", "import "))]

    assert imports[0] == "from shared.settings import *"


@pytest.mark.parametrize("service", SERVICES)
def test_the_card_of_a_service_has_the_headings_of_every_other(service):
    lines = (ROOT / service / "README.md").read_text().splitlines()

    assert [line[3:] for line in lines if line.startswith("## ")] == CARD


def test_no_file_is_a_drawer():
    files = [
        *modules(*PACKAGES, with_tests=True),
        *(path for package in PACKAGES for path in (ROOT / package).rglob("*/")),
    ]

    assert [short(path) for path in files if path.stem in DRAWERS] == []


def test_every_app_is_in_the_import_contract():
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    listed = contracts["importlinter:contract:apps"]["containers"].split()

    assert sorted(listed) == [f"{app.parent.name}.{app.name}" for app in apps()]


def test_every_service_is_in_the_import_contracts():
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    listed = contracts["importlinter:contract:services"]["modules"].split()

    assert sorted(listed) == SERVICES
