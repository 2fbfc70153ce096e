"""One process of one service, as a container runs it: python -m ops.container web."""

import os
import sys
from types import MappingProxyType

from django.conf import settings

from shared.topology import SERVICES

from .callers import CALLERS_FILE
from .platform import ROOT
from .service_setup import make_ready

# What takes the place of this process; supervisord.conf has the same commands.
COMMANDS = MappingProxyType(
    {
        "web": "-m gunicorn -c shared/gunicorn.py {service}_project.wsgi",
        "worker": "{service}_project/manage.py run_worker",
        "stream": "-m gunicorn -c shared/gunicorn_asgi.py {service}_project.asgi",
    }
)


def main(arguments: list[str]) -> None:
    """Become one of the processes of SERVICE, or make its database ready.

    `prepare` is run to its end before the others start, and again before each new
    version; what is ready already is left alone.
    """
    service = os.environ.get("SERVICE", "")
    if service not in SERVICES:
        sys.exit(f"SERVICE must be one of {', '.join(SERVICES)}, not {service!r}.")
    os.environ["DJANGO_SETTINGS_MODULE"] = f"{service}_project.settings"
    os.chdir(ROOT)
    match arguments:
        case ["prepare"]:
            make_ready(str(settings.SERVICE_VAR / CALLERS_FILE))
        case [process] if process in COMMANDS:
            command = COMMANDS[process].format(service=service).split()
            # One word of COMMANDS and one of SERVICES, nothing from outside.
            os.execv(sys.executable, [sys.executable, *command])  # noqa: S606
        case _:
            sys.exit(f"Say one of prepare, {', '.join(COMMANDS)}.")


if __name__ == "__main__":
    main(sys.argv[1:])
