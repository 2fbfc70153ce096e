"""Where a platform lives."""

from pathlib import Path

import pytest

from ops.errors import OpsError
from ops.platform import DEFAULT_PORTS, platform_from, run_folder


def test_without_variables_everything_has_its_documented_place(tmp_path):
    platform = platform_from({}, tmp_path)

    assert platform.var == tmp_path / "var"
    assert platform.ports == DEFAULT_PORTS
    assert platform.gateway_url == "http://127.0.0.1:8080"
    assert platform.health_url("user-web") == "http://127.0.0.1:8082/health/ready"
    assert platform.health_url("user-worker") == "http://127.0.0.1:8182/health/ready"
    assert (
        platform.health_url("notification-stream")
        == "http://127.0.0.1:8086/health/ready"
    )


def test_the_processes_get_the_ports_and_folders_that_the_platform_has(tmp_path):
    platform = platform_from({"AUTH_PORT": "9001", "PLATFORM_VAR": str(tmp_path)})

    assert platform.environment["AUTH_PORT"] == "9001"
    assert platform.environment["PLATFORM_VAR"] == str(tmp_path)
    assert platform.environment["PLATFORM_RUN"] == str(platform.run)


def test_a_process_does_not_take_the_service_of_the_shell_that_began_it():
    platform = platform_from({"SERVICE": "user", "DJANGO_SETTINGS_MODULE": "x"})

    assert "SERVICE" not in platform.environment
    assert "DJANGO_SETTINGS_MODULE" not in platform.environment
    assert platform.service_environment("auth")["SERVICE"] == "auth"


@pytest.mark.parametrize("value", ["eighty", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused_by_the_name_of_its_variable(value):
    with pytest.raises(OpsError, match="AUTH_PORT must be a port"):
        platform_from({"AUTH_PORT": value})


def test_sockets_lie_in_the_data_folder_when_their_paths_are_short_enough():
    assert run_folder(Path("/srv/platform/var")) == Path("/srv/platform/var/run")


def test_a_long_data_folder_gets_a_short_folder_for_its_sockets():
    long, other = Path("/" + "a" * 120), Path("/" + "b" * 120)

    assert len(str(run_folder(long) / "notification-relays" / "1234567")) <= 103
    assert run_folder(long) == run_folder(long)
    assert run_folder(long) != run_folder(other)
