"""Ports that are taken, said in one sentence."""

import socket
from dataclasses import replace

import pytest

from ops.errors import PortTakenError
from ops.ports import is_free, require_free_ports


def test_free_ports_are_no_reason_to_refuse(platform):
    require_free_ports(platform)


def test_a_taken_port_is_named_with_the_variable_that_changes_it(platform):
    port = platform.ports["USER_PORT"]
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(PortTakenError) as refusal,
    ):
        require_free_ports(platform)

    assert str(refusal.value) == (
        f"Port {port} (USER_PORT) is already in use: stop what listens there, or set "
        f"another, for example USER_PORT={port + 1000}."
    )


def test_all_taken_ports_are_named_at_once(platform):
    ports = platform.ports
    with (
        socket.create_server(("127.0.0.1", ports["AUTH_PORT"])),
        socket.create_server(("127.0.0.1", ports["GATEWAY_PORT"])),
        pytest.raises(PortTakenError) as refusal,
    ):
        require_free_ports(platform)

    assert "(GATEWAY_PORT)" in str(refusal.value)
    assert "(AUTH_PORT)" in str(refusal.value)


def test_one_port_for_two_programs_is_refused(platform):
    ports = dict(platform.ports)
    ports["USER_PORT"] = ports["AUTH_PORT"]

    with pytest.raises(PortTakenError, match="USER_PORT and AUTH_PORT are both"):
        require_free_ports(replace(platform, ports=ports))


def test_a_port_is_free_again_when_its_listener_is_gone(platform):
    port = platform.ports["AUTH_PORT"]
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)

    assert is_free(port)
