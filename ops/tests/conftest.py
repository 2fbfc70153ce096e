"""A platform in a temporary folder, on ports that nothing else uses."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from ops.platform import Platform, platform_from
from shared.testing.fleet import reserved_ports


@pytest.fixture
def platform(tmp_path) -> Iterator[Platform]:
    """One platform that is described, and not started."""
    with ExitStack() as exits:
        yield platform_from({"PLATFORM_VAR": str(tmp_path), **reserved_ports(exits)})
