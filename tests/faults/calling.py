"""A process of course-service that calls user-service whenever it is told to.

Run with the environment of the service. Each line on its standard input is a command;
each line on its standard output says, as JSON, what came of it.
"""

import gc
import json
import os
import sys
import threading
import time
from contextlib import suppress
from uuid import UUID, uuid4

import django

django.setup()

from shared.client.discovery import directory  # noqa: E402 - settings come first
from shared.contracts.user import (  # noqa: E402
    GetProfiles,
    UpdateProgress,
    get_profiles,
    update_progress,
)
from shared.wire.errors import CallError  # noqa: E402


def main() -> None:
    """Obey until the input ends."""
    for line in sys.stdin:
        command, user_id = line.split()
        result = _call(command, UUID(user_id)) | _resources()
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


def _call(command: str, user_id: UUID) -> dict[str, object]:
    began = time.monotonic()
    outcome = {"error": None, "happened": "yes"}
    try:
        if command == "read":
            get_profiles.now(GetProfiles(ids=[uuid4()]))
        else:
            update_progress.now(UpdateProgress(user_id=user_id, lessons_completed=1))
    except CallError as error:
        outcome = {"error": type(error).__name__, "happened": error.happened}
    return outcome | {"seconds": time.monotonic() - began}


def _resources() -> dict[str, int]:
    # An exception keeps its frames, and they a socket, until it is collected.
    gc.collect()
    return {
        "in_use": directory.peer("user").bulkhead.in_use,
        "threads": threading.active_count(),
        "sockets": sum(_is_socket(name) for name in os.listdir("/proc/self/fd")),
    }


def _is_socket(name: str) -> bool:
    with suppress(FileNotFoundError):
        return os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
    return False


if __name__ == "__main__":
    main()
