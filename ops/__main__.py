"""The command line of the platform's life cycle: python -m ops."""

import argparse
import os
import signal
import sys
from types import FrameType

import environ

from . import doctor, life, logs
from .errors import OpsError
from .platform import PROGRAMS, ROOT, Platform, platform_from
from .prepare import make_keys, prepare
from .processes import programs_of


def main() -> int:
    """Run one command; return the exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    options = _parser().parse_args()
    if (ROOT / ".env").is_file():
        environ.Env.read_env(ROOT / ".env")
    try:
        return _COMMANDS[options.command](platform_from(os.environ), options)
    except OpsError as error:
        print(f"{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # `make status | head` reads no further; leave without a second complaint.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Make every request to end arrive the way Ctrl-C does."""
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    parser.add_argument("command", choices=_COMMANDS)
    parser.add_argument("--service", help="a service, or one program as auth-worker")
    parser.add_argument("--follow", action="store_true", help="logs: go on printing")
    return parser


def _run(platform: Platform, options: argparse.Namespace) -> int:
    return life.run(platform)


def _start(platform: Platform, options: argparse.Namespace) -> int:
    life.start(platform, options.service)
    return 0


def _stop(platform: Platform, options: argparse.Namespace) -> int:
    life.stop(platform, options.service)
    return 0


def _restart(platform: Platform, options: argparse.Namespace) -> int:
    life.restart(platform, options.service)
    return 0


def _status(platform: Platform, options: argparse.Namespace) -> int:
    return doctor.examine(platform, programs_of(options.service))


def _logs(platform: Platform, options: argparse.Namespace) -> int:
    programs = programs_of(options.service) if options.service else PROGRAMS
    logs.print_last(platform, programs, 20)
    if options.follow:
        logs.follow(platform, programs, from_end=True, is_over=lambda: False)
    return 0


def _keys(platform: Platform, options: argparse.Namespace) -> int:
    made = make_keys(platform)
    print(f"{len(made)} secret files made, the rest kept, under {platform.var}.")
    return 0


def _prepare(platform: Platform, options: argparse.Namespace) -> int:
    prepare(platform)
    print(f"The platform in {platform.var} is ready to start.")
    return 0


_COMMANDS = {
    "run": _run,
    "start": _start,
    "stop": _stop,
    "restart": _restart,
    "status": _status,
    "logs": _logs,
    "keys": _keys,
    "prepare": _prepare,
}

if __name__ == "__main__":
    sys.exit(main())
