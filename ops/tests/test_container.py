"""What a container of a service runs; the rest is in tests/architecture."""

import subprocess
import sys

import pytest

from ops.platform import ROOT


def run_container(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "ops.container", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("service", ["", "payments"])
def test_a_container_without_a_service_says_which_there_are(service):
    done = run_container("web", SERVICE=service)

    assert done.returncode == 1
    assert done.stderr == (
        "SERVICE must be one of auth, user, course, exercise, notification, "
        f"not {service!r}.\n"
    )


@pytest.mark.parametrize("arguments", [(), ("sh",), ("web", "worker")])
def test_a_container_says_what_it_can_run(arguments):
    done = run_container(*arguments, SERVICE="auth")

    assert (done.returncode, done.stderr) == (
        1,
        "Say one of prepare, web, worker, stream.\n",
    )


@pytest.mark.parametrize("process", ["prepare", "web", "worker"])
def test_a_container_without_secrets_names_what_is_missing(process, tmp_path):
    done = run_container(process, SERVICE="auth", PLATFORM_VAR=str(tmp_path))

    assert done.returncode != 0
    assert "SECRET_KEY is not set for the auth service" in done.stderr


def test_a_container_without_its_databases_password_says_so(tmp_path):
    done = run_container(
        "prepare",
        SERVICE="auth",
        PLATFORM_VAR=str(tmp_path),
        SECRET_KEY="for this test",
        INTERNAL_API_KEY="for this test",
        DATABASE_URL="postgres://auth@127.0.0.1:1/auth",
        DATABASE_PASSWORD_FILE=str(tmp_path / "missing"),
    )

    assert done.returncode != 0
    assert "DATABASE_PASSWORD is not set for the auth service" in done.stderr
