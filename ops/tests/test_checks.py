"""What is missing on a machine, said in one sentence."""

from dataclasses import replace

import pytest

from ops.checks import require_machine
from ops.errors import OpsError


def test_a_machine_that_has_everything_is_accepted(platform):
    require_machine(platform)

    assert platform.run.stat().st_mode & 0o777 == 0o700


def test_a_missing_nginx_is_named(platform):
    environment = {**platform.environment, "PLATFORM_NGINX": "/nowhere/nginx"}

    with pytest.raises(OpsError, match="nginx is not to be found"):
        require_machine(replace(platform, environment=environment))


def test_a_data_folder_that_cannot_be_made_names_the_variable(platform, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(OpsError, match="set PLATFORM_VAR to another"):
        require_machine(replace(platform, var=tmp_path / "file" / "var"))
