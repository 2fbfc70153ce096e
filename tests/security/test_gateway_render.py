"""How the gateway's configuration is filled in."""

import re
import subprocess
import sys

import pytest

from gateway.render import GatewaySettingError, render


def servers_of(text, service):
    [block] = re.findall(rf"upstream {service} {{(.*?)}}", text, re.DOTALL)
    return re.findall(r"server (.*);", block)


def test_nothing_has_to_be_set():
    text = render({})

    assert "listen 127.0.0.1:8080 default_server;" in text
    assert servers_of(text, "notification")[0] == "127.0.0.1:8085 max_fails=0"
    assert "rate=60r/m" in text


def test_an_empty_variable_counts_as_unset():
    assert render({"GATEWAY_PORT": "", "AUTH_UPSTREAM": ""}) == render({})


def test_no_placeholder_is_left():
    lines = [line for line in render({}).splitlines() if "${" in line]

    assert all(line.lstrip().startswith("#") for line in lines)


@pytest.mark.parametrize("listed", ["a:1,b:2", "a:1 b:2", " a:1 , b:2 "])
def test_each_instance_becomes_a_server(listed):
    assert servers_of(render({"AUTH_UPSTREAM": listed}), "auth") == [
        "a:1 max_fails=0",
        "b:2 max_fails=0",
        "a:1 max_fails=0 backup",
        "b:2 max_fails=0 backup",
    ]


def test_a_port_of_a_service_is_enough():
    assert servers_of(render({"USER_PORT": "9002"}), "user")[0].startswith(
        "127.0.0.1:9002 "
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATEWAY_PORT", "http"),
        ("GATEWAY_LISTEN", "127.0.0.1;"),
        ("GATEWAY_RATE", "0"),
        ("AUTH_ADDRESS_RATE", "60/min"),
        ("GATEWAY_VAR", '/tmp/a";include "/etc/passwd'),
        ("GATEWAY_VAR", "/tmp/$HOME"),
        ("AUTH_UPSTREAM", "http://auth:8081"),
        ("AUTH_UPSTREAM", "auth"),
        ("AUTH_UPSTREAM", ","),
    ],
)
def test_a_value_that_nginx_cannot_use_is_refused_by_name(name, value):
    with pytest.raises(GatewaySettingError, match=name):
        render({name: value})


def test_the_command_writes_the_file_and_makes_the_folder(tmp_path):
    output = tmp_path / "etc" / "nginx.conf"
    environment = {"GATEWAY_VAR": str(tmp_path / "var"), "GATEWAY_PORT": "21999"}

    run_command(output, environment)

    assert output.read_text() == render(environment)
    assert (tmp_path / "var").is_dir()


def test_the_command_refuses_in_one_sentence(tmp_path):
    refused = run_command(tmp_path / "nginx.conf", {"GATEWAY_PORT": "http"})

    assert refused.returncode == 1
    assert refused.stderr == "gateway: GATEWAY_PORT is not a port number: 'http'\n"


def run_command(output, environment):
    return subprocess.run(
        [sys.executable, "-m", "gateway.render", "--output", output],
        env=environment,
        text=True,
        capture_output=True,
    )
