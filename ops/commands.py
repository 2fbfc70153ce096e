"""The commands of the platform's life cycle, as make gives them."""

import argparse
import os
import signal
import sys
from types import FrameType

import environ

from . import doctor, life, logs
from .errors import OpsError
from .platform import PROGRAMS, ROOT, SERVICES, Platform, platform_from
from .prepare import make_keys, prepare, register_callers
from .processes import Supervisor, programs_of
from .rotation import is_unfinished, rotate


def main() -> int:
    """Run one command; return the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        options = _parser().parse_args()
        if (ROOT / ".env").is_file():
            environ.Env.read_env(ROOT / ".env")
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
    parser.add_argument("--rotate", metavar="SERVICE", help="keys: replace its key")
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
    if options.rotate:
        rotate(platform, options.rotate, say=lambda line: print(line, flush=True))
        return 0
    if Supervisor(platform).is_running():
        register_callers(platform)
    print(f"{len(made)} secret files made, the rest kept, under {platform.var}.")
    for service in SERVICES:
        if is_unfinished(platform, service):
            print(f"A rotation was cut short: `make keys ROTATE={service}` ends it.")
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
