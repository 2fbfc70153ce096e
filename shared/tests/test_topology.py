"""What follows from the one list of services."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings

from shared.contracts import apps
from shared.peers.keys import new_secret
from shared.topology import FIRST_PORT, SERVICES, STREAM_PORTS, default_ports
from shared.wire.endpoints import ENDPOINTS
from shared.wire.events import EVENTS, event_endpoint_name

ROOT = Path(__file__).resolve().parents[2]


def test_every_service_has_a_port_of_its_own():
    assert list(default_ports()) == list(SERVICES)
    ports = [*default_ports().values(), *STREAM_PORTS.values()]
    assert sorted(ports) == [FIRST_PORT + number for number in range(len(ports))]


def test_every_service_is_a_peer():
    assert set(settings.PEERS) == set(SERVICES)


def test_exactly_the_subscribers_take_events():
    subscribers = {
        service for event_type in EVENTS.values() for service in event_type.subscribers
    }

    assert subscribers == {
        service for service in SERVICES if event_endpoint_name(service) in ENDPOINTS
    }


def test_every_module_of_contracts_is_imported_without_a_list():
    folder = Path(apps.__file__).parent
    modules = {f"shared.contracts.{path.stem}" for path in folder.glob("[a-z]*.py")}

    assert modules <= set(sys.modules)


def test_without_the_service_of_accounts_the_accounts_are_djangos(tmp_path):
    program = (
        "from shared import topology\n"
        "topology.SERVICES = ('shop', 'stock')\n"
        "from shared import settings\n"
        "print(hasattr(settings, 'AUTH_USER_MODEL'), list(settings.PEERS),\n"
        "      'shared.staff' in settings.INSTALLED_APPS,\n"
        "      settings.REST_FRAMEWORK['DEFAULT_AUTHENTICATION_CLASSES'])\n"
    )
    environment = {
        "SECRET_KEY": "not secret",
        "INTERNAL_API_KEY": new_secret().text,
        "SERVICE": "shop",
        "DJANGO_SETTINGS_MODULE": "shop_project.settings",
        "PLATFORM_VAR": str(tmp_path),
    }

    printed = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    session = "rest_framework.authentication.SessionAuthentication"
    assert printed == f"False ['shop', 'stock'] False {[session]}\n"
