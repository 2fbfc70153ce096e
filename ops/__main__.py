"""The way in, python -m ops: hears Ctrl-C before the first slow import."""

import os
import signal
import sys
from types import FrameType


def _leave(number: int, frame: FrameType | None) -> None:
    # Nothing is started or written yet, and an exception inside an import may be
    # printed, or swallowed, by whoever is importing.
    os._exit(128 + number)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)

    from .commands import main

    sys.exit(main())
